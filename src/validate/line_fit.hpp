// Votes and the line through them: what a derivation does with the rows of one scope.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "roofline/validate/calibration.hpp"

namespace roofline::validate {

// One vote per (device, model, quantization): the median of its runs' times at the median of their ceilings.
struct Vote {
  std::string device;
  double ceiling = 0;   // seconds at the physical ceiling
  double measured = 0;  // seconds
  double chunks = 1;
  std::vector<std::string> run_ids;
};

// measured = ceiling / efficiency + overhead
struct Line {
  double inverse_efficiency = 1;
  double overhead = 0;
  [[nodiscard]] double at(const Vote& vote) const { return inverse_efficiency * vote.ceiling + overhead * vote.chunks; }
};

using RowList = std::vector<const CalibrationRow*>;

double median(std::vector<double> values);  // 0 if there are none
double quantile(std::vector<double> values, double q);

double ceiling_time(const CalibrationRow& row, Phase phase);  // seconds; prefill only where its ceiling is known
// The stated time where it can be fitted: not below the ceiling (then the run or the device's file is wrong), and in
// prefill only where arithmetic is most of the ceiling: a short prompt measures the bandwidth, not the utilisation.
std::optional<double> measured_time(const CalibrationRow& row, Phase phase);

std::vector<Vote> votes_of(const RowList& rows, Phase phase);

// Efficiency alone: for units that launch nothing.
Line fit_streaming(const std::vector<Vote>& votes);
// Efficiency and overhead. Two parameters need ceilings that span a factor two; overheads are not negative and nothing is
// faster than its ceiling.
Line fit_constrained(const std::vector<Vote>& votes, double overhead_of_wider_scope);
// log(predicted time / measured time) of each vote with it (or, `by_device`, all votes of its device) left out of the fit.
std::vector<double> left_out_residuals(const std::vector<Vote>& votes, double wider_overhead, bool by_device, bool has_overhead);

}  // namespace roofline::validate
