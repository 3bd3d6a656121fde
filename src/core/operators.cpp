#include "roofline/core/operators.hpp"

#include <algorithm>
#include <cmath>

namespace roofline {
namespace {

constexpr double ops_per_multiply_add = 2.0;
constexpr double activation_bytes = 2.0;
constexpr double state_element_bytes = 4.0;  // recurrent state is kept in f32 [model.md#recurrent-state]

double per_weight(const WeightFormat& format) { return bits_per_weight(format) / 8.0; }

// What a phase does to each tensor and each layer.
struct Pass {
  double batch = 1;       // sequences
  double tokens = 1;      // new tokens per sequence
  double head_tokens = 1; // tokens per sequence that need logits
};

Operator& operator_for(std::vector<Operator>& operators, const StoredTensor& stored) {
  const std::string& role = stored.tensor.rule_role == "output" ? stored.tensor.rule_role : stored.tensor.role;
  for (Operator& op : operators) {
    if (op.name == role && op.format == stored.format->id) return op;
  }
  Operator op;
  op.name = role;
  op.format = stored.format->id;
  op.format_family = stored.format->family;
  op.repeats = 0;
  operators.push_back(std::move(op));
  return operators.back();
}

bool is_head(const Tensor& tensor) { return tensor.rule_role == "output"; }

Bytes in_and_out(const Tensor& tensor, double copies, double tokens) {
  return activation_bytes * (static_cast<double>(tensor.rows) + static_cast<double>(tensor.row_length)) * copies * tokens * unit::B;
}

void add_tensor(std::vector<Operator>& operators, const StoredTensor& stored, const Pass& pass) {
  const Tensor& tensor = stored.tensor;
  if (tensor.access == Access::image_only || tensor.access == Access::never) return;
  const double elements = static_cast<double>(tensor.rows) * static_cast<double>(tensor.row_length);
  const double tokens = pass.batch * (is_head(tensor) ? pass.head_tokens : pass.tokens);
  if (tokens <= 0) return;
  Operator& op = operator_for(operators, stored);
  ++op.repeats;
  if (tensor.access == Access::one_row) {
    op.kind = OperatorKind::embedding;
    op.traffic.weights += tokens * static_cast<double>(tensor.copies) * stored_bytes(*stored.format, 1, tensor.row_length);
    return;
  }
  if (tensor.copies != tensor.active_copies) {
    op.kind = OperatorKind::expert_matmul;
    const double reached = distinct_experts(static_cast<int>(tensor.copies), static_cast<int>(tensor.active_copies), tokens);
    op.traffic.weights += static_cast<double>(tensor.active_copies) / static_cast<double>(tensor.copies) * stored.bytes;
    op.routed += reached / static_cast<double>(tensor.copies) * stored.bytes;
    op.work += ops_per_multiply_add * elements * static_cast<double>(tensor.active_copies) * tokens * unit::op;
    op.activations += in_and_out(tensor, static_cast<double>(tensor.active_copies), tokens);
    return;
  }
  op.traffic.weights += stored.bytes;
  // Norms and biases are read but their arithmetic is not a matrix product; it is negligible and left out.
  if (tensor.kind != TensorKind::vector) {
    op.work += ops_per_multiply_add * elements * static_cast<double>(tensor.copies) * tokens * unit::op;
    op.activations += in_and_out(tensor, static_cast<double>(tensor.copies), tokens);
  }
}

// Positions that `tokens` new tokens starting at `position` look at, summed (seen) and as one contiguous read (read).
struct Span {
  double seen = 0;
  double read = 0;
};

Span span_of(WindowKind kind, int window, double position, double tokens) {
  Span span;
  const double end = position + tokens;
  if (kind == WindowKind::none || window <= 0) {
    span.seen = tokens * position + tokens * (tokens + 1) / 2;
    span.read = end;
  } else if (kind == WindowKind::sliding) {
    // Token number p (counted from 1) sees min(p, window) positions.
    const double growing = std::clamp(window - position, 0.0, tokens);
    span.seen = growing * position + growing * (growing + 1) / 2 + (tokens - growing) * window;
    span.read = std::min(end, window + tokens - 1);
  } else {
    // Chunked: each token sees its own chunk up to itself; whole chunks cost window (window + 1) / 2.
    const auto up_to = [&](double p) {
      const double chunks = std::floor(p / window);
      const double rest = p - chunks * window;
      return chunks * window * (window + 1.0) / 2 + rest * (rest + 1) / 2;
    };
    span.seen = up_to(end) - up_to(position);
    span.read = std::min(end, std::fmod(position, window) + tokens);
  }
  return span;
}

// Decode reads at a fixed depth: one token looking back at `depth` positions.
Span decode_span(WindowKind kind, int window, double depth) {
  double visible = depth;
  if (kind == WindowKind::sliding && window > 0) visible = std::min(depth, static_cast<double>(window));
  if (kind == WindowKind::chunked && window > 0) visible = std::fmod(depth, window);
  return {visible, visible};
}

template <class SpanOf>
void add_mixers(std::vector<Operator>& operators, const std::vector<MixerGroup>& groups, const Workload& workload, const Pass& pass, SpanOf&& span) {
  Operator attention;
  attention.kind = OperatorKind::attention;
  attention.name = "attention";
  attention.format = workload.kv_k.id;
  attention.format_family = workload.kv_k.family;
  attention.repeats = 0;
  Operator recurrent;
  recurrent.kind = OperatorKind::recurrent;
  recurrent.name = "recurrent state";
  recurrent.format = "f32";
  recurrent.format_family = "float32";
  recurrent.repeats = 0;

  for (const MixerGroup& group : groups) {
    const double repeats = group.repeats;
    if (const auto* a = std::get_if<GroupedQueryAttention>(group.mixer)) {
      const Span s = span(a->window_kind, a->window);
      attention.repeats += group.repeats;
      attention.work += repeats * ops_per_multiply_add * pass.batch * a->heads * (a->head_dim_k + a->head_dim_v) * s.seen * unit::op;
      attention.traffic.kv_cache +=
          repeats * pass.batch * s.read * a->kv_heads * (a->head_dim_k * per_weight(workload.kv_k) + a->head_dim_v * per_weight(workload.kv_v)) * unit::B;
    } else if (const auto* m = std::get_if<LatentAttention>(group.mixer)) {
      const Span s = span(WindowKind::none, 0);
      attention.repeats += group.repeats;
      // Absorbed form: scores against latent + rotary part, values are the latent itself.
      attention.work += repeats * ops_per_multiply_add * pass.batch * m->heads * (2.0 * m->kv_lora_rank + m->rope_dim) * s.seen * unit::op;
      attention.traffic.kv_cache += repeats * pass.batch * s.read * (m->kv_lora_rank + m->rope_dim) * per_weight(workload.kv_k) * unit::B;
    } else if (const auto* r = std::get_if<RecurrentMixer>(group.mixer)) {
      recurrent.repeats += group.repeats;
      recurrent.work += repeats * pass.batch * pass.tokens * r->ops_per_token * unit::op;
      // Read and written once per pass.
      recurrent.traffic.state += repeats * 2.0 * pass.batch * state_element_bytes * static_cast<double>(r->state_elements + r->conv_elements) * unit::B;
    }
  }
  if (attention.repeats > 0) operators.push_back(std::move(attention));
  if (recurrent.repeats > 0) operators.push_back(std::move(recurrent));
}

}  // namespace

std::string_view to_string(OperatorKind kind) {
  switch (kind) {
    case OperatorKind::matmul: return "matmul";
    case OperatorKind::expert_matmul: return "expert matmul";
    case OperatorKind::attention: return "attention";
    case OperatorKind::recurrent: return "recurrent";
    case OperatorKind::embedding: return "embedding";
  }
  return "?";
}

double distinct_experts(int count, int top_k, double tokens) {
  if (count <= 0) return 0;
  const double missed = 1.0 - static_cast<double>(top_k) / count;
  return missed <= 0 ? count : count * (1.0 - std::pow(missed, tokens));
}

std::vector<Operator> decode_operators(const ModelSpec& model, const std::vector<StoredTensor>& stored, const Workload& workload) {
  const Pass pass{.batch = static_cast<double>(workload.batch), .tokens = 1, .head_tokens = 1};
  std::vector<Operator> operators;
  for (const StoredTensor& tensor : stored) add_tensor(operators, tensor, pass);
  const double depth = workload.decode_depth();
  add_mixers(operators, mixer_groups(model), workload, pass, [&](WindowKind kind, int window) { return decode_span(kind, window, depth); });
  return operators;
}

std::vector<MixerGroup> mixer_groups(const ModelSpec& model) {
  std::vector<MixerGroup> groups;
  for (const Layer& layer : model.layers) {
    const auto same = std::find_if(groups.begin(), groups.end(), [&](const MixerGroup& group) { return *group.mixer == layer.mixer; });
    if (same == groups.end()) {
      groups.push_back({&layer.mixer, 1});
    } else {
      ++same->repeats;
    }
  }
  return groups;
}

std::vector<Operator> prefill_products(const std::vector<StoredTensor>& stored, const Workload& workload, int tokens, bool last) {
  const Pass pass{.batch = static_cast<double>(workload.batch), .tokens = static_cast<double>(tokens), .head_tokens = last ? 1.0 : 0.0};
  std::vector<Operator> operators;
  for (const StoredTensor& tensor : stored) add_tensor(operators, tensor, pass);
  return operators;
}

std::vector<Operator> prefill_mixers(const std::vector<MixerGroup>& groups, const Workload& workload, int position, int tokens) {
  const Pass pass{.batch = static_cast<double>(workload.batch), .tokens = static_cast<double>(tokens), .head_tokens = 0};
  std::vector<Operator> operators;
  add_mixers(operators, groups, workload, pass, [&](WindowKind kind, int window) { return span_of(kind, window, position, tokens); });
  return operators;
}

std::vector<Operator> prefill_operators(const ModelSpec& model, const std::vector<StoredTensor>& stored, const Workload& workload,
                                        int position, int tokens, bool last) {
  std::vector<Operator> operators = prefill_products(stored, workload, tokens, last);
  for (Operator& op : prefill_mixers(mixer_groups(model), workload, position, tokens)) operators.push_back(std::move(op));
  return operators;
}

Bytes streamed_weight_bytes(const std::vector<StoredTensor>& stored) {
  std::vector<Operator> operators;
  for (const StoredTensor& tensor : stored) add_tensor(operators, tensor, Pass{});
  Bytes total;
  for (const Operator& op : operators) total += op.traffic.weights;
  return total;
}

}  // namespace roofline
