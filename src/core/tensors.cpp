#include "roofline/core/tensors.hpp"

#include <map>
#include <utility>

namespace roofline {
namespace {

// Collects the tensors of one model in the order of the layers.
class Inventory {
 public:
  Inventory(const ModelSpec& model, std::string_view container) : model_(model), container_(container) {}

  std::vector<Tensor> build() {
    embedding();
    for (std::size_t i = 0; i < model_.layers.size(); ++i) layer(static_cast<int>(i), model_.layers[i]);
    vector("output_norm", -1, model_.hidden * (model_.norm_bias ? 2 : 1));
    if (model_.rope_freqs > 0 && container_ == "gguf") {
      Tensor freqs = make("rope_freqs", TensorKind::vector, -1, 1, model_.rope_freqs);
      freqs.parameter = false;
      out_.push_back(std::move(freqs));
    }
    for (const ExtraTensor& extra : model_.extra) add_extra(extra);
    count_ordinals();
    return std::move(out_);
  }

 private:
  static Tensor make(std::string role, TensorKind kind, int layer, std::int64_t rows, std::int64_t row_length) {
    Tensor tensor;
    tensor.rule_role = role;
    tensor.role = std::move(role);
    tensor.kind = kind;
    tensor.layer = layer;
    tensor.rows = rows;
    tensor.row_length = row_length;
    return tensor;
  }
  void matrix(const char* role, int layer, std::int64_t rows, std::int64_t row_length) {
    out_.push_back(make(role, TensorKind::matrix, layer, rows, row_length));
    out_.back().access = access_;
  }
  void vector(const char* role, int layer, std::int64_t elements) {
    if (elements <= 0) return;
    out_.push_back(make(role, TensorKind::vector, layer, 1, elements));
    out_.back().access = access_;
  }
  void experts(const char* role, int layer, std::int64_t rows, std::int64_t row_length, const MixtureOfExperts& moe) {
    matrix(role, layer, rows, row_length);
    out_.back().copies = moe.count;
    out_.back().active_copies = moe.top_k;
  }

  void embedding() {
    const bool gguf_rows = container_ == "gguf" && model_.gguf_vocabulary > 0;
    const std::int64_t rows = gguf_rows ? model_.gguf_vocabulary : model_.embedding_rows;
    Tensor table = make("token_embd", TensorKind::embedding, -1, rows, model_.hidden);
    if (model_.tied_embeddings) {
      // The table is the head as well: quantized by the head's rules and read whole once per step.
      table.rule_role = "output";
      table.access = Access::every_token;
    } else {
      table.access = Access::one_row;
    }
    out_.push_back(std::move(table));
    if (!model_.tied_embeddings) matrix("output", -1, gguf_rows ? model_.gguf_vocabulary : model_.vocabulary, model_.hidden);
  }

  void layer(int index, const Layer& layer) {
    // A cross-attention layer is skipped whole when there is no image. [model.md#cross-attention]
    access_ = std::holds_alternative<CrossAttention>(layer.mixer) ? Access::image_only : Access::every_token;
    vector("norm", index, static_cast<std::int64_t>(model_.norms_per_layer) * model_.hidden * (model_.norm_bias ? 2 : 1));
    std::visit([&](const auto& mixer) { add(index, mixer); }, layer.mixer);
    std::visit([&](const auto& feed_forward) { add(index, feed_forward); }, layer.feed_forward);
    access_ = Access::every_token;
  }

  void add(int index, const GroupedQueryAttention& a) {
    const std::int64_t q = static_cast<std::int64_t>(a.heads) * a.head_dim_k;
    const std::int64_t k = static_cast<std::int64_t>(a.kv_heads) * a.head_dim_k;
    const std::int64_t v = static_cast<std::int64_t>(a.kv_heads) * a.head_dim_v;
    const std::int64_t o = static_cast<std::int64_t>(a.heads) * a.head_dim_v;
    const bool cached = !a.shares_kv;
    const std::int64_t kv_rows = k + (a.value_from_key ? 0 : v);
    if (a.fused_qkv && cached) {
      matrix("attn_qkv", index, q + kv_rows, model_.hidden);
    } else {
      matrix("attn_q", index, q, model_.hidden);
      if (cached || a.idle_kv_weights) {
        const Access usual = access_;
        if (!cached) access_ = Access::never;
        matrix("attn_k", index, k, model_.hidden);
        if (!a.value_from_key) matrix("attn_v", index, v, model_.hidden);
        access_ = usual;
      }
    }
    matrix("attn_output", index, model_.hidden, o);
    if (a.qkv_bias) vector("attn_bias", index, cached ? q + kv_rows : q);
    if (a.output_bias) vector("attn_output_bias", index, model_.hidden);
    const bool key_norm = cached || a.idle_kv_weights;
    if (a.qk_norm == QkNorm::per_head) vector("qk_norm", index, key_norm ? 2 * a.head_dim_k : a.head_dim_k);
    if (a.qk_norm == QkNorm::full_width) vector("qk_norm", index, key_norm ? q + k : q);
  }

