#include <algorithm>
#include <set>

#include "db/loaders.hpp"
#include "db/model_blocks.hpp"

namespace roofline::db {
namespace {

constexpr std::string_view top_keys[] = {"schema", "id", "name", "family", "architecture", "aliases", "notes", "dimensions", "attention", "window",
                                         "full_attention", "latent_attention", "cross_attention", "feed_forward", "experts", "recurrent", "tensor", "parameters"};
constexpr std::string_view dimension_keys[] = {"layers", "hidden", "vocabulary", "context", "tied_embeddings", "norms_per_layer", "norm_bias",
                                               "embedding_rows", "gguf_vocabulary", "source", "at", "note", "basis"};
constexpr std::string_view attention_keys[] = {"heads", "kv_heads", "head_dim", "head_dim_v", "qkv_bias", "output_bias", "qk_norm", "rope_freqs",
                                               "fused_qkv", "layers", "shared_kv_layers", "idle_kv_weights", "source", "at", "note", "basis"};
constexpr std::string_view window_keys[] = {"size", "kind", "full_every", "full_layers", "source", "at", "note", "basis"};
constexpr std::string_view full_keys[] = {"heads", "kv_heads", "head_dim", "head_dim_v", "value_from_key", "source", "at", "note", "basis"};
constexpr std::string_view latent_keys[] = {"q_lora_rank", "kv_lora_rank", "rope_dim", "nope_dim", "value_dim", "source", "at", "note", "basis"};
constexpr std::string_view cross_keys[] = {"layers", "source_tokens", "heads", "kv_heads", "head_dim", "source", "at", "note", "basis"};
constexpr std::string_view feed_forward_keys[] = {"size", "sizes", "layers", "gated", "bias", "source", "at", "note", "basis"};
constexpr std::string_view expert_keys[] = {"count", "top_k", "size", "shared_size", "first_dense", "every", "layers", "gated", "router_bias",
                                            "source", "at", "note", "basis"};
constexpr std::string_view recurrent_keys[] = {"layers", "state_elements", "conv_elements", "matrices", "vectors", "ops_per_token", "kind", "inner", "state", "heads",
                                               "head_dim", "groups", "kernel", "rank", "decay_rank", "rate_rank", "value_rank", "gate_rank", "channel_mix",
                                               "source", "at", "note", "basis"};
constexpr std::string_view tensor_keys[] = {"role", "rows", "columns", "count", "access", "container", "parameter", "vector", "source", "at", "note", "basis"};
constexpr std::string_view parameter_keys[] = {"stated", "active_stated", "note", "source", "at", "basis"};

class ModelReader {
 public:
  ModelReader(const toml::table& root, File& file) : top_(root, "model", top_keys, file) {}

  ModelSpec read() {
    check_schema(top_);
    m_.id = checked_id(top_, "id");
    m_.name = top_.text("name");
    m_.family = top_.text("family");
    m_.architecture = top_.text_or("architecture", "");
    m_.aliases = top_.strings("aliases");
    m_.notes = top_.strings("notes");
    dimensions();
    layers();
    for (Table& entry : top_.tables("tensor", tensor_keys)) {
      m_.extra.push_back(extra_tensor(entry));
      cite(entry);
    }
    if (auto parameters = top_.table("parameters", parameter_keys)) {
      m_.stated_parameters = parameters->optional_count("stated", "params");
      m_.stated_active_parameters = parameters->optional_count("active_stated", "params");
      m_.parameters_note = parameters->text_or("note", "");
      if (parameters->has("source")) cite(*parameters);
    }
    return std::move(m_);
  }

 private:
  void cite(Table& table) { m_.cites.push_back(table.own_citation()); }

  void dimensions() {
    auto table = top_.table("dimensions", dimension_keys);
    if (!table) {
      top_.error("dimensions", "a model has a table [dimensions]");
      return;
    }
    layer_count_ = table->integer("layers", 1, most_layers);
    m_.hidden = small(table->integer("hidden", 1, widest));
    m_.vocabulary = table->integer("vocabulary", 1, widest * 10);
    m_.context = small(table->integer("context", 1, longest_context));
    if (!table->has("tied_embeddings")) table->error("tied_embeddings", "missing key 'tied_embeddings' in " + table->name());
    m_.tied_embeddings = table->flag_or("tied_embeddings", false);
    m_.norms_per_layer = small(table->integer("norms_per_layer", 0, 100));
    m_.norm_bias = table->flag_or("norm_bias", false);
    m_.embedding_rows = table->integer_or("embedding_rows", 1, widest * 10, m_.vocabulary);
    if (m_.embedding_rows < m_.vocabulary) table->error("embedding_rows", "'embedding_rows' in " + table->name() + " is below the vocabulary");
    m_.gguf_vocabulary = table->integer_or("gguf_vocabulary", 1, widest * 10, 0);
    cite(*table);
  }

