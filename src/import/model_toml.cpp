#include "roofline/import/model_toml.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

#include "import/gguf_cursor.hpp"

namespace roofline::import {
namespace {

// The schema's closed list of roles, longest first where one begins like another.
constexpr std::array<std::string_view, 30> roles{
    "per_layer_token_embd", "cross_attn_output", "ffn_gate_shexp", "ffn_down_shexp", "attn_kv_a_mqa", "ffn_gate_exps", "ffn_down_exps", "cross_attn_q", "cross_attn_k",
    "cross_attn_v", "ffn_up_shexp", "ffn_gate_inp", "ffn_up_exps", "attn_output", "token_embd", "attn_q_a", "attn_q_b", "attn_k_b", "attn_v_b", "attn_qkv", "ffn_gate",
    "ffn_down", "ssm_out", "ffn_up", "attn_q", "attn_k", "attn_v", "ssm_in", "output", "vision"};

// Other tensors go under the name they are nearest to: it only decides which rule of a quantization they fall under.
std::string nearest_role(const std::string& role) {
  for (const std::string_view known : roles) {
    if (role == known) return role;
  }
  for (const std::string_view known : roles) {
    if (role.rfind(known, 0) == 0) return std::string(known);
  }
  if (role.rfind("ffn", 0) == 0) return "ffn_down";
  if (role.rfind("ssm", 0) == 0) return "ssm_in";
  if (role.rfind("v.", 0) == 0 || role.rfind("mm.", 0) == 0) return "vision";
  return "attn_output";
}

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c < ' ' || c > '~' ? '?' : c;
  }
  return out + "\"";
}

std::string list(const std::vector<std::string>& words) {
  std::string out = "[";
  for (const std::string& word : words) out += (out.size() > 1 ? ", " : "") + quoted(word);
  return out + "]";
}

std::string list(const std::vector<std::size_t>& numbers) {
  std::string out = "[";
  for (const std::size_t n : numbers) out += (out.size() > 1 ? ", " : "") + std::to_string(n);
  return out + "]";
}

struct Unsaid {
  std::string what;
};

class Writer {
 public:
  Writer(const ModelSpec& model, const TomlOptions& options) : m_(model), options_(options) {}

  std::string write() {
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
    attention();
    special_layers();
    feed_forwards();
    for (const ExtraTensor& extra : m_.extra) tensor(extra);
    if (options_.counted_parameters) {
      text("\n[parameters]\nstated = { value = " + std::to_string(static_cast<std::int64_t>(*options_.counted_parameters)) +
           ", unit = \"params\", source = \"derived\", at = \"sum over the file's tensors\" }\n");
    }
    return std::move(out_);
  }

 private:
  void text(const std::string& line) { out_ += line; }
  void key(const char* name, std::int64_t value) { out_ += std::string(name) + " = " + std::to_string(value) + "\n"; }
  void key(const char* name, int value) { key(name, std::int64_t{value}); }
  void key(const char* name, bool value) { out_ += std::string(name) + (value ? " = true\n" : " = false\n"); }
  void key(const char* name, const std::string& value) { out_ += std::string(name) + " = " + quoted(value) + "\n"; }
  void head(const char* name) { out_ += "\n" + std::string(name) + "\n"; }
  void source(const std::string& note = {}) {
    out_ += "source = \"derived\"\nat = " + quoted(options_.read_from) + "\n";
    if (!note.empty()) key("note", note);
  }

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

  static GroupedQueryAttention without_window(GroupedQueryAttention a) {
    a.window_kind = WindowKind::none;
    a.window = 0;
    return a;
  }

