// Parts of the main answer's text that other answers print too.
#pragma once

#include <string>
#include <vector>

#include "roofline/report/render.hpp"

namespace roofline::report {

// Nothing where no free space was stated.
std::string disk_text(const Answer& answer, const TextStyle& style);
std::string gates_text(const std::vector<Gate>& gates, const TextStyle& style);
// Notes of the question, and the assumptions of its estimates, each once.
std::vector<std::string> all_notes(const Answer& answer);

}  // namespace roofline::report
