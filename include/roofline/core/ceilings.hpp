// OperatingPoint + Engine (+ Calibration) -> the ceilings one operator meets. The only place that derates.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "roofline/core/calibration.hpp"
#include "roofline/core/device.hpp"
#include "roofline/core/engine.hpp"
#include "roofline/core/operators.hpp"

namespace roofline {

struct Ceilings {
  std::optional<Figure<OpsPerSecond>> peak;  // empty: not known for this arithmetic; compute is then not limited here
  std::optional<NumberFormat> arithmetic;    // the number format behind `peak`
  Figure<BytesPerSecond> bandwidth;
  Seconds dispatch;
  bool unpack = false;  // `peak` is the rate at which weights can be unpacked, not the arithmetic itself
};

// Physics: specified peak and bandwidth, no dispatch. No valid measurement beats it.
Ceilings physical_ceilings(const UnitPoint& unit, const Engine& engine, std::string_view chip, const Operator& op);
// The same, multiplied by the fitted efficiency of the phase: bandwidth in decode, arithmetic peak in prefill. Decode
// attention has an efficiency of its own where one was fitted.
Ceilings derated(const Ceilings& physical, const Constant& constant, const Operator& op);
// ops per byte above which a unit is compute-bound; empty where the peak is not known.
std::optional<OpsPerByte> ridge_point(const Ceilings& ceilings);

}  // namespace roofline
