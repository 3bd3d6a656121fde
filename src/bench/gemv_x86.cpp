#include "roofline/bench/gemv.hpp"

#if defined(__x86_64__)
#include <immintrin.h>

#include "bench/gemv_plain.hpp"

// Weights are unpacked to unsigned bytes and multiplied by signed activations; the offset that made them unsigned is taken back by
// starting the sums at minus the offset times the sums of the activations.
namespace roofline::bench {
namespace {

#define AVX2 __attribute__((target("avx2,fma,f16c"), always_inline)) inline
#define AVX2_ENTRY __attribute__((target("avx2,fma,f16c")))
#define VNNI __attribute__((target("avx2,fma,f16c,avx512f,avx512bw,avx512vl,avx512vnni"), always_inline)) inline
#define VNNI_ENTRY __attribute__((target("avx2,fma,f16c,avx512f,avx512bw,avx512vl,avx512vnni")))
#define AVXVNNI __attribute__((target("avx2,fma,f16c,avxvnni"), always_inline)) inline
#define AVXVNNI_ENTRY __attribute__((target("avx2,fma,f16c,avxvnni")))

AVX2 __m256i load(const void* at) { return _mm256_loadu_si256(static_cast<const __m256i*>(at)); }
AVX2 __m256 half_to_all(const std::byte* at) {
  short bits = 0;
  std::memcpy(&bits, at, sizeof bits);
  return _mm256_cvtph_ps(_mm_set1_epi16(bits));
}
AVX2 float sum_of(__m256 v) {
  __m128 s = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
  s = _mm_add_ps(s, _mm_movehl_ps(s, s));
  return _mm_cvtss_f32(_mm_add_ss(s, _mm_movehdup_ps(s)));
}
// Low nibbles of 16 bytes in the lower half, high ones in the upper: the order of q4_0.
AVX2 __m256i nibbles(const std::byte* at) {
  const __m128i packed = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
  return _mm256_and_si256(_mm256_inserti128_si256(_mm256_castsi128_si256(packed), _mm_srli_epi16(packed, 4), 1), _mm256_set1_epi8(15));
}
struct Scales {
  __m256 scale, min;
};
AVX2 __m256 widen(const std::uint8_t* bytes) {
  return _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(bytes))));
}
AVX2 Scales scales_of(const std::byte* block) {
  const SuperScales s = super_scales(block + 4);
  return {_mm256_mul_ps(half_to_all(block), widen(s.scale.data())), _mm256_mul_ps(half_to_all(block + 2), widen(s.min.data()))};
}
AVX2 __m256 element(__m256 v, int i) { return _mm256_permutevar8x32_ps(v, _mm256_set1_epi32(i)); }

// sum + products of unsigned a and signed b, four neighbours to a lane.
AVX2 __m256i dot_avx2(__m256i sum, __m256i a, __m256i b) {
  return _mm256_add_epi32(sum, _mm256_madd_epi16(_mm256_maddubs_epi16(a, b), _mm256_set1_epi16(1)));
}
VNNI __m256i dot_vnni(__m256i sum, __m256i a, __m256i b) { return _mm256_dpbusd_epi32(sum, a, b); }
AVXVNNI __m256i dot_avxvnni(__m256i sum, __m256i a, __m256i b) { return _mm256_dpbusd_avx_epi32(sum, a, b); }

// One block of q8_0. The 16-bit sums of maddubs would overflow with weights of 8 unsigned bits: AVX2 moves the signs instead.
AVX2 __m256i block_q8_0_avx2(const std::byte* block, const Activations& x, std::size_t b) {
  const __m256i w = load(block + 2), v = load(x.q32.data() + 32 * b);
  return dot_avx2(_mm256_setzero_si256(), _mm256_sign_epi8(w, w), _mm256_sign_epi8(v, w));
}
VNNI __m256i block_q8_0_vnni(const std::byte* block, const Activations& x, std::size_t b) {
  const __m256i start = _mm256_slli_epi32(_mm256_sub_epi32(_mm256_setzero_si256(), load(x.sum4.data() + 8 * b)), 7);
  return dot_vnni(start, _mm256_xor_si256(load(block + 2), _mm256_set1_epi8(-128)), load(x.q32.data() + 32 * b));
}
AVXVNNI __m256i block_q8_0_avxvnni(const std::byte* block, const Activations& x, std::size_t b) {
  const __m256i start = _mm256_slli_epi32(_mm256_sub_epi32(_mm256_setzero_si256(), load(x.sum4.data() + 8 * b)), 7);
  return dot_avxvnni(start, _mm256_xor_si256(load(block + 2), _mm256_set1_epi8(-128)), load(x.q32.data() + 32 * b));
}
AVX2 __m256i start_q4_0(const Activations& x, std::size_t b) {
  return _mm256_slli_epi32(_mm256_sub_epi32(_mm256_setzero_si256(), load(x.sum4.data() + 8 * b)), 3);
}