  void attention() {
    const GroupedQueryAttention* grouped = nullptr;
    const LatentAttention* latent = nullptr;
    for (const Layer& layer : m_.layers) {
      if (const auto* a = std::get_if<GroupedQueryAttention>(&layer.mixer)) {
        if (grouped != nullptr && !(without_window(*a) == without_window(*grouped))) throw Unsaid{"attention that differs from layer to layer"};
        if (grouped == nullptr) grouped = a;
      } else if (const auto* l = std::get_if<LatentAttention>(&layer.mixer)) {
        if (latent != nullptr && !(*l == *latent)) throw Unsaid{"latent attention that differs from layer to layer"};
        latent = l;
      }
    }
    if (grouped != nullptr && latent != nullptr) throw Unsaid{"latent and plain attention in one model"};
    if (grouped != nullptr) {
      if (grouped->shares_kv) throw Unsaid{"layers that share keys and values"};
      head("[attention]");
      key("heads", grouped->heads);
      key("kv_heads", grouped->kv_heads);
      key("head_dim", grouped->head_dim_k);
      if (grouped->head_dim_v != grouped->head_dim_k) key("head_dim_v", grouped->head_dim_v);
      if (grouped->qkv_bias) key("qkv_bias", true);
      if (grouped->output_bias) key("output_bias", true);
      key("qk_norm", std::string(grouped->qk_norm == QkNorm::per_head ? "per_head" : grouped->qk_norm == QkNorm::full_width ? "full_width" : "none"));
      if (m_.rope_freqs > 0) key("rope_freqs", m_.rope_freqs);
      source();
      windows();
    }
    if (latent != nullptr) {
      head("[attention]");
      key("heads", latent->heads);
      key("kv_heads", latent->heads);
      key("head_dim", latent->nope_dim + latent->rope_dim);
      key("head_dim_v", latent->value_dim);
      if (m_.rope_freqs > 0) key("rope_freqs", m_.rope_freqs);
      source("Only the number of heads applies; the cache holds the latent below.");
      head("[latent_attention]");
      if (latent->q_lora_rank > 0) key("q_lora_rank", latent->q_lora_rank);
      key("kv_lora_rank", latent->kv_lora_rank);
      key("rope_dim", latent->rope_dim);
      key("nope_dim", latent->nope_dim);
      key("value_dim", latent->value_dim);
      source();
    }
  }

  void windows() {
    const GroupedQueryAttention* windowed = nullptr;
    std::vector<std::size_t> full;
    for (std::size_t i = 0; i < m_.layers.size(); ++i) {
      const auto* a = std::get_if<GroupedQueryAttention>(&m_.layers[i].mixer);
      if (a == nullptr) continue;
      if (a->window_kind == WindowKind::none) {
        full.push_back(i);
      } else {
        if (windowed != nullptr && (a->window != windowed->window || a->window_kind != windowed->window_kind)) throw Unsaid{"windows of several sizes"};
        windowed = a;
      }
    }
    if (windowed == nullptr) return;
    head("[window]");
    key("size", windowed->window);
    key("kind", std::string(windowed->window_kind == WindowKind::chunked ? "chunked" : "sliding"));
    if (const std::size_t every = period(full); every > 0) key("full_every", static_cast<std::int64_t>(every));
    else if (!full.empty()) text("full_layers = " + list(full) + "\n");
    source();
  }

  // n where exactly the layers n-1, 2n-1 ... see everything; 0 where it is no such pattern.
  [[nodiscard]] std::size_t period(const std::vector<std::size_t>& full) const {
    if (full.empty()) return 0;
    const std::size_t n = full.front() + 1;
    for (std::size_t i = 0; i < m_.layers.size(); ++i) {
      if (!std::holds_alternative<GroupedQueryAttention>(m_.layers[i].mixer)) continue;
      if (((i + 1) % n == 0) != std::binary_search(full.begin(), full.end(), i)) return 0;
    }
    return n;
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
    const RecurrentMixer* recurrent = nullptr;
    if (const auto where = layers_with(recurrent, "recurrent layers"); recurrent != nullptr) {
      head("[recurrent]");
      text("layers = " + list(where) + "\n");
      key("state_elements", recurrent->state_elements);
      if (recurrent->conv_elements > 0) key("conv_elements", recurrent->conv_elements);
      std::string matrices;
      for (const NamedMatrix& each : recurrent->matrices) {
        matrices += (matrices.empty() ? "" : ", ") + std::string("{ role = ") + quoted(nearest_role(each.role)) + ", rows = " + std::to_string(each.rows) +
                    ", columns = " + std::to_string(each.columns) + " }";
      }
      text("matrices = [" + matrices + "]\n");
      if (recurrent->vector_elements > 0) key("vectors", recurrent->vector_elements);
      if (recurrent->ops_per_token > 0) key("ops_per_token", static_cast<std::int64_t>(std::llround(recurrent->ops_per_token)));
      source();
    }
  }

