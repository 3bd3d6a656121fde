// Runs of the database -> observations: each run asked as a question about its own device, mode, engine, model and workload.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/commands.hpp"
#include "roofline/core/survey.hpp"
#include "roofline/validate/calibration.hpp"

namespace roofline::cli {

// Tokens in the cache before the prompt was taken: a depth beyond the prompt is llama-bench's, which fills the cache first.
int cached_before(const MeasuredRun& run);
// Prompt lengths of prefill and depth of decode differ in most runs, so each phase gets a workload of its own.
Workload workload_of(const MeasuredRun& run, Phase phase, const ModelSpec& model, const WeightFormat& kv);

// The fits of the database's runs. Prefill comes first: an end-to-end rate is of use to decode once its prefill is taken off.
struct Fits {
  validate::Fit decode, prefill;
  validate::Fit batched;  // decode of several sequences, on top of `decode`
};
Fits fits(Context& context, bool cross_validate = true);

}  // namespace roofline::cli
