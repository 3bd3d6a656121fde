#include "cli/observations.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>

namespace roofline::cli {
namespace {

template <class T>
const T& need(const db::Lookup<T>& lookup, const char* what, const std::string& name, const MeasuredRun& run) {
  if (lookup.value == nullptr && lookup.diagnostics.empty()) throw UsageError("run " + run.id + ": no " + what + " '" + name + "'");
  return found(lookup, what, name, "");
}

// Is anything of this run fitted? Figures its caveat speaks of are taken out.
bool fitted(MeasuredRun& run, const Exclusions& rules) {
  const bool kind = run.kind == RunKind::decode || run.kind == RunKind::vendor_average || run.kind == RunKind::end_to_end;
  if (run.use != RunUse::calibrate || !kind || run.quality == "C") return false;
  if (run.batch.value_or(1) != 1) {  // the prompts of several sequences are not told apart from one long one
    if (run.kind != RunKind::decode && run.kind != RunKind::vendor_average) return false;
    run.prefill_tokens_per_second.reset();
    run.ttft_ms.reset();
  }
  if (run.clocks == RunClocks::down || run.clocks == RunClocks::suspect) return false;
  // Prompts taken in passes this small run through the kernels of decode, not those of products.
  constexpr int smallest_pass = 32;
  if (run.ubatch && *run.ubatch < smallest_pass) run.prefill_tokens_per_second.reset();
  if (run.caveat.empty()) return true;
  const RunRule* rule = find_rule(rules, run.caveat);
  if (rule == nullptr) return false;
  if (rule->effect == RuleEffect::decode_not_fitted) run.decode_tokens_per_second.reset();
  if (rule->effect == RuleEffect::prefill_not_fitted) {
    run.prefill_tokens_per_second.reset();
    run.ttft_ms.reset();
  }
  return rule->effect == RuleEffect::decode_not_fitted || rule->effect == RuleEffect::prefill_not_fitted;
}

// A CPU run on fewer threads than cores has that many cores.
void use_threads(OperatingPoint& point, const MeasuredRun& run) {
  if (run.unit != UnitKind::cpu || !run.threads) return;
  for (UnitPoint& unit : point.units) {
    if (unit.unit->kind == UnitKind::cpu) unit.cores.value = std::min(unit.cores.value, static_cast<double>(*run.threads));
  }
}

// A run that states no mode was made in one of those its device was sold with, as far as anybody can tell: firmware that adds faster ones is named.
const PowerMode* mode_of(const Device& device, const MeasuredRun& run, const std::string& firmware) {
  if (!run.mode.empty()) return find_mode(device, run.mode, firmware);
  return firmware.empty() ? fastest_original_mode(device) : fastest_mode(device, firmware);
}

// All that a source tells of a run but its lengths.
std::string series_of(const MeasuredRun& run) {
  std::string series;
  for (const std::string* part : {&run.cite.source, &run.cite.at, &run.board, &run.mode_stated, &run.engine_version, &run.backend, &run.kv_type, &run.note}) series += *part + "|";
  for (const std::optional<int>& number : {run.batch, run.ubatch, run.threads}) series += number ? std::to_string(*number) + "|" : "|";
  return series + (run.flash_attention ? (*run.flash_attention ? "flash" : "no flash") : "");
}

// An end-to-end rate that is mostly prefill says little about decode.
constexpr double most_prefill = 0.5;

class Collector {
 public:
  explicit Collector(db::Catalog& catalog) : catalog_(catalog) {}

