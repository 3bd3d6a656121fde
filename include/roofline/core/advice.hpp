// An estimate that does not fit -> the changes that make it fit, the least harmful first. [model.md#what-to-change]
#pragma once

#include <vector>

#include "roofline/core/survey.hpp"

namespace roofline {

// In order of harm: nothing lost, then length, then precision of the cache, then sequences, then precision of the weights,
// then speed, then the model itself.
enum class ChangeKind { other_engine, shorter_context, smaller_kv, shorter_context_and_smaller_kv, fewer_sequences, smaller_quantization, offload,
                        smaller_model };
std::string_view to_string(ChangeKind kind);

struct Change {
  ChangeKind kind = ChangeKind::other_engine;
  Estimate estimate;  // with the change made
};

struct AdviceQuestion {
  Question question;
  const Survey* answered = nullptr;                 // what the question itself gave
  std::optional<WeightFormat> smaller_kv;           // to try for keys and values; empty: none
  std::vector<Estimate> quantizations;              // others that fit, least lossy first
  std::vector<const ModelSpec*> siblings;           // smaller ones of the family, largest first
};
// Empty where the leading estimate fits as asked, or where nothing helps.
std::vector<Change> changes_that_fit(const AdviceQuestion& question);

// Fits, with little to spare perhaps, and without host memory.
bool fits_as_asked(const Estimate& estimate);

// A type the engine keeps its cache in, whose blocks divide the heads of this model, and which the attention allows.
bool takes_kv_type(const Engine& engine, const ModelSpec& model, const Workload& workload, const WeightFormat& type);

}  // namespace roofline
