// Runs of the database -> observations: each run asked as a question about its own device, mode, engine, model and workload.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/commands.hpp"
#include "roofline/core/survey.hpp"
#include "roofline/validate/calibration.hpp"

namespace roofline::cli {

// Prompt lengths of prefill and depth of decode differ in most runs, so each phase gets a workload of its own.
Workload workload_of(const MeasuredRun& run, Phase phase, const ModelSpec& model, const WeightFormat& kv);

// The fits of the database's runs. Prefill comes first: an end-to-end rate is of use to decode once its prefill is taken off.
struct Fits {
  validate::Fit decode, prefill;
};
Fits fits(Context& context, bool cross_validate = true);

}  // namespace roofline::cli
