// Predictions over a fixed grid of questions, so that a change of any of them is seen and meant.
#pragma once

#include <string>

#include "cli/commands.hpp"

namespace roofline::cli {

// One line for each device, model, quantization, engine and unit that answers.
std::string predictions(Context& context);
// Lines of one text that are not in the other, "- " before and "+ " after; the first of many.
std::string changed_lines(const std::string& before, const std::string& after);

}  // namespace roofline::cli
