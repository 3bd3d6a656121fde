#include "roofline/core/cpu_core.hpp"

#include <algorithm>

namespace roofline {
namespace {

int particulars(const CoreIdentity& identity) {
  return (identity.implementer ? 1 : 0) + (identity.part ? 1 : 0) + (identity.vendor.empty() ? 0 : 1) + (identity.family ? 1 : 0) +
         (identity.models.empty() ? 0 : 1) + static_cast<int>(identity.features.size());
}

}  // namespace

bool matches(const CoreIdentity& identity, const CoreSighting& seen) {
  if (particulars(identity) == 0) return false;
  if (identity.implementer && *identity.implementer != seen.implementer) return false;
  if (identity.part && *identity.part != seen.part) return false;
  if (!identity.vendor.empty() && identity.vendor != seen.vendor) return false;
  if (identity.family && *identity.family != seen.family) return false;
  if (!identity.models.empty() && std::find(identity.models.begin(), identity.models.end(), seen.model) == identity.models.end()) return false;
  return std::all_of(identity.features.begin(), identity.features.end(), [&](const std::string& feature) {
    return std::find(seen.features.begin(), seen.features.end(), feature) != seen.features.end();
  });
}

const CpuCore* find_core(const std::vector<CpuCore>& cores, const CoreSighting& seen) {
  const CpuCore* best = nullptr;
  int most = 0;
  for (const CpuCore& core : cores) {
    for (const CoreIdentity& identity : core.identities) {
      if (!matches(identity, seen) || particulars(identity) <= most) continue;
      most = particulars(identity);
      best = &core;
    }
  }
  return best;
}

const InstructionRate* find_rate(const CpuCore& core, std::string_view instruction) {
  for (const InstructionRate& rate : core.rates) {
    if (rate.instruction == instruction) return &rate;
  }
  return nullptr;
}

OpsPerSecond theoretical_peak(const InstructionRate& rate, double cores, Hertz clock) { return cores * rate.ops_per_cycle.value * clock; }

}  // namespace roofline
