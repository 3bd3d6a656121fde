#include "roofline/import/hf_config.hpp"

#include <algorithm>
#include <cstdint>
#include <exception>

#include "import/gguf_cursor.hpp"
#include "import/hf_architectures.hpp"
#include "import/hf_facts.hpp"
#include "import/hf_mixers.hpp"
#include "import/hf_quantization.hpp"
#include "import/ids.hpp"

namespace roofline::import {
namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string list;
  for (const std::string& word : words) list += (list.empty() ? "" : ", ") + word;
  return list;
}

// Models that see, hear or speak keep their language model's keys in a part of their own.
Json& text_part(Json& root) {
  for (const char* key : {"text_config", "llm_config", "language_config", "thinker_config"}) {
    const auto part = root.find(key);
    if (part == root.end() || !part->is_object()) continue;
    const auto inner = part->find("text_config");
    return inner != part->end() && inner->is_object() ? *inner : *part;
  }
  return root;
}

class Builder {
 public:
  Builder(const Json& root, const Json& text, const ConfigOptions& options) : facts_(root, text), options_(options), root_(root) {
    out_.model_type = type_of(text);
    if (out_.model_type.empty()) out_.model_type = type_of(root);
    const std::string wanted = options.architecture.empty() ? out_.model_type : options.architecture;
    architecture_ = find_architecture(wanted);
  }

  Result<ImportedConfig> build() {
    if (architecture_ == nullptr) return unknown();
    a_ = *architecture_;
    sizes();
    const std::vector<Mixer> mixers = all_mixers();
    const std::vector<FeedForward> forwards = feed_forwards();
    if (facts_.sound()) special_tensors();
    if (!facts_.sound()) {
      return Problem{std::string(a_.type), "the file does not describe the model; " + facts_.complaint() + " (`estimate import FILE --set KEY=VALUE` states what is not there)"};
    }
    for (std::size_t i = 0; i < mixers.size(); ++i) m_.layers.push_back({mixers[i], forwards[i]});
    vision_note();
    out_.quantization = quantization_of_config(root_);
    out_.dtype = facts_.text_or("torch_dtype", facts_.text_or("dtype", ""));
    return std::move(out_);
  }

 private:
  static std::string type_of(const Json& object) {
    const auto type = object.find("model_type");
    return type != object.end() && type->is_string() ? printable(type->get_ref<const std::string&>()) : std::string();
  }

  Problem unknown() {
    const std::string known = "; `estimate import FILE --architecture TYPE` reads it as one of these: " + joined(architecture_types());
    if (!options_.architecture.empty()) return Problem{"--architecture", "'" + printable(options_.architecture) + "' is not known" + known};
    // What every one of them needs, so that the user sees what to state.
    facts_.needed({"num_hidden_layers", "n_layer", "num_layers", "n_layers"}, most_layers);
    facts_.needed({"hidden_size", "n_embd", "d_model"}, widest);
    facts_.needed({"vocab_size", "padded_vocab_size"}, most_words);
    facts_.needed({"num_attention_heads", "n_head"}, most_heads);
    facts_.needed({"intermediate_size", "ffn_hidden_size", "n_inner"}, widest);
    facts_.needed({"max_position_embeddings", "seq_length", "n_positions", "max_sequence_length"}, longest);
    const std::string what = out_.model_type.empty() ? "model_type is missing" : "architecture '" + out_.model_type + "' is not known";
    const std::string rest = facts_.sound() ? "the usual keys are all there, but not how its layers are made up" : facts_.complaint();
    return Problem{out_.model_type.empty() ? "model_type" : out_.model_type, what + "; " + rest + known};
  }

  int needed(Keys keys, int most) {
    if (facts_.has(keys)) return facts_.needed(keys, most);
    if (const int value = class_default(a_.type, *keys.begin()); value > 0) {
      out_.notes.push_back(std::string(*keys.begin()) + " is not in the file: " + std::to_string(value) + " is the class's own");
      return value;
    }
    return facts_.needed(keys, most);
  }

  bool says(Says rule, Keys keys) {
    if (rule == Says::by_key) return facts_.flag_or(keys, false);
    return rule == Says::always;
  }

