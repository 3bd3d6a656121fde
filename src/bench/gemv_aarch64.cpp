#include "roofline/bench/gemv.hpp"

#if defined(__aarch64__)
#include <arm_neon.h>

#include "bench/gemv_plain.hpp"

namespace roofline::bench {
namespace {

#define NEON __attribute__((always_inline)) inline
#define NEON_ENTRY
#define DOTPROD __attribute__((target("arch=armv8.2-a+dotprod"), always_inline)) inline
#define DOTPROD_ENTRY __attribute__((target("arch=armv8.2-a+dotprod")))

NEON int8x16_t load(const void* at) { return vld1q_s8(static_cast<const std::int8_t*>(at)); }
NEON uint8x16_t load_bytes(const std::byte* at) { return vld1q_u8(reinterpret_cast<const std::uint8_t*>(at)); }
NEON float half(const std::byte* at) {
  std::uint16_t bits = 0;
  std::memcpy(&bits, at, sizeof bits);
  return vgetq_lane_f32(vcvt_f32_f16(vreinterpret_f16_u16(vdup_n_u16(bits))), 0);
}
NEON int8x16_t low(uint8x16_t packed) { return vreinterpretq_s8_u8(vandq_u8(packed, vdupq_n_u8(15))); }
NEON int8x16_t high(uint8x16_t packed) { return vreinterpretq_s8_u8(vshrq_n_u8(packed, 4)); }

// sum + products, four neighbours to a lane; without SDOT by way of 16 bits.
NEON int32x4_t dot_neon(int32x4_t sum, int8x16_t a, int8x16_t b) {
  sum = vpadalq_s16(sum, vmull_s8(vget_low_s8(a), vget_low_s8(b)));
  return vpadalq_s16(sum, vmull_high_s8(a, b));
}
DOTPROD int32x4_t dot_sdot(int32x4_t sum, int8x16_t a, int8x16_t b) { return vdotq_s32(sum, a, b); }

#define ROWS(name, ENTRY, DOT)                                                                                            \
  ENTRY float dot_q8_0_##name(const std::byte* row, const Activations& x) {                                               \
    float32x4_t sum[4] = {vdupq_n_f32(0), vdupq_n_f32(0), vdupq_n_f32(0), vdupq_n_f32(0)};                                \
    for (std::size_t b = 0; b < x.columns / 32; b += 4) {                                                                 \
      prefetch_ahead<4 * q8_0_bytes>(row);                                                                                \
      for (std::size_t k = 0; k < 4; ++k, row += q8_0_bytes) {                                                            \
        const std::int8_t* v = x.q32.data() + 32 * (b + k);                                                               \
        const int32x4_t products = DOT(DOT(vdupq_n_s32(0), load(row + 2), load(v)), load(row + 18), load(v + 16));        \
        sum[k] = vfmaq_n_f32(sum[k], vcvtq_f32_s32(products), half(row) * x.scale32[b + k]);                              \
      }                                                                                                                   \
    }                                                                                                                     \
    return vaddvq_f32(vaddq_f32(vaddq_f32(sum[0], sum[1]), vaddq_f32(sum[2], sum[3])));                                   \
  }                                                                                                                       \
  ENTRY float dot_q4_0_##name(const std::byte* row, const Activations& x) {                                               \
    float32x4_t sum[4] = {vdupq_n_f32(0), vdupq_n_f32(0), vdupq_n_f32(0), vdupq_n_f32(0)};                                \
    const int8x16_t eight = vdupq_n_s8(8);                                                                                \
    for (std::size_t b = 0; b < x.columns / 32; b += 4) {                                                                 \
      prefetch_ahead<4 * q4_0_bytes>(row);                                                                                \
      for (std::size_t k = 0; k < 4; ++k, row += q4_0_bytes) {                                                            \
        const std::int8_t* v = x.q32.data() + 32 * (b + k);                                                               \
        const uint8x16_t packed = load_bytes(row + 2);                                                                    \
        const int32x4_t products = DOT(DOT(vdupq_n_s32(0), vsubq_s8(low(packed), eight), load(v)), vsubq_s8(high(packed), eight), load(v + 16)); \
        sum[k] = vfmaq_n_f32(sum[k], vcvtq_f32_s32(products), half(row) * x.scale32[b + k]);                              \
      }                                                                                                                   \
    }                                                                                                                     \
    return vaddvq_f32(vaddq_f32(vaddq_f32(sum[0], sum[1]), vaddq_f32(sum[2], sum[3])));                                   \
  }                                                                                                                       \
  ENTRY float dot_q4_k_##name(const std::byte* row, const Activations& x) {                                               \
    float total = 0;                                                                                                      \
    float32x4_t sum = vdupq_n_f32(0);                                                                                     \
    for (std::size_t s = 0; s < x.columns / 256; ++s, row += q4_k_bytes) {                                                \
      prefetch_ahead<q4_k_bytes>(row);                                                                                    \
      const SuperScales scales = super_scales(row + 4);                                                                   \
      int32x4_t quants = vdupq_n_s32(0);                                                                                  \
      float minima = 0;                                                                                                   \
      for (std::size_t g = 0; g < 4; ++g) {                                                                               \
        const std::int8_t* v = x.q256.data() + 256 * s + 64 * g;                                                          \
        const uint8x16_t first = load_bytes(row + 16 + 32 * g), second = load_bytes(row + 32 + 32 * g);                   \
        const int32x4_t a = DOT(DOT(vdupq_n_s32(0), low(first), load(v)), low(second), load(v + 16));                     \
        const int32x4_t b = DOT(DOT(vdupq_n_s32(0), high(first), load(v + 32)), high(second), load(v + 48));              \
        quants = vmlaq_n_s32(quants, a, scales.scale[2 * g]);                                                             \
        quants = vmlaq_n_s32(quants, b, scales.scale[2 * g + 1]);                                                         \
        minima += static_cast<float>(scales.min[2 * g]) * x.sum256[8 * s + 2 * g];                                        \
        minima += static_cast<float>(scales.min[2 * g + 1]) * x.sum256[8 * s + 2 * g + 1];                                \
      }                                                                                                                   \
      sum = vfmaq_n_f32(sum, vcvtq_f32_s32(quants), x.scale256[s] * half(row));                                           \
      total -= x.scale256[s] * half(row + 2) * minima;                                                                    \
    }                                                                                                                     \
    return total + vaddvq_f32(sum);                                                                                       \
  }                                                                                                                       \
  void q8_0_##name(const std::byte* w, std::size_t rows, const Activations& x, float* y) {                                \
    by_rows<dot_q8_0_##name>(w, rows, x, y, x.columns / 32 * q8_0_bytes);                                                 \
  }                                                                                                                       \
  void q4_0_##name(const std::byte* w, std::size_t rows, const Activations& x, float* y) {                                \
    by_rows<dot_q4_0_##name>(w, rows, x, y, x.columns / 32 * q4_0_bytes);                                                 \
  }                                                                                                                       \
  void q4_k_##name(const std::byte* w, std::size_t rows, const Activations& x, float* y) {                                \
    by_rows<dot_q4_k_##name>(w, rows, x, y, x.columns / 256 * q4_k_bytes);                                                \
  }