// The same loops for each way of multiplying; `DOT` takes (sum, unsigned, signed).
#define ROWS(name, ENTRY, DOT, Q8_BLOCK)                                                                                              \
  ENTRY float dot_q8_0_##name(const std::byte* row, const Activations& x) {                                                           \
    __m256 sum[4] = {_mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps()};                             \
    for (std::size_t b = 0; b < x.columns / 32; b += 4) {                                                                             \
      prefetch_ahead<4 * q8_0_bytes>(row);                                                                                            \
      for (std::size_t k = 0; k < 4; ++k, row += q8_0_bytes) {                                                                        \
        const __m256 scale = _mm256_mul_ps(half_to_all(row), _mm256_set1_ps(x.scale32[b + k]));                                       \
        sum[k] = _mm256_fmadd_ps(scale, _mm256_cvtepi32_ps(Q8_BLOCK(row, x, b + k)), sum[k]);                                         \
      }                                                                                                                               \
    }                                                                                                                                 \
    return sum_of(_mm256_add_ps(_mm256_add_ps(sum[0], sum[1]), _mm256_add_ps(sum[2], sum[3])));                                       \
  }                                                                                                                                   \
  ENTRY float dot_q4_0_##name(const std::byte* row, const Activations& x) {                                                           \
    __m256 sum[4] = {_mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps()};                             \
    for (std::size_t b = 0; b < x.columns / 32; b += 4) {                                                                             \
      prefetch_ahead<4 * q4_0_bytes>(row);                                                                                            \
      for (std::size_t k = 0; k < 4; ++k, row += q4_0_bytes) {                                                                        \
        const __m256 scale = _mm256_mul_ps(half_to_all(row), _mm256_set1_ps(x.scale32[b + k]));                                       \
        const __m256i products = DOT(start_q4_0(x, b + k), nibbles(row + 2), load(x.q32.data() + 32 * (b + k)));                      \
        sum[k] = _mm256_fmadd_ps(scale, _mm256_cvtepi32_ps(products), sum[k]);                                                        \
      }                                                                                                                               \
    }                                                                                                                                 \
    return sum_of(_mm256_add_ps(_mm256_add_ps(sum[0], sum[1]), _mm256_add_ps(sum[2], sum[3])));                                       \
  }                                                                                                                                   \
  ENTRY float dot_q4_k_##name(const std::byte* row, const Activations& x) {                                                           \
    __m256 total = _mm256_setzero_ps();                                                                                               \
    const __m256i low = _mm256_set1_epi8(15);                                                                                         \
    for (std::size_t s = 0; s < x.columns / 256; ++s, row += q4_k_bytes) {                                                            \
      prefetch_ahead<q4_k_bytes>(row);                                                                                                \
      const Scales scales = scales_of(row);                                                                                           \
      __m256 even = _mm256_setzero_ps(), odd = _mm256_setzero_ps();                                                                   \
      for (int g = 0; g < 4; ++g) {                                                                                                   \
        const __m256i packed = load(row + 16 + 32 * g);                                                                               \
        const std::int8_t* v = x.q256.data() + 256 * s + static_cast<std::size_t>(64 * g);                                            \
        const __m256i a = DOT(_mm256_setzero_si256(), _mm256_and_si256(packed, low), load(v));                                        \
        const __m256i b = DOT(_mm256_setzero_si256(), _mm256_and_si256(_mm256_srli_epi16(packed, 4), low), load(v + 32));             \
        even = _mm256_fmadd_ps(element(scales.scale, 2 * g), _mm256_cvtepi32_ps(a), even);                                            \
        odd = _mm256_fmadd_ps(element(scales.scale, 2 * g + 1), _mm256_cvtepi32_ps(b), odd);                                          \
      }                                                                                                                               \
      const __m256 minima = _mm256_mul_ps(scales.min, _mm256_loadu_ps(x.sum256.data() + 8 * s));                                      \
      total = _mm256_fmadd_ps(_mm256_set1_ps(x.scale256[s]), _mm256_sub_ps(_mm256_add_ps(even, odd), minima), total);                 \
    }                                                                                                                                 \
    return sum_of(total);                                                                                                             \
  }                                                                                                                                   \
  void q8_0_##name(const std::byte* w, std::size_t rows, const Activations& x, float* y) {                                            \
    by_rows<dot_q8_0_##name>(w, rows, x, y, x.columns / 32 * q8_0_bytes);                                                             \
  }                                                                                                                                   \
  void q4_0_##name(const std::byte* w, std::size_t rows, const Activations& x, float* y) {                                            \
    by_rows<dot_q4_0_##name>(w, rows, x, y, x.columns / 32 * q4_0_bytes);                                                             \
  }                                                                                                                                   \
  void q4_k_##name(const std::byte* w, std::size_t rows, const Activations& x, float* y) {                                            \
    by_rows<dot_q4_k_##name>(w, rows, x, y, x.columns / 256 * q4_k_bytes);                                                            \
  }

