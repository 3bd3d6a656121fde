// Layers of a model that is too large for a card: which fit on it, which stay in host memory. [model.md#offload]
#pragma once

#include "roofline/core/footprint.hpp"

namespace roofline {

struct Offload {
  int layers = 0;  // on the card, as llama.cpp's --n-gpu-layers counts: the last ones, and the head as one more
  int of = 0;      // all of them and the head
  Bytes device;    // needed on the card with that many
  Bytes host;      // needed in host memory: what stays there, with its share of the KV cache

  [[nodiscard]] bool whole() const { return layers == of; }
};

// The most layers whose weights and KV cache, with the compute buffer and the runtime, stay within `available`. The buffer is
// taken whole whatever the split: it is the largest step's, and any layer left on the card needs that step there.
Offload offload(const ModelSpec& model, const std::vector<StoredTensor>& stored, const Workload& workload, const MemoryRules& rules,
                const Footprint& footprint, Bytes available);

}  // namespace roofline
