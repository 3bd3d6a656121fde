#include "cli/judge_run.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <tuple>

#include "cli/observations.hpp"
#include "roofline/core/survey.hpp"
#include "roofline/report/units.hpp"
#include "roofline/validate/comparison.hpp"

namespace roofline::cli {
namespace {

const char* verdict_of(validate::Judgement judgement) {
  switch (judgement) {
    case validate::Judgement::inside_interval: return "ok";
    case validate::Judgement::above_expected: return "above_expected";
    case validate::Judgement::below_expected: return "below_expected";
    case validate::Judgement::far_below: return "far_below";
    case validate::Judgement::above_ceiling: return "above_ceiling";
  }
  return "?";
}

// Of several clusters of a kind the fastest, where an engine's threads belong: as the survey chooses.
const UnitPoint* unit_of(const OperatingPoint& point, UnitKind kind) {
  const UnitPoint* best = nullptr;
  double fastest = 0;
  for (const UnitPoint& unit : point.units) {
    if (unit.unit->kind != kind) continue;
    double rate = 0;
    for (const Rate& r : unit.unit->rates) rate = std::max(rate, r.ops_per_cycle.value.base());
    rate *= unit.cores.value * unit.clock.value.base();
    if (best == nullptr || rate > fastest) {
      best = &unit;
      fastest = rate;
    }
  }
  return best;
}

// What decides a prediction.
using Key = std::tuple<std::string, std::string, UnitKind, std::string, std::string, std::string, std::string, int, int, int, int, int, int>;

}  // namespace

struct RunJudge::Impl {
  explicit Impl(Context& given) : context(given) {}

  Context& context;
  std::map<std::string, std::unique_ptr<OperatingPoint>> points;  // device and mode
  std::map<Key, std::unique_ptr<Estimate>> estimates;
  std::map<std::string, const Calibration*> calibrations;  // by engine

  // Entries by the names runs have, so that the catalog is asked once for each.
  template <class T>
  using Entries = std::map<std::string, db::Lookup<T>>;
  Entries<Device> devices;
  Entries<ModelSpec> models;
  Entries<Engine> engines;
  Entries<Quantization> quantizations;
  Entries<WeightFormat> formats;
  template <class T>
  static const db::Lookup<T>& look_up(Entries<T>& known, const std::string& name, db::Lookup<T> (db::Catalog::*find)(std::string_view), db::Catalog& catalog) {
    const auto at = known.find(name);
    return at != known.end() ? at->second : known.emplace(name, (catalog.*find)(name)).first->second;
  }
  const db::Lookup<Device>& device(const std::string& name) { return look_up(devices, name, &db::Catalog::device, context.catalog()); }
  const db::Lookup<ModelSpec>& model(const std::string& name) { return look_up(models, name, &db::Catalog::model, context.catalog()); }
  const db::Lookup<Engine>& engine(const std::string& name) { return look_up(engines, name, &db::Catalog::engine, context.catalog()); }
  const db::Lookup<Quantization>& quantization(const std::string& name) { return look_up(quantizations, name, &db::Catalog::quantization, context.catalog()); }
  const db::Lookup<WeightFormat>& format(const std::string& name) { return look_up(formats, name, &db::Catalog::format, context.catalog()); }

  const OperatingPoint& point_at(const Device& device, const PowerMode* mode) {
    auto& slot = points[device.id + "\n" + (mode != nullptr ? mode->id : "")];
    if (!slot) slot = std::make_unique<OperatingPoint>(operating_point(device, mode));
    return *slot;
  }

  const Calibration* calibration_of(const Engine& engine) {
    const auto known = calibrations.find(engine.id);
    return known != calibrations.end() ? known->second : calibrations[engine.id] = find_calibration(engine);
  }
  const Calibration* find_calibration(const Engine& engine) {
    for (const std::string& id : {engine.id, engine.calibration}) {
      const auto lookup = context.catalog().calibration(id);
      if (!lookup.diagnostics.empty()) fail(lookup.diagnostics);
      if (lookup.value != nullptr) return lookup.value;
    }
    return nullptr;
  }

