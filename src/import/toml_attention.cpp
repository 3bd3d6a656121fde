#include <algorithm>

#include "import/toml_page.hpp"

namespace roofline::import {
namespace {

class AttentionTables : TomlPage {
 public:
  AttentionTables(const ModelSpec& model, const TomlOptions& options, std::string& out) : TomlPage(options, out), m_(model) {}

  void write() {
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

 private:
  // What a table states for all layers of its kind: everything but the window and the shared cache.
  static GroupedQueryAttention shape_of(GroupedQueryAttention a) {
    a.window_kind = WindowKind::none;
    a.window = 0;
    a.shares_kv = a.idle_kv_weights = false;
    return a;
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

  const ModelSpec& m_;
  std::vector<std::size_t> full_;      // layers that attend to everything
  std::vector<std::size_t> windowed_;
  bool no_mixer_ = false;              // some layers are a feed-forward alone
};

}  // namespace

void write_attention(const ModelSpec& model, const TomlOptions& options, std::string& out) { AttentionTables(model, options, out).write(); }

}  // namespace roofline::import
