// estimate calibrate: the committed runs -> calibration/<engine>.toml.
#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <set>

#include "cli/commands.hpp"
#include "cli/values.hpp"
#include "roofline/core/survey.hpp"
#include "roofline/validate/calibration.hpp"

namespace roofline::cli {
namespace {

struct Options {
  bool check = false;
  Values output;
};

// Prompt lengths of prefill and depth of decode differ in most runs, so each phase gets a workload of its own.
Workload workload_of(const MeasuredRun& run, Phase phase, const ModelSpec& model, const WeightFormat& kv) {
  Workload w;
  w.kv_k = w.kv_v = kv;
  w.generated = phase == Phase::decode ? run.generated.value_or(0) : 0;
  // A prefill rate without its prompt length is taken at the program's default, which is llama-bench's: rates hardly
  // change below it.
  const int asked = phase == Phase::decode ? run.depth.value_or(run.prompt.value_or(0)) : run.prompt.value_or(Workload{}.prompt);
  w.prompt = std::max(1, std::min(asked, model.context));
  w.context = model.context;
  w.batch = run.batch.value_or(1);
  if (run.ubatch) w.ubatch = *run.ubatch;
  if (run.flash_attention) w.flash_attention = *run.flash_attention ? FlashAttention::on : FlashAttention::off;
  return w;
}

class Rows {
 public:
  explicit Rows(db::Catalog& catalog) : catalog_(catalog) {}

  // Runs the fit may use, in the pool of the engine whose constants they shape.
  validate::Pools collect() {
    std::vector<db::Diagnostic> diagnostics;
    std::vector<MeasuredRun> runs = catalog_.runs(diagnostics);
    rules_ = catalog_.exclusions(diagnostics);
    if (!diagnostics.empty()) fail(diagnostics);
    std::erase_if(runs, [&](MeasuredRun& run) { return !fitted(run); });
    // An engine measured end to end only is fitted on that; elsewhere such figures, which include prefill, stay out.
    // Figures of quality C count where a device has nothing better.
    std::set<std::string> has_decode;
    std::set<std::pair<std::string, std::string>> has_better;
    for (const MeasuredRun& run : runs) {
      if (run.kind == RunKind::decode) has_decode.insert(pool(run));
      if (run.quality != "C") has_better.insert({pool(run), device_id(run)});
    }
    validate::Pools pools;
    for (const MeasuredRun& run : runs) {
      // Runs that state their memory alone are for `calibrate-memory`.
      if (!run.decode_tokens_per_second && !run.prefill_tokens_per_second && !run.ttft_ms) continue;
      if (run.kind == RunKind::end_to_end && has_decode.contains(pool(run))) continue;
      if (run.quality == "C" && has_better.contains({pool(run), device_id(run)})) continue;
      if (auto row = row_of(run)) pools[pool(run)].push_back(std::move(*row));
    }
    return pools;
  }

 private:
  // Is anything of this run fitted? Figures its caveat speaks of are taken out.
  bool fitted(MeasuredRun& run) const {
    const bool usable_kind = run.kind == RunKind::decode || run.kind == RunKind::vendor_average || run.kind == RunKind::end_to_end;
    if (run.use != RunUse::calibrate || !usable_kind || run.batch.value_or(1) != 1) return false;
    if (run.clocks == RunClocks::down || run.clocks == RunClocks::suspect) return false;
    const RunRule* rule = run.caveat.empty() ? nullptr : find_rule(rules_, run.caveat);
    if (rule == nullptr) return run.caveat.empty();
    if (rule->effect == RuleEffect::decode_not_fitted) run.decode_tokens_per_second.reset();
    if (rule->effect == RuleEffect::prefill_not_fitted) {
      run.prefill_tokens_per_second.reset();
      run.ttft_ms.reset();
    }
    return rule->effect == RuleEffect::decode_not_fitted || rule->effect == RuleEffect::prefill_not_fitted;
  }

  std::string device_id(const MeasuredRun& run) {
    const auto device = catalog_.device(run.device);
    return device.value != nullptr ? device.value->id : run.device;
  }

  std::string pool(const MeasuredRun& run) {
    const auto engine = catalog_.engine(run.engine);
    return engine.value != nullptr ? engine.value->calibration : run.engine;
  }

  template <class T>
  const T& need(const db::Lookup<T>& lookup, const char* what, const std::string& name, const MeasuredRun& run) {
    if (lookup.value == nullptr && lookup.diagnostics.empty()) throw UsageError("run " + run.id + ": no " + what + " '" + name + "'");
    return found(lookup, what, name, "");
  }