  void layers() {
    const std::optional<Mixer> usual = usual_mixer();
    std::optional<Window> limits;
    if (auto table = top_.table("window", window_keys)) {
      limits = window(*table, layer_count_);
      if (top_.has("latent_attention")) table->error("size", "[window] and [latent_attention] together: which layers would have which?");
      cite(*table);
    }
    const auto* grouped = usual ? std::get_if<GroupedQueryAttention>(&*usual) : nullptr;
    if (auto table = top_.table("full_attention", full_keys)) {
      if (grouped == nullptr || !limits) table->error("head_dim", "[full_attention] is for models with [attention] and [window]");
      if (grouped != nullptr) full_ = full_attention(*table, *grouped);
      cite(*table);
    }
    const std::optional<FeedForwards> dense = feed_forwards();
    std::optional<Experts> routed;
    if (auto table = top_.table("experts", expert_keys)) {
      routed = experts(*table, !dense || dense->usual.gated, layer_count_);
      cite(*table);
    }
    build(usual, limits, dense, routed);
    special_layers();
    whole(dense, routed);
  }

  // A layer may lack a mixer where a table names it as one that has a feed-forward, and a feed-forward where none names it.
  void whole(const std::optional<FeedForwards>& dense, const std::optional<Experts>& routed) {
    for (std::int64_t i = 0; i < layer_count_ && i < static_cast<std::int64_t>(m_.layers.size()); ++i) {
      if (!std::holds_alternative<std::monostate>(m_.layers[static_cast<std::size_t>(i)].mixer)) continue;
      if ((dense && dense->listed.contains(i)) || (routed && routed->listed.contains(i))) continue;
      if (!top_.has("attention") && !top_.has("recurrent")) {
        top_.error("recurrent", "a model has a table [attention] or [recurrent]");
      } else if (!top_.has("attention")) {
        top_.error("recurrent", "no [attention], and [recurrent] does not cover every layer: not layer " + std::to_string(i));
      } else {
        top_.error("attention", "layer " + std::to_string(i) + " has no mixer, and no list of [feed_forward] or [experts] names it");
      }
      return;
    }
  }

  std::optional<Mixer> usual_mixer() {
    std::optional<Mixer> usual;
    if (auto table = top_.table("attention", attention_keys)) {
      usual = grouped_attention(*table);
      attention_layers_ = layer_set(*table, layer_count_);
      shared_kv_layers_ = table->integer_or("shared_kv_layers", 1, std::max<std::int64_t>(1, layer_count_ - 1), 0);
      idle_kv_weights_ = table->flag_or("idle_kv_weights", false);
      if (idle_kv_weights_ && shared_kv_layers_ == 0) table->error("idle_kv_weights", "'idle_kv_weights' is for models with 'shared_kv_layers'");
      m_.rope_freqs = small(table->integer_or("rope_freqs", 1, widest, 0));
      cite(*table);
    }
    if (auto table = top_.table("latent_attention", latent_keys)) {
      if (!usual) table->error("kv_lora_rank", "[latent_attention] needs [attention] for the number of heads");
      LatentAttention a;
      a.heads = usual ? std::get<GroupedQueryAttention>(*usual).heads : 1;
      a.q_lora_rank = small(table->integer_or("q_lora_rank", 0, widest, 0));
      a.kv_lora_rank = small(table->integer("kv_lora_rank", 1, widest));
      a.rope_dim = small(table->integer("rope_dim", 1, widest));
      a.nope_dim = small(table->integer("nope_dim", 1, widest));
      a.value_dim = small(table->integer("value_dim", 1, widest));
      usual = a;
      cite(*table);
    }
    return usual;
  }

