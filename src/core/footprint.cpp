#include "roofline/core/footprint.hpp"

#include <algorithm>

namespace roofline {
namespace {

std::string percent(double ratio) {
  const int tenths = static_cast<int>(ratio * 1000 + 0.5);
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " %";
}

Bytes one_row_tensors(const std::vector<StoredTensor>& stored) {
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

// As the engine's file states them.
void add_stated(const ModelSpec& model, const Workload& workload, const Engine& engine, UnitKind unit, const Device& device, Footprint& out) {
  out.compute_buffer = compute_buffer(model, workload, engine, out.weights, out);
  if (const auto cost = runtime_cost(engine, unit, device.chip)) {
    out.runtime = cost->value;
    out.cites.push_back(cost->cite);
    if (cost->cite.basis == Basis::assumed) out.assumptions.push_back("runtime memory: " + cost->cite.note);
  } else {
    out.assumptions.push_back("runtime memory of " + engine.name + " here is not known and counted as 0");
  }
}

// Buffers and runtime as the engine's measured runs have them. [model.md#fitted-memory]
void apply_fitted(const FittedMemory& fitted, const MemoryFitRule& rule, const ModelSpec& model, const std::vector<StoredTensor>& stored,
                  const Workload& workload, Footprint& out) {
  const Bytes resident = resident_weights(stored);
  out.fitted = &fitted;
  if (rule.input_table == InputTable::on_storage) out.on_storage = one_row_tensors(stored);
  out.compute_buffer = fitted.extra_per_weight_byte * resident + vocabulary_rows(model) * fitted.per_vocabulary_row +
                       static_cast<double>(workload.batch) * fitted.per_sequence;
  out.runtime = fitted.fixed;
  out.cites.push_back(rule.cite);
  std::string note = "memory beyond weights and KV cache: fitted to " + std::to_string(fitted.runs) + " runs of " + std::to_string(fitted.models) + " models";
  if (fitted.error) note += " (a model left out is met within " + percent(*fitted.error) + " in the median)";
  out.assumptions.push_back(std::move(note));
  if (rule.input_table == InputTable::on_storage && out.on_storage > Bytes{}) {
    out.assumptions.push_back("the input table is not in the memory this engine reports; it is taken to be read from storage row by row");
  }
}

bool repacks(const RepackRule& rule, const StoredTensor& tensor) {
  const auto& formats = rule.formats;
  return std::find(formats.begin(), formats.end(), tensor.format->id) != formats.end() && tensor.tensor.rows % rule.rows == 0;
}

// [model.md#resident-memory]
std::optional<ResidentMemory> resident_memory(const std::vector<StoredTensor>& stored, const Workload& workload, const Engine& engine, UnitKind unit,
                                              std::string_view chip, Footprint& out) {
  const auto rules = repack_rules(engine, unit, chip);
  if (rules.empty()) return std::nullopt;
  ResidentMemory resident;
  if (workload.repack) {
    for (const StoredTensor& tensor : stored) {
      // Only matrices that are multiplied: a table that rows are picked from keeps its layout.
      if (tensor.tensor.access == Access::one_row) continue;
      if (std::any_of(rules.begin(), rules.end(), [&](const RepackRule* rule) { return repacks(*rule, tensor); })) resident.repacked += tensor.bytes;
    }
  }
  if (workload.mapped_file) resident.mapped = out.weights;
  const Bytes copies = workload.mapped_file ? resident.repacked : Bytes{};
  resident.loaded = out.weights + copies + out.kv_cache + out.runtime;
  resident.working = resident.loaded + out.compute_buffer;
  for (const RepackRule* rule : rules) out.cites.push_back(rule->cite);
  return resident;
}

}  // namespace

Bytes resident_weights(const std::vector<StoredTensor>& stored) {
  Bytes resident;
  for (const StoredTensor& tensor : stored) {
    if (tensor.tensor.access == Access::every_token) resident += tensor.bytes;
  }
  return resident;
}

double vocabulary_rows(const ModelSpec& model) { return static_cast<double>(model.vocabulary); }

Footprint footprint(const ModelSpec& model, const std::vector<StoredTensor>& stored, const Workload& workload,
                    const Engine& engine, UnitKind unit, const Device& device) {
  Footprint out;
  out.weights = total_bytes(stored);
  if (engine.memory.weights_factor) {
    out.weights = engine.memory.weights_factor->value * out.weights;
    out.cites.push_back(engine.memory.weights_factor->cite);
  }
  if (device.placement == Placement::discrete && unit == UnitKind::gpu && engine.memory.host_embeddings) out.host = one_row_tensors(stored);
  out.kv_cache = kv_cache_bytes(model, workload, engine.memory);
  const FittedMemory* fitted = fitted_memory(engine, unit, device.chip);
  if (fitted != nullptr) {
    apply_fitted(*fitted, *memory_fit_rule(engine, unit, device.chip), model, stored, workload, out);
  } else {
    add_stated(model, workload, engine, unit, device, out);
  }
  out.resident = resident_memory(stored, workload, engine, unit, device.chip, out);
  // llama.cpp asks for the weights of one device in a single buffer.
  out.largest_allocation = std::max(out.weights - out.host - out.on_storage, out.kv_cache);
  return out;
}

}  // namespace roofline
