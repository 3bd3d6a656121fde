#include "roofline/core/charges.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <string_view>
#include <utility>
#include <variant>

namespace roofline {
namespace {

constexpr double cycles_per_launch = 1000.0;  // 1 us at 1 GHz
constexpr Ops host_ops_per_launch = 10000.0 * unit::op;  // 1 us at 10 GFLOP/s
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
  void count(Charge charge, double times, Seconds each) { add({charge, "", "", times * each}); }
  std::vector<ChargeItem> take() { return std::move(items_); }

 private:
  std::vector<ChargeItem> items_;
};

template <class Q>
bool is_assumed(const Figure<Q>& figure) { return figure.cite.basis == Basis::assumed; }
// A streaming test says how far the unit stays below its specification, whatever else is set by the power mode.
std::optional<double> shortfall(const UnitPoint& unit) {
  if (unit.streamed == nullptr || unit.given_bandwidth) return std::nullopt;
  return std::log(unit.streamed_of.value / unit.streamed->rate.value);
}
bool is_guessed(const UnitPoint& unit) { return is_assumed(unit.bandwidth) && !unit.given_bandwidth; }

// Kernels of a GPU start, wait for each other and drain at its own clock; what an NPU leaves between its products to a core of its host takes
// that core's time; what a CPU spends there is not tied to its clock.
Seconds launch_time(const UnitPoint& unit) {
  if (unit.host_core) return host_ops_per_launch / *unit.host_core;
  return unit.unit->kind == UnitKind::gpu ? cycles_per_launch / unit.clock.value : cycles_per_launch / (1.0 * unit::GHz);
}

// The rate of ordinary vector instructions, which unpack weights and update states: as many as are issued (else fp32) on GPUs, int8 dot
// products on CPUs, whose kernels keep the codes in bytes. A matrix unit is not ordinary: it multiplies what others unpacked. Empty where it
// is not known.
std::optional<Figure<OpsPerSecond>> vector_rate(const UnitPoint& unit) {
  if (auto issued = issue_rate(unit)) return issued;
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

// Matrix products of one pass. Chunks of a prompt that are bound otherwise stand apart and are the same products again.
int products_of(const PhaseEstimate& phase) {
  int products = 0;
  std::set<std::pair<std::string_view, std::string_view>> counted;
  for (const OperatorEstimate& e : phase.operators) {
    if (is_product(e.op) && e.op.work > Ops{} && counted.emplace(e.op.name, e.op.format).second) products += e.op.repeats;
  }
  return products;
}

struct Kinds {
  int routed = 0, recurrent = 0, norms = 0;
};
int norms_of(const Mixer& mixer) {
  if (const auto* attention = std::get_if<GroupedQueryAttention>(&mixer)) {
    return attention->qk_norm == QkNorm::none ? 0 : attention->shares_kv ? 1 : 2;  // of queries; of keys where the layer makes any
  }
  if (const auto* latent = std::get_if<LatentAttention>(&mixer)) return latent->q_lora_rank > 0 ? 2 : 1;  // of each compressed vector
  return 0;
}
Kinds kinds_of(const ModelSpec& model) {
  Kinds kinds;
  for (const Layer& layer : model.layers) {
    if (std::holds_alternative<MixtureOfExperts>(layer.feed_forward)) ++kinds.routed;
    kinds.norms += model.norms_per_layer + norms_of(layer.mixer);
    // A short convolution alone (LFM2) is one small product; it is the scan over a state that takes its own kernels.
    if (const auto* recurrent = std::get_if<RecurrentMixer>(&layer.mixer); recurrent != nullptr && recurrent->state_elements > 0) ++kinds.recurrent;
  }
  return kinds;
}

}  // namespace

std::vector<ChargeItem> decode_charges(const PhaseEstimate& decode, const UnitPoint& unit, const ModelSpec& model) {
  Items items;
  const auto vectors = vector_rate(unit);
  const BytesPerSecond bandwidth = unit.bandwidth.value;
  const bool guessed_bandwidth = is_guessed(unit);
  const auto below = shortfall(unit);
  const auto move = [&](Charge charge, const std::string& family, Bytes bytes) { items.add({charge, family, "", bytes / bandwidth, false, guessed_bandwidth, below}); };
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
  items.count(Charge::launches, products_of(decode), launch_time(unit));
  items.count(Charge::norms, kinds.norms, launch_time(unit));
  items.count(Charge::expert_layers, kinds.routed, launch_time(unit));
  items.count(Charge::recurrent_layers, kinds.recurrent, launch_time(unit));
  items.count(Charge::steps, 1, per_step);
  items.count(Charge::sequences, decode.batch - 1, per_step);
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
  items.count(Charge::launches, chunks * products_of(prefill), launch_time(unit));
  items.count(Charge::expert_layers, chunks * kinds.routed, launch_time(unit));
  items.count(Charge::recurrent_layers, chunks * kinds.recurrent, launch_time(unit));
  items.count(Charge::steps, 1, per_step);
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

Bound bound_of(Charge charge) {
  switch (charge) {
    case Charge::weights:
    case Charge::experts:
    case Charge::kv_cache:
    case Charge::activations:
    case Charge::state: return Bound::memory;
    case Charge::unpack: return Bound::unpack;
    case Charge::attention:
    case Charge::products:
    case Charge::expert_products:
    case Charge::recurrence: return Bound::compute;
    case Charge::launches:
    case Charge::norms:
    case Charge::expert_layers:
    case Charge::recurrent_layers:
    case Charge::sequences:
    case Charge::steps: return Bound::overhead;
  }
  return Bound::overhead;
}

Seconds total(const std::vector<Charged>& charged, Bound bound) {
  Seconds sum;
  for (const Charged& c : charged) {
    if (bound_of(c.item.charge) == bound) sum += c.time;
  }
  return sum;
}

Bound dominant(const std::vector<Charged>& charged) {
  Bound longest = Bound::memory;
  for (const Bound bound : {Bound::compute, Bound::unpack, Bound::overhead}) {
    if (total(charged, bound) > total(charged, longest)) longest = bound;
  }
  return longest;
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
  e.phase.overhead = total(charges, Bound::overhead);
  e.charges = std::move(charges);
  const TokensPerSecond middle = e.phase.per_sequence();
  e.low = std::exp(interval.low) * middle;
  e.high = std::min(std::exp(interval.high) * middle, physical.per_sequence());
  return e;
}

}  // namespace roofline
