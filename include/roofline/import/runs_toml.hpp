// Measured runs -> a runs file of the database, as hardware_db/schema.md describes it.
#pragma once

#include <string>
#include <vector>

#include "roofline/core/measured_run.hpp"

namespace roofline::import {

// What a run does not state is left out. Texts come from files of any origin: control characters become '?'.
std::string runs_toml(const std::string& id, const std::string& head, const std::vector<MeasuredRun>& runs);

// Lower case, digits, '-', '.' and '_', as ids are; empty if nothing is left.
std::string run_id_of(const std::string& text);

}  // namespace roofline::import