  // Null if there is no such unit.
  const Estimate* estimate_of(const MeasuredRun& run, const Device& device, const PowerMode* mode, UnitKind kind, const Workload& workload) {
    const OperatingPoint& point = point_at(device, mode);
    const UnitPoint* unit = unit_of(point, kind);
    if (unit == nullptr) return nullptr;
    const Key key{device.id, mode != nullptr ? mode->id : "", kind, run.engine, run.model, run.quantization, workload.kv_k.id, workload.prompt, workload.cached,
                  workload.generated, workload.batch, workload.ubatch, static_cast<int>(workload.flash_attention)};
    auto& slot = estimates[key];
    if (slot) return slot.get();
    EstimateInput input;
    input.point = &point;
    input.unit = unit;
    input.model = &found(model(run.model), "model", run.model, "estimate list models");
    input.engine = &found(engine(run.engine), "engine", run.engine, "estimate list engines");
    input.quantization = &found(quantization(run.quantization), "quantization", run.quantization, "estimate list quantizations");
    input.calibration = calibration_of(*input.engine);
    input.workload = workload;
    input.speed_only = true;
    slot = std::make_unique<Estimate>(estimate(input));
    return slot.get();
  }
};

namespace {

// Where decode was timed on its own it began in an empty cache, unless a depth is stated; else behind the prompt.
Workload workload_of(const import::ResolvedRun& r, Phase phase, const ModelSpec& model, const WeightFormat& kv) {
  if (r.run.depth || !r.phases_apart) return cli::workload_of(r.run, phase, model, kv);
  MeasuredRun run = r.run;
  run.depth = 0;
  return cli::workload_of(run, phase, model, kv);
}

std::string not_comparable(const import::ResolvedRun& r, Phase phase) {
  if (r.run.kind == RunKind::speculative) {
    return "speculative decoding: several tokens are accepted per step, so that the rate says nothing about one step and may exceed the ceiling";
  }
  if (r.run.kind == RunKind::altered) return "part of the model was replaced: other bytes are read than the model's";
  if (r.run.kind == RunKind::offload) return "part of the layers ran in host memory: the slower of two machines sets the pace";
  if (r.run.kind == RunKind::image && phase == Phase::prefill) return "the time includes what an image costs, which is not predicted";
  return {};
}

// The rate over the whole request, which is what an end-to-end figure states.
std::optional<double> end_to_end_rate(const Estimate& decode, const Estimate& prefill, const MeasuredRun& run) {
  if (!decode.expected_decode || !prefill.expected_prefill || !run.prompt || !run.generated || *run.generated < 1) return std::nullopt;
  const double generated = *run.generated;
  const double seconds = prefill.expected_prefill->phase.time.base() + generated * decode.expected_decode->phase.time.base();
  return run.batch.value_or(1) * generated / seconds;
}

// An end-to-end figure is expected at the rate of the whole request; its interval is that of decode, which is most of it.
void expect_whole_request(report::JudgedPhase& phase, double whole) {
  if (!phase.expected || !phase.low || !phase.high) return;
  const double factor = whole / *phase.expected;
  phase.expected = whole;
  *phase.low *= factor;
  *phase.high *= factor;
  phase.ratio = phase.measured / whole;
  phase.inside_interval = phase.measured >= *phase.low && phase.measured <= *phase.high;
  if (phase.verdict == "above_ceiling") return;
  if (*phase.inside_interval || phase.measured > *phase.high) {
    phase.verdict = *phase.inside_interval ? "ok" : "above_expected";
    phase.likely_reasons.clear();
  }
}

void prepend(std::vector<std::string>& reasons, std::string reason) { reasons.insert(reasons.begin(), std::move(reason)); }

void explain_kind(report::JudgedPhase& phase, const import::ResolvedRun& r, const std::optional<double>& whole) {
  const bool slow = phase.verdict == "below_expected" || phase.verdict == "far_below";
  if (r.run.kind == RunKind::end_to_end && slow) {
    std::string text = "an end-to-end figure: the time of the prompt is in it";
    std::erase_if(phase.likely_reasons, [](const std::string& reason) { return reason.starts_with("an end-to-end figure"); });
    if (whole) text += fmt::format("; over the whole request {} tok/s are expected", report::number(*whole));
    prepend(phase.likely_reasons, text);
  }
  if (r.run.kind == RunKind::vendor_average && slow) prepend(phase.likely_reasons, "an average over prompts and answers of different lengths");
  if (r.clocks_low && slow) prepend(phase.likely_reasons, "the clocks were down, as the run's own notes say");
}

report::JudgedPhase judged(const validate::PhaseComparison& c, double batch) {
  report::JudgedPhase phase;
  const auto all = [&](const std::optional<double>& value) { return value ? std::optional<double>(*value * batch) : std::nullopt; };
  phase.from = "rate";
  phase.measured = c.measured * batch;
  if (c.ceiling > 0) phase.ceiling = c.ceiling * batch;
  phase.expected = all(c.expected);
  phase.low = all(c.low);
  phase.high = all(c.high);
  phase.ratio = c.ratio;
  if (c.low && c.high) phase.inside_interval = c.measured >= *c.low && c.measured <= *c.high;
  phase.verdict = verdict_of(c.judgement);
  if (!c.expected && c.judgement != validate::Judgement::above_ceiling) phase.verdict = "no_expectation";
  phase.likely_reasons = c.likely_reasons;
  phase.counted = true;
  return phase;
}

void set_aside(report::JudgedPhase& phase, std::string why) {
  phase.verdict = "not_comparable";
  phase.inside_interval.reset();
  phase.ratio.reset();
  phase.likely_reasons = {std::move(why)};
  phase.counted = false;
}

// The other configurations of the same question: what may explain a figure that is too low.
struct Others {
  std::vector<Estimate> modes, units;
};

}  // namespace

RunJudge::RunJudge(Context& context) : impl_(std::make_unique<Impl>(context)) {}
RunJudge::~RunJudge() = default;

report::JudgedRun RunJudge::judge(const import::ResolvedRun& r) {
  const MeasuredRun& run = r.run;
  report::JudgedRun out;
  out.id = run.id;
  out.line = r.line;
  out.reason = r.reason;
  out.notes = r.notes;
  out.device = run.device;
  out.mode = run.mode;
  out.mode_stated = r.mode_stated;
  out.engine = run.engine;
  out.model = run.model;
  out.quantization = run.quantization;
  out.kind = to_string(run.kind);
  out.quality = run.quality;
  out.prompt = run.prompt;
  out.generated = run.generated;
  out.depth = run.depth;
  out.batch = run.batch;
  if (!r.reason.empty()) return out;
  out.unit = std::string(to_string(run.unit));

  const auto& device_lookup = impl_->device(run.device);
  const Device& device = found(device_lookup, "device", run.device, "estimate list devices");
  const ModelSpec& model = found(impl_->model(run.model), "model", run.model, "estimate list models");
  const std::string firmware = r.firmware.empty() ? device_lookup.firmware : r.firmware;
  const PowerMode* mode = run.mode.empty() ? nullptr : find_mode(device, run.mode, firmware);
  if (mode != nullptr && !mode->unknown.empty()) {
    out.notes.push_back("the clocks of power mode " + mode->id + " are not known (" + mode->unknown + "): predicted at the fastest mode");
    mode = nullptr;
  }
  if (mode == nullptr) mode = firmware.empty() ? fastest_original_mode(device) : fastest_mode(device, firmware);
  const std::string kv_name = run.kv_type.empty() ? "f16" : run.kv_type;
  const auto* kv = &impl_->format(kv_name);
  if (kv->value == nullptr) {
    out.notes.push_back("KV type '" + kv_name + "' is not known: f16 is taken");
    kv = &impl_->format("f16");
  }
  const WeightFormat& kv_format = found(*kv, "format", kv_name, "estimate list formats");

  const Workload decode_workload = workload_of(r, Phase::decode, model, kv_format);
  const Workload prefill_workload = workload_of(r, Phase::prefill, model, kv_format);
  const Estimate* at_depth = impl_->estimate_of(run, device, mode, run.unit, decode_workload);
  if (at_depth == nullptr) {
    out.reason = "the database has no " + out.unit + " of " + device.id;
    return out;
  }
  out.judged = true;
  const double batch = run.batch.value_or(1);
  const Support* cell = find_support(*at_depth->engine, run.unit, device.chip, run.quantization, model.family);
  if (cell != nullptr && cell->refused) out.notes.push_back("the database says that this does not run: " + cell->reason);

  // Every other power mode, and the CPU where the GPU was meant, once a figure turns out too low.
  const auto others = [&](const Workload& workload) {
    Others found_others;
    for (const PowerMode& other : device.modes) {
      if (&other == mode || !other.unknown.empty()) continue;
      if (const Estimate* e = impl_->estimate_of(run, device, &other, run.unit, workload)) found_others.modes.push_back(*e);
    }
    if (run.unit != UnitKind::cpu && find_support(*at_depth->engine, UnitKind::cpu, device.chip, run.quantization, model.family) != nullptr) {
      if (const Estimate* e = impl_->estimate_of(run, device, mode, UnitKind::cpu, workload)) found_others.units.push_back(*e);
    }
    return found_others;
  };
  const auto compare_phase = [&](Phase phase, const Estimate& estimate, const Workload& workload, double rate) {
    const auto decode = phase == Phase::decode ? std::optional<double>(rate) : std::nullopt;
    const auto prefill = phase == Phase::prefill ? std::optional<double>(rate) : std::nullopt;
    auto comparison = validate::compare(estimate, decode, prefill);
    auto* c = phase == Phase::decode ? &*comparison.decode : &*comparison.prefill;
    if (c->judgement == validate::Judgement::far_below || c->judgement == validate::Judgement::below_expected) {
      const Others other = others(workload);
      comparison = validate::compare(estimate, decode, prefill, other.modes, other.units);
      c = phase == Phase::decode ? &*comparison.decode : &*comparison.prefill;
    }
    report::JudgedPhase result = judged(*c, batch);
    if (std::string why = not_comparable(r, phase); !why.empty()) set_aside(result, std::move(why));
    if (r.clocks_low) result.counted = false;
    if (r.prompt_cached && phase == Phase::prefill) {
      const char* why = "the prompt, or part of it, came from a cache, as the file itself says";
      if (result.verdict == "above_ceiling") {
        result.counted = false;
        prepend(result.likely_reasons, why);
      } else {
        set_aside(result, why);
      }
    }
    return result;
  };

  const Estimate* at_prompt = nullptr;
  const bool has_ttft = run.ttft_ms && run.prompt;
  if (run.prefill_tokens_per_second || has_ttft || run.kind == RunKind::end_to_end) {
    at_prompt = impl_->estimate_of(run, device, mode, run.unit, prefill_workload);
  }
  if (run.decode_tokens_per_second) {
    out.decode = compare_phase(Phase::decode, *at_depth, decode_workload, *run.decode_tokens_per_second / batch);
    const auto whole = at_prompt != nullptr ? end_to_end_rate(*at_depth, *at_prompt, run) : std::nullopt;
    if (whole && run.kind == RunKind::end_to_end && out.decode->counted) {
      expect_whole_request(*out.decode, *whole);
      out.notes.push_back("an end-to-end figure: compared with the expected rate of the whole request, its prompt included");
    }
    explain_kind(*out.decode, r, whole);
  }
  if (at_prompt == nullptr || !(at_prompt->prefill.compute_known)) return out;
  if (run.prefill_tokens_per_second) {
    if (!run.prompt) out.notes.push_back(fmt::format("the prompt's length is not stated: {} tokens are taken for prefill", prefill_workload.prompt));
    out.prefill = compare_phase(Phase::prefill, *at_prompt, prefill_workload, *run.prefill_tokens_per_second / batch);
  } else if (has_ttft) {
    // The first token takes one decode step more, as the fit counts it.
    const double seconds = *run.ttft_ms / 1e3;
    const double step = run.decode_tokens_per_second ? batch / *run.decode_tokens_per_second : 0;
    const double prefill_seconds = seconds > step ? seconds - step : seconds;
    out.prefill = compare_phase(Phase::prefill, *at_prompt, prefill_workload, prefill_workload.prompt / prefill_seconds);
    out.prefill->from = "ttft";
  }
  if (out.prefill && run.kind == RunKind::end_to_end && !run.prefill_tokens_per_second) explain_kind(*out.prefill, r, std::nullopt);
  return out;
}

}  // namespace roofline::cli