  // Both phases of a run at the physical ceilings; the measured time of an end-to-end rate still has its prefill in it.
  void add(const MeasuredRun& run) {
    const auto found_device = catalog_.device(run.device);
    const Device& device = need(found_device, "device", run.device, run);
    const PowerMode* mode = mode_of(device, run, found_device.firmware);
    if (!run.mode.empty() && (mode == nullptr || !mode->unknown.empty())) return;
    const OperatingPoint all_cores = operating_point(device, mode);
    OperatingPoint point = all_cores;
    use_threads(point, run);
    Question question;
    question.point = &point;
    question.model = &need(catalog_.model(run.model), "model", run.model, run);
    const Engine& engine = need(catalog_.engine(run.engine), "engine", run.engine, run);
    question.engines = {&engine};
    question.unit = run.unit;
    question.quantization = need(catalog_.quantization(run.quantization), "quantization", run.quantization, run).id;
    question.find_quantization = [&](const std::string& name) { return catalog_.quantization(name).value; };
    question.find_calibration = [](const std::string&) { return static_cast<const Calibration*>(nullptr); };
    const WeightFormat& kv = need(catalog_.format(run.kv_type.empty() ? "f16" : run.kv_type), "format", run.kv_type, run);

    const auto ask = [&](Phase phase) {
      question.workload = workload_of(run, phase, *question.model, kv);
      // The context an engine allocates does not change how fast it runs: ask within its limit.
      if (const auto limit = context_limit(engine, run.unit)) question.workload.context = std::min(question.workload.context, static_cast<int>(limit->value));
      return survey(question);
    };
    const Survey decode = ask(Phase::decode);
    if (decode.estimates.empty() || !decode.estimates.front().supported) return;
    const Estimate& at_depth = decode.estimates.front();

    validate::Observation o;
    o.run_id = run.id;
    o.unit = run.unit;
    o.pool = engine.calibration;
    o.engine = engine.id;
    o.vendor = device.vendor;
    o.family = device.family;
    o.device = device.id;
    o.model = question.model->id;
    o.quantization = question.quantization;
    o.format_family = dominant_format_family(at_depth.decode);
    o.model_class = std::string(model_class(*question.model));
    o.publication = run.cite.source;
    o.best_quality = run.quality == "A";
    o.mode_unknown = mode != nullptr && run.mode.empty();

    o.streamed = at_depth.decode.traffic;
    o.depth = run.depth.value_or(run.prompt.value_or(0));
    o.series = series_of(run);

    if (run.decode_tokens_per_second) {
      o.phase = Phase::decode;
      o.tokens = run.batch.value_or(1);
      o.measured = o.tokens / *run.decode_tokens_per_second * unit::s;
      o.ceiling = at_depth.decode.time;
      o.items = decode_charges(at_depth.decode, *at_depth.unit, *question.model);
      (o.tokens > 1 ? out_.batched : out_.decode).push_back(o);
    }
    question.point = &all_cores;  // the threads a source states are those of decode
    const bool end_to_end = run.kind == RunKind::end_to_end;
    const auto prompt_time = measured_prompt(run);
    if (!run.prompt || (!prompt_time && !end_to_end)) return;
    const Survey prefill = ask(Phase::prefill);
    const Estimate& at_prompt = prefill.estimates.front();
    if (!at_prompt.prefill.compute_known) return;
    o.phase = Phase::prefill;
    o.tokens = question.workload.prompt;
    const int chunk = prefill_chunk_tokens(engine, question.workload);
    o.items = prefill_charges(at_prompt.prefill, *at_prompt.unit, *question.model, (question.workload.prompt + chunk - 1) / chunk);
    o.ceiling = at_prompt.prefill.time;
    if (end_to_end && run.decode_tokens_per_second && run.generated) share_[run.id] = {o, *run.generated};
    if (!prompt_time) return;
    o.measured = *prompt_time;
    out_.prefill.push_back(std::move(o));
  }

  Fits fit(const FitRules& decode, const FitRules& prefill, const FitRules& batch, bool cross_validate) {
    validate::Fit of_prefill = validate::fit(std::move(out_.prefill), prefill, cross_validate);
    const auto constants = validate::effects_by_pool(of_prefill);
    std::vector<validate::Observation> steps;
    for (validate::Observation& o : out_.decode) {
      const auto share = share_.find(o.run_id);
      if (end_to_end_.contains(o.run_id)) {
        if (share == share_.end()) continue;
        const auto& [prompt, generated] = share->second;
        const auto pool = constants.find(prompt.pool);
        if (pool == constants.end()) continue;
        const Scope scope{prompt.unit, prompt.engine, prompt.vendor, prompt.family, prompt.device};
        const Seconds per_token = std::max(total(charge(prompt.items, pool->second, Phase::prefill, scope)), prompt.ceiling) / generated;
        if (per_token > most_prefill * o.measured) continue;
        o.measured -= per_token;
      }
      steps.push_back(std::move(o));
    }
    validate::Fit of_decode = validate::fit(std::move(steps), decode, cross_validate);
    validate::Fit batched = validate::fit(on_top_of(of_decode), batch, cross_validate);
    return {std::move(of_decode), std::move(of_prefill), std::move(batched)};
  }

