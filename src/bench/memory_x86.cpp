#include "roofline/bench/memory_kernels.hpp"

#if defined(__x86_64__)

#include "bench/stored_data.hpp"

// clang-format off
#define CLOBBERED "memory", "cc", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", \
                  "xmm13", "xmm14", "xmm15"
// One block of 2048 bytes for each turn of the inner loop, so that even a first-level working set takes few branches. `body` sees the
// offset into the arrays in %[i] and is repeated for \\o = 0, 64, 128 ... .
#define OFFSETS "0,64,128,192,256,320,384,448,512,576,640,704,768,832,896,960,1024,1088,1152,1216,1280,1344,1408,1472,1536,1600,1664," \
                "1728,1792,1856,1920,1984"
#define MEMORY_KERNEL(name, before, body, after)                                                                       \
  void name(const MemoryArguments& m) {                                                                                \
    std::size_t i = 0, passes = m.passes;                                                                              \
    asm volatile(before "2:\n\txor %[i], %[i]\n\t.p2align 6\n1:\n\t.irp o," OFFSETS "\n\t" body "\n\t.endr\n\t"        \
                 "add $2048, %[i]\n\tcmp %[n], %[i]\n\tjb 1b\n\tdec %[passes]\n\tjnz 2b\n\t" after                     \
                 : [i] "+&r"(i), [passes] "+&r"(passes)                                                                \
                 : [a] "r"(m.a), [b] "r"(m.b), [c] "r"(m.c), [n] "r"(m.bytes), [ahead] "r"(m.a + m.prefetch), [data] "r"(data) : CLOBBERED); \
  }

// 64 bytes at \\o, in as many moves as the width needs.
#define LOAD_XMM(p) "movaps \\o(%[" p "],%[i]), %%xmm0\n\tmovaps \\o+16(%[" p "],%[i]), %%xmm1\n\tmovaps \\o+32(%[" p "],%[i]), %%xmm2\n\tmovaps \\o+48(%[" p "],%[i]), %%xmm3\n\t"
#define LOAD_YMM(p) "vmovaps \\o(%[" p "],%[i]), %%ymm0\n\tvmovaps \\o+32(%[" p "],%[i]), %%ymm1\n\t"
#define LOAD_ZMM(p) "vmovaps \\o(%[" p "],%[i]), %%zmm0\n\t"
#define STORE_XMM(op) op " %%xmm0, \\o(%[a],%[i])\n\t" op " %%xmm1, \\o+16(%[a],%[i])\n\t" op " %%xmm2, \\o+32(%[a],%[i])\n\t" op " %%xmm3, \\o+48(%[a],%[i])\n\t"
#define STORE_YMM(op) op " %%ymm0, \\o(%[a],%[i])\n\t" op " %%ymm1, \\o+32(%[a],%[i])\n\t"
#define STORE_ZMM(op) op " %%zmm0, \\o(%[a],%[i])\n\t"
#define DATA_XMM "movaps (%[data]), %%xmm0\n\tmovaps 16(%[data]), %%xmm1\n\tmovaps 32(%[data]), %%xmm2\n\tmovaps 48(%[data]), %%xmm3\n\tmovaps 64(%[data]), %%xmm7\n\t"
#define DATA_YMM "vmovaps (%[data]), %%ymm0\n\tvmovaps 32(%[data]), %%ymm1\n\tvmovaps 64(%[data]), %%ymm7\n\t"
#define DATA_ZMM "vmovaps (%[data]), %%zmm0\n\tvmovaps 64(%[data]), %%zmm7\n\t"
// a = b + s * c in double precision; s stands at data + 64.
#define TRIAD_XMM LOAD_XMM("c") "mulpd %%xmm7, %%xmm0\n\tmulpd %%xmm7, %%xmm1\n\tmulpd %%xmm7, %%xmm2\n\tmulpd %%xmm7, %%xmm3\n\t" \
                  "addpd \\o(%[b],%[i]), %%xmm0\n\taddpd \\o+16(%[b],%[i]), %%xmm1\n\taddpd \\o+32(%[b],%[i]), %%xmm2\n\taddpd \\o+48(%[b],%[i]), %%xmm3\n\t" STORE_XMM("movaps")
#define TRIAD_YMM LOAD_YMM("c") "vfmadd213pd \\o(%[b],%[i]), %%ymm7, %%ymm0\n\tvfmadd213pd \\o+32(%[b],%[i]), %%ymm7, %%ymm1\n\t" STORE_YMM("vmovaps")
#define TRIAD_ZMM LOAD_ZMM("c") "vfmadd213pd \\o(%[b],%[i]), %%zmm7, %%zmm0\n\t" STORE_ZMM("vmovaps")
#define AHEAD "prefetcht0 \\o(%[ahead],%[i])\n\t"

