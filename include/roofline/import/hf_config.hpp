// Hugging Face config.json -> model specification, and what its weights are quantized to.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "roofline/core/model_spec.hpp"
#include "roofline/import/result.hpp"

namespace roofline::import {

struct ConfigOptions {
  std::string architecture;  // read the file as this known architecture; empty: as what it says it is
  std::vector<std::pair<std::string, std::string>> stated;  // keys the file lacks, with their JSON values
  std::string name;  // where the file names none; empty: its model_type
};

struct ConfigQuantization {
  std::string text;  // for people: "awq, 4 bits, groups of 128"; empty: the weights are not quantized
  std::string id;    // of the database, where the scheme is one it may describe
};

struct ImportedConfig {
  ModelSpec spec;
  std::string model_type;
  std::string dtype;  // "bfloat16"; empty where the file does not say
  ConfigQuantization quantization;
  std::vector<std::string> notes;  // what was concluded or left out
};
// `text` is the file; the problem names every key that is missing or makes no sense.
Result<ImportedConfig> model_of_config(const std::string& text, const ConfigOptions& options = {});
// model_type of every architecture that is known.
std::vector<std::string> config_architectures();

}  // namespace roofline::import
