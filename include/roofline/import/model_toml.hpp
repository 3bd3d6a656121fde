// Model specification -> a file of the database (hardware_db/schema.md, "models"), as `estimate import` writes it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "roofline/core/model_spec.hpp"
#include "roofline/import/result.hpp"

namespace roofline::import {

struct TomlOptions {
  std::string read_from;  // stands as `at` of every table: "header of model.gguf"
  std::vector<std::string> notes;
  std::optional<double> counted_parameters;  // by the file's own list of tensors
};
// Loading the text gives the same specification back; the problem is what the schema has no words for.
Result<std::string> model_toml(const ModelSpec& model, const TomlOptions& options);

}  // namespace roofline::import
