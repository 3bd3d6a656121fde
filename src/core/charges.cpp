#include "roofline/core/charges.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <variant>

namespace roofline {
namespace {

constexpr Seconds per_layer = 1.0 * unit::us;
constexpr Seconds per_step = 1.0 * unit::ms;

class Items {
 public:
  void add(ChargeItem item) {
    if (!(item.physical > Seconds{})) return;
    for (ChargeItem& known : items_) {
      if (known.charge == item.charge && known.format_family == item.format_family && known.arithmetic == item.arithmetic && known.measured == item.measured) {
        known.physical += item.physical;
        known.assumed = known.assumed || item.assumed;
        return;
      }
    }
    items_.push_back(std::move(item));
  }
  void count(Charge charge, Seconds time) { add({charge, "", "", time}); }
  std::vector<ChargeItem> take() { return std::move(items_); }

 private:
  std::vector<ChargeItem> items_;
};

template <class Q>
bool is_assumed(const Figure<Q>& figure) { return figure.cite.basis == Basis::assumed; }
bool is_guessed(const UnitPoint& unit) { return is_assumed(unit.bandwidth) && !unit.given_bandwidth; }

// The rate of ordinary vector instructions, which unpack weights and update states: fp32 on GPUs, int8 dot products on CPUs,
// whose kernels keep the codes in bytes. A matrix unit is not ordinary: it multiplies what others unpacked. Empty where it is not known.
std::optional<Figure<OpsPerSecond>> vector_rate(const UnitPoint& unit) {
  constexpr std::array on_cpu{NumberFormat::int8, NumberFormat::fp32, NumberFormat::fp16};
  constexpr std::array elsewhere{NumberFormat::fp32, NumberFormat::fp16, NumberFormat::int8};
  for (const NumberFormat format : unit.unit->kind == UnitKind::cpu ? on_cpu : elsewhere) {
    if (auto rate = vector_peak(unit, format)) return rate;
  }
  return std::nullopt;
}

// Where this very machine was measured (`estimate bench`).
std::optional<BytesPerSecond> unpack_rate(const UnitPoint& unit, const std::string& format) {
  for (const UnpackRate& measured : unit.unit->unpack) {
    if (measured.format == format) return measured.rate.value;
  }
  return std::nullopt;
}

bool is_product(const Operator& op) { return op.kind == OperatorKind::matmul || op.kind == OperatorKind::expert_matmul; }
bool through_registers(const UnitPoint& unit) { return unit.unit->kind == UnitKind::cpu || unit.unit->kind == UnitKind::gpu; }
bool is_packed(const Operator& op) { return op.format_family != "float16" && op.format_family != "float32"; }
std::string arithmetic_name(const OperatorEstimate& e) { return e.ceilings.arithmetic ? std::string(to_string(*e.ceilings.arithmetic)) : std::string(); }

struct Kinds {
  int all = 0, routed = 0, recurrent = 0;
};
Kinds kinds_of(const ModelSpec& model) {
  Kinds kinds;
  for (const Layer& layer : model.layers) {
    ++kinds.all;
    if (std::holds_alternative<MixtureOfExperts>(layer.feed_forward)) ++kinds.routed;
    if (std::holds_alternative<RecurrentMixer>(layer.mixer)) ++kinds.recurrent;
  }
  return kinds;
}

}  // namespace

std::vector<ChargeItem> decode_charges(const PhaseEstimate& decode, const UnitPoint& unit, const ModelSpec& model) {
  Items items;
  const auto vectors = vector_rate(unit);
  const BytesPerSecond bandwidth = unit.bandwidth.value;
  const bool guessed_bandwidth = is_guessed(unit);
  const auto move = [&](Charge charge, const std::string& family, Bytes bytes) { items.add({charge, family, "", bytes / bandwidth, false, guessed_bandwidth}); };
  const auto calculate = [&](Charge charge, const OperatorEstimate& e) {
    items.add({charge, e.op.format_family, arithmetic_name(e), e.compute, false, e.ceilings.peak && is_assumed(*e.ceilings.peak)});
  };
  for (const OperatorEstimate& e : decode.operators) {
    const Operator& op = e.op;
    const bool expert = op.kind == OperatorKind::expert_matmul;
    move(expert ? Charge::experts : Charge::weights, op.format_family, expert ? op.routed : op.traffic.weights);
    move(Charge::kv_cache, op.format_family, op.traffic.kv_cache);
    move(Charge::state, "", op.traffic.state);
    // Each weight is unpacked once however many sequences use it: work is 2 operations per weight and sequence.
    // CPUs and GPUs pass floats through the same registers: what limits them in packed formats limits them there too.
    if (const auto rate = unpack_rate(unit, op.format); rate && is_product(op)) {
      items.add({Charge::unpack, op.format_family, "", op.traffic.weights / *rate, true});
    } else if (is_product(op) && (is_packed(op) || through_registers(unit)) && vectors) {
      items.add({Charge::unpack, op.format_family, "", op.work / (2.0 * decode.batch) / vectors->value, false, is_assumed(*vectors)});
    }
    if (is_product(op) && decode.batch > 1) calculate(expert ? Charge::expert_products : Charge::products, e);
    if (op.kind == OperatorKind::attention) calculate(Charge::attention, e);
  }
  const Kinds kinds = kinds_of(model);
  items.count(Charge::layers, kinds.all * per_layer);
  items.count(Charge::expert_layers, kinds.routed * per_layer);
  items.count(Charge::recurrent_layers, kinds.recurrent * per_layer);
  items.count(Charge::steps, per_step);
  items.count(Charge::sequences, (decode.batch - 1) * per_step);
  return items.take();
}

std::vector<ChargeItem> prefill_charges(const PhaseEstimate& prefill, const UnitPoint& unit, const ModelSpec& model, int chunks) {
  Items items;
  const auto vectors = vector_rate(unit);
  for (const OperatorEstimate& e : prefill.operators) {
    const Operator& op = e.op;
    const bool guessed = e.ceilings.peak && is_assumed(*e.ceilings.peak);
    if (op.kind == OperatorKind::matmul) items.add({Charge::products, op.format_family, arithmetic_name(e), e.compute, false, guessed});
    if (op.kind == OperatorKind::expert_matmul) items.add({Charge::expert_products, op.format_family, arithmetic_name(e), e.compute, false, guessed});
    if (op.kind == OperatorKind::attention) items.add({Charge::attention, "", arithmetic_name(e), e.compute, false, guessed});
    if (op.kind == OperatorKind::recurrent && vectors) items.add({Charge::recurrence, "", "", op.work / vectors->value, false, is_assumed(*vectors)});
    const Bytes read = op.kind == OperatorKind::expert_matmul ? op.routed : op.traffic.weights;
    items.add({Charge::activations, "", "", op.activations / unit.bandwidth.value, false, is_guessed(unit)});
    items.add({Charge::weights, "", "", (read + op.traffic.state) / unit.bandwidth.value, false, is_guessed(unit)});
  }
  const Kinds kinds = kinds_of(model);
  items.count(Charge::layers, chunks * kinds.all * per_layer);
  items.count(Charge::expert_layers, chunks * kinds.routed * per_layer);
  items.count(Charge::recurrent_layers, chunks * kinds.recurrent * per_layer);
  items.count(Charge::steps, per_step);
  return items.take();
}

std::vector<Charged> charge(const std::vector<ChargeItem>& items, const Calibration& calibration, Phase phase, const Scope& scope) {
  std::vector<Charged> charged;
  for (const ChargeItem& item : items) {
    const auto log = item.measured ? std::optional(0.0) : log_factor(calibration, phase, scope, item);
    if (!log) continue;  // nothing was ever fitted to it
    const double factor = std::exp(*log);
    charged.push_back({item, factor, factor * item.physical});
  }
  return charged;
}

Seconds total(const std::vector<Charged>& charged) {
  Seconds sum;
  for (const Charged& c : charged) sum += c.time;
  return sum;
}

Bound dominant(const std::vector<Charged>& charged) {
  Seconds memory, compute, unpack, overhead;
  for (const Charged& c : charged) {
    switch (c.item.charge) {
      case Charge::weights:
      case Charge::experts:
      case Charge::kv_cache:
      case Charge::activations:
      case Charge::state: memory += c.time; break;
      case Charge::unpack: unpack += c.time; break;
      case Charge::attention:
      case Charge::products:
      case Charge::expert_products:
      case Charge::recurrence: compute += c.time; break;
      case Charge::layers:
      case Charge::expert_layers:
      case Charge::recurrent_layers:
      case Charge::sequences:
      case Charge::steps: overhead += c.time; break;
    }
  }
  const Seconds longest = std::max({memory, compute, unpack, overhead});
  if (memory == longest) return Bound::memory;
  if (compute == longest) return Bound::compute;
  return unpack == longest ? Bound::unpack : Bound::overhead;
}

Expectation expectation(const PhaseEstimate& physical, std::vector<Charged> charges, const Interval& interval) {
  Expectation e;
  e.rung = interval.rung;
  e.phase.phase = physical.phase;
  e.phase.tokens = physical.tokens;
  e.phase.batch = physical.batch;
  e.phase.work = physical.work;
  e.phase.traffic = physical.traffic;
  e.phase.bound = dominant(charges);
  e.phase.time = std::max(total(charges), physical.time);
  for (const Charged& c : charges) {
    const Charge kind = c.item.charge;
    if (kind == Charge::layers || kind == Charge::expert_layers || kind == Charge::recurrent_layers || kind == Charge::steps || kind == Charge::sequences) e.phase.overhead += c.time;
  }
  e.charges = std::move(charges);
  const TokensPerSecond middle = e.phase.per_sequence();
  e.low = std::exp(interval.low) * middle;
  e.high = std::min(std::exp(interval.high) * middle, physical.per_sequence());
  return e;
}

}  // namespace roofline
