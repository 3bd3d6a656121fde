// Model specifications: layers as values. A layer is a mixer (attention of some kind, recurrent, none) and a feed-forward.
// Sizes are plain integers; everything with a unit is derived in tensors.hpp, operators.hpp and footprint.hpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "roofline/core/figure.hpp"

namespace roofline {

enum class QkNorm { none, per_head, full_width };
enum class WindowKind { none, sliding, chunked };

// MHA (kv_heads == heads), GQA and MQA (kv_heads == 1), with an optional window.
struct GroupedQueryAttention {
  int heads = 0;
  int kv_heads = 0;
  int head_dim_k = 0;
  int head_dim_v = 0;
  WindowKind window_kind = WindowKind::none;
  int window = 0;
  bool shares_kv = false;       // reuses an earlier layer's KV: caches none, computes none
  bool idle_kv_weights = false;  // with shares_kv: the file holds key and value projections all the same, unused
  bool value_from_key = false;   // values are the projected keys before norm and rotation: no matrix of their own, but cached
  bool fused_qkv = false;        // query, key and value rows in one tensor, attn_qkv
  bool qkv_bias = false;
  bool output_bias = false;
  QkNorm qk_norm = QkNorm::none;

  friend bool operator==(const GroupedQueryAttention&, const GroupedQueryAttention&) = default;
};
// MLA: one compressed latent plus the rotary part is cached per token.
struct LatentAttention {
  int heads = 0;
  int q_lora_rank = 0;  // 0: full-rank query projection
  int kv_lora_rank = 0;
  int rope_dim = 0;
  int nope_dim = 0;
  int value_dim = 0;

  friend bool operator==(const LatentAttention&, const LatentAttention&) = default;
};
// Keys and values of image tokens only; skipped entirely for text.
struct CrossAttention {
  int heads = 0;
  int kv_heads = 0;
  int head_dim = 0;
  int source_tokens = 0;

  friend bool operator==(const CrossAttention&, const CrossAttention&) = default;
};
struct NamedMatrix {
  std::string role;
  std::int64_t rows = 0;
  std::int64_t columns = 0;

  friend bool operator==(const NamedMatrix&, const NamedMatrix&) = default;
};
// Recurrent or linear-attention layer: its matrices by name, an f32 state per sequence that does not grow with context.
struct RecurrentMixer {
  std::vector<NamedMatrix> matrices;
  std::int64_t vector_elements = 0;
  std::int64_t state_elements = 0;
  std::int64_t conv_elements = 0;
  double ops_per_token = 0.0;

  friend bool operator==(const RecurrentMixer&, const RecurrentMixer&) = default;
};
// std::monostate: a layer that is a feed-forward alone (Nemotron-H).
using Mixer = std::variant<std::monostate, GroupedQueryAttention, LatentAttention, CrossAttention, RecurrentMixer>;

struct DenseFeedForward {
  int size = 0;
  bool gated = true;
  bool bias = false;
};
struct MixtureOfExperts {
  int count = 0;
  int top_k = 0;
  int size = 0;         // width of one expert
  int shared_size = 0;  // total width of the always-on experts
  bool gated = true;
  bool router_bias = false;
};
// std::monostate: a layer that is a mixer alone.
using FeedForward = std::variant<std::monostate, DenseFeedForward, MixtureOfExperts>;

struct Layer {
  Mixer mixer;
  FeedForward feed_forward;
};

enum class Access { every_token, one_row, image_only, never };
struct ExtraTensor {
  std::string role;
  std::int64_t rows = 0;
  std::int64_t columns = 0;
  std::int64_t count = 1;
  Access access = Access::every_token;
  std::string container;  // only in files of this container; empty: all
  bool parameter = true;
  bool vector = false;
};

struct ModelSpec {
  std::string id;
  std::string name;
  std::string family;
  std::string architecture;
  std::vector<std::string> aliases;
  std::vector<std::string> notes;
  int hidden = 0;
  std::int64_t vocabulary = 0;
  std::int64_t embedding_rows = 0;   // rows of the input table (>= vocabulary)
  std::int64_t gguf_vocabulary = 0;  // rows in GGUF files
  int context = 0;
  bool tied_embeddings = false;
  int norms_per_layer = 2;
  bool norm_bias = false;
  int rope_freqs = 0;
  std::vector<Layer> layers;
  std::vector<ExtraTensor> extra;
  std::optional<Figure<double>> stated_parameters;
  std::optional<Figure<double>> stated_active_parameters;
  std::string parameters_note;
  std::vector<Citation> cites;  // one per table of the file, with `note` where a dimension is assumed
};

// Facts several parts ask for.
struct AttentionShape {
  int heads = 0;
  int kv_heads = 0;
  int head_dim = 0;
};
AttentionShape attention_shape(const ModelSpec& model);  // of the first attention layer; zeros if there is none
int kv_layers(const ModelSpec& model);                   // layers whose KV grows with the context
int expert_count(const ModelSpec& model);                // 0 for dense models

}  // namespace roofline
