// estimate validate: measured runs beside their predictions, with error statistics and limits for CI.
#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>

#include "cli/command_line.hpp"
#include "cli/judge_run.hpp"
#include "cli/run_names.hpp"
#include "cli/values.hpp"
#include "roofline/report/units.hpp"
#include "roofline/report/validation.hpp"

namespace roofline::cli {
namespace {

constexpr const char* examples =
    R"(  estimate validate                            the database's own runs
  estimate validate results.csv                any table with the columns of
                                               docs/reporting-a-run.md
  estimate validate bench.json --hw rtx-4090   llama-bench, Ollama, vLLM, RKLLM
  estimate validate --engine rkllm --quality A,B --max-median-error 10%

Exit code 1 if a limit is not met.
)";

struct ValidateOptions {
  Values files;
  StatedOptions stated;
  Values max_median, max_p90, min_coverage;
};

std::vector<std::string> split_list(const std::string& text) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= text.size();) {
    const auto end = std::min(text.find(',', begin), text.size());
    if (end > begin) parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

// Which runs are asked about. Names are ids of the database by now.
struct Filter {
  std::set<std::string> devices, engines, qualities;
  std::set<int> batches;
};

template <class Find>
std::set<std::string> ids_of(const Values& values, const std::string& option, const std::string& what, const std::string& see, Find&& find) {
  std::set<std::string> ids;
  const auto text = single(values, option);
  if (!text) return ids;
  for (const std::string& name : split_list(*text)) ids.insert(found(find(name), option + ": the " + what, name, see).id);
  return ids;
}

Filter read_filter(Context& context, const StatedOptions& o) {
  db::Catalog& catalog = context.catalog();
  Filter filter;
  filter.devices = ids_of(o.device, "--hw", "device", "estimate list devices", [&](const std::string& name) { return catalog.device(name); });
  filter.engines = ids_of(o.engine, "--engine", "engine", "estimate list engines", [&](const std::string& name) { return catalog.engine(name); });
  if (const auto text = single(o.quality, "--quality")) {
    for (std::string quality : split_list(*text)) {
      std::transform(quality.begin(), quality.end(), quality.begin(), [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
      if (quality != "A" && quality != "B" && quality != "C") fail_choice("--quality", quality, {"A", "B", "C"});
      filter.qualities.insert(quality);
    }
  }
  if (const auto text = single(o.batch, "--batch")) {
    for (const std::string& batch : split_list(*text)) filter.batches.insert(whole_number(batch, "--batch", 1, 65'536));
  }
  return filter;
}

// A run that is not resolved is left out only where what is known of it excludes it.
bool passes(const Filter& filter, const MeasuredRun& run) {
  if (!filter.devices.empty() && !run.device.empty() && !filter.devices.contains(run.device)) return false;
  if (!filter.engines.empty() && !run.engine.empty() && !filter.engines.contains(run.engine)) return false;
  if (!filter.qualities.empty() && !filter.qualities.contains(run.quality)) return false;
  return filter.batches.empty() || filter.batches.contains(run.batch.value_or(1));
}

// One of a list only says which runs are asked about; a single value also says what files leave out.
import::Stated stated_of(const StatedOptions& o) {
  StatedOptions one = o;
  for (Values* values : {&one.device, &one.engine, &one.quality, &one.batch}) {
    if (!values->empty() && values->front().find(',') != std::string::npos) values->clear();
  }
  one.quality.clear();
  import::Stated stated = read_stated(one);
  stated.only_missing = true;
  return stated;
}

// "5%", "5 %", "0.05"
std::optional<double> read_share(const Values& values, const std::string& option) {
  const auto text = single(values, option);
  if (!text) return std::nullopt;
  std::string number = *text;
  const bool percent = number.ends_with('%');
  if (percent) number.pop_back();
  while (number.ends_with(' ')) number.pop_back();
  const double value = positive_number(number, option);
  const double share = percent ? value / 100 : value;
  constexpr double most = 100;
  if (share > most) throw UsageError(fmt::format("{}: '{}' is a share, as 5% or 0.05", option, echo(*text)));
  return share;
}

report::ValidationGate error_gate(const std::string& option, const char* what, const char* phase, double limit, const std::optional<double>& value, int runs) {
  report::ValidationGate gate{option, phase, limit, value, value && *value <= limit, ""};
  gate.sentence = value ? fmt::format("{} error of {} is {} over {} runs; at most {} was asked for", what, phase, report::percent(*value), runs, report::percent(limit))
                        : fmt::format("{} error of {}: no run with an expectation to take it of", what, phase);
  return gate;
}

void add_gates(report::Validation& v, const ValidateOptions& o) {
  const auto median = read_share(o.max_median, "--max-median-error");
  const auto p90 = read_share(o.max_p90, "--max-p90-error");
  const auto coverage = read_share(o.min_coverage, "--min-coverage");
  const auto each = [&](const char* phase, const PhaseStatistics& s) {
    if (s.runs == 0 && v.decode.runs + v.prefill.runs > 0) return;  // the files say nothing about this phase
    if (median) v.gates.push_back(error_gate("--max-median-error", "the median", phase, *median, s.expected.median, s.expected.runs));
    if (p90) v.gates.push_back(error_gate("--max-p90-error", "the 90th percentile", phase, *p90, s.expected.p90, s.expected.runs));
    if (coverage) {
      report::ValidationGate gate{"--min-coverage", phase, *coverage, s.coverage, s.coverage && *s.coverage >= *coverage, ""};
      gate.sentence = s.coverage ? fmt::format("{} of the {} figures are inside their interval; at least {} was asked for", report::percent(*s.coverage), phase,
                                               report::percent(*coverage))
                                 : fmt::format("coverage of {}: no run with an interval", phase);
      v.gates.push_back(std::move(gate));
    }
  };
  each("decode", v.decode);
  each("prefill", v.prefill);
}

std::optional<Prediction> prediction(const std::optional<report::JudgedPhase>& phase) {
  if (!phase || !phase->counted) return std::nullopt;
  return Prediction{phase->measured, phase->ceiling.value_or(0), phase->expected, phase->low, phase->high};
}

struct Predictions {
  std::vector<Prediction> decode, prefill;
  void add(const report::JudgedRun& run) {
    if (auto p = prediction(run.decode)) decode.push_back(*p);
    if (auto p = prediction(run.prefill)) prefill.push_back(*p);
  }
};

void add_statistics(report::Validation& v) {
  Predictions all;
  std::map<std::pair<std::string, std::string>, Predictions> groups;
  for (const report::JudgedRun& run : v.runs) {
    if (!run.judged) continue;
    for (const auto* phase : {&run.decode, &run.prefill}) v.not_counted += *phase && !(*phase)->counted ? 1 : 0;
    all.add(run);
    groups[{"device", run.device}].add(run);
    groups[{"engine", run.engine}].add(run);
    groups[{"unit", run.unit}].add(run);
    groups[{"quality", run.quality}].add(run);
    groups[{"mode", run.mode_stated ? "stated" : "not stated"}].add(run);
    groups[{"batch", run.batch.value_or(1) > 1 ? "above 1" : "1"}].add(run);
  }
  v.decode = phase_statistics(all.decode);
  v.prefill = phase_statistics(all.prefill);
  for (auto& [key, predictions] : groups) {
    if (predictions.decode.empty() && predictions.prefill.empty()) continue;
    v.groups.push_back({key.first, key.second, phase_statistics(predictions.decode), phase_statistics(predictions.prefill)});
  }
}

int run_validate(Context& context, const ValidateOptions& o) {
  const Format format = context.format({Format::text, Format::json, Format::csv, Format::markdown});
  const Filter filter = read_filter(context, o.stated);
  report::Validation v;
  std::vector<ReadResults> inputs;
  if (o.files.empty()) {
    inputs.push_back(committed_runs(context));
  } else {
    const import::Stated stated = stated_of(o.stated);
    const import::Resolver resolver(names_of(context));
    for (const std::string& path : o.files) {
      if (path.empty()) throw UsageError("validate: the file's name is empty");
      inputs.push_back(read_results_file(path, resolver, stated));
      v.files.push_back(path);
    }
  }
  RunJudge judge(context);
  for (const ReadResults& input : inputs) {
    for (const import::ResolvedRun& run : input.runs) {
      if (!passes(filter, run.run)) continue;
      report::JudgedRun judged = judge.judge(run);
      judged.file = input.path;
      v.runs.push_back(std::move(judged));
    }
    for (const std::string& message : input.messages) context.warn(message);
    for (const std::string& note : input.notes) context.warn(note);
    v.messages.insert(v.messages.end(), input.messages.begin(), input.messages.end());
    if (input.runs.empty() && !input.messages.empty()) throw InvalidFile(input.messages.front());
  }
  add_statistics(v);
  add_gates(v, o);
  switch (format) {
    case Format::text: context.print(validation_text(v, context.style())); break;
    case Format::json: context.print(validation_json(v)); break;
    case Format::csv: context.print(validation_csv(v)); break;
    case Format::markdown: context.print(validation_markdown(v)); break;
  }
  bool met = true;
  for (const report::ValidationGate& gate : v.gates) {
    if (gate.met) continue;
    met = false;
    context.warn(fmt::format("{} not met: {}", gate.option, gate.sentence));
  }
  return met ? exit_done : exit_answer_is_no;
}

}  // namespace

void add_validate(CLI::App& app, Context& context) {
  CLI::App& sub = add_subcommand(app, context, "validate", "measured runs against predictions, with error statistics", examples, "text|json|csv|markdown");
  auto o = std::make_shared<ValidateOptions>();
  sub.add_option("PATH", o->files, "files of results; default: the database's own runs");
  const char* which = "Which runs (where a file leaves it out, what it is)";
  add_values(sub, "--hw", o->stated.device, "ID[,...]", "device", which);
  add_values(sub, "--engine", o->stated.engine, "ID[,...]", "engine", which);
  add_values(sub, "--quality", o->stated.quality, "A[,B]", "how well a run is documented", which);
  add_values(sub, "--batch", o->stated.batch, "N[,...]", "sequences decoded together", which);
  const char* missing = "What a file leaves out";
  add_values(sub, "--mode", o->stated.mode, "MODE", "power mode", missing);
  add_values(sub, "--unit", o->stated.unit, "cpu|gpu|npu", "compute unit", missing);
  add_values(sub, "--model", o->stated.model, "ID", "model", missing);
  add_values(sub, "--quant", o->stated.quantization, "ID", "quantization", missing);
  add_values(sub, "--kv-type", o->stated.kv_type, "TYPE", "KV type", missing);
  add_values(sub, "--prompt", o->stated.prompt, "N", "prompt tokens", missing);
  add_values(sub, "--generate", o->stated.generate, "N", "generated tokens", missing);
  add_values(sub, "--depth", o->stated.depth, "N", "tokens in the cache before decode", missing);
  const char* limits = "Limits (exit code 1 beyond them)";
  add_values(sub, "--max-median-error", o->max_median, "SHARE", "of decode and of prefill, as 5%", limits);
  add_values(sub, "--max-p90-error", o->max_p90, "SHARE", "90th percentile, as 20%", limits);
  add_values(sub, "--min-coverage", o->min_coverage, "SHARE", "figures inside their interval, as 75%", limits);
  context.add_command(&sub, [&context, o] { return run_validate(context, *o); });
}

}  // namespace roofline::cli
