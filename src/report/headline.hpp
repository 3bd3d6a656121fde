// Lines and names that every text answer shares.
#pragma once

#include <string>
#include <vector>

#include "roofline/report/render.hpp"

namespace roofline::report {

std::string headline(const Answer& answer, const TextStyle& style);
// Nothing if there are no notes; repeated ones are printed once.
std::string notes_text(const std::vector<std::string>& notes, const TextStyle& style);

std::string unit_label(const Estimate& estimate);  // "CPU 4x Cortex-A76"
std::string engine_label(const Estimate& estimate);
std::string quantization_label(const Estimate& estimate);  // "-" if it could not be resolved
std::string kind_label(const Estimate& estimate);          // "CPU"

}  // namespace roofline::report