  void sizes() {
    m_.name = facts_.text_or("_name_or_path", "");
    m_.name = m_.name.substr(m_.name.rfind('/') == std::string::npos ? 0 : m_.name.rfind('/') + 1);
    if (m_.name.empty()) m_.name = printable(options_.name);
    if (m_.name.empty()) m_.name = out_.model_type.empty() ? std::string(a_.type) : out_.model_type;
    m_.id = id_of(m_.name);
    m_.family = a_.family;
    const Json* classes = facts_.find("architectures");
    const auto named = root_.find("architectures");
    if (named != root_.end() && named->is_array()) classes = &*named;
    if (classes != nullptr && classes->is_array() && !classes->empty() && classes->front().is_string()) {
      m_.architecture = printable(classes->front().get_ref<const std::string&>());
    }
    layers_ = needed({"num_hidden_layers", "n_layer", "num_layers", "n_layers"}, most_layers);
    if (a_.layout == Layout::blocks) block_pattern();
    if (a_.layout == Layout::blocks && facts_.has({"num_experts_per_tok"}) && facts_.has({"n_routed_experts"})) m_.family = "nemotron_h_moe";
    m_.hidden = needed({"hidden_size", "n_embd", "d_model"}, widest);
    m_.vocabulary = needed({"vocab_size", "padded_vocab_size"}, most_words);
    m_.embedding_rows = m_.vocabulary;
    m_.context = needed({"max_position_embeddings", "seq_length", "n_positions", "max_sequence_length", "max_seq_len"}, longest);
    m_.tied_embeddings = facts_.flag_or({"tie_word_embeddings", "tie_embedding"}, a_.tied);
    m_.norms_per_layer = a_.norms;
    m_.norm_bias = a_.norm_bias;
    if (a_.type == "falcon" && facts_.flag_or({"new_decoder_architecture"}, false)) m_.norms_per_layer = 2;
    if (a_.type == "stablelm" && facts_.flag_or({"use_parallel_residual"}, false)) m_.norms_per_layer = 1;
    if (a_.type == "cohere" && facts_.flag_or({"use_qk_norm"}, false)) facts_.wrong("use_qk_norm (norms of every head on its own are not modelled)");
    m_.rope_freqs = 0;
    if (const Json* scaling = facts_.find("rope_scaling"); scaling != nullptr && scaling->is_object()) {
      const auto type = scaling->find("rope_type");
      // llama.cpp's converter writes the factors of this scheme as a tensor of half a head. [llama.cpp convert_hf_to_gguf.py, rope_freqs]
      llama3_rope_ = type != scaling->end() && type->is_string() && *type == "llama3";
    }
  }

  GroupedQueryAttention attention() {
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
    g.qk_norm = a_.qk_norm;
    if (a_.type == "glm4_moe" && facts_.flag_or({"use_qk_norm"}, false)) g.qk_norm = QkNorm::per_head;
    if (a_.type == "stablelm" && facts_.flag_or({"qk_layernorm"}, false)) facts_.wrong("qk_layernorm (norms of every head on its own are not modelled)");
    if (g.heads % g.kv_heads != 0) facts_.wrong("num_attention_heads is no multiple of num_key_value_heads");
    if (llama3_rope_) m_.rope_freqs = g.head_dim_k / 2;
    return g;
  }