  std::optional<validate::CalibrationRow> row_of(const MeasuredRun& run) {
    const auto found_device = catalog_.device(run.device);
    const Device& device = need(found_device, "device", run.device, run);
    const PowerMode* mode = run.mode.empty() ? fastest_mode(device, found_device.firmware) : find_mode(device, run.mode, found_device.firmware);
    if (!run.mode.empty() && (mode == nullptr || !mode->unknown.empty())) return std::nullopt;
    const OperatingPoint point = operating_point(device, mode);

    Question question;
    question.point = &point;
    question.model = &need(catalog_.model(run.model), "model", run.model, run);
    question.engines = {&need(catalog_.engine(run.engine), "engine", run.engine, run)};
    question.unit = run.unit;
    question.quantization = need(catalog_.quantization(run.quantization), "quantization", run.quantization, run).id;
    question.find_quantization = [&](const std::string& name) { return catalog_.quantization(name).value; };
    question.find_calibration = [](const std::string&) { return static_cast<const Calibration*>(nullptr); };
    const WeightFormat& kv = need(catalog_.format(run.kv_type.empty() ? "f16" : run.kv_type), "format", run.kv_type, run);

    validate::CalibrationRow row;
    row.run = run;
    row.device = device.id;
    row.family = device.family;
    row.mode = mode == fastest_mode(device, found_device.firmware) && (!run.mode.empty() || device.modes.empty()) ? validate::RunMode::fastest
               : run.mode.empty() ? validate::RunMode::not_stated : validate::RunMode::other;
    row.model_class = std::string(model_class(*question.model));
    question.workload = workload_of(run, Phase::decode, *question.model, kv);
    const Survey decode = survey_without_limits(question);
    if (decode.estimates.empty() || !decode.estimates.front().supported) return std::nullopt;
    const Estimate& estimate = decode.estimates.front();
    row.format_family = dominant_format_family(estimate.decode);
    row.decode_time = estimate.decode.time;
    for (const OperatorEstimate& op : estimate.decode.operators) row.decode_compute += op.compute;
    question.workload = workload_of(run, Phase::prefill, *question.model, kv);
    row.prompt = question.workload.prompt;
    const Survey prefill = survey_without_limits(question);
    const Estimate& at_prompt = prefill.estimates.front();
    if (at_prompt.prefill.compute_known) row.prefill_time = at_prompt.prefill.time;
    for (const OperatorEstimate& op : at_prompt.prefill.operators) row.prefill_compute += op.compute;
    const int chunk = prefill_chunk_tokens(*at_prompt.engine, question.workload);
    row.prefill_chunks = (question.workload.prompt + chunk - 1) / chunk;
    return row;
  }

  // The context an engine allocates does not change how fast it runs: ask within its limit.
  Survey survey_without_limits(Question& question) const {
    if (const auto limit = context_limit(*question.engines.front(), *question.unit)) {
      question.workload.context = std::min(question.workload.context, static_cast<int>(limit->value));
    }
    return survey(question);
  }

  db::Catalog& catalog_;
  Exclusions rules_;
};

std::string difference(const std::string& engine, const std::string& now, const std::string& stored) {
  std::size_t at = 0;
  while (at < now.size() && at < stored.size() && now[at] == stored[at]) ++at;
  const auto line_of = [&](const std::string& text) {
    const auto begin = text.rfind('\n', at == 0 ? 0 : at - 1);
    const auto start = begin == std::string::npos ? 0 : begin + 1;
    return text.substr(start, text.find('\n', at) - start);
  };
  return "calibration of " + engine + " is not what the committed runs give; first difference: stored `" + line_of(stored) + "`, now `" +
         line_of(now) + "`; run `estimate calibrate --output hardware_db/calibration` and review the change\n";
}

int run(Context& context, const Options& options) {
  const auto pools = Rows(context.catalog()).collect();
  bool same = true;
  for (const auto& [engine, rows] : pools) {
    const Calibration derived = validate::derive(engine, pools);
    const std::string text = validate::to_toml(derived);
    if (const auto directory = single(options.output, "--output")) {
      const std::filesystem::path path = std::filesystem::path(*directory) / (engine + ".toml");
      // Written beside and renamed, so that a full disk never leaves half a file.
      const std::filesystem::path part = path.string() + ".part";
      std::ofstream file(part, std::ios::binary);
      file << text;
      file.close();
      std::error_code failed;
      if (file) std::filesystem::rename(part, path, failed);
      if (!file || failed) {
        std::filesystem::remove(part, failed);
        throw UsageError("--output: can not write " + path.string());
      }
    }
    if (options.check) {
      const auto stored = context.catalog().calibration(engine);
      const std::string before = stored.value != nullptr ? validate::to_toml(*stored.value) : "";
      if (before != text) {
        same = false;
        context.print(difference(engine, text, before));
      }
    }
    context.print(engine + ": " + std::to_string(derived.constants.size()) + " constants from " + std::to_string(rows.size()) + " runs (digest " +
                  derived.runs_digest + ")\n");
  }
  return same ? exit_done : exit_answer_is_no;
}

}  // namespace

void add_calibrate(CLI::App& app, Context& context) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("calibrate", "Derive the fitted constants from the measured runs of the database");
  command->add_flag("--check", options->check, "Compare with the constants in the database: exit 1 if they differ");
  command->add_option("--output", options->output, "Directory to write <engine>.toml files to (hardware_db/calibration)")->type_name("DIR");
  context.add_command(command, [&context, options] { return run(context, *options); });
}

}  // namespace roofline::cli
