// A change in words: what to type, and what it costs.
#pragma once

#include <string>

#include "roofline/core/advice.hpp"

namespace roofline::report {

std::string option_text(const Change& change);
// `asked`: the estimate as it was asked for, which does not fit.
std::string cost_text(const Change& change, const Estimate& asked);
// Expected, else the ceiling: "5.30", "at most 7.70".
std::string speed_text(const Change& change);

}  // namespace roofline::report
