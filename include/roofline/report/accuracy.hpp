// PhaseAccuracy -> docs/validation.md, its plots, and the table of figures that may not get worse.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "roofline/core/accuracy.hpp"

namespace roofline::report {

struct ValidationFacts {
  PhaseAccuracy decode, prefill;
  std::vector<FormAccuracy> decode_forms, prefill_forms;  // from the simplest
  std::vector<SeveralAccuracy> several;  // all runs first
  DepthAccuracy depth;
};
std::string validation_document(const ValidationFacts& facts);

// File names under docs/validation and their SVG. Legible on light and dark paper.
std::vector<std::pair<std::string, std::string>> validation_plots(const ValidationFacts& facts);

// One line for each group and scheme: phase, scheme, group, runs, median and p90 error and coverage in percent; tab-separated.
std::string accuracy_table(const ValidationFacts& facts);
// What of `now` is worse than `before` (two tables as above): one sentence each, empty if nothing is. A figure may grow by 2 % of
// itself and 0.2 points; coverage may fall by 2 points.
std::vector<std::string> worse_accuracy(const std::string& before, const std::string& now);

}  // namespace roofline::report
