// The table of units and engines: ceiling, expectation, time to first token, evidence; refused rows with their reason.
#pragma once

#include <string>

#include "roofline/report/render.hpp"

namespace roofline::report {

std::string speed_table(const Answer& answer, const TextStyle& style);
// Combinations that answer nothing and offer nothing instead, with the reason; empty if there is none.
std::string refusals_text(const Answer& answer, const TextStyle& style);

}  // namespace roofline::report
