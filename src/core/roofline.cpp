#include "roofline/core/roofline.hpp"

#include <algorithm>

namespace roofline {

std::string_view to_string(Bound bound) {
  switch (bound) {
    case Bound::memory: return "memory";
    case Bound::compute: return "compute";
    case Bound::unpack: return "unpack";
    case Bound::overhead: return "overhead";
  }
  return "?";
}

OperatorEstimate roofline_time(const Operator& op, const Ceilings& ceilings) {
  OperatorEstimate estimate;
  estimate.op = op;
  estimate.ceilings = ceilings;
  if (ceilings.peak) estimate.compute = op.work / ceilings.peak->value;
  estimate.memory = op.traffic.total() / ceilings.bandwidth.value;
  const Seconds limiting = std::max(estimate.compute, estimate.memory);
  estimate.time = limiting + ceilings.dispatch;
  estimate.bound = ceilings.dispatch > limiting ? Bound::overhead : estimate.compute > estimate.memory ? Bound::compute : Bound::memory;
  return estimate;
}

}  // namespace roofline
