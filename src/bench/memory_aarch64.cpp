#include "roofline/bench/memory_kernels.hpp"

#if defined(__aarch64__)

#include "bench/stored_data.hpp"

// clang-format off
#define CLOBBERED "memory", "cc", "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v16", "v17", "v18", "v19"
// One block of 2048 bytes for each turn of the inner loop: eight groups of 256 bytes. Each array has a pointer of its own that moves on
// with every group, as pairs of registers take small offsets only.
#define MEMORY_KERNEL(name, before, body)                                                                                     \
  void name(const MemoryArguments& m) {                                                                                       \
    std::size_t passes = m.passes;                                                                                            \
    std::byte* a = nullptr;                                                                                                   \
    const std::byte *b = nullptr, *c = nullptr, *ahead = nullptr;                                                             \
    asm volatile(before "2:\n\tmov %[a], %[a0]\n\tmov %[b], %[b0]\n\tmov %[c], %[c0]\n\tmov %[ahead], %[ahead0]\n\t"           \
                 ".p2align 6\n1:\n\t.rept 8\n\t" body ".endr\n\tcmp %[a], %[end]\n\tb.lo 1b\n\t"                              \
                 "subs %[passes], %[passes], #1\n\tb.ne 2b"                                                                   \
                 : [a] "=&r"(a), [b] "=&r"(b), [c] "=&r"(c), [ahead] "=&r"(ahead), [passes] "+&r"(passes)                     \
                 : [a0] "r"(m.a), [b0] "r"(m.b), [c0] "r"(m.c), [ahead0] "r"(m.a + m.prefetch), [end] "r"(m.a + m.bytes), [data] "r"(data) \
                 : CLOBBERED);                                                                                                \
  }
#define PAIRS "0,32,64,96,128,160,192,224"
#define EACH(body) ".irp o," PAIRS "\n\t" body "\n\t.endr\n\t"
#define NEXT(p) "add %[" p "], %[" p "], #256\n\t"
#define LOAD "ldp q0, q1, [%[a], #\\o]"
#define AHEAD "prfm pldl1keep, [%[ahead]]\n\tprfm pldl1keep, [%[ahead], #64]\n\tprfm pldl1keep, [%[ahead], #128]\n\tprfm pldl1keep, [%[ahead], #192]\n\t" NEXT("ahead")
#define DATA "ldp q0, q1, [%[data]]\n\tldp q2, q3, [%[data], #32]\n\tldr q7, [%[data], #64]\n\t"
#define TRIAD "ldp q16, q17, [%[c], #\\o]\n\tldp q18, q19, [%[b], #\\o]\n\tfmla v18.2d, v16.2d, v7.2d\n\tfmla v19.2d, v17.2d, v7.2d\n\tstp q18, q19, [%[a], #\\o]"
// clang-format on

namespace roofline::bench {
namespace {

constexpr const StoredData* data = &stored_data;

MEMORY_KERNEL(read_q, "", EACH(LOAD) NEXT("a"))
MEMORY_KERNEL(read_ahead_q, "", AHEAD EACH(LOAD) NEXT("a"))
MEMORY_KERNEL(write_q, DATA, ".irp o,0,64,128,192\n\tstp q0, q1, [%[a], #\\o]\n\tstp q2, q3, [%[a], #\\o+32]\n\t.endr\n\t" NEXT("a"))
MEMORY_KERNEL(write_nt_q, DATA, ".irp o,0,64,128,192\n\tstnp q0, q1, [%[a], #\\o]\n\tstnp q2, q3, [%[a], #\\o+32]\n\t.endr\n\t" NEXT("a"))
MEMORY_KERNEL(copy_q, "", EACH("ldp q0, q1, [%[b], #\\o]\n\tstp q0, q1, [%[a], #\\o]") NEXT("a") NEXT("b"))
MEMORY_KERNEL(copy_nt_q, "", EACH("ldp q0, q1, [%[b], #\\o]\n\tstnp q0, q1, [%[a], #\\o]") NEXT("a") NEXT("b"))
MEMORY_KERNEL(triad_q, DATA, EACH(TRIAD) NEXT("a") NEXT("b") NEXT("c"))

// Four quarters of the array at once, which keeps more memory banks busy.
void read_four_q(const MemoryArguments& m) {
  const std::size_t quarter = m.bytes / 4;
  std::size_t passes = m.passes;
  const std::byte *a = nullptr, *b = nullptr, *c = nullptr, *d = nullptr;
  asm volatile(
      "2:\n\tmov %[a], %[a0]\n\tadd %[b], %[a0], %[quarter]\n\tadd %[c], %[b], %[quarter]\n\tadd %[d], %[c], %[quarter]\n\t"
      ".p2align 6\n1:\n\t.rept 2\n\t.irp o," PAIRS "\n\tldp q0, q1, [%[a], #\\o]\n\tldp q2, q3, [%[b], #\\o]\n\tldp q4, q5, [%[c], #\\o]\n\t"
      "ldp q6, q7, [%[d], #\\o]\n\t.endr\n\t" NEXT("a") NEXT("b") NEXT("c") NEXT("d") ".endr\n\tcmp %[a], %[end]\n\tb.lo 1b\n\t"
      "subs %[passes], %[passes], #1\n\tb.ne 2b"
      : [a] "=&r"(a), [b] "=&r"(b), [c] "=&r"(c), [d] "=&r"(d), [passes] "+&r"(passes)
      : [a0] "r"(m.a), [quarter] "r"(quarter), [end] "r"(m.a + quarter)
      : CLOBBERED);
}

}  // namespace

const std::vector<MemoryKernel>& memory_kernels() {
  using enum MemoryOp;
  constexpr Feature any = Feature::baseline;
  static const std::vector<MemoryKernel> all{
      {read, "ldp q", "one stream", any, 0, read_q},
      {read, "ldp q", "ahead 512", any, 512, read_ahead_q},
      {read, "ldp q", "ahead 2048", any, 2048, read_ahead_q},
      {read, "ldp q", "4 streams", any, 0, read_four_q},
      {write, "stp q", "one stream", any, 0, write_q},
      {write_nontemporal, "stnp q", "one stream", any, 0, write_nt_q},
      {copy, "ldp q, stp q", "one stream", any, 0, copy_q},
      {copy_nontemporal, "ldp q, stnp q", "one stream", any, 0, copy_nt_q},
      {triad, "ldp q, stp q", "one stream", any, 0, triad_q},
  };
  return all;
}

const void* chase(const void* start, std::uint64_t steps) {
  std::uint64_t left = steps / 16;
  asm volatile(".p2align 6\n1:\n\t.rept 16\n\tldr %[p], [%[p]]\n\t.endr\n\tsubs %[left], %[left], #1\n\tb.ne 1b"
               : [p] "+r"(start), [left] "+r"(left)
               :
               : "memory", "cc");
  return start;
}

std::uint64_t add_chain(std::uint64_t steps) {
  std::uint64_t left = steps / 64, value = 1, other = 3;
  asm volatile(".p2align 6\n1:\n\t.rept 64\n\tadd %[x], %[x], %[y]\n\t.endr\n\tsubs %[left], %[left], #1\n\tb.ne 1b"
               : [x] "+r"(value), [left] "+r"(left)
               : [y] "r"(other)
               : "cc");
  return value;
}

}  // namespace roofline::bench
#endif
