// A configuration's keys -> the model they describe; hf_config.cpp has the sizes and extra tensors, hf_layers.cpp the layers.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "import/hf_architectures.hpp"
#include "import/hf_facts.hpp"
#include "roofline/import/hf_config.hpp"

namespace roofline::import {

class ConfigBuilder {
 public:
  ConfigBuilder(const Json& root, const Json& text, const ConfigOptions& options);
  Result<ImportedConfig> build();

 private:
  static std::string type_of(const Json& object);
  Problem unknown();
  int needed(Keys keys, int most);
  bool says(Says rule, Keys keys);
  void sizes();
  GroupedQueryAttention attention();
  std::vector<Mixer> all_mixers();
  void unlike_layers(std::vector<Mixer>& mixers);
  void block_pattern();
  int image_tokens() const;
  void recurrent_layers(std::vector<Mixer>& mixers);
  std::vector<bool> stated_layers(const std::vector<std::string>& words);
  std::vector<std::size_t> windowed();
  std::vector<FeedForward> feed_forwards();
  std::vector<int> dense_sizes(int usual);
  int dense_size(const std::optional<MixtureOfExperts>& routed);
  int lfm2_size();
  MixtureOfExperts mixture(int count);
  void extra(const char* role, std::int64_t rows, std::int64_t columns, std::int64_t count, bool vector, Access access = Access::every_token);
  void special_tensors();
  void layer_embeddings(int experts);
  int attending_layers();
  void vision_note();

  HfFacts facts_;
  const ConfigOptions& options_;
  const Json& root_;
  const HfArchitecture* architecture_ = nullptr;
  HfArchitecture a_;
  ImportedConfig out_;
  ModelSpec& m_ = out_.spec;
  std::string blocks_;  // Nemotron-H: a letter for each layer
  int layers_ = 1;
  int window_ = 0;
  bool llama3_rope_ = false;
};

}  // namespace roofline::import
