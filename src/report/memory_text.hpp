// The memory paragraph: what is needed, what there is, the verdict, and what would help.
#pragma once

#include <string>

#include "report/layout.hpp"
#include "roofline/report/render.hpp"

namespace roofline::report {

std::string memory_text(const Answer& answer, const TextStyle& style);
std::string verdict_text(const Estimate& estimate);  // "DOES NOT FIT: 12.1 GiB short, 1.78x of what is usable"
Emphasis emphasis_of(Verdict verdict);

}  // namespace roofline::report
