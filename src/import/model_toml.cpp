#include "roofline/import/model_toml.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "import/gguf_cursor.hpp"
#include "import/ids.hpp"
#include "import/toml_page.hpp"
#include "roofline/core/recurrent_blocks.hpp"

namespace roofline::import {
namespace {

void bounded(std::int64_t value, std::int64_t most, const char* what) {
  if (value < 1 || value > most) throw Unsaid{std::string(what) + " of " + std::to_string(value)};
}

class Writer : TomlPage {
 public:
  Writer(const ModelSpec& model, const TomlOptions& options, std::string& out) : TomlPage(options, out), m_(model) {}

  void write() {
    text("# Written by `estimate import`.\n");
    key("schema", 1);
    key("id", m_.id);
    key("name", m_.name);
    key("family", m_.family);
    if (!m_.architecture.empty()) key("architecture", m_.architecture);
    if (!m_.aliases.empty()) text("aliases = " + list(m_.aliases) + "\n");
    std::vector<std::string> notes = m_.notes;
    notes.insert(notes.end(), options_.notes.begin(), options_.notes.end());
    if (!notes.empty()) text("notes = " + list(notes) + "\n");
    dimensions();
    write_attention(m_, options_, out_);
    special_layers();
    write_feed_forwards(m_, options_, out_);
    for (const ExtraTensor& extra : m_.extra) tensor(extra);
    if (options_.counted_parameters) {
      text("\n[parameters]\nstated = { value = " + std::to_string(static_cast<std::int64_t>(*options_.counted_parameters)) +
           ", unit = \"params\", source = \"derived\", at = \"sum over the file's tensors\" }\n");
    }
  }

 private:
  void dimensions() {
    head("[dimensions]");
    key("layers", static_cast<std::int64_t>(m_.layers.size()));
    key("hidden", m_.hidden);
    key("vocabulary", m_.vocabulary);
    key("context", m_.context);
    key("tied_embeddings", m_.tied_embeddings);
    key("norms_per_layer", m_.norms_per_layer);
    if (m_.norm_bias) key("norm_bias", true);
    if (m_.embedding_rows != m_.vocabulary) key("embedding_rows", m_.embedding_rows);
    if (m_.gguf_vocabulary > 0 && m_.gguf_vocabulary != m_.vocabulary) key("gguf_vocabulary", m_.gguf_vocabulary);
    source();
  }

  template <class Kind>
  std::vector<std::size_t> layers_with(const Kind*& first, const char* what) const {
    std::vector<std::size_t> where;
    for (std::size_t i = 0; i < m_.layers.size(); ++i) {
      const auto* mixer = std::get_if<Kind>(&m_.layers[i].mixer);
      if (mixer == nullptr) continue;
      if (first != nullptr && !(*mixer == *first)) throw Unsaid{std::string(what) + " that differ from layer to layer"};
      first = mixer;
      where.push_back(i);
    }
    return where;
  }

  void special_layers() {
    const CrossAttention* cross = nullptr;
    if (const auto where = layers_with(cross, "cross-attention layers"); cross != nullptr) {
      head("[cross_attention]");
      text("layers = " + list(where) + "\n");
      key("source_tokens", cross->source_tokens);
      key("heads", cross->heads);
      key("kv_heads", cross->kv_heads);
      key("head_dim", cross->head_dim);
      source();
    }
    recurrent();
  }

  void recurrent() {
    std::vector<std::size_t> where;
    bool alike = true;
    for (std::size_t i = 0; i < m_.layers.size(); ++i) {
      const auto* mixer = std::get_if<RecurrentMixer>(&m_.layers[i].mixer);
      if (mixer == nullptr) continue;
      if (!where.empty()) alike = alike && *mixer == std::get<RecurrentMixer>(m_.layers[where.back()].mixer);
      where.push_back(i);
    }
    if (where.empty()) return;
    head("[recurrent]");
    text("layers = " + list(where) + "\n");
    if (alike) sums(std::get<RecurrentMixer>(m_.layers[where.front()].mixer));
    else if (!rwkv7(where)) throw Unsaid{"recurrent layers that differ from layer to layer"};
    source();
  }