ROWS(neon, NEON_ENTRY, dot_neon)
ROWS(sdot, DOTPROD_ENTRY, dot_sdot)

// Conversion from half precision is in every processor, arithmetic in it is not.
float dot_f16_neon(const std::byte* row, const Activations& x) {
  float32x4_t sum[4] = {vdupq_n_f32(0), vdupq_n_f32(0), vdupq_n_f32(0), vdupq_n_f32(0)};
  for (std::size_t i = 0; i < x.columns; i += 16) {
    if (i % 32 == 0) prefetch_ahead<64>(row + 2 * i);
    for (std::size_t k = 0; k < 4; ++k) {
      const float16x4_t w = vreinterpret_f16_u16(vld1_u16(reinterpret_cast<const std::uint16_t*>(row + 2 * (i + 4 * k))));
      sum[k] = vfmaq_f32(sum[k], vcvt_f32_f16(w), vld1q_f32(x.values.data() + i + 4 * k));
    }
  }
  return vaddvq_f32(vaddq_f32(vaddq_f32(sum[0], sum[1]), vaddq_f32(sum[2], sum[3])));
}
void f16_neon(const std::byte* w, std::size_t rows, const Activations& x, float* y) { by_rows<dot_f16_neon>(w, rows, x, y, 2 * x.columns); }

}  // namespace

const std::vector<GemvKernel>& gemv_kernels() {
  using enum GemvFormat;
  static const std::vector<Feature> dot{Feature::dotprod};
  static const std::vector<GemvKernel> all{
      {f16, "plain C++", {}, plain::f16},   {f16, "neon", {}, f16_neon},          {q8_0, "plain C++", {}, plain::q8_0}, {q8_0, "neon", {}, q8_0_neon},
      {q8_0, "sdot", dot, q8_0_sdot},       {q4_0, "plain C++", {}, plain::q4_0}, {q4_0, "neon", {}, q4_0_neon},        {q4_0, "sdot", dot, q4_0_sdot},
      {q4_k, "plain C++", {}, plain::q4_k}, {q4_k, "neon", {}, q4_k_neon},        {q4_k, "sdot", dot, q4_k_sdot},
  };
  return all;
}

}  // namespace roofline::bench
#endif
