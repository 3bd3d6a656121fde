// How far off a fit is, for runs it has seen and runs it has not: what its calibration may be believed for.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "roofline/core/device.hpp"
#include "roofline/core/error_statistics.hpp"
#include "roofline/core/workload.hpp"

namespace roofline {

// What the fit had not seen when it predicted a run.
enum class Unseen { nothing, model, device, publication };  // model: this model on this device; publication: all that its source published
inline constexpr std::array all_unseen{Unseen::nothing, Unseen::model, Unseen::device, Unseen::publication};
std::string_view to_string(Unseen unseen);

struct SchemeAccuracy {
  ErrorStatistics errors;
  std::optional<double> coverage;  // of the 80 % intervals; none for runs the fit has seen
};

struct GroupAccuracy {
  std::string by;    // "all", "aim", "engine", "unit", "quality"
  std::string name;
  std::array<SchemeAccuracy, all_unseen.size()> schemes;  // by Unseen
  ErrorStatistics ceiling;          // taken for a prediction
  ErrorStatistics constant_factor;  // the ceiling times the one factor that is best for all runs of the phase
};

// A run with what was said of it before it was seen.
struct AccuracyPoint {
  std::string run_id, pool, device, model_class;
  UnitKind unit = UnitKind::gpu;
  double streamed_bytes = 0;  // of a decode step
  Prediction unseen_model, unseen_device;  // tokens/s
};

// Runs of one kind that are far off together.
struct Misses {
  std::string pool, device, model_class;
  UnitKind unit = UnitKind::gpu;
  int runs = 0;
  int far = 0;          // further off than asked about
  double median = 0.0;  // of the errors of all of them
  double bias = 1.0;    // geometric mean of predicted / measured
};

// Repeated measurements of one configuration around their median: what no prediction can be better than.
struct NoiseFloor {
  int configurations = 0;
  int runs = 0;
  std::optional<double> median, p90;
};

struct PhaseAccuracy {
  Phase phase = Phase::decode;
  std::vector<GroupAccuracy> groups;
  std::optional<double> best_factor;
  NoiseFloor noise;
  std::vector<AccuracyPoint> points;
};

// Decode of several sequences, fitted on top of that of one: the model left out of what was added, not of what stands.
struct SeveralAccuracy {
  std::string name;  // engine, device and sequences
  SchemeAccuracy seen, unseen_model;
};

// How much slower decode gets with depth: predicted beside measured, for series of runs that differ in depth alone.
struct DepthAccuracy {
  int pairs = 0, series = 0;
  std::optional<double> median, p90;   // of |predicted fall / measured fall - 1|
  double deepest = 0;                  // tokens
  std::optional<double> slowest;       // the largest fall that was measured, as a share of the shallow rate
};

// One form of the model, as data in hardware_db/fit, on the same runs.
struct FormAccuracy {
  std::string id, title;
  int unknowns = 0;
  std::array<ErrorStatistics, all_unseen.size()> errors;
};

// The groups that have most runs further off than `far` when the device (else the model) was unseen; at most `most`.
std::vector<Misses> largest_misses(const std::vector<AccuracyPoint>& points, Unseen unseen, double far, std::size_t most);

}  // namespace roofline