  std::optional<FeedForwards> feed_forwards() {
    auto table = top_.table("feed_forward", feed_forward_keys);
    if (!table) {
      if (!top_.has("recurrent") && !top_.has("experts")) top_.error("feed_forward", "a model has a table [feed_forward], [experts] or [recurrent]");
      return std::nullopt;
    }
    FeedForwards f;
    f.sizes = table->integers("sizes", 1, widest);
    if (table->has("size") && table->has("sizes")) table->error("sizes", table->name() + " states either 'size' or 'sizes'");
    if (table->has("sizes") && static_cast<std::int64_t>(f.sizes.size()) != layer_count_) {
      table->error("sizes", std::to_string(f.sizes.size()) + " sizes for " + std::to_string(layer_count_) + " layers");
      f.sizes.clear();
    }
    if (!table->has("sizes")) f.usual.size = small(table->integer("size", 1, widest));
    if (!table->has("gated")) table->error("gated", "missing key 'gated' in " + table->name());
    f.usual.gated = table->flag_or("gated", true);
    f.usual.bias = table->flag_or("bias", false);
    f.listed = layer_set(*table, layer_count_);
    cite(*table);
    return f;
  }

  void build(const std::optional<Mixer>& usual, const std::optional<Window>& limits, const std::optional<FeedForwards>& dense,
             const std::optional<Experts>& routed) {
    for (std::int64_t i = 0; i < layer_count_; ++i) {
      Layer layer;
      if (usual && speaks_for(attention_layers_, i)) layer.mixer = *usual;
      if (auto* grouped = std::get_if<GroupedQueryAttention>(&layer.mixer); grouped != nullptr) {
        if (limits && limits->sees_everything(i)) {
          if (full_) *grouped = *full_;
        } else if (limits) {
          grouped->window_kind = limits->kind;
          grouped->window = limits->size;
        }
        grouped->shares_kv = i >= layer_count_ - shared_kv_layers_;
        grouped->idle_kv_weights = grouped->shares_kv && idle_kv_weights_;
      }
      if (routed && routed->in(i)) {
        layer.feed_forward = routed->moe;
      } else if (dense && speaks_for(dense->listed, i)) {
        DenseFeedForward forward = dense->usual;
        if (!dense->sizes.empty()) forward.size = small(dense->sizes[static_cast<std::size_t>(i)]);
        layer.feed_forward = forward;
      }
      m_.layers.push_back(std::move(layer));
    }
  }

  void special_layers() {
    if (auto table = top_.table("cross_attention", cross_keys)) {
      CrossAttention a;
      a.heads = small(table->integer("heads", 1, most_heads));
      a.kv_heads = small(table->integer("kv_heads", 1, most_heads));
      a.head_dim = small(table->integer("head_dim", 1, widest));
      a.source_tokens = small(table->integer("source_tokens", 1, longest_context));
      check_head_groups(*table, a.heads, a.kv_heads);
      replace(*table, a);
    }
    if (auto table = top_.table("recurrent", recurrent_keys)) {
      const Recurrent block = recurrent(*table, m_.hidden);
      replace(*table, block.usual);
      if (block.first && special_.contains(0)) m_.layers.front().mixer = *block.first;
    }
  }

  void replace(Table& table, const Mixer& mixer) {
    if (!table.has("layers")) table.error("layers", "missing key 'layers' in " + table.name());
    for (const std::int64_t layer : table.integers("layers", 0, layer_count_ - 1)) {
      if (!special_.insert(layer).second) table.error("layers", "layer " + std::to_string(layer) + " stands twice in [cross_attention] and [recurrent]");
      if (attention_layers_.contains(layer)) table.error("layers", "layer " + std::to_string(layer) + " is also one of [attention]");
      m_.layers[static_cast<std::size_t>(layer)].mixer = mixer;
    }
    cite(table);
  }

  Table top_;
  ModelSpec m_;
  std::int64_t layer_count_ = 0;
  std::optional<GroupedQueryAttention> full_;  // [full_attention]
  std::set<std::int64_t> attention_layers_;    // empty: all
  std::int64_t shared_kv_layers_ = 0;          // the last so many reuse earlier layers' KV
  bool idle_kv_weights_ = false;
  std::set<std::int64_t> special_;  // layers of [cross_attention] or [recurrent]
};

}  // namespace

ModelSpec read_model(const toml::table& root, File& file) { return ModelReader(root, file).read(); }

std::vector<KnownTable> model_tables() {
  return {{"", top_keys}, {"dimensions", dimension_keys}, {"attention", attention_keys}, {"window", window_keys}, {"full_attention", full_keys}, {"latent_attention", latent_keys},
          {"cross_attention", cross_keys}, {"feed_forward", feed_forward_keys}, {"experts", expert_keys}, {"recurrent", recurrent_keys},
          {"recurrent.matrices[]", matrix_keys}, {"tensor[]", tensor_keys}, {"parameters", parameter_keys}};
}

}  // namespace roofline::db
