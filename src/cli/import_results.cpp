// estimate import RESULTS: what a benchmark wrote -> measured runs of the database.
#include <fmt/core.h>

#include <filesystem>
#include <set>

#include "cli/import.hpp"
#include "cli/run_names.hpp"
#include "cli/values.hpp"
#include "roofline/import/runs_toml.hpp"
#include "roofline/report/sheet.hpp"
#include "roofline/report/units.hpp"

namespace roofline::cli {
namespace {

using report::Cell;
using report::text_cell;
using report::value_cell;

Cell rate_cell(const std::optional<double>& rate) { return rate ? value_cell(report::number(*rate) + " tok/s", *rate) : Cell{}; }

report::Table table_of(const ReadResults& results) {
  report::Table table{"runs",
                      "",
                      {{"id", "id"},
                       {"device", "device"},
                       {"engine", "engine"},
                       {"model", "model"},
                       {"quantization", "quantization"},
                       {"prefill_tokens_per_second", "prefill", true},
                       {"decode_tokens_per_second", "decode", true},
                       {"reason", "unresolved because"}},
                      {}};
  for (const import::ResolvedRun& r : results.runs) {
    table.rows.push_back({text_cell(r.run.id), text_cell(r.run.device), text_cell(r.run.engine), text_cell(r.run.model), text_cell(r.run.quantization),
                          rate_cell(r.run.prefill_tokens_per_second), rate_cell(r.run.decode_tokens_per_second), text_cell(r.reason)});
  }
  return table;
}

// What the schema asks of every run and no tool writes.
void require_facts(const std::vector<MeasuredRun>& runs) {
  for (const MeasuredRun& run : runs) {
    if (run.cite.source.empty()) throw UsageError("import: --source: which entry of sources/ do these runs come from? (docs/reporting-a-run.md)");
    if (run.quality.empty()) throw UsageError("import: --quality: A (method, versions and clocks stated), B (some missing) or C (a figure from a chat)?");
    if (run.quality != "A" && run.quality != "B" && run.quality != "C") fail_choice("--quality", run.quality, {"A", "B", "C"});
  }
}

// Ids as the file states them where they are ids and stand once; else numbered behind the file's own.
void give_ids(std::vector<MeasuredRun>& runs, const std::string& file_id) {
  std::set<std::string> taken;
  int number = 0;
  for (MeasuredRun& run : runs) {
    ++number;
    const bool own = import::run_id_of(run.id) == run.id && !run.id.starts_with("line-");
    if (!own || !taken.insert(run.id).second) {
      run.id = fmt::format("{}-{:04}", file_id, number);
      taken.insert(run.id);
    }
  }
}

bool has_key(const std::string& head, std::initializer_list<const char*> keys) {
  for (const char* key : keys) {
    if (head.find(fmt::format("\"{}\"", key)) != std::string::npos) return true;
  }
  return false;
}

}  // namespace

bool is_results_input(const ImportInput& input) {
  if (input.is_folder) return false;
  for (const char* ending : {".csv", ".md", ".sql", ".jsonl", ".ndjson"}) {
    if (input.lower_name.ends_with(ending)) return true;
  }
  return input.lower_name.ends_with(".json") && has_key(input.head, {"build_commit", "n_gen", "avg_ts", "eval_duration", "eval_count", "output_throughput", "mean_tpot_ms",
                                                                     "avg_latency", "decode_tps", "prefill_tps"});
}

int import_results(Context& context, const ImportOptions& options, const std::string& path) {
  const Format format = context.format({Format::text, Format::json});
  const import::Resolver resolver(names_of(context));
  const ReadResults results = read_results_file(path, resolver, read_stated(options.stated));
  if (results.runs.empty()) throw InvalidFile(results.messages.empty() ? path + ": no rows" : results.messages.front());
  for (const std::string& message : results.messages) context.warn(message);
  for (const std::string& note : results.notes) context.warn(note);
  std::vector<MeasuredRun> runs;
  std::size_t unresolved = 0;
  for (const import::ResolvedRun& r : results.runs) {
    if (r.reason.empty()) {
      runs.push_back(r.run);
      if (!r.device_name.empty()) runs.back().device = r.device_name;  // it selects power modes
      // A depth of zero is what phases timed apart say.
      if (r.phases_apart && !runs.back().depth && runs.back().decode_tokens_per_second) runs.back().depth = 0;
    } else {
      ++unresolved;
      context.warn(fmt::format("{}:{}:{}: {}: {}", path, r.line, r.column, r.run.id, r.reason));
    }
  }
  const auto output = single(options.output, "--output");
  if (!output) {
    if (!options.id.empty() || options.force) throw UsageError("import: --id and --force go with --output");
    if (format == Format::json) {
      context.print(report::table_json(table_of(results)));
    } else {
      context.print(fmt::format("{}: {}, {} runs, {} unresolved\n\n", path, results.format, results.runs.size(), unresolved) + table_text(table_of(results), context.style()));
    }
    return exit_done;
  }
  if (runs.empty()) throw UsageError(fmt::format("import {}: no run could be resolved; --hw, --engine, --model and --quant state what the file leaves out", echo(path)));
  require_facts(runs);
  const std::string stem = std::filesystem::path(*output == "-" ? path : *output).stem().string();
  const std::string id = import::run_id_of(single(options.id, "--id").value_or(stem));
  if (id.empty()) throw UsageError("import: --id: which id? (lower case, digits, '-', '.')");
  give_ids(runs, id);
  const std::string text = import::runs_toml(id, fmt::format("Measured runs from {} ({}).", std::filesystem::path(path).filename().string(), results.format), runs);
  if (*output == "-") {
    context.print(text);
    return exit_done;
  }
  write_new_file(*output, text, options.force);
  context.print(fmt::format("{}: {} runs written, {} left out\n", *output, runs.size(), unresolved));
  return exit_done;
}

}  // namespace roofline::cli
