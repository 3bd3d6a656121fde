#include "roofline/core/ceilings.hpp"

namespace roofline {

Ceilings physical_ceilings(const UnitPoint& unit, const Engine& engine, std::string_view chip, const Operator& op) {
  Ceilings ceilings;
  ceilings.bandwidth = unit.bandwidth;
  // Where an engine may multiply in several formats, the fastest sets the ceiling: nothing it does can beat that one.
  for (const NumberFormat format : arithmetic_of(engine, unit.unit->kind, chip, op.format)) {
    auto candidate = peak(unit, format);
    if (candidate && (!ceilings.peak || candidate->value > ceilings.peak->value)) {
      ceilings.peak = std::move(candidate);
      ceilings.arithmetic = format;
    }
  }
  return ceilings;
}

Ceilings derated_decode(const Ceilings& physical, const Constant& decode, const Operator& op) {
  Ceilings ceilings = physical;
  ceilings.bandwidth.value = decode.efficiency * physical.bandwidth.value;
  if (!physical.peak) return ceilings;
  const bool product = op.kind == OperatorKind::matmul || op.kind == OperatorKind::expert_matmul;
  if (product && decode.unpack_efficiency > 0) {
    ceilings.peak->value = decode.unpack_efficiency * physical.peak->value;
    ceilings.unpack = true;
  }
  if (op.kind == OperatorKind::attention && decode.attention_efficiency > 0) {
    ceilings.peak->value = decode.attention_efficiency * physical.peak->value;
  }
  return ceilings;
}

Ceilings derated_prefill(const Ceilings& physical, const Constant& prefill, const Constant* decode) {
  Ceilings ceilings = physical;
  if (physical.peak) ceilings.peak->value = prefill.efficiency * physical.peak->value;
  if (decode != nullptr) ceilings.bandwidth.value = decode->efficiency * physical.bandwidth.value;
  return ceilings;
}

std::optional<OpsPerByte> ridge_point(const Ceilings& ceilings) {
  if (!ceilings.peak) return std::nullopt;
  return ceilings.peak->value / ceilings.bandwidth.value;
}

}  // namespace roofline
