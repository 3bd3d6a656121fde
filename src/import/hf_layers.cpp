// The layers a configuration describes.
#include <algorithm>
#include <cstdint>

#include "import/hf_builder.hpp"
#include "import/hf_mixers.hpp"
#include "import/ids.hpp"

namespace roofline::import {

GroupedQueryAttention ConfigBuilder::attention() {
  GroupedQueryAttention g;
  g.heads = needed({"num_attention_heads", "n_head", "n_heads"}, most_heads);
  const int kv_default = class_default(a_.type, "num_key_value_heads");
  g.kv_heads = facts_.number_or({"num_key_value_heads", "num_kv_heads", "multi_query_group_num", "num_key_value_groups"}, 1, most_heads, kv_default > 0 ? kv_default : g.heads);
  if (a_.type == "falcon" && !facts_.flag_or({"new_decoder_architecture"}, false)) {
    g.kv_heads = facts_.flag_or({"multi_query"}, true) ? 1 : g.heads;
  }
  if (a_.type == "chatglm" && !facts_.flag_or({"multi_query_attention"}, false)) g.kv_heads = g.heads;
  const int usual = a_.head_dim > 0 ? a_.head_dim : std::max(1, m_.hidden / g.heads);
  g.head_dim_k = facts_.number_or({"head_dim", "attention_head_dim", "kv_channels"}, 1, widest, usual);
  g.head_dim_v = g.head_dim_k;
  g.qkv_bias = says(a_.qkv_bias, {"attention_bias", "use_bias", "bias", "qkv_bias"});
  g.output_bias = says(a_.output_bias, {"attention_out_bias", "attention_bias", "use_bias", "bias"});
  if (a_.type == "chatglm") g.qkv_bias = facts_.flag_or({"add_qkv_bias"}, false) || facts_.flag_or({"add_bias_linear"}, false);
  if (a_.type == "falcon") g.qkv_bias = g.output_bias = facts_.flag_or({"bias"}, false);
  if (a_.type == "stablelm") g.qkv_bias = facts_.flag_or({"use_qkv_bias"}, false);
  if (a_.type == "molmo") g.qkv_bias = facts_.flag_or({"qkv_bias"}, false);
  // GGUF files of these hold query, key and value rows in one tensor. [llama.cpp conversion/phi.py, chatglm.py, falcon.py]
  g.fused_qkv = a_.type == "phi3" || a_.type == "chatglm" || a_.type == "falcon";
  g.qk_norm = a_.qk_norm;
  if (a_.type == "glm4_moe" && facts_.flag_or({"use_qk_norm"}, false)) g.qk_norm = QkNorm::per_head;
  if (a_.type == "stablelm" && facts_.flag_or({"qk_layernorm"}, false)) facts_.wrong("qk_layernorm (norms of every head on its own are not modelled)");
  if (g.heads % g.kv_heads != 0) facts_.wrong("num_attention_heads is no multiple of num_key_value_heads");
  if (llama3_rope_) m_.rope_freqs = g.head_dim_k / 2;
  return g;
}

std::vector<Mixer> ConfigBuilder::all_mixers() {
  const auto count = static_cast<std::size_t>(layers_);
  if (a_.layout == Layout::mamba1) return std::vector<Mixer>(count, Mixer(mamba1(facts_, m_.hidden)));
  if (a_.layout == Layout::mamba2) return std::vector<Mixer>(count, Mixer(mamba2(facts_, m_.hidden, "")));
  if (a_.layout == Layout::rwkv7) {
    std::vector<Mixer> mixers(count, Mixer(rwkv7(facts_, m_.hidden, false)));
    mixers.front() = rwkv7(facts_, m_.hidden, true);
    return mixers;
  }
  if (a_.layout == Layout::latent) return std::vector<Mixer>(count, Mixer(latent_attention(facts_)));
  const GroupedQueryAttention usual = attention();
  std::vector<Mixer> mixers(count, Mixer(usual));
  for (std::size_t i : windowed()) {
    auto& each = std::get<GroupedQueryAttention>(mixers[i]);
    each.window = window_;
    each.window_kind = a_.windows == Windows::chunked ? WindowKind::chunked : WindowKind::sliding;
  }
  if (a_.layout == Layout::cross) {
    const CrossAttention cross{usual.heads, usual.kv_heads, usual.head_dim_k, image_tokens()};
    for (const int layer : facts_.numbers({"cross_attention_layers"}, 0, layers_ - 1)) mixers[static_cast<std::size_t>(layer)] = cross;
    // "text vocabulary and 8 more rows": modeling_mllama.py, MllamaTextModel.embed_tokens
    m_.embedding_rows = m_.vocabulary + 8;
  }
  if (a_.layout == Layout::delta_hybrid || a_.layout == Layout::mamba2_hybrid || a_.layout == Layout::short_conv) recurrent_layers(mixers);
  if (a_.layout == Layout::per_layer) unlike_layers(mixers);
  if (a_.layout == Layout::blocks) {
    const RecurrentMixer state = mamba2(facts_, m_.hidden, "");
    for (std::size_t i = 0; i < count; ++i) {
      if (blocks_[i] == 'M') mixers[i] = state;
      else if (blocks_[i] != '*') mixers[i] = std::monostate{};
    }
  }
  if (a_.type == "molmo") m_.embedding_rows = m_.vocabulary + facts_.number_or({"additional_vocab_size"}, 0, widest, 128);
  return mixers;
}

// Gemma 3n and 4: the last layers use the cache of earlier ones; full layers may have heads of their own. (modeling_gemma4.py)
void ConfigBuilder::unlike_layers(std::vector<Mixer>& mixers) {
  const int shared = facts_.number_or({"num_kv_shared_layers"}, 0, layers_ - 1, 0);
  const bool values_are_keys = facts_.flag_or({"attention_k_eq_v"}, false);
  for (int i = 0; i < layers_; ++i) {
    auto& g = std::get<GroupedQueryAttention>(mixers[static_cast<std::size_t>(i)]);
    g.shares_kv = g.idle_kv_weights = i >= layers_ - shared;
    if (g.window_kind != WindowKind::none) continue;
    g.head_dim_k = g.head_dim_v = facts_.number_or({"global_head_dim"}, 1, widest, g.head_dim_k);
    if (a_.type != "gemma4_text") continue;
    g.kv_heads = facts_.number_or({"num_global_key_value_heads"}, 1, most_heads, g.kv_heads);
    g.value_from_key = values_are_keys;
    m_.rope_freqs = g.head_dim_k / 2;
    if (g.heads % g.kv_heads != 0) facts_.wrong("num_attention_heads is no multiple of num_global_key_value_heads");
  }
}

// One letter for each layer: M state space, * attention, - feed-forward, E experts. (configuration_nemotron_h.py)
void ConfigBuilder::block_pattern() {
  blocks_ = facts_.text_or("hybrid_override_pattern", "");
  if (const Json* pattern = facts_.find("hybrid_override_pattern"); pattern != nullptr && pattern->is_string() && pattern->get_ref<const std::string&>().size() <= most_layers) {
    blocks_ = pattern->get<std::string>();
  }
  const std::vector<std::string> words = blocks_.empty() ? facts_.texts("layers_block_type") : std::vector<std::string>();
  for (const std::string& word : words) blocks_ += word == "mamba" || word == "linear_attention" ? 'M' : word == "attention" || word == "full_attention" ? '*' : word == "moe" ? 'E' : '-';
  if (blocks_.empty()) facts_.miss("hybrid_override_pattern");
  else if (blocks_.size() != static_cast<std::size_t>(layers_)) facts_.wrong("hybrid_override_pattern has " + std::to_string(blocks_.size()) + " letters for " + std::to_string(layers_) + " layers");
  else if (blocks_.find_first_not_of("M*-E") != std::string::npos) facts_.wrong("hybrid_override_pattern has letters other than M, *, - and E");
  if (blocks_.size() != static_cast<std::size_t>(layers_)) blocks_.assign(static_cast<std::size_t>(layers_), '*');
}

// (vision_config) tiles x (patches + 1); modeling_mllama.py
int ConfigBuilder::image_tokens() const {
  const auto vision = root_.find("vision_config");
  const auto number = [&](const char* key, std::int64_t otherwise) -> std::int64_t {
    if (vision == root_.end() || !vision->is_object()) return otherwise;
    const auto found = vision->find(key);
    if (found == vision->end() || !found->is_number_unsigned()) return otherwise;
    return static_cast<std::int64_t>(std::clamp<std::uint64_t>(found->get<std::uint64_t>(), 1, 100'000));
  };
  const std::int64_t side = number("image_size", 560) / number("patch_size", 14);
  return static_cast<int>(std::clamp<std::int64_t>(number("max_num_tiles", 4) * (side * side + 1), 1, longest));
}

void ConfigBuilder::recurrent_layers(std::vector<Mixer>& mixers) {
  const RecurrentMixer recurrent = a_.layout == Layout::delta_hybrid    ? delta_rule(facts_, m_.hidden)
                                   : a_.layout == Layout::mamba2_hybrid ? mamba2(facts_, m_.hidden, "mamba_")
                                                                        : short_convolution(facts_, m_.hidden);
  std::vector<bool> attends = stated_layers({"attention", "full_attention"});
  const std::vector<int> full = facts_.numbers({"full_attn_idxs", "attn_layer_indices"}, 0, layers_ - 1);
  if (attends.empty() && !full.empty()) {
    attends.assign(mixers.size(), false);
    for (const int layer : full) attends[static_cast<std::size_t>(layer)] = true;
  }
  const int every = facts_.number_or({"full_attention_interval", "attn_layer_period"}, 1, most_layers, a_.period);
  for (std::size_t i = 0; attends.empty() && every > 0 && i < mixers.size(); ++i) {
    if ((i + 1) % static_cast<std::size_t>(every) != 0) mixers[i] = recurrent;
  }
  if (attends.empty() && every == 0) facts_.miss("layer_types");
  for (std::size_t i = 0; i < attends.size(); ++i) {
    if (!attends[i]) mixers[i] = recurrent;
  }
}

// Which entries of layer_types (or layers_block_type) are among `words`; empty where the file lists none.
std::vector<bool> ConfigBuilder::stated_layers(const std::vector<std::string>& words) {
  std::vector<std::string> types = facts_.texts("layer_types");
  if (types.empty()) types = facts_.texts("layers_block_type");
  if (types.empty()) return {};
  if (types.size() != static_cast<std::size_t>(layers_)) {
    facts_.wrong("layer_types has " + std::to_string(types.size()) + " entries for " + std::to_string(layers_) + " layers");
    return {};
  }
  std::vector<bool> flags;
  for (const std::string& type : types) flags.push_back(std::find(words.begin(), words.end(), type) != words.end());
  return flags;
}

std::vector<std::size_t> ConfigBuilder::windowed() {
  const Keys keys = {"sliding_window", "sliding_window_size", "attention_chunk_size"};
  window_ = facts_.number_or(a_.windows == Windows::chunked ? Keys{"attention_chunk_size"} : keys, 0, longest,
                             class_default(a_.type, a_.windows == Windows::chunked ? "attention_chunk_size" : "sliding_window"));
  if (window_ == 0) return {};
  const bool on = a_.windows != Windows::none && facts_.flag_or({"use_sliding_window"}, a_.windows != Windows::switched);
  if (!on) {
    if (a_.windows == Windows::none) out_.notes.push_back("the file names a window of " + std::to_string(window_) + ", which llama.cpp does not use for this architecture; every layer is counted as seeing all");
    return {};
  }
  std::vector<std::size_t> layers;
  std::vector<bool> sliding = stated_layers({"sliding_attention", "chunked_attention"});
  if (const std::vector<int> rope = facts_.numbers({"no_rope_layers"}, 0, 1); sliding.empty() && a_.windows == Windows::chunked && rope.size() == static_cast<std::size_t>(layers_)) {
    for (const int each : rope) sliding.push_back(each == 1);  // 1: with rotary positions, which are the chunked layers
  }
  if (sliding.empty() && a_.windows == Windows::switched) {
    const int from = facts_.number_or({"max_window_layers"}, 0, most_layers, layers_);
    for (int i = 0; i < layers_; ++i) sliding.push_back(i >= from);
  }
  const int period = sliding.empty() ? facts_.number_or({"sliding_window_pattern", "_sliding_window_pattern"}, 1, most_layers, a_.period) : 1;
  for (int i = 0; i < layers_; ++i) {
    const bool slides = sliding.empty() ? (i + 1) % period != 0 : sliding[static_cast<std::size_t>(i)];
    if (slides) layers.push_back(static_cast<std::size_t>(i));
  }
  return layers;
}

std::vector<FeedForward> ConfigBuilder::feed_forwards() {
  const auto state_alone = {Layout::mamba1, Layout::mamba2, Layout::rwkv7};
  if (std::find(state_alone.begin(), state_alone.end(), a_.layout) != state_alone.end()) return std::vector<FeedForward>(static_cast<std::size_t>(layers_));
  const int experts = facts_.number_or({"num_experts", "num_local_experts", "n_routed_experts", "moe_num_experts"}, 0, most_heads, 0);
  const bool gated = a_.gated;
  const bool bias = says(a_.mlp_bias, {"mlp_bias", "use_bias", "bias"}) || (a_.type == "falcon" && facts_.flag_or({"bias"}, false));
  std::optional<MixtureOfExperts> routed;
  if (experts > 0) routed = mixture(experts);
  const int dense = dense_size(routed);
  const std::vector<int> widths = dense_sizes(dense);
  const int leading = facts_.number_or({"first_k_dense_replace"}, 0, most_layers, 0);
  const int every = facts_.number_or({"decoder_sparse_step", "interleave_moe_layer_step", "moe_layer_freq"}, 1, most_layers, 1);
  const std::vector<int> dense_only = facts_.numbers({"mlp_only_layers"}, 0, most_layers);
  const std::vector<int> moe_only = facts_.numbers({"moe_layers"}, 0, most_layers);
  std::vector<FeedForward> forwards;
  for (int i = 0; i < layers_; ++i) {
    bool sparse = routed && i >= leading && (i + 1) % every == 0 && std::find(dense_only.begin(), dense_only.end(), i) == dense_only.end();
    if (!moe_only.empty()) sparse = routed && std::find(moe_only.begin(), moe_only.end(), i) != moe_only.end();
    const auto at = static_cast<std::size_t>(i);
    if (a_.layout == Layout::blocks) {
      sparse = routed && blocks_[at] == 'E';
      if (!sparse && blocks_[at] != '-' && blocks_[at] != 'E') {
        forwards.emplace_back(std::monostate{});
        continue;
      }
    }
    if (sparse) forwards.emplace_back(*routed);
    else forwards.emplace_back(DenseFeedForward{widths[at], gated, bias});
  }
  return forwards;
}

// Gemma 3n lists one width for each layer; Gemma 4 doubles those of layers that share a cache.
std::vector<int> ConfigBuilder::dense_sizes(int usual) {
  std::vector<int> widths(static_cast<std::size_t>(layers_), usual);
  if (const Json* listed = facts_.find("intermediate_size"); a_.layout == Layout::per_layer && listed != nullptr && listed->is_array()) {
    widths = facts_.numbers({"intermediate_size"}, 1, widest);
    if (widths.size() != static_cast<std::size_t>(layers_)) {
      facts_.wrong("intermediate_size has " + std::to_string(widths.size()) + " entries for " + std::to_string(layers_) + " layers");
      widths.assign(static_cast<std::size_t>(layers_), usual);
    }
  }
  if (!facts_.flag_or({"use_double_wide_mlp"}, false)) return widths;
  const int shared = facts_.number_or({"num_kv_shared_layers"}, 0, layers_, 0);
  for (int i = layers_ - shared; i < layers_; ++i) widths[static_cast<std::size_t>(i)] = static_cast<int>(std::min<std::int64_t>(2LL * usual, widest));
  return widths;
}

int ConfigBuilder::dense_size(const std::optional<MixtureOfExperts>& routed) {
  if (const Json* listed = facts_.find("intermediate_size"); a_.layout == Layout::per_layer && listed != nullptr && listed->is_array()) return 1;
  if (a_.type == "llama4_text") return needed({"intermediate_size_mlp"}, widest);
  if (a_.type == "granitemoehybrid" && !routed) return needed({"shared_intermediate_size"}, widest);
  if (a_.type == "molmo") return needed({"intermediate_size"}, widest) / 2;  // gate and up side by side
  if (a_.type == "falcon") return facts_.number_or({"ffn_hidden_size"}, 1, widest, 4 * std::min(m_.hidden, widest / 4));
  if (a_.type == "lfm2" && !facts_.has({"intermediate_size"})) return lfm2_size();
  if (routed && !facts_.has({"intermediate_size"})) return routed->size;
  return needed({"intermediate_size", "ffn_hidden_size", "n_inner", "block_ff_dim"}, widest);
}

// Two thirds, rounded up to whole multiples. (modeling_lfm2.py, Lfm2MLP)
int ConfigBuilder::lfm2_size() {
  std::int64_t size = needed({"block_ff_dim"}, widest);
  if (!facts_.flag_or({"block_auto_adjust_ff_dim"}, true)) return static_cast<int>(size);
  size = static_cast<std::int64_t>(facts_.real_or("block_ffn_dim_multiplier", 1.0) * static_cast<double>(2 * size / 3));
  const std::int64_t multiple = facts_.number_or({"block_multiple_of"}, 1, widest, 256);
  return static_cast<int>(std::clamp<std::int64_t>((size + multiple - 1) / multiple * multiple, 1, widest));
}

MixtureOfExperts ConfigBuilder::mixture(int count) {
  MixtureOfExperts moe;
  moe.count = count;
  moe.gated = a_.gated;
  moe.top_k = facts_.needed({"num_experts_per_tok", "experts_per_token", "num_experts_per_token", "moe_topk", "top_k_experts"}, count);
  moe.size = facts_.needed({"moe_intermediate_size", "intermediate_size"}, widest);
  const int shared = facts_.number_or({"n_shared_experts", "num_shared_experts"}, 0, 1000, 0);
  std::int64_t width = facts_.number_or({"shared_expert_intermediate_size", "shared_intermediate_size", "moe_shared_expert_intermediate_size"}, 0, widest, 0);
  if (a_.layout == Layout::blocks) width *= std::max(shared, 1);
  if (a_.type == "gemma4_text") width = facts_.needed({"intermediate_size"}, widest);  // the plain feed-forward beside the experts
  // One shared expert of the routed ones' width. (modeling_llama4.py, Llama4TextMoe)
  const std::int64_t total = a_.type == "llama4_text" ? moe.size : width > 0 ? width : std::int64_t{shared} * moe.size;
  moe.shared_size = static_cast<int>(std::clamp<std::int64_t>(total, 0, widest));
  moe.router_bias = a_.type == "gpt_oss" || a_.layout == Layout::blocks || a_.type == "glm4_moe" || facts_.text_or("topk_method", "") == "noaux_tc";
  return moe;
}

int ConfigBuilder::attending_layers() {
  int count = 0;
  const std::vector<bool> attends = stated_layers({"attention", "full_attention"});
  const int every = facts_.number_or({"full_attention_interval"}, 1, most_layers, a_.period);
  for (int i = 0; i < layers_; ++i) {
    if (attends.empty() ? (i + 1) % every == 0 : bool(attends[static_cast<std::size_t>(i)])) ++count;
  }
  return count;
}

}  // namespace roofline::import
