#include "import/gguf_layers.hpp"

#include <algorithm>
#include <set>

#include "import/ids.hpp"
#include "import/recurrent_shapes.hpp"
#include "roofline/core/recurrent_blocks.hpp"

namespace roofline::import {
namespace {

// Roles that only layers with a state have. [llama.cpp src/llama-arch.cpp, LLM_TENSOR_NAMES]
bool of_state(const std::string& role) {
  for (const char* start : {"ssm_", "shortconv.", "time_mix_", "channel_mix_"}) {
    if (role.rfind(start, 0) == 0) return true;
  }
  return false;
}

// Small tensors of such layers that stay in F32 although they have two dimensions: convolutions, decays, mixing factors.
bool is_small(const GgufTensor& tensor, const std::string& role) {
  for (const char* start : {"ssm_conv1d", "ssm_a", "ssm_d", "ssm_norm", "shortconv.conv", "time_mix_lerp", "channel_mix_lerp", "time_mix_r_k", "time_mix_k_k", "time_mix_k_a"}) {
    if (role.rfind(start, 0) == 0 && role.rfind("ssm_dt", 0) != 0 && role.rfind("ssm_alpha", 0) != 0) return true;
  }
  return element_count(tensor) == (tensor.shape.empty() ? 1 : tensor.shape[0]);
}

}  // namespace

std::int64_t GgufLayers::side(int layer, const std::string& role, std::size_t dimension) const {
  const GgufTensor* tensor = facts_.tensor(layer, role);
  if (tensor == nullptr || dimension >= tensor->shape.size()) return 0;
  return static_cast<std::int64_t>(std::min<std::uint64_t>(tensor->shape[dimension], std::uint64_t{1} << 40U));
}

std::vector<Layer> GgufLayers::build() {
  sizes();
  experts_ = facts_.number_or("expert_count", 0, most_heads, 0);
  leading_ = facts_.number_or("leading_dense_block_count", 0, most_layers, 0);
  const bool all_routed = experts_ > 0 && facts_.has("expert_feed_forward_length") && leading_ == 0;
  const bool stored = !header_.tensors.empty();
  // Where a layer's own tensors show its width the key may be missing.
  const bool shown = stored && (has(0, "ffn_down") || is_recurrent(0));
  dense_sizes_ = facts_.per_layer("feed_forward_length", layers_, 0, widest, all_routed || shown ? std::optional(all_routed ? 1 : 0) : std::nullopt);
  std::vector<Layer> layers;
  for (int i = 0; i < layers_; ++i) {
    Layer layer{mixer(i), feed_forward(i)};
    layers.push_back(std::move(layer));
  }
  return layers;
}

bool GgufLayers::is_recurrent(int layer) const {
  for (const char* role : {"ssm_in", "ssm_out", "shortconv.in_proj", "time_mix_key", "ssm_conv1d"}) {
    if (has(layer, role)) return true;
  }
  return false;
}

void GgufLayers::sizes() {
  const bool stateful = is_recurrent(0);
  const std::optional<int> none = stateful ? std::optional(0) : std::nullopt;
  s_.heads = facts_.per_layer("attention.head_count", layers_, 0, most_heads, none);
  // "If not present, or equal to attention.head_count, the model does not use GQA." (GGUF specification, "Attention")
  s_.kv_heads = facts_.has("attention.head_count_kv") ? facts_.per_layer("attention.head_count_kv", layers_, 0, most_heads, std::nullopt) : s_.heads;
  const int own = architecture_.own_kv > 0 ? std::min(architecture_.own_kv, layers_) : layers_;
  s_.shared_kv = facts_.number_or("attention.shared_kv_layers", 0, layers_ - 1, layers_ - own);
  windows();
}

void GgufLayers::windows() {
  s_.window = facts_.number_or("attention.sliding_window", 0, longest, architecture_.window);
  // The size of chunks is the engine's; the key only switches them off.
  if (architecture_.chunked && s_.window > 0) s_.window = architecture_.window;
  if (architecture_.windowed_layers > 0 && layers_ != architecture_.windowed_layers) s_.window = 0;
  s_.sliding.assign(static_cast<std::size_t>(layers_), false);
  int period = architecture_.period;
  if (period == 0 && s_.window > 0) notes_.push_back("the file names a window of " + std::to_string(s_.window) + ", which llama.cpp does not use here");
  if (period == 0 || s_.window == 0) return;
  if (auto stated = facts_.flags("attention.sliding_window_pattern", layers_); !stated.empty()) {
    s_.sliding = std::move(stated);
    return;
  }
  period = facts_.number_or("attention.sliding_window_pattern", 1, most_layers, period);
  for (int i = 0; i < layers_; ++i) s_.sliding[static_cast<std::size_t>(i)] = i % period < period - 1;
}

Mixer GgufLayers::mixer(int layer) {
  if (is_recurrent(layer)) return recurrent(layer);
  if (has(layer, "cross_attn_q_proj")) return cross(layer);
  if (architecture_.layout == GgufLayout::latent) return latent(layer);
  const bool stored = !header_.tensors.empty();
  // A layer of a file that has tensors and none for attention is a feed-forward alone.
  if (stored && !has(layer, "attn_q") && !has(layer, "attn_qkv")) {
    const bool other = has(layer, "ffn_up") || has(layer, "ffn_up_exps");
    if (other && s_.kv_heads[static_cast<std::size_t>(layer)] == 0) return std::monostate{};
  }
  return grouped(layer);
}

int GgufLayers::key_or_width(int layer, const char* key, const char* swa_key, std::int64_t stored, int heads) {
  // "key_length: ... by default n_embd / n_head", value_length alike. (GGUF specification, "Attention")
  const bool slides = s_.sliding[static_cast<std::size_t>(layer)];
  const int usual = facts_.number_or(key, 1, widest, std::max(1, hidden_ / heads));
  const int stated = slides ? facts_.number_or(swa_key, 1, widest, usual) : usual;
  // What is stored decides where it is a whole number of heads of another size than the keys say.
  if (stored > 0 && stored % heads == 0 && stored / heads <= widest && stored != 2LL * stated * heads) return static_cast<int>(stored / heads);
  return stated;
}

GroupedQueryAttention GgufLayers::grouped(int layer) {
  const auto at = static_cast<std::size_t>(layer);
  GroupedQueryAttention a;
  a.heads = s_.heads[at];
  a.kv_heads = s_.kv_heads[at];
  if (a.heads < 1 || a.kv_heads < 1) {
    facts_.miss("attention.head_count of layer " + std::to_string(layer));
    a.heads = a.kv_heads = 1;
  }
  if (a.heads % a.kv_heads != 0) {
    facts_.wrong("attention.head_count of layer " + std::to_string(layer) + ", no multiple of its KV heads");
    a.kv_heads = a.heads;
  }
  a.head_dim_k = key_or_width(layer, "attention.key_length", "attention.key_length_swa", side(layer, "attn_q", 1), a.heads);
  a.head_dim_v = key_or_width(layer, "attention.value_length", "attention.value_length_swa", side(layer, "attn_output", 0), a.heads);
  if (s_.sliding[at]) {
    a.window_kind = architecture_.chunked ? WindowKind::chunked : WindowKind::sliding;
    a.window = s_.window;
  }
  a.shares_kv = layer >= layers_ - s_.shared_kv;
  a.idle_kv_weights = a.shares_kv && has(layer, "attn_k");
  a.fused_qkv = has(layer, "attn_qkv");
  // Gemma 4's wide layers have no value matrix: the keys, before norm and rotation, are the values. [llama.cpp, LLM_ARCH_GEMMA4]
  a.value_from_key = !a.fused_qkv && has(layer, "attn_k") && !has(layer, "attn_v");
  for (const char* role : {"attn_q", "attn_k", "attn_v", "attn_qkv", "attn_output"}) facts_.take(layer, role);
  norms_and_biases(layer, a);
  return a;
}

void GgufLayers::norms_and_biases(int layer, GroupedQueryAttention& a) {
  const auto bias = [&](const char* role) { return has(layer, std::string(role) + ".bias"); };
  if (a.fused_qkv) a.qkv_bias = bias("attn_qkv");
  else a.qkv_bias = bias("attn_q") && (a.shares_kv || (bias("attn_k") && (bias("attn_v") || a.value_from_key)));
  a.output_bias = bias("attn_output");
  if (a.qkv_bias) {
    for (const char* role : {"attn_q.bias", "attn_k.bias", "attn_v.bias", "attn_qkv.bias"}) facts_.take(layer, role);
  }
  if (a.output_bias) facts_.take(layer, "attn_output.bias");
  const std::int64_t q = side(layer, "attn_q_norm", 0);
  const std::int64_t k = side(layer, "attn_k_norm", 0);
  if (q == 0 || (k == 0 && !(a.shares_kv && !a.idle_kv_weights))) return;
  const bool flat = side(layer, "attn_q_norm", 1) <= 1 && side(layer, "attn_k_norm", 1) <= 1;
  if (flat && q == a.head_dim_k && (k == 0 || k == q)) a.qk_norm = QkNorm::per_head;
  else if (flat && q == std::int64_t{a.heads} * a.head_dim_k && k == std::int64_t{a.kv_heads} * a.head_dim_k) a.qk_norm = QkNorm::full_width;
  else return;
  facts_.take(layer, "attn_q_norm");
  facts_.take(layer, "attn_k_norm");
}

// Files written before the *_mla keys hold the expanded sizes in key_length and value_length; later ones hold there what the
// cache stores and the expanded ones in *_mla. [llama.cpp src/llama-hparams.cpp, n_embd_head_k_mla]
LatentAttention GgufLayers::latent(int layer) {
  LatentAttention a;
  a.heads = std::max(1, s_.heads[static_cast<std::size_t>(layer)]);
  a.q_lora_rank = facts_.number_or("attention.q_lora_rank", 0, widest, 0);
  a.kv_lora_rank = facts_.needed("attention.kv_lora_rank", widest);
  a.rope_dim = facts_.needed("rope.dimension_count", widest);
  const bool later = facts_.has("attention.key_length_mla");
  const int key = facts_.needed(later ? "attention.key_length_mla" : "attention.key_length", widest);
  a.value_dim = facts_.needed(later ? "attention.value_length_mla" : "attention.value_length", widest);
  // The output matrix shows the true width. (MiniCPM3 states the key's for the value.)
  if (const std::int64_t width = side(layer, "attn_output", 0); width > 0 && width % a.heads == 0 && width / a.heads <= widest) a.value_dim = static_cast<int>(width / a.heads);
  a.nope_dim = key - a.rope_dim;
  if (a.nope_dim < 1) {
    if (facts_.sound()) facts_.miss("a key length above rope.dimension_count");
    a.nope_dim = 1;
  }
  for (const char* role : {"attn_q", "attn_q_a", "attn_q_a_norm", "attn_q_b", "attn_kv_a_mqa", "attn_kv_a_norm", "attn_k_b", "attn_v_b", "attn_output"}) facts_.take(layer, role);
  // Some files hold the latent projection twice, whole and in its two halves; the halves are what is used.
  if (!has(layer, "attn_k_b")) facts_.take(layer, "attn_kv_b");
  return a;
}

// Ollama's files of Llama 3.2 Vision; images come from a file of their own, 4 tiles of 40 x 40 patches and one class token each.
CrossAttention GgufLayers::cross(int layer) {
  constexpr int tokens = 4 * (40 * 40 + 1);
  const auto at = static_cast<std::size_t>(layer);
  CrossAttention a;
  a.heads = std::max(1, s_.heads[at]);
  a.kv_heads = std::max(1, s_.kv_heads[at]);
  if (a.heads % a.kv_heads != 0) a.kv_heads = a.heads;
  const std::int64_t width = side(layer, "cross_attn_q_proj", 1);
  a.head_dim = width > 0 && width / a.heads <= widest ? static_cast<int>(std::max<std::int64_t>(1, width / a.heads)) : std::max(1, hidden_ / a.heads);
  a.source_tokens = tokens;
  for (const char* role : {"cross_attn_q_proj", "cross_attn_k_proj", "cross_attn_v_proj", "cross_attn_o_proj"}) facts_.take(layer, role);
  return a;
}

// State and work from the keys; matrices and vectors as the file has them.
RecurrentMixer GgufLayers::block(int layer) {
  const int kernel = facts_.number_or("ssm.conv_kernel", 1, 1024, 4);
  const int state = facts_.number_or("ssm.state_size", 1, 65536, 1);
  if (has(layer, "shortconv.in_proj")) return short_conv_mixer(hidden_, facts_.needed("shortconv.l_cache", 1024));
  if (has(layer, "time_mix_key")) {
    const int head = facts_.needed("wkv.head_size", 65536);
    return rwkv7_mixer(hidden_, {.heads = std::max(1, hidden_ / head), .head_dim = head}, false);
  }
  const int inner = facts_.needed("ssm.inner_size", widest);
  if (!facts_.has("ssm.state_size")) facts_.miss("ssm.state_size");
  const int groups = facts_.number_or("ssm.group_count", 0, most_heads, 0);
  const int steps = facts_.number_or("ssm.time_step_rank", 1, widest, 1);
  // Gated delta rule: keys of state_size in group_count heads, values in time_step_rank heads. [llama.cpp, LLM_ARCH_QWEN3NEXT]
  if (has(layer, "attn_qkv") || has(layer, "ssm_ba") || has(layer, "ssm_beta")) {
    return gated_delta_shape({hidden_, std::max(1, groups), steps, state, std::max(1, inner / steps), kernel});
  }
  if (groups > 0) return mamba2_mixer(hidden_, {.heads = steps, .head_dim = std::max(1, inner / steps), .state = state, .groups = groups, .kernel = kernel});
  return mamba1_mixer(hidden_, {.inner = inner, .state = state, .rank = steps, .kernel = kernel});
}

RecurrentMixer GgufLayers::recurrent(int layer) {
  if (architecture_.layout == GgufLayout::beside || (has(layer, "attn_q") && has(layer, "ssm_in"))) {
    facts_.miss("a way to count layers that hold attention and state space side by side");
    return {};
  }
  RecurrentMixer m = block(layer);
  m.matrices.clear();
  m.vector_elements = 0;
  for (const GgufTensor* tensor : facts_.tensors_of(layer)) {
    const std::string role = place_of(tensor->name).role;
    const bool delta = role == "attn_qkv" || role == "attn_gate";
    if (!of_state(role) && !delta) continue;
    const std::uint64_t elements = element_count(*tensor);
    if (elements == 0 || elements > std::uint64_t{1} << 50U) continue;
    if (is_small(*tensor, role)) {
      m.vector_elements += static_cast<std::int64_t>(elements);
    } else {
      const auto columns = static_cast<std::int64_t>(tensor->shape[0]);
      m.matrices.push_back({role, static_cast<std::int64_t>(elements) / columns, columns});
    }
    facts_.take(layer, role);
  }
  return m;
}

FeedForward GgufLayers::feed_forward(int layer) {
  const bool stored = !header_.tensors.empty();
  const int stated = dense_sizes_[static_cast<std::size_t>(layer)];
  // RWKV's channel mix is part of its mixer.
  if (has(layer, "channel_mix_key")) return std::monostate{};
  const bool routed = stored ? has(layer, "ffn_gate_inp") : experts_ > 0 && layer >= leading_;
  if (routed && experts_ > 0) return mixture(layer);
  if (stored && !has(layer, "ffn_up") && !has(layer, "ffn_down")) return std::monostate{};
  const std::int64_t width = side(layer, "ffn_down", 0);
  const int size = width > 0 && width <= widest ? static_cast<int>(width) : stated;
  if (size == 0) return std::monostate{};
  return dense(layer, size);
}

FeedForward GgufLayers::dense(int layer, int size) {
  // phi3 stores gate and up in one tensor, ffn_up, of twice the rows.
  const bool fused = side(layer, "ffn_up", 1) == 2 * std::int64_t{size};
  const bool gate = has(layer, "ffn_gate");
  DenseFeedForward f{size, header_.tensors.empty() || fused || gate, false};
  f.bias = has(layer, "ffn_up.bias") && has(layer, "ffn_down.bias") && (!gate || has(layer, "ffn_gate.bias"));
  for (const char* role : {"ffn_gate", "ffn_up", "ffn_down"}) {
    facts_.take(layer, role);
    if (f.bias) facts_.take(layer, std::string(role) + ".bias");
  }
  return f;
}

MixtureOfExperts GgufLayers::mixture(int layer) {
  MixtureOfExperts moe;
  moe.count = experts_;
  moe.top_k = facts_.needed("expert_used_count", experts_);
  // Mixtral files have no key of their own for an expert's width: it is the feed-forward's.
  const std::int64_t width = side(layer, "ffn_down_exps", 0);
  moe.size = width > 0 && width <= widest ? static_cast<int>(width)
                                          : facts_.number_or("expert_feed_forward_length", 1, widest, std::max(1, dense_sizes_[static_cast<std::size_t>(layer)]));
  const int shared = facts_.number_or("expert_shared_count", 0, 1000, 0);
  const std::int64_t stated = facts_.number_or("expert_shared_feed_forward_length", 0, widest, 0);
  std::int64_t total = stated > 0 ? stated : std::int64_t{shared} * moe.size;
  if (!header_.tensors.empty()) {
    // Gemma 4's always-on expert is stored as a plain feed-forward beside the others.
    total = has(layer, "ffn_up_shexp") ? side(layer, "ffn_up_shexp", 1) : side(layer, "ffn_down", 0);
  }
  moe.shared_size = static_cast<int>(std::clamp<std::int64_t>(total, 0, widest));
  moe.gated = header_.tensors.empty() || has(layer, "ffn_gate_exps") || has(layer, "ffn_gate_up_exps") || has(layer, "ffn_gate.0");
  moe.router_bias = has(layer, "ffn_gate_inp.bias") || has(layer, "exp_probs_b.bias") || has(layer, "exp_probs_b");
  take_experts(layer);
  return moe;
}

void GgufLayers::take_experts(int layer) {
  for (const char* role : {"ffn_gate_inp", "ffn_gate_exps", "ffn_up_exps", "ffn_down_exps", "ffn_gate_up_exps", "ffn_gate_shexp", "ffn_up_shexp", "ffn_down_shexp"}) facts_.take(layer, role);
  if (!has(layer, "ffn_up_shexp")) {
    for (const char* role : {"ffn_gate", "ffn_up", "ffn_down"}) facts_.take(layer, role);
  }
  // One vector of them is described.
  for (const char* role : {"ffn_gate_inp.bias", "exp_probs_b.bias", "exp_probs_b"}) {
    if (!has(layer, role)) continue;
    facts_.take(layer, role);
    break;
  }
  // Early Mixtral files store every expert on its own: ffn_up.0, ffn_up.1 ...
  for (const std::string matrix : {"ffn_gate.", "ffn_up.", "ffn_down."}) {
    for (int e = 0; e < experts_ && has(layer, matrix + std::to_string(e)); ++e) facts_.take(layer, matrix + std::to_string(e));
  }
}

}  // namespace roofline::import