#define FAMILY(w, W, mov, nt, leave)                                          \
  MEMORY_KERNEL(read_##w, "", LOAD_##W("a"), leave)                           \
  MEMORY_KERNEL(read_ahead_##w, "", LOAD_##W("a") AHEAD, leave)               \
  MEMORY_KERNEL(write_##w, DATA_##W, STORE_##W(mov), leave)                   \
  MEMORY_KERNEL(write_nt_##w, DATA_##W, STORE_##W(nt), "sfence\n\t" leave)    \
  MEMORY_KERNEL(copy_##w, "", LOAD_##W("b") STORE_##W(mov), leave)            \
  MEMORY_KERNEL(copy_nt_##w, "", LOAD_##W("b") STORE_##W(nt), "sfence\n\t" leave) \
  MEMORY_KERNEL(triad_##w, DATA_##W, TRIAD_##W, leave)

// Four quarters of the array at once, which keeps more memory banks busy.
#define FOUR_STREAMS(name, load, leave)                                                                                \
  void name(const MemoryArguments& m) {                                                                                \
    const std::size_t quarter = m.bytes / 4;                                                                           \
    std::size_t i = 0, passes = m.passes;                                                                              \
    asm volatile("2:\n\txor %[i], %[i]\n\t.p2align 6\n1:\n\t.irp o,0,64,128,192,256,320,384,448\n\t"                   \
                 load("a") load("b") load("c") load("d") ".endr\n\t"                                                   \
                 "add $512, %[i]\n\tcmp %[n], %[i]\n\tjb 1b\n\tdec %[passes]\n\tjnz 2b\n\t" leave                      \
                 : [i] "+&r"(i), [passes] "+&r"(passes)                                                                \
                 : [a] "r"(m.a), [b] "r"(m.a + quarter), [c] "r"(m.a + 2 * quarter), [d] "r"(m.a + 3 * quarter), [n] "r"(quarter) : CLOBBERED); \
  }
// clang-format on

namespace roofline::bench {
namespace {

constexpr const StoredData* data = &stored_data;

FAMILY(xmm, XMM, "movaps", "movntps", "")
FAMILY(ymm, YMM, "vmovaps", "vmovntps", "vzeroupper")
FAMILY(zmm, ZMM, "vmovaps", "vmovntps", "vzeroupper")
FOUR_STREAMS(read_four_xmm, LOAD_XMM, "")
FOUR_STREAMS(read_four_ymm, LOAD_YMM, "vzeroupper")
FOUR_STREAMS(read_four_zmm, LOAD_ZMM, "vzeroupper")

}  // namespace

const std::vector<MemoryKernel>& memory_kernels() {
  using enum MemoryOp;
#define KERNELS(w, instruction, nt, feature)                                     \
  {read, instruction, "one stream", feature, 0, read_##w},                       \
  {read, instruction, "ahead 512", feature, 512, read_ahead_##w},             \
  {read, instruction, "ahead 2048", feature, 2048, read_ahead_##w},           \
  {read, instruction, "ahead 8192", feature, 8192, read_ahead_##w},           \
  {read, instruction, "4 streams", feature, 0, read_four_##w},                \
  {write, instruction, "one stream", feature, 0, write_##w},                     \
  {write_nontemporal, nt, "one stream", feature, 0, write_nt_##w},               \
  {copy, instruction, "one stream", feature, 0, copy_##w},                       \
  {copy_nontemporal, nt, "one stream", feature, 0, copy_nt_##w},                 \
  {triad, instruction, "one stream", feature, 0, triad_##w}
  static const std::vector<MemoryKernel> all{KERNELS(xmm, "movaps xmm", "movntps xmm", Feature::baseline),
                                             KERNELS(ymm, "vmovaps ymm", "vmovntps ymm", Feature::avx2_fma),
                                             KERNELS(zmm, "vmovaps zmm", "vmovntps zmm", Feature::avx512)};
  return all;
}

const void* chase(const void* start, std::uint64_t steps) {
  std::uint64_t left = steps / 16;
  asm volatile(".p2align 6\n1:\n\t.rept 16\n\tmov (%[p]), %[p]\n\t.endr\n\tdec %[left]\n\tjnz 1b" : [p] "+r"(start), [left] "+r"(left) : : "memory", "cc");
  return start;
}

std::uint64_t add_chain(std::uint64_t steps) {
  std::uint64_t left = steps / 64, value = 1, other = 3;
  asm volatile(".p2align 6\n1:\n\t.rept 64\n\tadd %[y], %[x]\n\t.endr\n\tdec %[left]\n\tjnz 1b" : [x] "+r"(value), [left] "+r"(left) : [y] "r"(other) : "cc");
  return value;
}

}  // namespace roofline::bench
#endif
