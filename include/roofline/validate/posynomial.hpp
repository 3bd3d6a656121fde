// Observations + levels -> effects: log time = log of the sum over items of physical x exp(sum of effects), by maximum a posteriori.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "roofline/validate/observation.hpp"

namespace roofline::validate {

// The unknowns the observations have, and which of them scale which item of which observation.
struct Design {
  struct Unknown {
    Effect effect;     // keys filled in; its value is fitted. `pool` below is not among its keys.
    std::string pool;  // empty: shared by all pools
    double mean = 0.0, sd = 1.0;
    double degrees_of_freedom = 0.0;  // of a Student t; 0: Gaussian
  };
  struct Part {
    int unknown = 0;
    double times = 1.0;
  };
  struct Term {
    double log_physical = 0.0;
    std::vector<Part> parts;
  };
  std::vector<Unknown> unknowns;
  std::vector<std::vector<Term>> terms;  // by observation
  std::vector<double> log_measured;
  std::vector<double> weight;  // one vote per (device, engine, model, quantization), shared by its runs
  std::vector<double> noise;   // standard deviation of log time
  double degrees_of_freedom = 4.0;
};
Design design(const std::vector<Observation>& observations, const FitRules& rules);

struct Solution {
  std::vector<double> values;       // by unknown
  std::vector<double> uncertainty;  // posterior standard deviation, from the curvature; empty unless asked for
  int steps = 0;
  bool converged = false;
};
// Gauss-Newton with Levenberg damping on the rows `used`; the others are as if they did not exist. `start` may be empty: the means.
// The curvature is sparse, as a run has a part in a few unknowns only: its pattern is found once for all solutions.
class Solver {
 public:
  explicit Solver(const Design& design);  // must outlive the solver
  ~Solver();
  Solver(const Solver&) = delete;
  Solver& operator=(const Solver&) = delete;
  Solution solve(const std::vector<int>& used, const std::vector<double>& start = {}, bool with_uncertainty = false);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};
double predicted_log_time(const Design& design, const std::vector<double>& values, int observation);

}  // namespace roofline::validate
