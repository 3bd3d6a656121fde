#include "roofline/import/gguf_model.hpp"

#include <algorithm>
#include <exception>
#include <map>

#include "import/gguf_cursor.hpp"
#include "import/gguf_architectures.hpp"
#include "import/gguf_facts.hpp"
#include "import/gguf_layers.hpp"
#include "import/ids.hpp"
#include "roofline/core/tensors.hpp"

namespace roofline::import {
namespace {

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
  Builder(const GgufHeader& header, std::string name, std::string read_as, const GgufArchitecture* architecture)
      : header_(header), facts_(header, name), name_(std::move(name)), read_as_(std::move(read_as)), architecture_(architecture) {}

  Result<ImportedModel> build() {
    sizes();
    if (architecture_ == nullptr) return unknown();
    layers();
    if (!facts_.sound()) return Problem{name_, "the header does not describe the model; " + facts_.complaint()};
    norms();
    extras();
    compare();
    return std::move(out_);
  }

 private:
  Problem unknown() {
    for (const char* key : {"attention.head_count", "feed_forward_length"}) facts_.needed_anyhow(key);
    const std::string rest = facts_.sound() ? "the usual keys are all there, but not how its layers are made up" : facts_.complaint();
    return Problem{printable(name_), "architecture '" + printable(read_as_) + "' is not known (known: " + known_gguf_architectures() + "; `estimate import FILE --architecture TYPE` reads it as one of them); " + printable_list(rest)};
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
    m_.family = architecture_ != nullptr && !architecture_->family.empty() ? std::string(architecture_->family) : architecture_ != nullptr ? std::string(architecture_->name) : name_;
    m_.architecture = name_;
    layers_ = facts_.needed("block_count", most_layers);
    m_.hidden = facts_.needed("embedding_length", widest);
    m_.context = facts_.needed("context_length", longest);
    const GgufTensor* table = facts_.tensor(-1, "token_embd");
    const GgufTensor* head = facts_.tensor(-1, "output");
    // The table may have more rows than the tokenizer has tokens; the table is what is stored and multiplied with.
    const std::int64_t listed = static_cast<std::int64_t>(std::min<std::uint64_t>(header_.tokenizer_tokens, most_words));
    const std::int64_t rows = table != nullptr ? side(table, 1) : facts_.number_or("vocab_size", 1, most_words, static_cast<int>(listed));
    if (rows <= 0 || rows > most_words) facts_.miss("token_embd.weight or tokenizer.ggml.tokens (for the vocabulary)");
    m_.embedding_rows = rows;
    m_.gguf_vocabulary = rows;
    m_.vocabulary = head != nullptr && side(head, 1) > 0 ? side(head, 1) : rows;
    if (m_.vocabulary > rows && rows > 0) facts_.miss("rows of token_embd.weight: the head has " + std::to_string(m_.vocabulary) + ", the table " + std::to_string(rows));
    // A file without a head uses its embedding table as one. [llama.cpp src/llama-model.cpp, TENSOR_DUPLICATED]
    m_.tied_embeddings = head == nullptr;
    m_.rope_freqs = static_cast<int>(std::clamp<std::int64_t>(side(facts_.tensor(-1, "rope_freqs"), 0), 0, widest));
  }

  void layers() {
    // Layers for drafting stand behind the others and are not passed through. (glm4moe.nextn_predict_layers)
    drafts_ = facts_.number_or("nextn_predict_layers", 0, layers_ - 1, 0);
    GgufLayers layers(header_, facts_, *architecture_, layers_ - drafts_, m_.hidden);
    m_.layers = layers.build();
    out_.notes = layers.notes();
    for (const char* role : {"token_embd", "output", "rope_freqs", "output_norm"}) facts_.take(-1, role);
  }

  // Vectors of length hidden that every layer has; further ones of some layers stay extra tensors.
  void norms() {
    const auto is_norm = [&](const GgufTensor& t) {
      const std::string role = place_of(t.name).role;
      const bool named = role.ends_with("norm") || role.ends_with("norm_2") || role.ends_with("norm_1");
      return named && !facts_.taken(t) && t.shape.size() == 1 && t.shape[0] == static_cast<std::uint64_t>(m_.hidden);
    };
    const auto norms_of = [&](int layer) {
      std::vector<std::string> roles;
      for (const GgufTensor* tensor : facts_.tensors_of(layer)) {
        if (is_norm(*tensor)) roles.push_back(place_of(tensor->name).role);
      }
      return roles;
    };
    if (header_.tensors.empty()) {
      m_.norms_per_layer = m_.family.rfind("gemma", 0) == 0 && m_.family != "gemma" ? 4 : 2;
      return;
    }
    std::size_t least = std::min<std::size_t>(norms_of(0).size(), most_norms);
    const auto count = static_cast<int>(m_.layers.size());
    m_.norm_bias = facts_.tensor(-1, "output_norm.bias") != nullptr;
    for (int i = 0; i < count; ++i) {
      const auto roles = norms_of(i);
      least = std::min(least, roles.size());
      for (const std::string& role : roles) m_.norm_bias = m_.norm_bias && facts_.tensor(i, role + ".bias") != nullptr;
    }
    m_.norms_per_layer = static_cast<int>(least);
    for (int i = 0; i < count; ++i) {
      auto roles = norms_of(i);
      roles.resize(least);
      for (const std::string& role : roles) {
        facts_.take(i, role);
        if (m_.norm_bias) facts_.take(i, role + ".bias");
      }
    }
    if (m_.norm_bias) facts_.take(-1, "output_norm.bias");
  }

