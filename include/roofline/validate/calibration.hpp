// Measured runs -> Calibration. First version: per (engine, unit, scope, format family) a relative least-squares fit of
// time = bytes / (efficiency x bandwidth) + overhead, with an empirical interval.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "roofline/core/calibration.hpp"
#include "roofline/core/estimate.hpp"
#include "roofline/core/measured_run.hpp"

namespace roofline::validate {

// Where a run stands among its device's power modes; devices without modes have only their fastest.
enum class RunMode { fastest, other, not_stated };

// A run with its physical estimate at the run's own workload, mode and quantization.
struct CalibrationRow {
  MeasuredRun run;
  std::string device;
  std::string family;         // of the device
  RunMode mode = RunMode::fastest;
  std::string format_family;  // of the bytes that dominate the stream
  std::string model_class;    // dense, routed, recurrent
  Seconds decode_time;        // physical time of one decode step (at the ceiling)
  Seconds decode_compute;     // of it, work / peak alone
  std::optional<Seconds> prefill_time;  // physical time of the prompt; empty if the arithmetic peak is not known
  Seconds prefill_compute;    // of it, work / peak alone
  int prefill_chunks = 1;
  double prompt = 1;          // tokens behind prefill_time
};

// Rows by the engine whose constants they shape.
using Pools = std::map<std::string, std::vector<CalibrationRow>>;

// 80th percentiles of |log ratio| over every engine's rows: what a scope with few rows of its own falls back on.
struct Spreads {
  double repeat = 0;           // of runs of one configuration around their median: no interval is narrower
  double within_device = 0;    // of a model left out of its device's line
  double between_devices = 0;  // of the models of a device left out of the line of the others
};
Spreads spreads(const Pools& pools, Phase phase);

// Everything is taken from the rows themselves; no constant is typed. Precondition: pools has `engine`.
Calibration derive(const std::string& engine, const Pools& pools);
// FNV-1a over the runs that were used, so that a calibration names the data it came from.
std::string digest(const std::vector<MeasuredRun>& runs);
std::string to_toml(const Calibration& calibration);

}  // namespace roofline::validate
