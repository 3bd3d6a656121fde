// ModelSpec + Workload + Engine -> memory needed, by class. [model.md#memory]
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "roofline/core/engine.hpp"
#include "roofline/core/tensors.hpp"
#include "roofline/core/workload.hpp"

namespace roofline {

// What the operating system shows for the process, which is not what it needs: mapped pages of the file can be dropped.
struct ResidentMemory {
  Bytes mapped;    // pages of the file; nothing where it is read instead
  Bytes repacked;  // second copies of some weights; with a mapped file, beside their pages
  Bytes loaded;    // shown after loading
  Bytes working;   // shown at most, once the compute buffer has been used
};

struct Footprint {
  Bytes weights;         // all tensors of the file
  Bytes host;            // of these, the part that stays in host memory on a discrete card
  Bytes on_storage;      // of these, the part that is read from storage row by row and is never in memory as a whole
  Bytes kv_cache;        // KV cells allocated, plus recurrent state
  Bytes compute_buffer;
  Bytes runtime;
  Bytes largest_allocation;
  std::optional<ResidentMemory> resident;  // empty: not known for this engine and unit
  const FittedMemory* fitted = nullptr;  // where buffer and runtime come from measured runs
  std::vector<std::string> assumptions;
  std::vector<Citation> cites;

  [[nodiscard]] Bytes total() const { return weights - host - on_storage + kv_cache + compute_buffer + runtime; }
};

// llama.cpp: cells = pad(n_ctx, 256) for full layers, min(n_ctx, pad(window + n_ubatch)) for sliding ones; others: exactly
// the tokens held. Recurrent state is per sequence. [model.md#kv-cache]
Bytes kv_cache_bytes(const ModelSpec& model, const Workload& workload, const MemoryRules& rules);
Bytes kv_cache_bytes(const ModelSpec& model, const Workload& workload, KvRule rule, int padding);
// The same for each layer: what moves with it when it is left in host memory.
std::vector<Bytes> kv_cache_by_layer(const ModelSpec& model, const Workload& workload, const MemoryRules& rules);
// KV bytes one token adds to layers that see the whole context, and its growth ignoring windows.
Bytes kv_bytes_per_token(const ModelSpec& model, const WeightFormat& k, const WeightFormat& v);
// Closed form of llama.cpp's scratch arena; domain: n_ubatch > 1, n_ctx >= 256, f16 / bf16 / quantized KV. [model.md#compute-buffer]
// `padding`: cells the engine pads contexts to (MemoryRules::kv_padding).
Bytes llama_compute_buffer(const ModelSpec& model, const Workload& workload, BufferForm form, int padding);

// Weights that are in memory while text is generated: every expert, but neither the input table nor what only images need.
Bytes resident_weights(const std::vector<StoredTensor>& stored);
// Rows of the vocabulary that fitted memory counts: the head's.
double vocabulary_rows(const ModelSpec& model);

Footprint footprint(const ModelSpec& model, const std::vector<StoredTensor>& stored, const Workload& workload,
                    const Engine& engine, UnitKind unit, const Device& device);

}  // namespace roofline