  // Biases of experts are stored for all and read for the active ones only; everything else is read by every token.
  void extras() {
    struct Key {
      std::string role;
      std::int64_t rows, columns;
      Access access;
      auto operator<=>(const Key&) const = default;
    };
    std::map<Key, std::int64_t> found;
    const std::map<std::string, std::size_t> types = types_by_role(header_);
    const auto count = static_cast<int>(m_.layers.size());
    for (const GgufTensor& tensor : header_.tensors) {
      const auto [layer, role] = place_of(tensor.name);
      const std::uint64_t elements = element_count(tensor);
      if (elements == 0 || elements > std::uint64_t{1} << 53U) continue;
      const std::string named = types.at(role) > 1 ? typed_role(role, tensor.type) : role;
      if (facts_.taken(tensor)) {
        // Attention that gates its output stores the gate's rows with the queries'.
        const std::int64_t surplus = role == "attn_q" ? gate_rows(layer, tensor) : 0;
        if (surplus > 0) ++found[{named, surplus, static_cast<std::int64_t>(tensor.shape[0]), Access::every_token}];
        continue;
      }
      const bool vector = tensor.shape.size() < 2 || role.ends_with(".bias");
      const auto columns = static_cast<std::int64_t>(vector ? elements : tensor.shape[0]);
      const Access access = role == "attn_kv_b" || layer >= count    ? Access::never
                            : role.rfind("per_layer_token_embd", 0) == 0 ? Access::one_row
                            : role.rfind("cross_attn_", 0) == 0          ? Access::image_only
                                                                         : Access::every_token;
      ++found[{vector ? role : named, vector ? 1 : static_cast<std::int64_t>(elements) / columns, columns, access}];
    }
    for (const auto& [key, number] : found) {
      ExtraTensor extra;
      extra.role = key.role;
      extra.rows = key.rows;
      extra.columns = key.columns;
      extra.count = number;
      extra.vector = extra.rows == 1;
      extra.parameter = extra.role.rfind("rope_", 0) != 0;
      extra.container = extra.parameter ? "" : "gguf";
      extra.access = key.access;
      add_extra(extra);
    }
    if (drafts_ > 0) out_.notes.push_back(std::to_string(drafts_) + " layers for drafting are stored and not read");
  }

  [[nodiscard]] std::int64_t gate_rows(int layer, const GgufTensor& tensor) const {
    if (layer < 0 || layer >= static_cast<int>(m_.layers.size()) || tensor.shape.size() != 2) return 0;
    const auto* a = std::get_if<GroupedQueryAttention>(&m_.layers[static_cast<std::size_t>(layer)].mixer);
    const std::int64_t rows = a == nullptr ? 0 : std::int64_t{a->heads} * a->head_dim_k;
    return rows > 0 && tensor.shape[1] == 2 * static_cast<std::uint64_t>(rows) ? rows : 0;
  }

  void add_extra(ExtraTensor extra) {
    const MixtureOfExperts* moe = nullptr;
    for (const Layer& layer : m_.layers) {
      if (const auto* found = std::get_if<MixtureOfExperts>(&layer.feed_forward)) moe = found;
    }
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
  const GgufArchitecture* architecture_;
  ImportedModel out_;
  ModelSpec& m_ = out_.spec;
  int layers_ = 1;
  int drafts_ = 0;
};

}  // namespace

Result<ImportedModel> model_of(const GgufHeader& header, const std::string& read_as) {
  try {
    std::string name = text_of(header, "general.architecture");
    if (name.empty()) return Problem{"general.architecture", "missing: the file does not say what model it holds"};
    if (name.size() > 80) return Problem{"general.architecture", "'" + printable(name) + "' is no architecture's name"};
    const std::string& wanted = read_as.empty() ? name : read_as;
    return Builder(header, name, wanted, find_gguf_architecture(wanted)).build();
  } catch (const std::exception& error) {
    return Problem{"general.architecture", error.what()};
  }
}

}  // namespace roofline::import
