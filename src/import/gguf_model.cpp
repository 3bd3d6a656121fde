#include "roofline/import/gguf_model.hpp"

#include <algorithm>
#include <exception>
#include <iterator>
#include <tuple>

#include "import/gguf_cursor.hpp"
#include "import/gguf_facts.hpp"
#include "import/ids.hpp"
#include "roofline/core/tensors.hpp"

namespace roofline::import {
namespace {

// `period`: of so many layers the last sees everything, the others a window; 0: the engine uses no window for it even where the
// file names one. [llama.cpp src/llama-model.cpp, set_swa_pattern] `window`: where the file names none.
struct Architecture {
  const char* name;
  int period;
  int window;
};
constexpr Architecture architectures[] = {{"llama", 0, 0},  {"qwen2", 0, 0}, {"qwen3", 0, 0}, {"qwen2moe", 0, 0}, {"qwen3moe", 0, 0}, {"gemma2", 2, 4096},
                                          {"gemma3", 6, 0}, {"phi3", 0, 0},  {"olmo2", 4, 0}, {"gpt-oss", 2, 0},  {"deepseek2", 0, 0}};

std::int64_t side(const GgufTensor* tensor, std::size_t dimension) {
  return tensor != nullptr && dimension < tensor->shape.size() ? static_cast<std::int64_t>(tensor->shape[dimension]) : 0;
}

std::string text_of(const GgufHeader& header, const char* key) {
  const auto found = header.metadata.find(key);
  const auto* text = found == header.metadata.end() ? nullptr : std::get_if<std::string>(&found->second);
  return text == nullptr ? std::string() : *text;
}

class Builder {
 public:
  Builder(const GgufHeader& header, std::string name, std::string read_as, const Architecture* architecture)
      : header_(header), facts_(header, name), name_(std::move(name)), read_as_(std::move(read_as)), architecture_(architecture) {}

  Result<ImportedModel> build() {
    sizes();
    const std::vector<Mixer> mixers = name_ == "deepseek2" ? latent() : grouped();
    const std::vector<FeedForward> forwards = feed_forwards();
    if (architecture_ == nullptr) return unknown();
    if (!facts_.sound()) return Problem{name_, "the header does not describe the model; " + facts_.complaint()};
    for (std::size_t i = 0; i < mixers.size(); ++i) m_.layers.push_back({mixers[i], forwards[i]});
    extras();
    compare();
    return std::move(out_);
  }

