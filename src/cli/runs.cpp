// Measured runs: estimates cite them as "run:ID", so each can be looked up with its source.
#include <fmt/core.h>

#include <algorithm>

#include "cli/show.hpp"
#include "roofline/report/units.hpp"

namespace roofline::cli {
namespace {

using report::Cell;
using report::Table;
using report::text_cell;
using report::value_cell;

// What a run does not state is not known: a dash, null in JSON.
Cell count_cell(const std::optional<int>& count) { return count ? value_cell(report::whole(*count), *count) : Cell{}; }
Cell rate_cell(const std::optional<double>& rate) { return rate ? value_cell(report::number(*rate) + " tok/s", *rate) : Cell{}; }
template <class Q>
Cell scaled_cell(const std::optional<double>& value, Q one, std::string (*print)(Q)) {
  if (!value) return {};
  const Q scaled = *value * one;
  return value_cell(print(scaled), scaled.base());
}

std::vector<report::Fact> setup_facts(const MeasuredRun& run) {
  Cell flash;
  if (run.flash_attention) {
    flash = report::flag_cell(*run.flash_attention);
    flash.text = *run.flash_attention ? "on" : "off";
  }
  return {{"id", "id", text_cell(run.id)},
          {"device", "device", text_cell(run.device)},
          {"board", "machine", text_cell(run.board)},
          {"mode", "power mode", text_cell(run.mode)},
          {"mode_stated", "mode as stated", text_cell(run.mode_stated)},
          {"clocks", "clocks", text_cell(to_string(run.clocks))},
          {"unit", "unit", text_cell(std::string(to_string(run.unit)))},
          {"engine", "engine", text_cell(run.engine)},
          {"engine_version", "engine version", text_cell(run.engine_version)},
          {"backend", "backend", text_cell(run.backend)},
          {"model", "model", text_cell(run.model)},
          {"model_stated", "model as stated", text_cell(run.model_stated)},
          {"quantization", "quantization", text_cell(run.quantization)},
          {"quantization_stated", "quantization as stated", text_cell(run.quantization_stated)},
          {"file_bytes", "file", scaled_cell(run.file_gib, unit::GiB, report::decimal_size)},
          {"prompt_tokens", "prompt tokens", count_cell(run.prompt)},
          {"generated_tokens", "generated tokens", count_cell(run.generated)},
          {"depth_tokens", "depth tokens", count_cell(run.depth)},
          {"batch", "batch", count_cell(run.batch)},
          {"ubatch_tokens", "ubatch", count_cell(run.ubatch)},
          {"threads", "threads", count_cell(run.threads)},
          {"gpu_layers", "GPU layers", text_cell(run.gpu_layers)},
          {"flash_attention", "flash attention", flash},
          {"kv_type", "KV type", text_cell(run.kv_type)}};
}

std::vector<report::Fact> figure_facts(const MeasuredRun& run) {
  const Cell power = run.power_w ? value_cell(report::number(*run.power_w) + " W", *run.power_w) : Cell{};
  return {{"prefill_tokens_per_second", "prefill", rate_cell(run.prefill_tokens_per_second)},
          {"decode_tokens_per_second", "decode", rate_cell(run.decode_tokens_per_second)},
          {"ttft_seconds", "TTFT", scaled_cell(run.ttft_ms, unit::ms, report::duration)},
          {"memory_bytes", "memory", scaled_cell(run.memory_mb, unit::MB, report::decimal_size)},
          {"power_watts", "power", power},
          {"streamed_bytes_per_token", "bytes per token", scaled_cell(run.streamed_bytes, unit::B, report::decimal_size)},
          {"date", "date", text_cell(run.date)},
          {"quality", "quality", text_cell(run.quality)},
          {"kind", "kind", text_cell(to_string(run.kind))},
          {"use", "use", text_cell(run.use == RunUse::hold_out ? "hold_out" : "calibrate")},
          {"caveat", "caveat", text_cell(run.caveat)}};
}

std::vector<report::Fact> source_facts(Context& context, const Citation& cite) {
  const auto source = context.catalog().source(cite.source);
  if (!source.diagnostics.empty()) fail(source.diagnostics);
  const db::Source* s = source.value;
  return {{"source", "source", text_cell(cite.source)},
          {"source_title", "title", text_cell(s != nullptr ? s->title : "")},
          {"source_url", "url", text_cell(s != nullptr ? s->url : "")},
          {"source_at", "where in it", text_cell(cite.at)}};
}

std::vector<MeasuredRun> all_runs(Context& context) {
  std::vector<db::Diagnostic> diagnostics;
  std::vector<MeasuredRun> runs = context.catalog().runs(diagnostics);
  if (!diagnostics.empty()) fail(diagnostics);
  return runs;
}

// In ids: shorter than names, and what the options take. Most runs measure decode; what else they are is said.
std::string what_text(const MeasuredRun& run) {
  const std::string kind = run.kind == RunKind::decode ? "" : fmt::format(" ({})", to_string(run.kind));
  return fmt::format("{} {} on {} {}, {}{}", run.model, run.quantization, run.device, to_string(run.unit), run.engine, kind);
}

}  // namespace

std::string run_id(const std::string& typed) { return typed.starts_with("run:") ? typed.substr(4) : typed; }

std::optional<report::Sheet> run_sheet(Context& context, const std::string& id, std::vector<std::string>& nearest) {
  const std::vector<MeasuredRun> runs = all_runs(context);
  const auto run = std::find_if(runs.begin(), runs.end(), [&](const MeasuredRun& r) { return r.id == id; });
  if (run == runs.end()) {
    std::vector<std::string> ids;
    for (const MeasuredRun& r : runs) ids.push_back(r.id);
    const auto near = db::nearest_names(id, ids);
    nearest.insert(nearest.end(), near.begin(), near.end());
    return std::nullopt;
  }
  report::Sheet sheet;
  sheet.title = "Measured run " + run->id;
  sheet.facts = setup_facts(*run);
  for (const auto& facts : {figure_facts(*run), source_facts(context, run->cite)}) {
    sheet.facts.insert(sheet.facts.end(), facts.begin(), facts.end());
  }
  if (!run->note.empty()) sheet.notes.push_back(run->note);
  if (!run->cite.note.empty() && run->cite.note != run->note) sheet.notes.push_back(run->cite.note);
  return sheet;
}

Table runs_table(Context& context) {
  Table table{"runs",
              "",
              {{"id", "id"},
               {"device", "device", false, true},
               {"unit", "unit", false, true},
               {"engine", "engine", false, true},
               {"model", "model", false, true},
               {"quantization", "quantization", false, true},
               {"prefill_tokens_per_second", "prefill", true},
               {"decode_tokens_per_second", "decode", true},
               {"kind", "kind", false, true},
               {"source", "source", false, true},
               {"description", "what"}},
              {}};
  for (const MeasuredRun& run : all_runs(context)) {
    table.rows.push_back({text_cell(run.id), text_cell(run.device), text_cell(std::string(to_string(run.unit))), text_cell(run.engine),
                          text_cell(run.model), text_cell(run.quantization), rate_cell(run.prefill_tokens_per_second),
                          rate_cell(run.decode_tokens_per_second), text_cell(to_string(run.kind)), text_cell(run.cite.source),
                          text_cell(what_text(run))});
  }
  return table;
}

}  // namespace roofline::cli
