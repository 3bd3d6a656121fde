#include "roofline/core/calibration.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace roofline {
namespace {

constexpr std::array<std::pair<Parameter, std::string_view>, 18> parameter_names{{{Parameter::bandwidth, "bandwidth"},
                                                                                  {Parameter::experts, "experts"},
                                                                                  {Parameter::kv_cache, "kv_cache"},
                                                                                  {Parameter::state, "state"},
                                                                                  {Parameter::unpack, "unpack"},
                                                                                  {Parameter::attention, "attention"},
                                                                                  {Parameter::arithmetic, "arithmetic"},
                                                                                  {Parameter::expert_arithmetic, "expert_arithmetic"},
                                                                                  {Parameter::attention_arithmetic, "attention_arithmetic"},
                                                                                  {Parameter::recurrence, "recurrence"},
                                                                                  {Parameter::streaming, "streaming"},
                                                                                  {Parameter::activation, "activation"},
                                                                                  {Parameter::launch, "launch"},
                                                                                  {Parameter::norm, "norm"},
                                                                                  {Parameter::expert_layer, "expert_layer"},
                                                                                  {Parameter::recurrent_layer, "recurrent_layer"},
                                                                                  {Parameter::step, "step"},
                                                                                  {Parameter::sequence, "sequence"}}};
constexpr std::array<std::pair<Rung, std::string_view>, 6> rung_ids{{{Rung::device_and_format, "device_and_format"},
                                                                     {Rung::device, "device"},
                                                                     {Rung::family, "family"},
                                                                     {Rung::engine, "engine"},
                                                                     {Rung::other_engines, "other_engines"},
                                                                     {Rung::several, "several"}}};

bool agrees(const std::string& key, std::string_view value) { return key.empty() || key == value; }

bool applies(const Effect& e, Phase phase, Parameter parameter, const Scope& scope, const ChargeItem& item) {
  return e.phase == phase && e.parameter == parameter && e.unit == scope.unit && agrees(e.engine, scope.engine) && agrees(e.vendor, scope.vendor) &&
         agrees(e.family, scope.family) && agrees(e.device, scope.device) && agrees(e.format_family, item.format_family) &&
         agrees(e.arithmetic, item.arithmetic);
}

}  // namespace

std::string_view to_string(Charge charge) {
  switch (charge) {
    case Charge::weights: return "weights";
    case Charge::experts: return "experts";
    case Charge::kv_cache: return "KV cache";
    case Charge::state: return "recurrent state";
    case Charge::unpack: return "unpacking weights";
    case Charge::attention: return "attention";
    case Charge::products: return "matrix products";
    case Charge::expert_products: return "expert products";
    case Charge::activations: return "activations";
    case Charge::recurrence: return "state updates";
    case Charge::launches: return "per product";
    case Charge::norms: return "per normalisation";
    case Charge::expert_layers: return "per expert layer";
    case Charge::recurrent_layers: return "per recurrent layer";
    case Charge::steps: return "per step";
    case Charge::sequences: return "per further sequence";
  }
  return "?";
}

std::string_view to_string(Parameter parameter) {
  for (const auto& [value, name] : parameter_names) {
    if (value == parameter) return name;
  }
  return "?";
}

std::optional<Parameter> parameter_from(std::string_view text) {
  for (const auto& [value, name] : parameter_names) {
    if (name == text) return value;
  }
  return std::nullopt;
}

std::vector<Parameter> parameters_of(Phase phase, Charge charge) {
  using P = Parameter;
  switch (charge) {
    case Charge::weights: return {phase == Phase::decode ? P::bandwidth : P::streaming};
    case Charge::experts: return {P::bandwidth, P::experts};
    case Charge::kv_cache: return {P::bandwidth, P::kv_cache};
    case Charge::state: return {P::bandwidth, P::state};
    case Charge::unpack: return {P::unpack};
    case Charge::attention: return phase == Phase::decode ? std::vector<P>{P::attention} : std::vector<P>{P::arithmetic, P::attention_arithmetic};
    case Charge::products: return {P::arithmetic};
    case Charge::expert_products: return {P::arithmetic, P::expert_arithmetic};
    case Charge::activations: return {P::activation};
    case Charge::recurrence: return {P::recurrence};
    case Charge::launches: return {P::launch};
    case Charge::norms: return {P::launch, P::norm};
    case Charge::expert_layers: return {P::launch, P::expert_layer};
    case Charge::recurrent_layers: return {P::launch, P::recurrent_layer};
    case Charge::steps: return {P::step};
    case Charge::sequences: return {P::sequence};
  }
  return {};
}