  void feed_forwards() {
    const DenseFeedForward* dense = nullptr;
    const MixtureOfExperts* routed = nullptr;
    std::vector<bool> sparse;
    for (const Layer& layer : m_.layers) {
      sparse.push_back(std::holds_alternative<MixtureOfExperts>(layer.feed_forward));
      if (const auto* d = std::get_if<DenseFeedForward>(&layer.feed_forward)) {
        if (dense != nullptr && (d->size != dense->size || d->gated != dense->gated || d->bias != dense->bias)) throw Unsaid{"feed-forwards that differ from layer to layer"};
        dense = d;
      } else if (const auto* e = std::get_if<MixtureOfExperts>(&layer.feed_forward)) {
        if (routed != nullptr && (e->size != routed->size || e->count != routed->count || e->top_k != routed->top_k || e->shared_size != routed->shared_size ||
                                  e->router_bias != routed->router_bias)) {
          throw Unsaid{"experts that differ from layer to layer"};
        }
        routed = e;
      } else {
        throw Unsaid{"layers without a feed-forward"};
      }
    }
    head("[feed_forward]");
    key("size", dense != nullptr ? dense->size : routed->size);
    key("gated", dense != nullptr ? dense->gated : routed->gated);
    if (dense != nullptr && dense->bias) key("bias", true);
    source(dense != nullptr ? "" : "No layer is dense; only `gated` applies, to the experts.");
    if (routed == nullptr) return;
    if (dense != nullptr && dense->gated != routed->gated) throw Unsaid{"experts gated and dense layers not"};
    head("[experts]");
    key("count", routed->count);
    key("top_k", routed->top_k);
    key("size", routed->size);
    if (routed->shared_size > 0) key("shared_size", routed->shared_size);
    placement(sparse);
    if (routed->router_bias) key("router_bias", true);
    source();
  }

  // Layers from `first` on whose number is a multiple of `every`.
  void placement(const std::vector<bool>& sparse) {
    const auto first = static_cast<std::size_t>(std::find(sparse.begin(), sparse.end(), true) - sparse.begin());
    for (std::size_t every = 1; every <= first + 1; ++every) {
      if ((first + 1) % every != 0) continue;
      bool same = true;
      for (std::size_t i = 0; i < sparse.size(); ++i) same = same && sparse[i] == (i >= first && (i + 1) % every == 0);
      if (!same) continue;
      if (first + 1 > every) key("first_dense", static_cast<std::int64_t>(first));
      if (every > 1) key("every", static_cast<std::int64_t>(every));
      return;
    }
    throw Unsaid{"experts in an irregular choice of layers"};
  }

  void tensor(const ExtraTensor& extra) {
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
  const TomlOptions& options_;
  std::string out_;
};

}  // namespace

Result<std::string> model_toml(const ModelSpec& model, const TomlOptions& options) {
  try {
    return Writer(model, options).write();
  } catch (const Unsaid& unsaid) {
    return Problem{model.id, "a model file of the database has no words for " + unsaid.what + "; --model reads the file itself"};
  }
}

}  // namespace roofline::import
