// ModelSpec + quantization + Workload -> operators of one phase: work and traffic, no device in them.
#pragma once

#include <string>
#include <vector>

#include "roofline/core/tensors.hpp"
#include "roofline/core/workload.hpp"

namespace roofline {

enum class OperatorKind { matmul, expert_matmul, attention, recurrent, embedding };
std::string_view to_string(OperatorKind kind);

struct Traffic {
  Bytes weights;
  Bytes kv_cache;
  Bytes state;
  [[nodiscard]] Bytes total() const { return weights + kv_cache + state; }
};

// All tensors of one role (over the layers) form one operator: they share shape, format family and arithmetic.
struct Operator {
  OperatorKind kind = OperatorKind::matmul;
  std::string name;           // tensor role, or "attention", "recurrent state"
  std::string format;         // storage format id of the weights; empty for attention
  std::string format_family;
  int repeats = 1;            // tensors or layers folded into it
  Ops work;
  Traffic traffic;
  Bytes routed;       // of experts: what is read if every token picks its own evenly. The traffic is what must be read: the same few for all.
  Bytes activations;  // what products take in and give out, at 16 bits: no part of the traffic, as it may stay in caches
};

// Decode: one step, one new token for each of `batch` sequences, at the workload's decode depth.
std::vector<Operator> decode_operators(const ModelSpec& model, const std::vector<StoredTensor>& stored, const Workload& workload);
// Layers with equal mixers, folded: a chunked prompt asks for them once per chunk.
struct MixerGroup {
  const Mixer* mixer = nullptr;
  int repeats = 0;
};
std::vector<MixerGroup> mixer_groups(const ModelSpec& model);
// What a chunk of `tokens` prompt tokens per sequence multiplies, wherever it stands; `last` adds the head for one token.
std::vector<Operator> prefill_products(const std::vector<StoredTensor>& stored, const Workload& workload, int tokens, bool last);
// Attention and recurrent state of the chunk that starts at `position`.
std::vector<Operator> prefill_mixers(const std::vector<MixerGroup>& groups, const Workload& workload, int position, int tokens);
// Both.
std::vector<Operator> prefill_operators(const ModelSpec& model, const std::vector<StoredTensor>& stored, const Workload& workload,
                                        int position, int tokens, bool last);

// Distinct experts that `tokens` tokens reach, each choosing top_k of `count` evenly: E (1 - (1 - k/E)^B). [model.md#moe-batch]
double distinct_experts(int count, int top_k, double tokens);
// Bytes of the weights a text token reads at batch 1 without KV; the input embedding counts one row.
Bytes streamed_weight_bytes(const std::vector<StoredTensor>& stored);

}  // namespace roofline