  void sums(const RecurrentMixer& mixer) {
    if (mixer.matrices.empty()) throw Unsaid{"recurrent layers without matrices"};
    for (const std::int64_t n : {mixer.state_elements, mixer.conv_elements, mixer.vector_elements}) bounded(n + 1, most_rows, "a state or vector");
    bounded(static_cast<std::int64_t>(std::min(mixer.ops_per_token, 1e18)) + 1, most_rows, "an update");
    for (const NamedMatrix& each : mixer.matrices) {
      bounded(each.rows, most_words, "a matrix with rows");
      bounded(each.columns, widest, "a matrix with columns");
    }
    key("state_elements", mixer.state_elements);
    if (mixer.conv_elements > 0) key("conv_elements", mixer.conv_elements);
    std::string matrices;
    for (const NamedMatrix& each : mixer.matrices) {
      matrices += (matrices.empty() ? "" : ", ") + std::string("{ role = ") + quoted(nearest_role(each.role)) + ", rows = " + std::to_string(each.rows) +
                  ", columns = " + std::to_string(each.columns) + " }";
    }
    text("matrices = [" + matrices + "]\n");
    if (mixer.vector_elements > 0) key("vectors", mixer.vector_elements);
    if (mixer.ops_per_token > 0) key("ops_per_token", static_cast<std::int64_t>(std::llround(mixer.ops_per_token)));
  }

  // RWKV-7, whose first layer lacks one low-rank pair: its dimensions, read off its matrices and checked by building it again.
  bool rwkv7(const std::vector<std::size_t>& where) {
    if (where.size() != m_.layers.size() || where.size() < 2) return false;
    const auto& mixer = std::get<RecurrentMixer>(m_.layers[1].mixer);
    if (mixer.matrices.size() != 14 || mixer.matrices[0].rows < 1) return false;
    Rwkv7Block block;
    const auto rank = [&](std::size_t i) { return static_cast<int>(mixer.matrices[i].rows); };
    block.head_dim = static_cast<int>(mixer.state_elements / mixer.matrices[0].rows);
    if (block.head_dim < 1) return false;
    block.heads = static_cast<int>(mixer.matrices[0].rows / block.head_dim);
    block.decay_rank = rank(4);
    block.rate_rank = rank(6);
    block.value_rank = rank(8);
    block.gate_rank = rank(10);
    block.channel_mix = rank(12);
    for (const std::size_t i : where) {
      if (!(std::get<RecurrentMixer>(m_.layers[i].mixer) == rwkv7_mixer(m_.hidden, block, i == 0))) return false;
    }
    key("kind", std::string("rwkv7"));
    key("heads", block.heads);
    key("head_dim", block.head_dim);
    key("decay_rank", block.decay_rank);
    key("rate_rank", block.rate_rank);
    key("value_rank", block.value_rank);
    key("gate_rank", block.gate_rank);
    key("channel_mix", block.channel_mix);
    return true;
  }

  void tensor(const ExtraTensor& extra) {
    bounded(extra.rows, most_rows, "a tensor with rows");
    bounded(extra.columns, most_rows, "a tensor with columns");
    bounded(extra.count, most_words, "a number of tensors");
    head("[[tensor]]");
    const std::string role = nearest_role(extra.role);
    key("role", role);
    key("rows", extra.rows);
    key("columns", extra.columns);
    if (extra.count != 1) key("count", extra.count);
    const char* access = extra.access == Access::one_row ? "one_row" : extra.access == Access::image_only ? "image_only" : extra.access == Access::never ? "never" : "every_token";
    key("access", std::string(access));
    if (!extra.container.empty()) key("container", extra.container);
    key("parameter", extra.parameter);
    if (extra.vector) key("vector", true);
    source(role == extra.role ? "" : printable(extra.role) + " in the file");
  }

  const ModelSpec& m_;
};

}  // namespace

Result<std::string> model_toml(const ModelSpec& model, const TomlOptions& options) {
  try {
    std::string out;
    Writer(model, options, out).write();
    return out;
  } catch (const Unsaid& unsaid) {
    return Problem{model.id, "a model file of the database has no words for " + unsaid.what + "; --model reads the file itself"};
  }
}

}  // namespace roofline::import
