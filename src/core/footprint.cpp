#include "roofline/core/footprint.hpp"

#include <algorithm>

namespace roofline {
namespace {

Bytes host_resident(const std::vector<StoredTensor>& stored) {
  Bytes host;
  for (const StoredTensor& tensor : stored) {
    if (tensor.tensor.access == Access::one_row) host += tensor.bytes;
  }
  return host;
}

Bytes linear_buffer(const LinearBuffer& rule, Bytes weights, const ModelSpec& model, const Workload& workload, Footprint& out) {
  Bytes total;
  const auto cite = [&](const auto& figure) {
    out.cites.push_back(figure->cite);
    if (figure->cite.basis == Basis::assumed) out.assumptions.push_back("compute buffer: " + figure->cite.note);
  };
  if (rule.fixed) {
    total += rule.fixed->value;
    cite(rule.fixed);
  }
  if (rule.per_weight_byte) {
    total += rule.per_weight_byte->value * weights;
    cite(rule.per_weight_byte);
  }
  if (rule.per_hidden) {
    total += static_cast<double>(model.hidden) * std::min(workload.prompt, workload.ubatch) * workload.batch * rule.per_hidden->value;
    cite(rule.per_hidden);
  }
  return total;
}

Bytes compute_buffer(const ModelSpec& model, const Workload& workload, const Engine& engine, Bytes weights, Footprint& out) {
  switch (engine.memory.compute_buffer) {
    case BufferRule::none: return {};
    case BufferRule::linear: return linear_buffer(engine.memory.linear, weights, model, workload, out);
    case BufferRule::llama_cpp: {
      const auto form = engine.memory.buffer_forms.find(model.family);
      if (form != engine.memory.buffer_forms.end()) return llama_compute_buffer(model, workload, form->second, engine.memory.kv_padding);
      out.assumptions.push_back("compute buffer: no closed form was checked for the " + model.family +
                                " family; the one of Llama is used (checked within 3 % on Llama, Qwen2, Qwen3 and Gemma)");
      return llama_compute_buffer(model, workload, BufferForm::llama, engine.memory.kv_padding);
    }
  }
  return {};
}

}  // namespace

Footprint footprint(const ModelSpec& model, const std::vector<StoredTensor>& stored, const Workload& workload,
                    const Engine& engine, UnitKind unit, const Device& device) {
  Footprint out;
  out.weights = total_bytes(stored);
  if (engine.memory.weights_factor) {
    out.weights = engine.memory.weights_factor->value * out.weights;
    out.cites.push_back(engine.memory.weights_factor->cite);
  }
  if (device.placement == Placement::discrete && unit == UnitKind::gpu && engine.memory.host_embeddings) out.host = host_resident(stored);
  out.kv_cache = kv_cache_bytes(model, workload, engine.memory);
  out.compute_buffer = compute_buffer(model, workload, engine, out.weights, out);
  if (const auto cost = runtime_cost(engine, unit, device.chip)) {
    out.runtime = cost->value;
    out.cites.push_back(cost->cite);
    if (cost->cite.basis == Basis::assumed) out.assumptions.push_back("runtime memory: " + cost->cite.note);
  } else {
    out.assumptions.push_back("runtime memory of " + engine.name + " here is not known and counted as 0");
  }
  // llama.cpp asks for the weights of one device in a single buffer.
  out.largest_allocation = std::max(out.weights - out.host, out.kv_cache);
  return out;
}

}  // namespace roofline
