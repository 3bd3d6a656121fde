#include "roofline/import/results.hpp"

#include <algorithm>
#include <set>

#include "import/results/formats.hpp"

namespace roofline::import {
namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

bool line_begins_with(std::string_view text, std::string_view start) {
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    if (folded(trimmed(text.substr(at, std::min<std::size_t>(end - at, 200)))).starts_with(start)) return true;
    at = end + 1;
  }
  return false;
}

Records read_records(std::string_view text, const ResultLimits& limits) {
  const std::string_view shown = text.substr(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
  if (shown.starts_with('{') || shown.starts_with('[')) return read_json(text, limits);
  if (line_begins_with(text, "insert into")) return read_sql(text, limits);
  if (line_begins_with(text, "|")) return read_markdown(text, limits);
  return read_csv(text, limits);
}

bool read_row(Tool tool, RowReader& in) {
  switch (tool) {
    case Tool::none: return false;
    case Tool::own: return read_own(in);
    case Tool::llama_bench: return read_llama_bench(in);
    case Tool::llama_bench_table: return read_llama_bench_table(in);
    case Tool::ollama: return read_ollama(in);
    case Tool::ollama_log: return read_ollama_log(in);
    case Tool::vllm_serve: return read_vllm_serve(in);
    case Tool::vllm_latency: return read_vllm_latency(in);
    case Tool::rkllm: return read_rkllm(in);
  }
  return false;
}

bool measures(const ResultRow& row) {
  return row.prefill_tokens_per_second || row.decode_tokens_per_second || row.ttft_ms || row.latency_ms || row.memory_mb || row.power_w;
}

// The columns of this project's own tables; others are kept out of the rows and said once.
constexpr std::string_view own_columns[] = {"id",         "device",       "variant",     "power_mode", "compute_unit", "engine",    "engine_version", "model",
                                            "quant",      "model_size_gib", "params_b",  "n_prompt",   "n_gen",        "context_depth", "batch",      "threads",
                                            "ngl",        "flash_attn",   "kv_type",     "prefill_tps", "decode_tps",  "ttft_ms",   "memory_mb",      "power_w",
                                            "date",       "source_repo",  "source",      "quality",    "notes"};

void note_columns(const Record& record, Results& results) {
  std::set<std::string> seen;
  for (const Field& field : record.fields) {
    const bool known = std::find(std::begin(own_columns), std::end(own_columns), field.name) != std::end(own_columns);
    if (!known) results.notes.push_back({1, 1, "column " + quoted(field.name) + " is not known and not used"});
    if (!seen.insert(field.name).second) results.notes.push_back({1, 1, "column " + quoted(field.name) + " stands twice; the first one is used"});
  }
}

void bound(std::vector<RowMessage>& messages, std::size_t most) {
  std::stable_sort(messages.begin(), messages.end(), [](const RowMessage& a, const RowMessage& b) { return a.line < b.line; });
  if (messages.size() <= most) return;
  const std::size_t more = messages.size() - most;
  const RowMessage last = messages[most];
  messages.resize(most);
  messages.push_back({last.line, last.column, "and " + std::to_string(more) + " more messages"});
}

}  // namespace

Results read_results(std::string_view text, const ResultLimits& limits) {
  Results results;
  if (text.size() > limits.file_bytes) {
    results.problems.push_back({1, 1, "a file of " + std::to_string(text.size()) + " bytes; at most " + std::to_string(limits.file_bytes) + " are read"});
    return results;
  }
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  Records records = read_records(text, limits);
  results.problems = std::move(records.problems);
  Tool last = Tool::none;
  for (const Record& record : records.records) {
    const Tool tool = tool_of(record);
    if (tool == Tool::none) {
      if (results.problems.size() <= limits.messages) {
        results.problems.push_back({record.line, record.column, "none of the fields of llama-bench, Ollama, vLLM, RKLLM or this project's tables"});
      }
      continue;
    }
    if (last == Tool::none) {
      results.format = std::string(to_string(tool)) + " (" + records.syntax + ")";
      if (tool == Tool::own && records.syntax == "CSV") note_columns(record, results);
    }
    last = tool;
    const std::size_t before = results.problems.size();
    RowReader reader(record, results.problems);
    if (!read_row(tool, reader)) continue;
    if (results.problems.size() > limits.messages) results.problems.resize(std::max(before, limits.messages + 1));
    if (!reader.good()) continue;
    ResultRow& row = reader.row();
    if (!measures(row)) {
      if (results.problems.size() <= limits.messages) results.problems.push_back({row.line, row.column, "nothing is measured in this row"});
      continue;
    }
    if (row.id.empty()) row.id = "line-" + std::to_string(row.line) + (row.column > 1 ? "-" + std::to_string(row.column) : "");
    results.rows.push_back(std::move(row));
  }
  if (records.records.empty() && results.problems.empty()) results.problems.push_back({1, 1, "no rows"});
  bound(results.problems, limits.messages);
  return results;
}

}  // namespace roofline::import