  void note_end_to_end(const std::string& id) { end_to_end_.insert(id); }

 private:
  // Steps of several sequences, with what one of them spends time on as its fit has it: only what others add is left to fit.
  std::vector<validate::Observation> on_top_of(const validate::Fit& decode) {
    const auto constants = validate::effects_by_pool(decode);
    std::vector<validate::Observation> steps;
    for (validate::Observation& o : out_.batched) {
      const auto pool = constants.find(o.pool);
      if (pool == constants.end()) continue;
      const Scope scope{o.unit, o.engine, o.vendor, o.family, o.device};
      for (ChargeItem& item : o.items) {
        const auto log = item.measured ? std::nullopt : log_factor(pool->second, Phase::decode, scope, item);
        if (!log) continue;
        item.physical = std::exp(*log) * item.physical;
        item.measured = true;
      }
      steps.push_back(std::move(o));
    }
    return steps;
  }

  static std::optional<Seconds> measured_prompt(const MeasuredRun& run) {
    if (run.prefill_tokens_per_second && run.prompt) return *run.prompt / *run.prefill_tokens_per_second * unit::s;
    // The first token takes one decode step more.
    const Seconds step = run.decode_tokens_per_second ? 1.0 / *run.decode_tokens_per_second * unit::s : Seconds{};
    if (run.ttft_ms) return *run.ttft_ms * unit::ms > step ? *run.ttft_ms * unit::ms - step : *run.ttft_ms * unit::ms;
    return std::nullopt;
  }

  struct Share {
    validate::Observation prompt;
    int generated = 1;
  };
  db::Catalog& catalog_;
  struct {
    std::vector<validate::Observation> decode, prefill, batched;
  } out_;
  std::map<std::string, Share> share_;
  std::set<std::string> end_to_end_;
};

}  // namespace

int cached_before(const MeasuredRun& run) { return run.depth && run.prompt && *run.depth > *run.prompt ? *run.depth : 0; }

Workload workload_of(const MeasuredRun& run, Phase phase, const ModelSpec& model, const WeightFormat& kv) {
  Workload w;
  w.kv_k = w.kv_v = kv;
  w.generated = phase == Phase::decode ? run.generated.value_or(0) : 0;
  // A prefill rate without its prompt length is taken at the program's default, which is llama-bench's: rates hardly
  // change below it.
  const int asked = phase == Phase::decode ? run.depth.value_or(run.prompt.value_or(0)) : run.prompt.value_or(Workload{}.prompt);
  w.prompt = std::max(1, std::min(asked, model.context));
  if (phase == Phase::prefill) w.cached = std::min(cached_before(run), model.context - w.prompt);
  w.context = model.context;
  w.batch = run.batch.value_or(1);
  if (run.ubatch) w.ubatch = *run.ubatch;
  if (run.flash_attention) w.flash_attention = *run.flash_attention ? FlashAttention::on : FlashAttention::off;
  return w;
}

Fits fits(Context& context, bool cross_validate) {
  db::Catalog& catalog = context.catalog();
  std::vector<db::Diagnostic> diagnostics;
  std::vector<MeasuredRun> runs = catalog.runs(diagnostics);
  const Exclusions rules = catalog.exclusions(diagnostics);
  if (!diagnostics.empty()) fail(diagnostics);
  Collector collector(catalog);
  for (MeasuredRun& run : runs) {
    if (!fitted(run, rules)) continue;
    if (run.kind == RunKind::end_to_end) collector.note_end_to_end(run.id);
    collector.add(run);
  }
  const FitRules& batch = found(catalog.fit_rules("batch"), "fit rules", "batch", "");
  if (batch.on_top_of != "decode") throw UsageError("fit rules 'batch' stand on '" + batch.on_top_of + "'; the decode of several sequences is fitted on top of 'decode'");
  return collector.fit(found(catalog.fit_rules("decode"), "fit rules", "decode", ""), found(catalog.fit_rules("prefill"), "fit rules", "prefill", ""),
                       batch, cross_validate);
}

}  // namespace roofline::cli
