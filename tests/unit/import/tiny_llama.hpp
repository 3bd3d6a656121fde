// A Llama of two layers, small enough to be written whole: hidden 256, 4 heads of 64 (2 for KV), feed-forward 512, 1000 words, tied.
#pragma once

#include <string>

#include "unit/import/gguf_writer.hpp"

namespace roofline::testing {

// Type numbers and block sizes of the GGUF specification: F32 0 (4 B), Q4_K 12 (144 B per 256), Q6_K 14 (210 B per 256).
inline std::string tiny_llama_gguf() {
  GgufWriter w;
  w.string("general.architecture", "llama");
  w.string("general.name", "Tiny Llama");
  w.number("general.file_type", 15);  // Q4_K_M
  for (const auto& [key, value] : std::vector<std::pair<std::string, std::uint32_t>>{{"block_count", 2}, {"embedding_length", 256},
           {"context_length", 2048}, {"feed_forward_length", 512}, {"attention.head_count", 4}, {"attention.head_count_kv", 2}}) {
    w.number("llama." + key, value);
  }
  const auto matrix = [&](const std::string& name, std::uint64_t length, std::uint64_t rows, bool six_bits) {
    w.tensor(name, {length, rows}, six_bits ? 14 : 12, rows * (length / 256) * (six_bits ? 210 : 144));
  };
  const auto vector = [&](const std::string& name) { w.tensor(name, {256}, 0, 256 * 4); };
  matrix("token_embd.weight", 256, 1000, true);
  vector("output_norm.weight");
  for (const int layer : {0, 1}) {
    const std::string blk = "blk." + std::to_string(layer) + ".";
    vector(blk + "attn_norm.weight");
    vector(blk + "ffn_norm.weight");
    matrix(blk + "attn_q.weight", 256, 256, false);
    matrix(blk + "attn_k.weight", 256, 128, false);
    // Six bits in layer 0 only: not what any rule would do, and so proof that the file is believed.
    matrix(blk + "attn_v.weight", 256, 128, layer == 0);
    matrix(blk + "attn_output.weight", 256, 256, false);
    matrix(blk + "ffn_gate.weight", 256, 512, false);
    matrix(blk + "ffn_up.weight", 256, 512, false);
    matrix(blk + "ffn_down.weight", 512, 256, false);
  }
  return w.file();
}
// By hand. Per layer in Q4_K: (256 + 128 + 256 + 512 + 512) rows of one block and 256 rows of two = 2176 x 144 B, and
// attn_v: 128 x 210 B in layer 0, 128 x 144 B in layer 1. Table: 1000 x 210 B. Five norms of 1024 B.
inline constexpr double tiny_llama_bytes = 2 * 2176 * 144.0 + 128 * 210.0 + 128 * 144.0 + 1000 * 210.0 + 5 * 1024.0;

}  // namespace roofline::testing
