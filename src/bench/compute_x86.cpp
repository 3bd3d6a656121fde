#include "roofline/bench/compute_kernels.hpp"

#if defined(__x86_64__)

// One function for each instruction and number of accumulators, named k_<instruction>_<accumulators>: the test of the hot loops
// finds them by that name in the disassembly. zmm0 and zmm1 hold the operands, accumulators follow from register 2 on.
// clang-format off
#define CLOBBERED "memory", "cc", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", \
                  "xmm13", "xmm14", "xmm15"
#define KERNEL(name, registers, repeats, load, v, zero, body, store, leave)                    \
  extern "C" void name(std::uint64_t loops, const std::byte* operands, std::byte* out) {       \
    asm volatile(load " (%[in]), %%" v "0\n\t" load " 1024(%[in]), %%" v "1\n\t"               \
                 ".irp r," registers "\n\t" zero "\n\t.endr\n\t"                               \
                 ".p2align 6\n1:\n\t"                                                          \
                 ".rept " repeats "\n\t.irp r," registers "\n\t" body "\n\t.endr\n\t.endr\n\t" \
                 "dec %[loops]\n\tjnz 1b\n\t"                                                  \
                 ".irp r," registers "\n\t" store "\n\t.endr\n\t" leave                        \
                 : [loops] "+r"(loops) : [in] "r"(operands), [out] "r"(out) : CLOBBERED);      \
  }
#define XMM(name, registers, repeats, body) \
  KERNEL(name, registers, repeats, "movups", "xmm", "xorps %%xmm\\r, %%xmm\\r", body, "movups %%xmm\\r, 64*(\\r-2)(%[out])", "")
#define YMM(name, registers, repeats, body) \
  KERNEL(name, registers, repeats, "vmovups", "ymm", "vxorps %%ymm\\r, %%ymm\\r, %%ymm\\r", body, "vmovups %%ymm\\r, 64*(\\r-2)(%[out])", "vzeroupper")
#define ZMM(name, registers, repeats, body) \
  KERNEL(name, registers, repeats, "vmovups", "zmm", "vpxord %%zmm\\r, %%zmm\\r, %%zmm\\r", body, "vmovups %%zmm\\r, 64*(\\r-2)(%[out])", "vzeroupper")

#define R1 "2"
#define R4 "2,3,4,5"
#define R8 "2,3,4,5,6,7,8,9"
#define R12 "2,3,4,5,6,7,8,9,10,11,12,13"
#define R24 "2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25"

// `adds` additions behind each instruction, each waiting for the one before: more cycles than the instruction needs.
#define CLOCK(name, registers, repeats, body, adds, leave)                                                  \
  void name##_clock(std::uint64_t loops) {                                                                     \
    std::uint64_t sum = 1, step = 3;                                                                           \
    asm volatile(".irp r," registers "\n\txorps %%xmm\\r, %%xmm\\r\n\t.endr\n\txorps %%xmm0, %%xmm0\n\txorps %%xmm1, %%xmm1\n\t" \
                 ".p2align 6\n1:\n\t.rept " repeats "\n\t.irp r," registers "\n\t" body "\n\t.rept " #adds "\n\tadd %[step], %[sum]\n\t.endr\n\t.endr\n\t.endr\n\t" \
                 "dec %[loops]\n\tjnz 1b\n\t" leave                                                          \
                 : [loops] "+r"(loops), [sum] "+r"(sum) : [step] "r"(step) : CLOBBERED);                       \
  }
#define LEAVE_XMM ""
#define LEAVE_YMM "vzeroupper"
#define LEAVE_ZMM "vzeroupper"

