// The layers of a GGUF file, each from the tensors it holds and, where they leave it open, from the file's keys.
#pragma once

#include <string>
#include <vector>

#include "import/gguf_architectures.hpp"
#include "import/gguf_facts.hpp"
#include "roofline/core/model_spec.hpp"

namespace roofline::import {

class GgufLayers {
 public:
  // `layers`: those a token passes through. Tensors that the layers account for are taken from `facts`.
  GgufLayers(const GgufHeader& header, Facts& facts, const GgufArchitecture& architecture, int layers, int hidden)
      : header_(header), facts_(facts), architecture_(architecture), layers_(layers), hidden_(hidden) {}

  std::vector<Layer> build();
  [[nodiscard]] const std::vector<std::string>& notes() const { return notes_; }

 private:
  struct Sizes {
    std::vector<int> heads, kv_heads;
    std::vector<bool> sliding;
    int window = 0;
    int shared_kv = 0;
  };

  [[nodiscard]] bool has(int layer, const std::string& role) const { return facts_.tensor(layer, role) != nullptr; }
  [[nodiscard]] std::int64_t side(int layer, const std::string& role, std::size_t dimension) const;
  [[nodiscard]] bool is_recurrent(int layer) const;
  void sizes();
  void windows();
  Mixer mixer(int layer);
  GroupedQueryAttention grouped(int layer);
  int key_or_width(int layer, const char* key, const char* swa_key, std::int64_t stored, int heads);
  void norms_and_biases(int layer, GroupedQueryAttention& a);
  LatentAttention latent(int layer);
  CrossAttention cross(int layer);
  RecurrentMixer recurrent(int layer);
  RecurrentMixer block(int layer);
  FeedForward feed_forward(int layer);
  FeedForward dense(int layer, int size);
  MixtureOfExperts mixture(int layer);
  void take_experts(int layer);

  const GgufHeader& header_;
  Facts& facts_;
  GgufArchitecture architecture_;
  int layers_;
  int hidden_;
  Sizes s_;
  std::vector<int> dense_sizes_;
  int experts_ = 0;
  int leading_ = 0;
  std::vector<std::string> notes_;
};

}  // namespace roofline::import
