// What people write in result files, as data: phrases that name an entry, say nothing, or tell what kind of figure it is.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "roofline/core/measured_run.hpp"

namespace roofline {

enum class SpellingOf { device, mode, engine, unit, model, quantization, run };

// One rule. Phrases are compared word by word, without case and punctuation.
struct Spelling {
  SpellingOf of = SpellingOf::run;
  std::vector<std::string> phrases;
  std::vector<std::string> engines;  // applies only where the run's engine is one of these; empty: any
  std::vector<std::string> models;   // and its model one of these
  std::vector<std::string> versions; // and the engine's version begins like one of these
  std::string backend;               // of unit: the backend it is, by the words of the schema
  bool ignored = false;              // says nothing about which entry is meant
  std::string means;                 // the entry: an id or alias; of mode also `fastest`; of unit a kind
  std::string refused;               // no entry is meant: why
  std::optional<RunKind> kind;       // of run: what the figures are
  bool phases_apart = false;         // of run: decode was timed on its own, from an empty cache unless a depth is stated
  bool clocks_low = false;           // of run: the clocks are known to have been down, or the machine to have throttled
  bool prompt_summed = false;        // of run: prompt tokens are those of all sequences together
  bool prompt_cached = false;        // of run: the time of the prompt is that of a cache
  std::string note;                  // said beside the run
};

}  // namespace roofline
