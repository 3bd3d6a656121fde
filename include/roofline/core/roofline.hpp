// Operator + Ceilings -> time. The one formula.
#pragma once

#include "roofline/core/ceilings.hpp"
#include "roofline/core/operators.hpp"

namespace roofline {

enum class Bound { memory, compute, unpack, overhead };
std::string_view to_string(Bound bound);

struct OperatorEstimate {
  Operator op;
  Ceilings ceilings;
  Seconds compute;  // work / peak
  Seconds memory;   // traffic / bandwidth
  Seconds time;     // max of the two + dispatch
  Bound bound = Bound::memory;
};

// time = max(work / peak, traffic / bandwidth) + dispatch   [model.md#roofline] (Williams, Waterman, Patterson 2009)
OperatorEstimate roofline_time(const Operator& op, const Ceilings& ceilings);

}  // namespace roofline
