#include "roofline/core/model_spec.hpp"

namespace roofline {

AttentionShape attention_shape(const ModelSpec& model) {
  for (const Layer& layer : model.layers) {
    if (const auto* grouped = std::get_if<GroupedQueryAttention>(&layer.mixer)) {
      return {grouped->heads, grouped->kv_heads, grouped->head_dim_k};
    }
    if (const auto* latent = std::get_if<LatentAttention>(&layer.mixer)) {
      // One latent serves all heads, as in MQA.
      return {latent->heads, 1, latent->kv_lora_rank + latent->rope_dim};
    }
  }
  return {};
}

int kv_layers(const ModelSpec& model) {
  int count = 0;
  for (const Layer& layer : model.layers) {
    if (const auto* grouped = std::get_if<GroupedQueryAttention>(&layer.mixer)) {
      if (!grouped->shares_kv) ++count;
    } else if (std::holds_alternative<LatentAttention>(layer.mixer)) {
      ++count;
    }
  }
  return count;
}

int expert_count(const ModelSpec& model) {
  for (const Layer& layer : model.layers) {
    if (const auto* experts = std::get_if<MixtureOfExperts>(&layer.feed_forward)) return experts->count;
  }
  return 0;
}

}  // namespace roofline
