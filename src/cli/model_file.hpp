// A model given as a file or folder people already have: what was understood of it, and why not where it was not.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/commands.hpp"
#include "roofline/import/gguf_model.hpp"

namespace roofline::cli {

struct ModelFile {
  std::string path;
  std::string kind;  // GGUF, safetensors, configuration, configuration and safetensors
  std::optional<ModelSpec> spec;
  std::string why_no_spec;
  std::optional<Quantization> stored;  // the types its tensors really have, under the id people know them by
  std::string why_not_stored;
  std::string quantization;            // id it says it has; empty: none, or none that is known
  std::string quantization_text;       // the same in its own words
  std::optional<import::FileTotals> totals;
  std::uint64_t tensors = 0;
  std::uint64_t header_bytes = 0;
  std::uint64_t file_bytes = 0;
  std::vector<std::pair<std::string, std::string>> details;  // version, byte order, parts ...
  std::vector<std::string> notes;
};

// What the user states where a file does not say it.
struct StatedFacts {
  std::string architecture;
  std::vector<std::pair<std::string, std::string>> keys;
};

// Whether `name` is to be read as such a file: by its ending, or a folder that holds one.
bool is_model_file(const std::string& name);
// `option` begins every message: "--model", "import". Throws UsageError where not even a header can be read.
ModelFile read_model_file(Context& context, const std::string& option, const std::string& path, const StatedFacts& stated = {});

}  // namespace roofline::cli
