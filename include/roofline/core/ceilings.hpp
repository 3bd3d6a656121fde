// OperatingPoint + Engine -> the ceilings one operator meets. Physics: no efficiency in them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "roofline/core/device.hpp"
#include "roofline/core/engine.hpp"
#include "roofline/core/operators.hpp"

namespace roofline {

struct Ceilings {
  std::optional<Figure<OpsPerSecond>> peak;  // empty: not known for this arithmetic; compute is then not limited here
  std::optional<NumberFormat> arithmetic;    // the number format behind `peak`
  Figure<BytesPerSecond> bandwidth;
  Seconds dispatch;
};

// Physics: specified peak and bandwidth, no dispatch. No valid measurement beats it.
Ceilings physical_ceilings(const UnitPoint& unit, const Engine& engine, std::string_view chip, const Operator& op);
// ops per byte above which a unit is compute-bound; empty where the peak is not known.
std::optional<OpsPerByte> ridge_point(const Ceilings& ceilings);

}  // namespace roofline