 private:
  Problem unknown() const {
    std::string known;
    for (const Architecture& each : architectures) known += (known.empty() ? "" : ", ") + std::string(each.name);
    const std::string rest = facts_.sound() ? "the usual keys are all there, but not how its layers are made up" : facts_.complaint();
    return Problem{printable(name_), "architecture '" + printable(read_as_) + "' is not known (known: " + known + "); " + printable_list(rest)};
  }
  static std::string printable_list(std::string text) {
    std::replace_if(text.begin(), text.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
    return text;
  }

  void sizes() {
    m_.name = text_of(header_, "general.name");
    if (m_.name.empty()) m_.name = name_;
    m_.name = printable(m_.name);
    m_.id = id_of(m_.name);
    m_.family = name_;
    m_.architecture = name_;
    layers_ = facts_.needed("block_count", most_layers);
    m_.hidden = facts_.needed("embedding_length", widest);
    m_.context = facts_.needed("context_length", longest);
    const GgufTensor* table = facts_.tensor(-1, "token_embd");
    const GgufTensor* head = facts_.tensor(-1, "output");
    // The table may have more rows than the tokenizer has tokens; the table is what is stored and multiplied with.
    const std::int64_t listed = static_cast<std::int64_t>(std::min<std::uint64_t>(header_.tokenizer_tokens, longest));
    const std::int64_t rows = table != nullptr ? side(table, 1) : facts_.number_or("vocab_size", 1, longest, static_cast<int>(listed));
    if (rows <= 0 || rows > longest) facts_.miss("token_embd.weight or tokenizer.ggml.tokens (for the vocabulary)");
    m_.embedding_rows = rows;
    m_.gguf_vocabulary = rows;
    m_.vocabulary = head != nullptr && side(head, 1) > 0 ? side(head, 1) : rows;
    // A file without a head uses its embedding table as one. [llama.cpp src/llama-model.cpp, TENSOR_DUPLICATED]
    m_.tied_embeddings = head == nullptr;
    m_.norms_per_layer = 0;
    for (const char* norm : {"attn_norm", "ffn_norm", "post_attention_norm", "post_ffw_norm"}) m_.norms_per_layer += facts_.tensor(0, norm) != nullptr ? 1 : 0;
    if (header_.tensors.empty()) m_.norms_per_layer = name_ == "gemma2" || name_ == "gemma3" ? 4 : 2;
    m_.norm_bias = facts_.tensor(-1, "output_norm.bias") != nullptr;
    m_.rope_freqs = static_cast<int>(std::clamp<std::int64_t>(side(facts_.tensor(-1, "rope_freqs"), 0), 0, widest));
  }

  std::vector<bool> windows(int& size) {
    const auto count = static_cast<std::size_t>(layers_);
    const int fallback = architecture_ != nullptr ? architecture_->window : 0;
    size = facts_.number_or("attention.sliding_window", 0, longest, fallback);
    int period = architecture_ != nullptr ? architecture_->period : 0;
    if (period == 0 && size > 0) out_.notes.push_back("the file names a window of " + std::to_string(size) + ", which llama.cpp does not use here");
    if (period == 0 || size == 0) return std::vector<bool>(count, false);
    if (auto stated = facts_.flags("attention.sliding_window_pattern", layers_); !stated.empty()) return stated;
    period = facts_.number_or("attention.sliding_window_pattern", 1, most_layers, period);
    std::vector<bool> sliding;
    for (int i = 0; i < layers_; ++i) sliding.push_back(i % period < period - 1);
    return sliding;
  }

  std::vector<Mixer> grouped() {
    const auto heads = facts_.per_layer("attention.head_count", layers_, 1, most_heads, std::nullopt);
    const bool own_kv = facts_.has("attention.head_count_kv");
    // "If not present, or equal to attention.head_count, the model does not use GQA." (GGUF specification, "Attention")
    const auto kv = own_kv ? facts_.per_layer("attention.head_count_kv", layers_, 1, most_heads, std::nullopt) : heads;
    int window = 0;
    const std::vector<bool> sliding = windows(window);
    std::vector<Mixer> mixers;
    for (int i = 0; i < layers_; ++i) {
      const auto at = static_cast<std::size_t>(i);
      GroupedQueryAttention a;
      a.heads = heads[at];
      a.kv_heads = kv[at];
      // "key_length: ... by default n_embd / n_head", value_length alike. (GGUF specification, "Attention")
      a.head_dim_k = facts_.number_or("attention.key_length", 1, widest, std::max(1, m_.hidden / heads[at]));
      a.head_dim_v = facts_.number_or("attention.value_length", 1, widest, std::max(1, m_.hidden / heads[at]));
      if (sliding[at]) {
        a.window_kind = WindowKind::sliding;
        a.window = window;
      }
      a.qkv_bias = facts_.tensor(i, "attn_q.bias") != nullptr || facts_.tensor(i, "attn_qkv.bias") != nullptr;
      a.output_bias = facts_.tensor(i, "attn_output.bias") != nullptr;
      if (const std::int64_t norm = side(facts_.tensor(i, "attn_q_norm"), 0); norm > 0) {
        a.qk_norm = norm == a.head_dim_k ? QkNorm::per_head : QkNorm::full_width;
      }
      mixers.emplace_back(a);
    }
    return mixers;
  }

  // Files written before the *_mla keys hold the expanded sizes in key_length and value_length; later ones hold there what the
  // cache stores and the expanded ones in *_mla. [llama.cpp src/llama-hparams.cpp, n_embd_head_k_mla]
  std::vector<Mixer> latent() {
    LatentAttention a;
    const auto heads = facts_.per_layer("attention.head_count", layers_, 1, most_heads, std::nullopt);
    a.heads = heads.front();
    a.q_lora_rank = facts_.number_or("attention.q_lora_rank", 0, widest, 0);
    a.kv_lora_rank = facts_.needed("attention.kv_lora_rank", widest);
    a.rope_dim = facts_.needed("rope.dimension_count", widest);
    const bool later = facts_.has("attention.key_length_mla");
    const int key = facts_.needed(later ? "attention.key_length_mla" : "attention.key_length", widest);
    a.value_dim = facts_.needed(later ? "attention.value_length_mla" : "attention.value_length", widest);
    a.nope_dim = key - a.rope_dim;
    if (facts_.sound() && a.nope_dim < 1) facts_.miss("a key length above rope.dimension_count");
    return std::vector<Mixer>(static_cast<std::size_t>(layers_), Mixer(a));
  }

  std::vector<FeedForward> feed_forwards() {
    const int experts = facts_.number_or("expert_count", 0, most_heads, 0);
    const bool all_routed = experts > 0 && facts_.has("expert_feed_forward_length");
    const int leading = facts_.number_or("leading_dense_block_count", 0, most_layers, 0);
    const std::optional<int> otherwise = all_routed && leading == 0 ? std::optional(1) : std::nullopt;
    const std::vector<int> sizes = facts_.per_layer("feed_forward_length", layers_, 0, widest, otherwise);
    std::optional<MixtureOfExperts> routed;
    if (experts > 0) routed = mixture(experts, sizes.front());
    std::vector<FeedForward> forwards;
    for (int i = 0; i < layers_; ++i) {
      const bool dense_tensors = facts_.tensor(i, "ffn_up") != nullptr && facts_.tensor(i, "ffn_gate_inp") == nullptr;
      const int size = sizes[static_cast<std::size_t>(i)];
      if (routed && i >= leading && !dense_tensors) {
        MixtureOfExperts moe = *routed;
        moe.router_bias = facts_.tensor(i, "ffn_gate_inp.bias") != nullptr || facts_.tensor(i, "exp_probs_b.bias") != nullptr;
        forwards.emplace_back(moe);
      } else if (size == 0) {
        forwards.emplace_back(std::monostate{});
      } else {
        // phi3 stores gate and up in one tensor, ffn_up, of twice the rows.
        const bool fused = side(facts_.tensor(i, "ffn_up"), 1) == 2 * std::int64_t{size};
        forwards.emplace_back(DenseFeedForward{size, header_.tensors.empty() || fused || facts_.tensor(i, "ffn_gate") != nullptr, false});
      }
    }
    return forwards;
  }

  MixtureOfExperts mixture(int experts, int dense_size) {
    MixtureOfExperts moe;
    moe.count = experts;
    moe.top_k = facts_.needed("expert_used_count", experts);
    // Mixtral files have no key of their own for an expert's width: it is the feed-forward's.
    moe.size = facts_.number_or("expert_feed_forward_length", 1, widest, std::max(1, dense_size));
    const int shared = facts_.number_or("expert_shared_count", 0, 1000, 0);
    const std::int64_t width = facts_.number_or("expert_shared_feed_forward_length", 0, widest, 0);
    std::int64_t stored = 0;
    for (int i = 0; i < layers_ && stored == 0; ++i) stored = side(facts_.tensor(i, "ffn_up_shexp"), 1);
    const std::int64_t total = stored > 0 ? stored : width > 0 ? width : std::int64_t{shared} * moe.size;
    moe.shared_size = static_cast<int>(std::clamp<std::int64_t>(total, 0, widest));
    return moe;
  }

  [[nodiscard]] bool is_described(const GgufTensor& tensor) const {
    const auto [layer, role] = place_of(tensor.name);
    // Some files hold the latent projection twice, whole and in its two halves; the halves are what is used.
    if (role == "attn_kv_b" && facts_.tensor(layer, "attn_k_b") != nullptr) return false;
    // Early Mixtral files store every expert on its own: ffn_up.0, ffn_up.1 ...
    for (const std::string_view matrix : {"ffn_gate.", "ffn_up.", "ffn_down."}) {
      if (role.rfind(matrix, 0) == 0 && role.size() > matrix.size() && role[matrix.size()] >= '0' && role[matrix.size()] <= '9') return true;
    }
    return described_role(role);
  }

  // Biases of experts are stored for all and read for the active ones only; everything else is read by every token.
  void extras() {
    std::map<std::tuple<std::string, std::int64_t, std::int64_t>, std::int64_t> found;
    for (const GgufTensor& tensor : header_.tensors) {
      const std::string role = place_of(tensor.name).role;
      const std::uint64_t elements = element_count(tensor);
      if (is_described(tensor) || elements == 0 || elements > std::uint64_t{1} << 53U) continue;
      const bool vector = tensor.shape.size() < 2 || role.ends_with(".bias");
      const auto columns = static_cast<std::int64_t>(vector ? elements : tensor.shape[0]);
      ++found[{role, vector ? 1 : static_cast<std::int64_t>(elements) / columns, columns}];
    }
    for (const auto& [shape, count] : found) {
      ExtraTensor extra;
      std::tie(extra.role, extra.rows, extra.columns) = shape;
      extra.count = count;
      extra.vector = extra.rows == 1;
      extra.parameter = extra.role.rfind("rope_", 0) != 0;
      extra.container = extra.parameter ? "" : "gguf";
      if (extra.role == "attn_kv_b") extra.access = Access::never;
      add_extra(extra);
    }
  }

  void add_extra(ExtraTensor extra) {
    const auto* moe = std::get_if<MixtureOfExperts>(&m_.layers.back().feed_forward);
    const bool of_experts = moe != nullptr && extra.role.ends_with("_exps.bias") && extra.columns % moe->count == 0 && moe->top_k < moe->count;
    if (of_experts) {
      const std::int64_t each = extra.columns / moe->count;
      ExtraTensor idle = extra;
      idle.columns = each * (moe->count - moe->top_k);
      idle.access = Access::never;
      extra.columns = each * moe->top_k;
      m_.extra.push_back(idle);
    }
    m_.extra.push_back(std::move(extra));
  }

  void compare() {
    out_.totals = totals_of(header_);
    if (header_.tensors.empty()) {
      out_.notes.emplace_back("the file holds no tensors: sizes are those of the keys alone");
      return;
    }
    const double described_count = parameter_count(m_);
    const auto stored = static_cast<double>(out_.totals.parameters);
    if (described_count != stored) {
      out_.notes.push_back("the keys describe " + std::to_string(static_cast<std::uint64_t>(std::min(described_count, 9e18))) + " parameters, the file holds " +
                           std::to_string(out_.totals.parameters));
    }
    const std::uint64_t unknown_tensors = out_.totals.unknown_tensors;
    if (unknown_tensors > 0) out_.notes.push_back(std::to_string(unknown_tensors) + " tensors are of unknown type; their bytes are not counted");
  }

  const GgufHeader& header_;
  Facts facts_;
  std::string name_;     // before the keys
  std::string read_as_;  // usually the same
  const Architecture* architecture_;
  ImportedModel out_;
  ModelSpec& m_ = out_.spec;
  int layers_ = 1;
};

}  // namespace

Result<ImportedModel> model_of(const GgufHeader& header, const std::string& read_as) {
  try {
    std::string name = text_of(header, "general.architecture");
    if (name.empty()) return Problem{"general.architecture", "missing: the file does not say what model it holds"};
    if (name.size() > 80) return Problem{"general.architecture", "'" + printable(name) + "' is no architecture's name"};
    const std::string& wanted = read_as.empty() ? name : read_as;
    const auto* known = std::find_if(std::begin(architectures), std::end(architectures), [&](const Architecture& each) { return wanted == each.name; });
    return Builder(header, name, wanted, known == std::end(architectures) ? nullptr : known).build();
  } catch (const std::exception& error) {
    return Problem{"general.architecture", error.what()};
  }
}

}  // namespace roofline::import
