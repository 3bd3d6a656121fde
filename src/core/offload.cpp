#include "roofline/core/offload.hpp"

namespace roofline {
namespace {

// Weights by the place --n-gpu-layers moves them by. Tensors outside the layers go with the head; the input table stays.
struct Split {
  std::vector<Bytes> layers;
  Bytes head;
  Bytes table;       // input table: always in host memory
  Bytes tied_table;  // a table that is the head too: on the card as the head, and in host memory for the lookup
};

Split split(const ModelSpec& model, const std::vector<StoredTensor>& stored) {
  Split s;
  s.layers.resize(model.layers.size());
  for (const StoredTensor& t : stored) {
    if (t.tensor.layer >= 0) {
      s.layers[static_cast<std::size_t>(t.tensor.layer)] += t.bytes;
    } else if (t.tensor.access == Access::one_row) {
      s.table += t.bytes;
    } else {
      s.head += t.bytes;
      if (t.tensor.kind == TensorKind::embedding) s.tied_table += t.bytes;
    }
  }
  return s;
}

}  // namespace

Offload offload(const ModelSpec& model, const std::vector<StoredTensor>& stored, const Workload& workload, const MemoryRules& rules,
                const Footprint& footprint, Bytes available) {
  const Split weights = split(model, stored);
  const std::vector<Bytes> kv = kv_cache_by_layer(model, workload, rules);
  Offload out;
  out.of = static_cast<int>(model.layers.size()) + 1;
  out.host = weights.table + weights.head;
  for (std::size_t i = 0; i < kv.size(); ++i) out.host += weights.layers[i] + kv[i];
  const Bytes fixed = footprint.compute_buffer + footprint.runtime;
  Bytes device = fixed;
  for (std::size_t i = kv.size(); i-- > 0;) {
    const Bytes layer = weights.layers[i] + kv[i];
    if (device + layer > available) return out;
    device += layer;
    out.host -= layer;
    out.device = device;
    ++out.layers;
  }
  if (device + weights.head > available) return out;
  out.device = device + weights.head;
  out.host += weights.tied_table - weights.head;
  ++out.layers;
  return out;
}

}  // namespace roofline
