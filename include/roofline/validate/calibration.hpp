// Measured runs -> Calibration. First version: per (engine, unit, scope, format family) a relative least-squares fit of
// time = bytes / (efficiency x bandwidth) + overhead, with an empirical interval.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "roofline/core/calibration.hpp"
#include "roofline/core/estimate.hpp"
#include "roofline/core/measured_run.hpp"

namespace roofline::validate {

// A run with its physical estimate at the run's own workload, mode and quantization.
struct CalibrationRow {
  MeasuredRun run;
  std::string device;
  std::string family;         // of the device
  bool mode_known = true;     // stated by the run, or the device has none
  std::string format_family;  // of the bytes that dominate the stream
  std::string model_class;    // dense, routed, recurrent
  Seconds decode_time;        // physical time of one decode step (at the ceiling)
  std::optional<Seconds> prefill_time;  // physical time of the prompt; empty if the arithmetic peak is not known
  int prefill_chunks = 1;
};

// Everything is taken from the rows themselves; no constant is typed.
Calibration derive(const std::string& engine, const std::vector<CalibrationRow>& rows);
// 80th percentile of |log(run / median of its configuration)| over configurations measured more than once: no interval is
// narrower than this.
double repeat_spread(const std::vector<CalibrationRow>& rows, Phase phase);
// FNV-1a over the runs that were used, so that a calibration names the data it came from.
std::string digest(const std::vector<MeasuredRun>& runs);
std::string to_toml(const Calibration& calibration);

}  // namespace roofline::validate
