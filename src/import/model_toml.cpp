#include "roofline/import/model_toml.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

#include "import/gguf_cursor.hpp"
#include "import/ids.hpp"
#include "roofline/core/recurrent_blocks.hpp"

namespace roofline::import {
namespace {

// The schema's closed list of roles, longest first where one begins like another.
constexpr std::array<std::string_view, 40> roles{
    "per_layer_token_embd", "per_layer_model_proj", "time_mix_lora", "channel_mix", "inp_gate", "time_mix", "altup", "laurel", "ssm_dt", "ssm_x", "proj", "cross_attn_output", "ffn_gate_shexp", "ffn_down_shexp", "attn_kv_a_mqa", "ffn_gate_exps", "ffn_down_exps", "cross_attn_q", "cross_attn_k",
    "cross_attn_v", "ffn_up_shexp", "ffn_gate_inp", "ffn_up_exps", "attn_output", "token_embd", "attn_q_a", "attn_q_b", "attn_k_b", "attn_v_b", "attn_qkv", "ffn_gate",
    "ffn_down", "ssm_out", "ffn_up", "attn_q", "attn_k", "attn_v", "ssm_in", "output", "vision"};

// Other tensors go under the name they are nearest to: it only decides which rule of a quantization they fall under.
std::string nearest_role(const std::string& role) {
  for (const std::string_view known : roles) {
    if (role == known) return role;
  }
  if (role.rfind("shortconv.out", 0) == 0) return "ssm_out";
  if (role.rfind("shortconv.", 0) == 0 || role.rfind("attn_gate", 0) == 0) return "ssm_in";
  for (const std::string_view low_rank : {"time_mix_w", "time_mix_a", "time_mix_v1", "time_mix_v2", "time_mix_g1", "time_mix_g2"}) {
    if (role.rfind(low_rank, 0) == 0) return "time_mix_lora";
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

  // What a table states for all layers of its kind: everything but the window and the shared cache.
  static GroupedQueryAttention shape_of(GroupedQueryAttention a) {
    a.window_kind = WindowKind::none;
    a.window = 0;
    a.shares_kv = a.idle_kv_weights = false;
    return a;
  }

  void attention() {
    const LatentAttention* latent = nullptr;
    for (std::size_t i = 0; i < m_.layers.size(); ++i) {
      const Mixer& mixer = m_.layers[i].mixer;
      if (const auto* a = std::get_if<GroupedQueryAttention>(&mixer)) (a->window_kind == WindowKind::none ? full_ : windowed_).push_back(i);
      if (std::holds_alternative<std::monostate>(mixer)) no_mixer_ = true;
      if (const auto* l = std::get_if<LatentAttention>(&mixer)) {
        if (latent != nullptr && !(*l == *latent)) throw Unsaid{"latent attention that differs from layer to layer"};
        latent = l;
      }
    }
    if (latent != nullptr) return latent_attention(*latent);
    if (!full_.empty() || !windowed_.empty()) grouped_attention();
  }

  const GroupedQueryAttention& at(std::size_t layer) const { return std::get<GroupedQueryAttention>(m_.layers[layer].mixer); }

  GroupedQueryAttention common(const std::vector<std::size_t>& layers) const {
    const GroupedQueryAttention first = shape_of(at(layers.front()));
    for (const std::size_t i : layers) {
      if (!(shape_of(at(i)) == first)) throw Unsaid{"attention that differs from layer to layer"};
    }
    return first;
  }

  void grouped_attention() {
    const GroupedQueryAttention usual = common(windowed_.empty() ? full_ : windowed_);
    head("[attention]");
    key("heads", usual.heads);
    key("kv_heads", usual.kv_heads);
    key("head_dim", usual.head_dim_k);
    if (usual.head_dim_v != usual.head_dim_k) key("head_dim_v", usual.head_dim_v);
    if (usual.fused_qkv) key("fused_qkv", true);
    if (usual.qkv_bias) key("qkv_bias", true);
    if (usual.output_bias) key("output_bias", true);
    key("qk_norm", std::string(usual.qk_norm == QkNorm::per_head ? "per_head" : usual.qk_norm == QkNorm::full_width ? "full_width" : "none"));
    if (m_.rope_freqs > 0) key("rope_freqs", m_.rope_freqs);
    shared_cache();
    if (no_mixer_) {
      std::vector<std::size_t> all = full_;
      all.insert(all.end(), windowed_.begin(), windowed_.end());
      std::sort(all.begin(), all.end());
      text("layers = " + list(all) + "\n");
    }
    source();
    if (usual.value_from_key) throw Unsaid{"values taken from keys in every layer"};
    if (windowed_.empty()) return;
    if (!full_.empty()) full_attention(usual, common(full_));
    windows();
  }

  // The last n layers use the cache of earlier ones.
  void shared_cache() {
    std::size_t first = m_.layers.size();
    bool idle = false;
    for (std::size_t i = 0; i < m_.layers.size(); ++i) {
      const auto* a = std::get_if<GroupedQueryAttention>(&m_.layers[i].mixer);
      if (a == nullptr) continue;
      if (a->shares_kv) {
        if (first == m_.layers.size()) {
          first = i;
          idle = a->idle_kv_weights;
        }
        if (a->idle_kv_weights != idle) throw Unsaid{"unused key and value weights in some layers only"};
      } else if (i > first) {
        throw Unsaid{"a shared KV cache before the last layers"};
      }
    }
    if (first == m_.layers.size()) return;
    key("shared_kv_layers", static_cast<std::int64_t>(m_.layers.size() - first));
    if (idle) key("idle_kv_weights", true);
  }

  void full_attention(const GroupedQueryAttention& usual, const GroupedQueryAttention& full) {
    GroupedQueryAttention rest = full;
    rest.heads = usual.heads;
    rest.kv_heads = usual.kv_heads;
    rest.head_dim_k = usual.head_dim_k;
    rest.head_dim_v = usual.head_dim_v;
    rest.value_from_key = usual.value_from_key;
    if (!(rest == usual)) throw Unsaid{"biases or norms that differ from layer to layer"};
    if (full == usual) return;
    head("[full_attention]");
    key("heads", full.heads);
    key("kv_heads", full.kv_heads);
    key("head_dim", full.head_dim_k);
    if (full.head_dim_v != full.head_dim_k) key("head_dim_v", full.head_dim_v);
    if (full.value_from_key) key("value_from_key", true);
    source();
  }

  void latent_attention(const LatentAttention& latent) {
    if (!full_.empty() || !windowed_.empty()) throw Unsaid{"latent and plain attention in one model"};
    if (no_mixer_) throw Unsaid{"latent attention in some layers only"};
    head("[attention]");
    key("heads", latent.heads);
    key("kv_heads", latent.heads);
    key("head_dim", latent.nope_dim + latent.rope_dim);
    key("head_dim_v", latent.value_dim);
    if (m_.rope_freqs > 0) key("rope_freqs", m_.rope_freqs);
    source("Only the number of heads applies; the cache holds the latent below.");
    head("[latent_attention]");
    if (latent.q_lora_rank > 0) key("q_lora_rank", latent.q_lora_rank);
    key("kv_lora_rank", latent.kv_lora_rank);
    key("rope_dim", latent.rope_dim);
    key("nope_dim", latent.nope_dim);
    key("value_dim", latent.value_dim);
    source();
  }

  void windows() {
    const GroupedQueryAttention& first = at(windowed_.front());
    for (const std::size_t i : windowed_) {
      if (at(i).window != first.window || at(i).window_kind != first.window_kind) throw Unsaid{"windows of several sizes"};
    }
    head("[window]");
    key("size", first.window);
    key("kind", std::string(first.window_kind == WindowKind::chunked ? "chunked" : "sliding"));
    if (const std::size_t every = period(full_); every > 0) key("full_every", static_cast<std::int64_t>(every));
    else if (!full_.empty()) text("full_layers = " + list(full_) + "\n");
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

  void feed_forwards() {
    const DenseFeedForward* dense = nullptr;
    const MixtureOfExperts* routed = nullptr;
    std::vector<std::size_t> dense_layers;
    std::vector<std::size_t> routed_layers;
    std::vector<std::size_t> sizes;
    bool uniform = true;
    bool mixer_less = false;
    for (std::size_t i = 0; i < m_.layers.size(); ++i) {
      const FeedForward& forward = m_.layers[i].feed_forward;
      const bool no_mixer = std::holds_alternative<std::monostate>(m_.layers[i].mixer);
      if (const auto* d = std::get_if<DenseFeedForward>(&forward)) {
        if (dense != nullptr && (d->gated != dense->gated || d->bias != dense->bias)) throw Unsaid{"feed-forwards of several kinds"};
        uniform = uniform && (dense == nullptr || d->size == dense->size);
        dense = d;
        dense_layers.push_back(i);
        mixer_less = mixer_less || no_mixer;
        sizes.push_back(static_cast<std::size_t>(d->size));
      } else if (const auto* e = std::get_if<MixtureOfExperts>(&forward)) {
        if (routed != nullptr && !same(*e, *routed)) throw Unsaid{"experts that differ from layer to layer"};
        routed = e;
        routed_layers.push_back(i);
        mixer_less = mixer_less || no_mixer;
        sizes.push_back(static_cast<std::size_t>(e->size));  // not used there
      } else {
        sizes.push_back(dense != nullptr ? static_cast<std::size_t>(dense->size) : 1);
      }
    }
    for (const Layer& layer : m_.layers) {
      if (std::holds_alternative<std::monostate>(layer.mixer) && std::holds_alternative<std::monostate>(layer.feed_forward)) throw Unsaid{"layers without anything in them"};
    }
    const bool any_recurrent = std::any_of(m_.layers.begin(), m_.layers.end(), [](const Layer& l) { return std::holds_alternative<RecurrentMixer>(l.mixer); });
    const bool any_attention = std::any_of(m_.layers.begin(), m_.layers.end(), [](const Layer& l) {
      return std::holds_alternative<GroupedQueryAttention>(l.mixer) || std::holds_alternative<LatentAttention>(l.mixer);
    });
    if (dense == nullptr && routed == nullptr && !any_recurrent) throw Unsaid{"attention without any feed-forward"};
    if (!any_attention && !any_recurrent) throw Unsaid{"models without attention to text"};
    const bool everywhere = dense_layers.size() + routed_layers.size() == m_.layers.size();
    if (dense != nullptr) {
      head("[feed_forward]");
      if (uniform) key("size", dense->size);
      else text("sizes = " + list(sizes) + "\n");
      key("gated", dense->gated);
      if (dense->bias) key("bias", true);
      // Without a list the table speaks for every layer that [experts] does not.
      if (!everywhere || mixer_less) text("layers = " + list(dense_layers) + "\n");
      source();
    }
    if (routed != nullptr) experts(*routed, routed_layers, dense == nullptr || dense->gated, everywhere && !mixer_less);
  }

  static bool same(const MixtureOfExperts& a, const MixtureOfExperts& b) {
    return a.size == b.size && a.count == b.count && a.top_k == b.top_k && a.shared_size == b.shared_size && a.gated == b.gated && a.router_bias == b.router_bias;
  }

  void experts(const MixtureOfExperts& e, const std::vector<std::size_t>& layers, bool usually_gated, bool by_rule) {
    head("[experts]");
    key("count", e.count);
    key("top_k", e.top_k);
    key("size", e.size);
    if (e.shared_size > 0) key("shared_size", e.shared_size);
    if (!by_rule || !placement(layers)) text("layers = " + list(layers) + "\n");
    if (e.gated != usually_gated) key("gated", e.gated);
    if (e.router_bias) key("router_bias", true);
    source();
  }

  // Layers from `first` on whose number is a multiple of `every`; false where they are no such choice.
  bool placement(const std::vector<std::size_t>& layers) {
    const std::size_t first = layers.front();
    for (std::size_t every = 1; every <= first + 1; ++every) {
      if ((first + 1) % every != 0) continue;
      std::vector<std::size_t> chosen;
      for (std::size_t i = first; i < m_.layers.size(); i += every) chosen.push_back(i);
      if (chosen != layers) continue;
      if (first + 1 > every) key("first_dense", static_cast<std::int64_t>(first));
      if (every > 1) key("every", static_cast<std::int64_t>(every));
      return true;
    }
    return false;
  }

  static void bounded(std::int64_t value, std::int64_t most, const char* what) {
    if (value < 1 || value > most) throw Unsaid{std::string(what) + " of " + std::to_string(value)};
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
  const TomlOptions& options_;
  std::string out_;
  std::vector<std::size_t> full_;      // layers that attend to everything
  std::vector<std::size_t> windowed_;
  bool no_mixer_ = false;              // some layers are a feed-forward alone
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
