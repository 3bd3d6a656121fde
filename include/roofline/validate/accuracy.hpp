// Fit -> PhaseAccuracy: errors of runs left out, honest intervals, and what they are worth beside simpler predictions.
#pragma once

#include <vector>

#include "roofline/core/accuracy.hpp"
#include "roofline/validate/calibration.hpp"

namespace roofline::validate {

// The interval of a run is made of what other devices' runs missed by: its own device's residuals are not in it.
PhaseAccuracy accuracy(const Fit& fit);
// All runs of several sequences together, then by engine and device.
std::vector<SeveralAccuracy> several_accuracy(const Fit& batched);
// Runs at 8,192 tokens or more beside the shallowest of their series, which holds 1,024 at most; predicted without their model.
DepthAccuracy depth_accuracy(const Fit& decode);
NoiseFloor noise_floor(const std::vector<Observation>& observations);
FormAccuracy form_accuracy(const Fit& fit, const FitRules& rules);

}  // namespace roofline::validate
