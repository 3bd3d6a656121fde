// Matrix times vector from quantized blocks, as decoding does it: how fast weights can be unpacked and multiplied, which on a CPU is
// often the ceiling before the memory is. Blocks are laid out as in GGUF files; activations are int8 (float for f16).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "roofline/bench/features.hpp"

namespace roofline::bench {

enum class GemvFormat { f16, q8_0, q4_0, q4_k };
inline constexpr GemvFormat gemv_formats[] = {GemvFormat::f16, GemvFormat::q8_0, GemvFormat::q4_0, GemvFormat::q4_k};
std::string_view to_string(GemvFormat format);
struct BlockShape {
  std::size_t weights = 32, bytes = 0;
};
BlockShape block_shape(GemvFormat format);

// One vector in the forms the kernels read it in; made once, used by every row.
struct Activations {
  std::size_t columns = 0;         // a multiple of 256
  std::vector<float> values;       // f16
  std::vector<std::int8_t> q32;    // 32 to a scale: q8_0, q4_0
  std::vector<float> scale32;
  std::vector<std::int32_t> sum4;  // of each four of q32: what an offset of the weights adds up to
  std::vector<std::int8_t> q256;   // 256 to a scale: q4_k
  std::vector<float> scale256;
  std::vector<float> sum256;       // of each 32 of q256
};
Activations make_activations(const std::vector<float>& values);

// y[0 .. rows) = W x; rows of x.columns weights follow each other.
using GemvFunction = void (*)(const std::byte* weights, std::size_t rows, const Activations& x, float* y);
struct GemvKernel {
  GemvFormat format = GemvFormat::f16;
  std::string_view instruction;  // "avx512-vnni", "dotprod", "plain C++"
  std::vector<Feature> needs;
  GemvFunction run = nullptr;
};
// Of this architecture; the last of a format that can run here is the best.
const std::vector<GemvKernel>& gemv_kernels();
const GemvKernel* best_gemv(GemvFormat format, FeatureSet features);

// Rows of random weights, quantized to the format.
std::vector<std::byte> random_weights(GemvFormat format, std::size_t rows, std::size_t columns, std::uint32_t seed);
float weight_at(GemvFormat format, const std::byte* row, std::size_t column);
// Compares with weight_at in double precision, on activations of both signs. Empty if right.
std::string check_gemv_kernel(const GemvKernel& kernel);

}  // namespace roofline::bench