std::string_view to_string(Rung rung) {
  switch (rung) {
    case Rung::device_and_format: return "this device and kind of weights";
    case Rung::device: return "this device, other weights or kind of model";
    case Rung::family: return "devices of this family";
    case Rung::engine: return "other devices";
    case Rung::other_engines: return "other engines on such units";
    case Rung::several: return "runs of several sequences";
  }
  return "?";
}

std::string_view id_of(Rung rung) {
  for (const auto& [value, id] : rung_ids) {
    if (value == rung) return id;
  }
  return "?";
}

std::optional<Rung> rung_from(std::string_view id) {
  for (const auto& [value, name] : rung_ids) {
    if (name == id) return value;
  }
  return std::nullopt;
}

std::optional<double> times_of(bool of_assumed, const std::optional<double>& per_shortfall_from, const ChargeItem& item) {
  if (of_assumed && !item.assumed) return std::nullopt;
  if (!per_shortfall_from) return 1.0;
  if (!item.shortfall) return std::nullopt;
  return *item.shortfall - *per_shortfall_from;
}

bool is_guessed(const std::vector<ChargeItem>& items) {
  return std::any_of(items.begin(), items.end(), [](const ChargeItem& item) { return item.charge == Charge::weights && item.assumed; });
}

std::string_view model_class(const ModelSpec& model) {
  for (const Layer& layer : model.layers) {
    if (std::holds_alternative<RecurrentMixer>(layer.mixer)) return "recurrent";
  }
  return expert_count(model) > 0 ? "routed" : "dense";
}

std::optional<double> log_factor(const Calibration& calibration, Phase phase, const Scope& scope, const ChargeItem& item) {
  std::optional<double> sum;
  for (const Parameter parameter : parameters_of(phase, item.charge)) {
    for (const Effect& effect : calibration.effects) {
      if (!applies(effect, phase, parameter, scope, item)) continue;
      if (const auto times = times_of(effect.of_assumed, effect.per_shortfall_from, item)) sum = sum.value_or(0) + *times * effect.log_factor;
    }
  }
  return sum;
}

std::optional<Found> nearest_evidence(const std::vector<EvidenceCell>& evidence, Phase phase, UnitKind unit, std::string_view device,
                                      std::string_view family, std::string_view format_family, std::string_view model_class) {
  std::optional<Found> best;
  int models = 0;
  for (const EvidenceCell& cell : evidence) {
    if (cell.phase != phase || cell.unit != unit) continue;
    const bool same_kernels = cell.format_family == format_family && cell.model_class == model_class;
    const Rung rung = cell.device.empty() ? Rung::other_engines
                      : cell.device == device ? (same_kernels ? Rung::device_and_format : Rung::device)
                      : !cell.family.empty() && cell.family == family ? Rung::family : Rung::engine;
    if (!best || rung < best->rung) {
      best = Found{rung, rung, {}};
      models = 0;
    }
    if (rung != best->rung) continue;
    best->run_ids.insert(best->run_ids.end(), cell.run_ids.begin(), cell.run_ids.end());
    models += cell.models;
  }
  if (!best) return best;
  std::sort(best->run_ids.begin(), best->run_ids.end());
  if (models < 2 && best->rung < Rung::engine) best->interval = static_cast<Rung>(static_cast<int>(best->rung) + 1);
  return best;
}

const Interval* find_interval(const Calibration& calibration, Phase phase, UnitKind unit, Rung rung, bool of_assumed) {
  const Interval* found = nullptr;
  for (const Interval& interval : calibration.intervals) {
    if (interval.phase != phase || interval.unit != unit || interval.rung != rung) continue;
    if (interval.of_assumed == of_assumed) return &interval;
    if (!interval.of_assumed) found = &interval;
  }
  return found;
}

const Interval* find_several(const Calibration& calibration, UnitKind unit, std::string_view device) {
  const Interval* found = nullptr;
  for (const Interval& interval : calibration.intervals) {
    if (interval.rung != Rung::several || interval.unit != unit) continue;
    if (interval.device == device) return &interval;
    if (interval.device.empty()) found = &interval;
  }
  return found;
}

}  // namespace roofline
