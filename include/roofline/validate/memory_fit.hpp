// Measured memory of an engine's runs -> the terms its buffers and runtime are predicted by. [model.md#fitted-memory]
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "roofline/core/footprint.hpp"
#include "roofline/core/measured_run.hpp"

namespace roofline::validate {

// A run with what is known of its memory without any fit.
struct MemoryRow {
  MeasuredRun run;
  std::string scope;    // of the rule that covers it; empty: none does
  bool of_rule = false; // of a version the rule is fitted to
  Bytes measured;
  Bytes resident;       // weights in memory while it ran
  Bytes kv_cache;       // of the tokens it states; nothing where the rule fits them
  Bytes kv_per_token;   // of one sequence
  double vocabulary = 0;
  double sequences = 1;
};

// Empty for a run without memory, of images or with a second model beside it (speculative).
std::optional<MemoryRow> memory_row(const MeasuredRun& run, std::string_view chip, const Engine& engine, const ModelSpec& model,
                                    const Quantization& quantization, const WeightFormat& kv);

struct MemoryError {
  const MemoryRow* row = nullptr;
  double error = 0;  // predicted / measured - 1
};

// Rows of one scope by non-negative relative least squares, one vote per (chip, model, quantization, sequences); versions of a
// configuration are its repeats. Precondition: rows of the rule's scope and versions, not empty.
FittedMemory fit_memory(const MemoryFitRule& rule, const std::vector<const MemoryRow*>& rows);
// What the fit says a row reported: the input table is not part of it.
Bytes reported_memory(const FittedMemory& fitted, const MemoryRow& row);
// Each row predicted from a fit without its model.
std::vector<MemoryError> leave_models_out(const MemoryFitRule& rule, const std::vector<const MemoryRow*>& rows);
double median_error(const std::vector<MemoryError>& errors);

MemoryFit derive_memory(const Engine& engine, const std::vector<MemoryRow>& rows);
std::string to_toml(const MemoryFit& fit);

}  // namespace roofline::validate