#define NARROW(CLASS, name, body)      /* 16 registers */ CLOCK(name, R12, "4", body, 2, LEAVE_##CLASS) \
  CLASS(name##_1, R1, "48", body) CLASS(name##_4, R4, "12", body) CLASS(name##_8, R8, "6", body) CLASS(name##_12, R12, "4", body)
#define WIDE(CLASS, name, body, adds)  /* 32 registers */ CLOCK(name, R12, "4", body, adds, LEAVE_##CLASS) \
  CLASS(name##_1, R1, "48", body) CLASS(name##_4, R4, "12", body) CLASS(name##_8, R8, "6", body) CLASS(name##_12, R12, "4", body) \
  CLASS(name##_24, R24, "2", body)

NARROW(XMM, k_sse2_mul_add_ps, "mulps %%xmm0, %%xmm\\r\n\taddps %%xmm1, %%xmm\\r")
NARROW(XMM, k_sse2_mul_add_pd, "mulpd %%xmm0, %%xmm\\r\n\taddpd %%xmm1, %%xmm\\r")
NARROW(YMM, k_fma_ps_ymm, "vfmadd231ps %%ymm0, %%ymm1, %%ymm\\r")
NARROW(YMM, k_fma_pd_ymm, "vfmadd231pd %%ymm0, %%ymm1, %%ymm\\r")
NARROW(YMM, k_vpdpbusd_ymm, "%{vex%} vpdpbusd %%ymm1, %%ymm0, %%ymm\\r")
WIDE(ZMM, k_fma_ps_zmm, "vfmadd231ps %%zmm0, %%zmm1, %%zmm\\r", 2)
WIDE(ZMM, k_fma_pd_zmm, "vfmadd231pd %%zmm0, %%zmm1, %%zmm\\r", 2)
WIDE(ZMM, k_fma_ph_zmm, "vfmadd231ph %%zmm0, %%zmm1, %%zmm\\r", 2)
WIDE(ZMM, k_vpdpbusd_zmm, "vpdpbusd %%zmm1, %%zmm0, %%zmm\\r", 2)
WIDE(ZMM, k_vdpbf16ps_zmm, "vdpbf16ps %%zmm1, %%zmm0, %%zmm\\r", 4)

// AMX: six tiles of 16 rows of 64 bytes accumulate, tmm6 and tmm7 hold the operands.
#define TILES(name, registers, repeats, instruction)                                            \
  extern "C" void name(std::uint64_t loops, const std::byte* operands, std::byte* out) {        \
    alignas(64) static constexpr TileConfiguration configuration{};                             \
    std::uint64_t row = 64;                                                                     \
    asm volatile("ldtilecfg (%[cfg])\n\ttileloadd (%[in],%[row],1), %%tmm6\n\ttileloadd 1024(%[in],%[row],1), %%tmm7\n\t" \
                 ".irp r," registers "\n\ttilezero %%tmm\\r\n\t.endr\n\t"                       \
                 ".p2align 6\n1:\n\t"                                                           \
                 ".rept " repeats "\n\t.irp r," registers "\n\t" instruction " %%tmm7, %%tmm6, %%tmm\\r\n\t.endr\n\t.endr\n\t" \
                 "dec %[loops]\n\tjnz 1b\n\t"                                                   \
                 ".irp r," registers "\n\ttilestored %%tmm\\r, 1024*\\r(%[out],%[row],1)\n\t.endr\n\ttilerelease"              \
                 : [loops] "+r"(loops) : [in] "r"(operands), [out] "r"(out), [row] "r"(row), [cfg] "r"(&configuration) : "memory", "cc"); \
  }
#define TILES_CLOCK(name, instruction, adds)                                                                   \
  void name##_clock(std::uint64_t loops) {                                                                     \
    alignas(64) static constexpr TileConfiguration configuration{};                                            \
    std::uint64_t sum = 1, step = 3;                                                                           \
    asm volatile("ldtilecfg (%[cfg])\n\t.irp r,0,1,2,3,4,5,6,7\n\ttilezero %%tmm\\r\n\t.endr\n\t"              \
                 ".p2align 6\n1:\n\t.irp r,0,1,2,3,4,5\n\t" instruction " %%tmm7, %%tmm6, %%tmm\\r\n\t.rept " #adds "\n\tadd %[step], %[sum]\n\t.endr\n\t.endr\n\t" \
                 "dec %[loops]\n\tjnz 1b\n\ttilerelease"                                                       \
                 : [loops] "+r"(loops), [sum] "+r"(sum) : [step] "r"(step), [cfg] "r"(&configuration) : "memory", "cc"); \
  }
// clang-format on

namespace roofline::bench {
namespace {

struct TileConfiguration {  // palette 1: eight tiles of 16 rows, 64 bytes each
  std::uint8_t palette = 1;
  std::uint8_t start_row = 0;
  std::uint8_t reserved[14] = {};
  std::uint16_t bytes_per_row[16] = {64, 64, 64, 64, 64, 64, 64, 64};
  std::uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};
static_assert(sizeof(TileConfiguration) == 64);

TILES(k_tdpbusd_1, "0", "24", "tdpbusd")
TILES(k_tdpbusd_4, "0,1,2,3", "6", "tdpbusd")
TILES(k_tdpbusd_6, "0,1,2,3,4,5", "4", "tdpbusd")
TILES(k_tdpbf16ps_1, "0", "24", "tdpbf16ps")
TILES(k_tdpbf16ps_4, "0,1,2,3", "6", "tdpbf16ps")
TILES(k_tdpbf16ps_6, "0,1,2,3,4,5", "4", "tdpbf16ps")

TILES_CLOCK(k_tdpbusd, "tdpbusd", 24)
TILES_CLOCK(k_tdpbf16ps, "tdpbf16ps", 24)

#define NARROW_VARIANTS(name) {name##_clock, 2 * 48}, {{1, name##_1}, {4, name##_4}, {8, name##_8}, {12, name##_12}}
#define WIDE_VARIANTS(name, adds) {name##_clock, adds * 48}, {{1, name##_1}, {4, name##_4}, {8, name##_8}, {12, name##_12}, {24, name##_24}}
#define TILE_VARIANTS(name) {name##_clock, 24 * 6}, {{1, name##_1}, {4, name##_4}, {6, name##_6}}

}  // namespace

const std::vector<ComputeKernel>& compute_kernels() {
  using enum NumberFormat;
  using A = Arithmetic;
  using E = Element;
  using F = Feature;
  static const std::vector<ComputeKernel> all{
      {"mulpd+addpd xmm", "vector", F::baseline, fp64, A::multiply_then_add, E::fp64, 16, 64, 48, NARROW_VARIANTS(k_sse2_mul_add_pd)},
      {"mulps+addps xmm", "vector", F::baseline, fp32, A::multiply_then_add, E::fp32, 16, 64, 48, NARROW_VARIANTS(k_sse2_mul_add_ps)},
      {"vfmadd231pd ymm", "vector", F::avx2_fma, fp64, A::multiply_add, E::fp64, 32, 64, 48, NARROW_VARIANTS(k_fma_pd_ymm)},
      {"vfmadd231ps ymm", "vector", F::avx2_fma, fp32, A::multiply_add, E::fp32, 32, 64, 48, NARROW_VARIANTS(k_fma_ps_ymm)},
      {"vfmadd231pd zmm", "vector", F::avx512, fp64, A::multiply_add, E::fp64, 64, 64, 48, WIDE_VARIANTS(k_fma_pd_zmm, 2)},
      {"vfmadd231ps zmm", "vector", F::avx512, fp32, A::multiply_add, E::fp32, 64, 64, 48, WIDE_VARIANTS(k_fma_ps_zmm, 2)},
      {"vfmadd231ph zmm", "vector", F::avx512_fp16, fp16, A::multiply_add, E::fp16, 64, 64, 48, WIDE_VARIANTS(k_fma_ph_zmm, 2)},
      {"vdpbf16ps zmm", "vector", F::avx512_bf16, bf16, A::dot2, E::bf16, 64, 64, 48, WIDE_VARIANTS(k_vdpbf16ps_zmm, 4)},
      {"vpdpbusd ymm", "vector", F::avx_vnni, int8, A::dot4, E::mixed8, 32, 64, 48, NARROW_VARIANTS(k_vpdpbusd_ymm)},
      {"vpdpbusd zmm", "vector", F::avx512_vnni, int8, A::dot4, E::mixed8, 64, 64, 48, WIDE_VARIANTS(k_vpdpbusd_zmm, 2)},
      {"tdpbf16ps", "tile", F::amx_bf16, bf16, A::tile, E::bf16, 1024, 1024, 24, TILE_VARIANTS(k_tdpbf16ps)},
      {"tdpbusd", "tile", F::amx_int8, int8, A::tile, E::mixed8, 1024, 1024, 24, TILE_VARIANTS(k_tdpbusd)},
  };
  return all;
}

}  // namespace roofline::bench
#endif
