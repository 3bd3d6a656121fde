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

Ceilings derated(const Ceilings& physical, const Constant& constant, const Operator& op) {
  Ceilings ceilings = physical;
  if (constant.phase == Phase::decode) {
    ceilings.bandwidth.value = constant.efficiency * physical.bandwidth.value;
    const bool product = op.kind == OperatorKind::matmul || op.kind == OperatorKind::expert_matmul;
    if (product && constant.unpack_efficiency > 0 && physical.peak) {
      ceilings.peak->value = constant.unpack_efficiency * physical.peak->value;
      ceilings.unpack = true;
    }
    if (op.kind == OperatorKind::attention && constant.attention_efficiency > 0 && physical.peak) {
      ceilings.peak->value = constant.attention_efficiency * physical.peak->value;
    }
  } else if (physical.peak) {
    ceilings.peak->value = constant.efficiency * physical.peak->value;
  }
  return ceilings;
}

std::optional<OpsPerByte> ridge_point(const Ceilings& ceilings) {
  if (!ceilings.peak) return std::nullopt;
  return ceilings.peak->value / ceilings.bandwidth.value;
}

}  // namespace roofline