ROWS(avx2, AVX2_ENTRY, dot_avx2, block_q8_0_avx2)
ROWS(avxvnni, AVXVNNI_ENTRY, dot_avxvnni, block_q8_0_avxvnni)
ROWS(vnni, VNNI_ENTRY, dot_vnni, block_q8_0_vnni)

AVX2_ENTRY float dot_f16_avx2(const std::byte* row, const Activations& x) {
  __m256 sum[4] = {_mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps()};
  for (std::size_t i = 0; i < x.columns; i += 32) {
    prefetch_ahead<64>(row + 2 * i);
    for (std::size_t k = 0; k < 4; ++k) {
      const __m256 w = _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(row + 2 * (i + 8 * k))));
      sum[k] = _mm256_fmadd_ps(w, _mm256_loadu_ps(x.values.data() + i + 8 * k), sum[k]);
    }
  }
  return sum_of(_mm256_add_ps(_mm256_add_ps(sum[0], sum[1]), _mm256_add_ps(sum[2], sum[3])));
}
void f16_avx2(const std::byte* w, std::size_t rows, const Activations& x, float* y) { by_rows<dot_f16_avx2>(w, rows, x, y, 2 * x.columns); }

VNNI_ENTRY float dot_f16_avx512(const std::byte* row, const Activations& x) {
  __m512 sum[4] = {_mm512_setzero_ps(), _mm512_setzero_ps(), _mm512_setzero_ps(), _mm512_setzero_ps()};
  for (std::size_t i = 0; i < x.columns; i += 64) {
    prefetch_ahead<128>(row + 2 * i);
    for (std::size_t k = 0; k < 4; ++k) {
      // The unmasked form starts from an undefined register, which g++ 12 warns about (its bug 105593).
      const __m512 w = _mm512_maskz_cvtph_ps(0xffff, load(row + 2 * (i + 16 * k)));
      sum[k] = _mm512_fmadd_ps(w, _mm512_loadu_ps(x.values.data() + i + 16 * k), sum[k]);
    }
  }
  alignas(64) float lanes[16];
  _mm512_store_ps(lanes, _mm512_add_ps(_mm512_add_ps(sum[0], sum[1]), _mm512_add_ps(sum[2], sum[3])));
  return sum_of(_mm256_add_ps(_mm256_load_ps(lanes), _mm256_load_ps(lanes + 8)));
}
void f16_avx512(const std::byte* w, std::size_t rows, const Activations& x, float* y) { by_rows<dot_f16_avx512>(w, rows, x, y, 2 * x.columns); }

}  // namespace

const std::vector<GemvKernel>& gemv_kernels() {
  using enum GemvFormat;
  using F = Feature;
  static const std::vector<Feature> avx2{F::avx2_fma, F::f16c}, avxvnni{F::avx2_fma, F::f16c, F::avx_vnni},
      vnni{F::avx2_fma, F::f16c, F::avx512, F::avx512_vnni};
  static const std::vector<GemvKernel> all{
      {f16, "plain C++", {}, plain::f16},          {f16, "avx2", avx2, f16_avx2},    {f16, "avx512", vnni, f16_avx512},
      {q8_0, "plain C++", {}, plain::q8_0},        {q8_0, "avx2", avx2, q8_0_avx2},  {q8_0, "avx-vnni", avxvnni, q8_0_avxvnni},
      {q8_0, "avx512-vnni", vnni, q8_0_vnni},      {q4_0, "plain C++", {}, plain::q4_0}, {q4_0, "avx2", avx2, q4_0_avx2},
      {q4_0, "avx-vnni", avxvnni, q4_0_avxvnni},   {q4_0, "avx512-vnni", vnni, q4_0_vnni}, {q4_k, "plain C++", {}, plain::q4_k},
      {q4_k, "avx2", avx2, q4_k_avx2},             {q4_k, "avx-vnni", avxvnni, q4_k_avxvnni}, {q4_k, "avx512-vnni", vnni, q4_k_vnni},
  };
  return all;
}

}  // namespace roofline::bench
#endif
