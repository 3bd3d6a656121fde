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
// The same, multiplied by fitted efficiencies: in decode the bandwidth, in prefill the arithmetic peak by its constant and
// the bandwidth by decode's, where there is one. Decode attention has an efficiency of its own where one was fitted.
Ceilings derated_decode(const Ceilings& physical, const Constant& decode, const Operator& op);
Ceilings derated_prefill(const Ceilings& physical, const Constant& prefill, const Constant* decode);
// ops per byte above which a unit is compute-bound; empty where the peak is not known.
std::optional<OpsPerByte> ridge_point(const Ceilings& ceilings);

}  // namespace roofline
