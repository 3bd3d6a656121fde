// The products in plain C++: what runs where no kernel of an instruction set fits.
#pragma once

#include "bench/gemv_blocks.hpp"
#include "bench/half.hpp"

namespace roofline::bench::plain {

inline float half(const std::byte* at) {
  std::uint16_t bits = 0;
  std::memcpy(&bits, at, sizeof bits);
  return float_from_half(bits);
}
inline int nibble(std::byte byte, bool high) { return std::to_integer<int>(high ? byte >> 4 : byte & std::byte{15}); }

inline float dot_f16(const std::byte* row, const Activations& x) {
  float sum = 0;
  for (std::size_t i = 0; i < x.columns; ++i) sum += half(row + 2 * i) * x.values[i];
  return sum;
}
inline float dot_q8_0(const std::byte* row, const Activations& x) {
  float sum = 0;
  for (std::size_t b = 0; b < x.columns / 32; ++b, row += q8_0_bytes) {
    int products = 0;
    for (std::size_t i = 0; i < 32; ++i) products += static_cast<std::int8_t>(row[2 + i]) * x.q32[32 * b + i];
    sum += half(row) * x.scale32[b] * static_cast<float>(products);
  }
  return sum;
}
inline float dot_q4_0(const std::byte* row, const Activations& x) {
  float sum = 0;
  for (std::size_t b = 0; b < x.columns / 32; ++b, row += q4_0_bytes) {
    int products = 0;
    for (std::size_t i = 0; i < 16; ++i) {
      products += (nibble(row[2 + i], false) - 8) * x.q32[32 * b + i] + (nibble(row[2 + i], true) - 8) * x.q32[32 * b + 16 + i];
    }
    sum += half(row) * x.scale32[b] * static_cast<float>(products);
  }
  return sum;
}
inline float dot_q4_k(const std::byte* row, const Activations& x) {
  float sum = 0;
  for (std::size_t s = 0; s < x.columns / 256; ++s, row += q4_k_bytes) {
    const SuperScales scales = super_scales(row + 4);
    float quants = 0, minima = 0;
    for (std::size_t g = 0; g < 8; ++g) {
      int products = 0;
      for (std::size_t i = 0; i < 32; ++i) products += nibble(row[16 + g / 2 * 32 + i], g % 2 == 1) * x.q256[256 * s + 32 * g + i];
      quants += static_cast<float>(scales.scale[g] * products);
      minima += static_cast<float>(scales.min[g]) * x.sum256[8 * s + g];
    }
    sum += x.scale256[s] * (half(row) * quants - half(row + 2) * minima);
  }
  return sum;
}

inline void f16(const std::byte* w, std::size_t rows, const Activations& x, float* y) { by_rows<dot_f16>(w, rows, x, y, 2 * x.columns); }
inline void q8_0(const std::byte* w, std::size_t rows, const Activations& x, float* y) { by_rows<dot_q8_0>(w, rows, x, y, x.columns / 32 * q8_0_bytes); }
inline void q4_0(const std::byte* w, std::size_t rows, const Activations& x, float* y) { by_rows<dot_q4_0>(w, rows, x, y, x.columns / 32 * q4_0_bytes); }
inline void q4_k(const std::byte* w, std::size_t rows, const Activations& x, float* y) { by_rows<dot_q4_k>(w, rows, x, y, x.columns / 256 * q4_k_bytes); }

}  // namespace roofline::bench::plain
