// The fits -> what docs/validation.md, its plots and the accuracy gate are made of.
#pragma once

#include "cli/observations.hpp"
#include "roofline/report/accuracy.hpp"

namespace roofline::cli {

// Fits every other form of hardware_db/fit to the same runs.
report::ValidationFacts validation_facts(Context& context, const Fits& fits);
// `path` and what stands there; throws for a file that can not be read.
std::string file_text(const std::string& option, const std::string& path);

}  // namespace roofline::cli
