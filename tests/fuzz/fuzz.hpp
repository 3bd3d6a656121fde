// One entry for each kind of file people hand in: libFuzzer calls it with invented bytes, the replay with the kept ones.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>

#include "roofline/core/tensors.hpp"
#include "roofline/db/load.hpp"
#include "roofline/import/model_toml.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace roofline::fuzz {

inline void demand(bool holds, const std::string& what) {
  if (holds) return;
  std::cerr << what << "\n";
  std::abort();
}

// Exactly one of value and problem, and a problem that says something printable.
template <class T>
bool sound(const import::Result<T>& result) {
  demand(result.value.has_value() != result.problem.has_value(), "neither a value nor a problem");
  if (!result.problem) return true;
  demand(!result.problem->message.empty(), "a problem without a message");
  return false;
}

// What is understood can be counted, and what is written loads again.
inline void use(const ModelSpec& model) {
  demand(parameter_count(model) >= 0, "fewer than no parameters");
  const auto toml = import::model_toml(model, {.read_from = "fuzz", .notes = {}, .counted_parameters = std::nullopt});
  if (!sound(toml)) return;
  const auto loaded = db::load_model(*toml.value, "fuzz.toml");
  for (const db::Diagnostic& diagnostic : loaded.diagnostics) std::cerr << db::to_string(diagnostic) << "\n" << *toml.value;
  demand(loaded.diagnostics.empty(), "the written model does not load");
}

}  // namespace roofline::fuzz
