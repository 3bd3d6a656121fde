#include "roofline/core/ceilings.hpp"

#include <algorithm>

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

std::optional<OpsPerByte> ridge_point(const Ceilings& ceilings) {
  if (!ceilings.peak) return std::nullopt;
  return ceilings.peak->value / ceilings.bandwidth.value;
}

}  // namespace roofline
