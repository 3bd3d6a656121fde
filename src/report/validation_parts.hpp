// What the writers of a validation share.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "roofline/report/validation.hpp"

namespace roofline::report {

int judged_runs(const Validation& validation);
// Why runs are unresolved, with how many; most frequent first.
std::vector<std::pair<std::string, int>> unresolved_reasons(const Validation& validation);
std::string percent_or_dash(const std::optional<double>& ratio);
std::string number_or_dash(const std::optional<double>& value, int significant = 3);
// "above the ceiling: impossible" of "above_ceiling".
std::string verdict_text(const std::string& verdict);

}  // namespace roofline::report
