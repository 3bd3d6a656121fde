// The parts of quantized blocks that every kernel reads the same way.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "roofline/bench/gemv.hpp"

namespace roofline::bench {

inline constexpr std::size_t q8_0_bytes = 34, q4_0_bytes = 18, q4_k_bytes = 144;

// Eight scales and eight minima of 6 bits each in 12 bytes: the first four of each have a byte of their own, the others lie in the last
// four bytes with their two high bits on top of the first ones'.
struct SuperScales {
  std::array<std::uint8_t, 8> scale, min;
};
inline SuperScales super_scales(const std::byte* packed) {
  std::uint32_t a = 0, b = 0, c = 0;
  std::memcpy(&a, packed, 4);
  std::memcpy(&b, packed + 4, 4);
  std::memcpy(&c, packed + 8, 4);
  const std::uint32_t scale_low = a & 0x3f3f3f3fu, min_low = b & 0x3f3f3f3fu;
  const std::uint32_t scale_high = (c & 0x0f0f0f0fu) | (a >> 2 & 0x30303030u), min_high = (c >> 4 & 0x0f0f0f0fu) | (b >> 2 & 0x30303030u);
  SuperScales s;
  std::memcpy(s.scale.data(), &scale_low, 4);
  std::memcpy(s.scale.data() + 4, &scale_high, 4);
  std::memcpy(s.min.data(), &min_low, 4);
  std::memcpy(s.min.data() + 4, &min_high, 4);
  return s;
}

// Asks for the lines that hold `bytes` bytes, so far ahead that they have come from the memory when the loop arrives: the processor's own
// prefetchers are too timid for a loop that computes as it reads.
inline constexpr std::size_t prefetch_distance = 3072;
template <std::size_t bytes>
[[gnu::always_inline]] inline void prefetch_ahead(const std::byte* at) {
  for (std::size_t i = 0; i < bytes; i += 64) __builtin_prefetch(at + prefetch_distance + i);
}

// One row after the other; every kernel is a product of one row.
template <float Dot(const std::byte*, const Activations&)>
void by_rows(const std::byte* weights, std::size_t rows, const Activations& x, float* y, std::size_t row_bytes) {
  for (std::size_t r = 0; r < rows; ++r) y[r] = Dot(weights + r * row_bytes, x);
}

}  // namespace roofline::bench
