// Fit -> PhaseAccuracy: errors of runs left out, honest intervals, and what they are worth beside simpler predictions.
#pragma once

#include "roofline/core/accuracy.hpp"
#include "roofline/validate/calibration.hpp"

namespace roofline::validate {

// The interval of a run is made of what other devices' runs missed by: its own device's residuals are not in it.
PhaseAccuracy accuracy(const Fit& fit);
NoiseFloor noise_floor(const std::vector<Observation>& observations);
FormAccuracy form_accuracy(const Fit& fit, const FitRules& rules);

}  // namespace roofline::validate
