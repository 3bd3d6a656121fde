// Observations -> Calibration: the fit, what it misses by when runs are left out, and the constants of each engine.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "roofline/validate/posynomial.hpp"

namespace roofline::validate {

// How well a run is met by a fit that has not seen its like.
struct LeftOut {
  double log_ratio = 0.0;  // log(measured rate / predicted rate)
  Rung rung = Rung::engine;  // of the nearest run the fit had
};
struct CrossValidation {  // each by observation
  std::vector<double> in_sample;  // log ratios
  std::vector<LeftOut> model;   // the model on this device left out
  std::vector<LeftOut> device;  // the device left out
  std::vector<LeftOut> publication;  // all runs of the same source left out
  std::vector<LeftOut> pool;    // the engine left out
};

struct Fit {
  std::vector<Observation> observations;  // of one phase
  Design design;
  Solution solution;
  CrossValidation left_out;
};
// Deterministic. `cross_validate` false: only the solution.
Fit fit(std::vector<Observation> observations, const FitRules& rules, bool cross_validate = true);

// The constants of every pool, from the fits of both phases and of decode of several sequences on top of that of one.
std::map<std::string, Calibration> calibrations(const Fit& decode, const Fit& prefill, const Fit& batched);

// Effects alone, by pool, as far as this phase goes.
std::map<std::string, Calibration> effects_by_pool(const Fit& fit);

// 10 % and 90 % quantiles of what was left out, and the like, of the observations of one engine and unit at one distance: near, with the model
// and with the publication left out; further off, with the device; the engine. Those of all other
// engines count as well, together as much as a few of its own. Those of `without_device` do not.
// Devices whose bandwidth is a guess are off by that guess too: away from a device's own runs their misses count only where `of_assumed`.
std::vector<Interval> intervals(const Fit& fit, const std::string& pool, UnitKind unit, const std::string& without_device = "", bool of_assumed = false);

// The same for several sequences decoded together: on `device`, which was measured so, with the model left out; for all others (empty) with
// the device left out. Nothing where no such run is known.
std::optional<Interval> several_interval(const Fit& batched, const std::string& pool, UnitKind unit, const std::string& device, const std::string& without_device = "");

// FNV-1a over what was fitted, so that a calibration names the data it came from.
std::string digest(const std::vector<Observation>& observations);
std::string to_toml(const Calibration& calibration);

// Value below which a share q of the weight lies, linear between the points' middles. Precondition: not empty, weights > 0.
double weighted_quantile(std::vector<std::pair<double, double>> value_and_weight, double q);

}  // namespace roofline::validate
