// Predictions against measurements -> how far off they are: the figures a set of runs is judged by.
#pragma once

#include <optional>
#include <vector>

namespace roofline {

// Rates in the same unit, all above zero.
struct Prediction {
  double measured = 0;
  double ceiling = 0;
  std::optional<double> expected, low, high;
};

// An error is |predicted / measured - 1|. Empty where there is nothing to take it of. [model.md#error-statistics]
struct ErrorStatistics {
  int runs = 0;
  std::optional<double> median, mean, p90;
  std::optional<double> bias;         // geometric mean of predicted / measured
  std::optional<double> correlation;  // of the logarithms; needs three runs that differ
};
ErrorStatistics error_statistics(const std::vector<double>& predicted, const std::vector<double>& measured);

// Linear between order statistics: quantile(v, 0.5) is the median. Precondition: not empty.
double quantile(std::vector<double> values, double share);

// The expectation beside what one gets without it.
struct PhaseStatistics {
  int runs = 0;                        // measured
  ErrorStatistics expected;            // of those that have an expectation
  std::optional<double> coverage;      // share of measurements inside their interval
  int above_ceiling = 0;
  ErrorStatistics naive;               // the ceiling taken for a prediction
  std::optional<double> best_factor;   // the one constant that makes the median error of factor x ceiling smallest
  ErrorStatistics constant_factor;     // what it leaves
};
PhaseStatistics phase_statistics(const std::vector<Prediction>& predictions);

}  // namespace roofline