  void add(int index, const LatentAttention& a) {
    const std::int64_t heads = a.heads;
    const std::int64_t qk_dim = a.nope_dim + a.rope_dim;
    if (a.q_lora_rank > 0) {
      matrix("attn_q_a", index, a.q_lora_rank, model_.hidden);
      vector("attn_q_a_norm", index, a.q_lora_rank);
      matrix("attn_q_b", index, heads * qk_dim, a.q_lora_rank);
    } else {
      matrix("attn_q", index, heads * qk_dim, model_.hidden);
    }
    matrix("attn_kv_a_mqa", index, a.kv_lora_rank + a.rope_dim, model_.hidden);
    vector("attn_kv_a_norm", index, a.kv_lora_rank);
    matrix("attn_k_b", index, heads * a.kv_lora_rank, a.nope_dim);
    matrix("attn_v_b", index, heads * a.value_dim, a.kv_lora_rank);
    matrix("attn_output", index, model_.hidden, heads * a.value_dim);
  }

  void add(int index, const CrossAttention& a) {
    const std::int64_t q = static_cast<std::int64_t>(a.heads) * a.head_dim;
    const std::int64_t kv = static_cast<std::int64_t>(a.kv_heads) * a.head_dim;
    matrix("cross_attn_q", index, q, model_.hidden);
    matrix("cross_attn_k", index, kv, model_.hidden);
    matrix("cross_attn_v", index, kv, model_.hidden);
    matrix("cross_attn_output", index, model_.hidden, q);
  }

  void add(int index, const RecurrentMixer& mixer) {
    for (const NamedMatrix& named : mixer.matrices) matrix(named.role.c_str(), index, named.rows, named.columns);
    vector("ssm_vectors", index, mixer.vector_elements);
  }

  void add(int, const std::monostate&) {}

  void add(int index, const DenseFeedForward& f) {
    if (f.gated) matrix("ffn_gate", index, f.size, model_.hidden);
    matrix("ffn_up", index, f.size, model_.hidden);
    matrix("ffn_down", index, model_.hidden, f.size);
    if (f.bias) vector("ffn_bias", index, static_cast<std::int64_t>(f.size) * (f.gated ? 2 : 1) + model_.hidden);
  }

  void add(int index, const MixtureOfExperts& m) {
    matrix("ffn_gate_inp", index, m.count, model_.hidden);
    out_.back().kind = TensorKind::router;
    if (m.router_bias) vector("ffn_gate_inp_bias", index, m.count);
    if (m.gated) experts("ffn_gate_exps", index, m.size, model_.hidden, m);
    experts("ffn_up_exps", index, m.size, model_.hidden, m);
    experts("ffn_down_exps", index, model_.hidden, m.size, m);
    if (m.shared_size > 0) {
      if (m.gated) matrix("ffn_gate_shexp", index, m.shared_size, model_.hidden);
      matrix("ffn_up_shexp", index, m.shared_size, model_.hidden);
      matrix("ffn_down_shexp", index, model_.hidden, m.shared_size);
    }
  }

  void add_extra(const ExtraTensor& extra) {
    if (!extra.container.empty() && extra.container != container_) return;
    const TensorKind kind = extra.vector                        ? TensorKind::vector
                            : extra.access == Access::one_row ? TensorKind::embedding
                                                                : TensorKind::matrix;
    Tensor tensor = make(extra.role, kind, -1, extra.rows, extra.columns);
    tensor.access = extra.access;
    tensor.copies = extra.count;
    tensor.active_copies = extra.count;
    tensor.parameter = extra.parameter;
    out_.push_back(std::move(tensor));
  }

  // llama.cpp counts attn_v and fused attn_qkv tensors as they come, out of as many as there are; feed-forwards of a model
  // without experts as they come too, but out of the layers; everything else by layer number. [model.md#quantization-rules]
  void count_ordinals() {
    const auto counted = [](const Tensor& t) { return t.role == "attn_v" || t.role == "attn_qkv"; };
    const bool dense = expert_count(model_) <= 1;
    int values = 0;
    for (const Tensor& tensor : out_) values += counted(tensor) ? 1 : 0;
    int next = 0;
    std::map<std::string_view, int> forwards{{"ffn_gate", 0}, {"ffn_up", 0}, {"ffn_down", 0}};
    for (Tensor& tensor : out_) {
      const auto forward = forwards.find(tensor.role);
      if (counted(tensor)) {
        tensor.ordinal = next++;
        tensor.ordinal_count = values;
      } else if (tensor.layer >= 0) {
        tensor.ordinal = dense && forward != forwards.end() ? forward->second++ : tensor.layer;
        tensor.ordinal_count = static_cast<int>(model_.layers.size());
      }
    }
  }

  const ModelSpec& model_;
  std::string_view container_;
  std::vector<Tensor> out_;
  Access access_ = Access::every_token;
};

double elements(const Tensor& tensor, std::int64_t copies) {
  return static_cast<double>(tensor.rows) * static_cast<double>(tensor.row_length) * static_cast<double>(copies);
}

}  // namespace

std::vector<Tensor> tensors(const ModelSpec& model, std::string_view container) { return Inventory(model, container).build(); }

double parameter_count(const ModelSpec& model) {
  double count = 0;
  for (const Tensor& tensor : tensors(model, "safetensors")) {
    if (tensor.parameter) count += elements(tensor, tensor.copies);
  }
  return count;
}

double active_parameter_count(const ModelSpec& model) {
  double count = 0;
  for (const Tensor& tensor : tensors(model, "safetensors")) {
    if (tensor.parameter && tensor.access == Access::every_token) count += elements(tensor, tensor.active_copies);
  }
  return count;
}

}  // namespace roofline
