// What is asked of the engine: prompt, generation, context, batch, KV type.
#pragma once

#include <cstdint>
#include <string>

#include "roofline/core/weight_format.hpp"

namespace roofline {

enum class Phase { prefill, decode };
constexpr const char* to_string(Phase phase) { return phase == Phase::prefill ? "prefill" : "decode"; }
enum class FlashAttention { off, on, automatic };

struct Workload {
  int prompt = 512;      // tokens per sequence
  int cached = 0;        // tokens per sequence that stand in the KV cache before the prompt: a shared prefix, earlier turns
  int generated = 128;   // tokens per sequence
  // llama.cpp's rule: cells allocated in all, shared out over the sequences (n_ctx); other engines: tokens per sequence.
  int context = 4096;
  int batch = 1;         // sequences decoded together
  int ubatch = 512;      // prefill chunk of engines that chunk by it
  FlashAttention flash_attention = FlashAttention::automatic;
  WeightFormat kv_k;     // storage of keys and of values
  WeightFormat kv_v;
  bool unified_kv = false;      // sequences share one cache (llama.cpp --kv-unified)
  bool full_window_cache = false;  // llama.cpp --swa-full
  bool mapped_file = true;         // weights are mapped from the file; false: read into memory (llama.cpp --no-mmap)
  bool repack = true;              // false: llama.cpp --no-repack
  int image_tokens = 0;            // per sequence, kept by cross-attention layers
  int outputs = 0;                 // logits reserved per chunk; 0: the whole ubatch, as llama-bench and libllama do

  // What the cache holds of one sequence in the end.
  [[nodiscard]] std::int64_t tokens() const { return std::int64_t{cached} + prompt + generated; }
  // Decode figures are taken in the middle of the generation.
  [[nodiscard]] double decode_depth() const { return cached + prompt + generated / 2.0; }
};

}  // namespace roofline