  std::vector<Mixer> all_mixers() {
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
  void unlike_layers(std::vector<Mixer>& mixers) {
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
  void block_pattern() {
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
  int image_tokens() const {
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

  void recurrent_layers(std::vector<Mixer>& mixers) {
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
  std::vector<bool> stated_layers(const std::vector<std::string>& words) {
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

  std::vector<std::size_t> windowed() {
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

  std::vector<FeedForward> feed_forwards() {
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
  std::vector<int> dense_sizes(int usual) {
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

  int dense_size(const std::optional<MixtureOfExperts>& routed) {
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
  int lfm2_size() {
    std::int64_t size = needed({"block_ff_dim"}, widest);
    if (!facts_.flag_or({"block_auto_adjust_ff_dim"}, true)) return static_cast<int>(size);
    size = static_cast<std::int64_t>(facts_.real_or("block_ffn_dim_multiplier", 1.0) * static_cast<double>(2 * size / 3));
    const std::int64_t multiple = facts_.number_or({"block_multiple_of"}, 1, widest, 256);
    return static_cast<int>(std::clamp<std::int64_t>((size + multiple - 1) / multiple * multiple, 1, widest));
  }

  MixtureOfExperts mixture(int count) {
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

  void extra(const char* role, std::int64_t rows, std::int64_t columns, std::int64_t count, bool vector, Access access = Access::every_token) {
    if (count <= 0 || columns <= 0) return;
    ExtraTensor tensor;
    tensor.role = role;
    tensor.rows = rows;
    tensor.columns = columns;
    tensor.count = count;
    tensor.vector = vector;
    tensor.access = access;
    m_.extra.push_back(std::move(tensor));
  }

  // What an architecture has besides the layers' usual tensors.
  void special_tensors() {
    const int experts = facts_.number_or({"num_experts", "num_local_experts", "n_routed_experts"}, 0, most_heads, 0);
    if (a_.layout == Layout::delta_hybrid) {
      // Attention layers gate their output: as many rows as the queries once more.
      const GroupedQueryAttention g = attention();
      extra("attn_q", static_cast<std::int64_t>(g.heads) * g.head_dim_k, m_.hidden, attending_layers(), false);
    }
    if (experts > 0 && (a_.layout == Layout::delta_hybrid || a_.type == "qwen2_moe")) extra("ffn_gate_inp", 1, m_.hidden, layers_, true);
    if (a_.type == "gpt_oss") {
      // Biases of gate, up (expert width each) and down (hidden); those of the chosen experts are read. One sink per head.
      const GroupedQueryAttention g = attention();
      const MixtureOfExperts moe = mixture(experts > 0 ? experts : 1);
      const std::int64_t each = 2LL * moe.size + m_.hidden;
      extra("ffn_up_exps", 1, each * moe.top_k, layers_, true);
      extra("ffn_up_exps", 1, each * (moe.count - moe.top_k), layers_, true, Access::never);
      extra("attn_output", 1, g.heads, layers_, true);
    }
    if (a_.layout == Layout::per_layer) layer_embeddings(experts);
    if (a_.layout == Layout::rwkv7) extra("token_embd", 1, 2LL * m_.hidden, 1, true);  // a norm with its bias before the first layer
    if (a_.type == "phi") extra("output", 1, m_.vocabulary, 1, true);
    if (a_.layout == Layout::cross) {
      const GroupedQueryAttention g = attention();
      // Norms of query and key heads, and two gates.
      extra("cross_attn_q", 1, 2LL * g.head_dim_k + 2, static_cast<std::int64_t>(facts_.numbers({"cross_attention_layers"}, 0, layers_ - 1).size()), true, Access::image_only);
    }
  }

  // Gemma 3n and 4. Vectors of 3n's layers: router and its norm, corrections and predictions between n streams, post norms.
  // (modeling_gemma3n.py, Gemma3nTextAltUp, Gemma3nTextLaurelBlock; modeling_gemma4.py)
  void layer_embeddings(int experts) {
    const std::int64_t hidden = m_.hidden;
    const std::int64_t width = facts_.number_or({"hidden_size_per_layer_input"}, 0, widest, 0);
    const std::int64_t rows = facts_.number_or({"vocab_size_per_layer_input"}, 1, most_words, static_cast<int>(m_.vocabulary));
    const bool third = a_.type == "gemma3n_text";
    if (width > 0) {
      extra("per_layer_token_embd", rows, width * layers_, 1, false, Access::one_row);
      extra("per_layer_model_proj", width * layers_, hidden, 1, false);
      extra("inp_gate", width, hidden, layers_, false);
      extra("proj", hidden, width, layers_, false);
      extra("per_layer_model_proj", 1, width, 1, true);
      if (!third) extra("proj", 1, hidden, layers_, true);
    }
    if (third) {
      const std::int64_t streams = facts_.needed({"altup_num_inputs"}, 64);
      const std::int64_t rank = facts_.needed({"laurel_rank"}, widest);
      extra("altup", hidden, hidden, 2 * (streams - 1), false);
      extra("laurel", rank, hidden, layers_, false);
      extra("laurel", hidden, rank, layers_, false);
      extra("altup", 1, hidden * (streams + 4) + streams * streams + streams * streams * streams, layers_, true);
      return;
    }
    extra("proj", 1, 1, layers_, true);
    if (experts == 0) return;
    m_.norms_per_layer = 7;
    extra("ffn_gate_inp", 1, hidden, layers_, true);
    extra("ffn_down_exps", 1, experts, layers_, true);
  }

  int attending_layers() {
    int count = 0;
    const std::vector<bool> attends = stated_layers({"attention", "full_attention"});
    const int every = facts_.number_or({"full_attention_interval"}, 1, most_layers, a_.period);
    for (int i = 0; i < layers_; ++i) {
      if (attends.empty() ? (i + 1) % every == 0 : bool(attends[static_cast<std::size_t>(i)])) ++count;
    }
    return count;
  }

  void vision_note() {
    for (const char* key : {"vision_config", "audio_config", "visual", "vit_config"}) {
      if (root_.find(key) == root_.end()) continue;
      out_.notes.push_back(std::string(key) + ": the encoder it describes is not in the sizes; a text token does not read it");
    }
  }

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

}  // namespace

Result<ImportedConfig> model_of_config(const std::string& text, const ConfigOptions& options) {
  try {
    JsonLimits limits;
    limits.bytes = std::uint64_t{4} << 20U;
    limits.values = 200'000;
    Result<Json> json = parse_json(text, limits);
    if (!json) return *json.problem;
    Json& root = *json.value;
    if (!root.is_object()) return Problem{"line 1, column 1", "no object: a config.json begins with '{'"};
    Json& part = text_part(root);
    for (const auto& [key, value] : options.stated) {
      Result<Json> stated = parse_json(value, limits);
      if (!stated) stated = Result<Json>(Json(value));  // a word
      if (const auto at = part.find(key); at != part.end() && !at->is_null()) return Problem{"--set " + printable(key), "the file says it already: " + printable(at->dump())};
      part[key] = *stated.value;
    }
    return Builder(root, part, options).build();
  } catch (const std::exception& error) {
    return Problem{"line 1, column 1", printable(error.what())};
  }
}

std::vector<std::string> config_architectures() { return architecture_types(); }

}  // namespace roofline::import
