#include "roofline/bench/compute_kernels.hpp"

#if defined(__aarch64__)

// One function for each instruction, operand form and number of accumulators, named k_<instruction>_<form>_<accumulators>: the test
// of the hot loops finds them by that name in the disassembly. v0 to v7 hold the operands (even: a, odd: b), accumulators follow from
// register 8 on. `.arch` lets the assembler take what the baseline of the build
// does not have; it stays in force for the rest of the file, which only widens what is accepted.
// clang-format off
#define CLOBBERED "memory", "cc", "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11", "v12", "v13", "v14", "v15", "v16", \
                  "v17", "v18", "v19", "v20", "v21", "v22", "v23", "v24", "v25", "v26", "v27", "v28", "v29", "v30", "v31"
#define LOOP(body) ".p2align 6\n1:\n\t" body "subs %[loops], %[loops], #1\n\tb.ne 1b\n\t"
#define KERNEL(name, extension, registers, body)                                                            \
  extern "C" void name(std::uint64_t loops, const std::byte* operands, std::byte* out) {                    \
    asm volatile(extension                                                                                  \
                 ".irp r,0,2,4,6\n\tldr q\\r, [%[in]]\n\t.endr\n\t.irp r,1,3,5,7\n\tldr q\\r, [%[in], #1024]\n\t.endr\n\t" \
                 ".irp r," registers "\n\tmovi v\\r\\().16b, #0\n\t.endr\n\t" LOOP(body)                     \
                 ".irp r," registers "\n\tstr q\\r, [%[out], #64*(\\r-8)]\n\t.endr"                          \
                 : [loops] "+r"(loops) : [in] "r"(operands), [out] "r"(out) : CLOBBERED);                   \
  }
#define R1 "8"
#define R4 "8,9,10,11"
#define R8 "8,9,10,11,12,13,14,15"
#define R12 "8,9,10,11,12,13,14,15,16,17,18,19"
#define R16 "8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23"
#define R24 "8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31"
#define REPEAT(times, registers, instruction) ".rept " times "\n\t.irp r," registers "\n\t" instruction "\n\t.endr\n\t.endr\n\t"

#define SWEEP(name, extension, instruction)                                   \
  KERNEL(name##_1, extension, R1, REPEAT("48", R1, instruction))              \
  KERNEL(name##_4, extension, R4, REPEAT("12", R4, instruction))              \
  KERNEL(name##_8, extension, R8, REPEAT("6", R8, instruction))               \
  KERNEL(name##_12, extension, R12, REPEAT("4", R12, instruction))            \
  KERNEL(name##_16, extension, R16, REPEAT("3", R16, instruction))            \
  KERNEL(name##_24, extension, R24, REPEAT("2", R24, instruction))
// The sources change with every group of six, so that no two neighbours read the same registers' ports.
#define GROUP(registers, op, d, s, a, b) ".irp r," registers "\n\t" op " v\\r\\()." d ", v" a "." s ", v" b "." s "\n\t.endr\n\t"
#define ROTATING(name, extension, op, d, s)                                                                         \
  KERNEL(name##_24, extension, R24, ".rept 2\n\t"                                                                   \
         GROUP("8,12,16,20,24,28", op, d, s, "0", "1") GROUP("9,13,17,21,25,29", op, d, s, "2", "3")                \
         GROUP("10,14,18,22,26,30", op, d, s, "4", "5") GROUP("11,15,19,23,27,31", op, d, s, "6", "7") ".endr\n\t")

#define NONE ""
#define FP16 ".arch armv8.2-a+fp16\n\t"
#define DOT ".arch armv8.2-a+dotprod\n\t"
#define I8MM ".arch armv8.2-a+i8mm\n\t"
#define BF16 ".arch armv8.2-a+bf16\n\t"
#define SVE ".arch armv8.2-a+sve\n\t"

#define THREE_FORMS(name, extension, op, d, s, e)                                        \
  SWEEP(name##_vector, extension, op " v\\r\\()." d ", v0." s ", v1." s)                 \
  ROTATING(name##_rotating, extension, op, d, s)                                         \
  SWEEP(name##_element, extension, op " v\\r\\()." d ", v0." s ", v1." e)
#define TWO_FORMS(name, extension, op, d, s)                                             \
  SWEEP(name##_vector, extension, op " v\\r\\()." d ", v0." s ", v1." s)                 \
  ROTATING(name##_rotating, extension, op, d, s)

THREE_FORMS(k_fmla_2d, NONE, "fmla", "2d", "2d", "d[1]")
THREE_FORMS(k_fmla_4s, NONE, "fmla", "4s", "4s", "s[1]")
THREE_FORMS(k_fmla_8h, FP16, "fmla", "8h", "8h", "h[1]")
THREE_FORMS(k_sdot, DOT, "sdot", "4s", "16b", "4b[1]")
THREE_FORMS(k_udot, DOT, "udot", "4s", "16b", "4b[1]")
THREE_FORMS(k_usdot, I8MM, "usdot", "4s", "16b", "4b[1]")
TWO_FORMS(k_smmla, I8MM, "smmla", "4s", "16b")
TWO_FORMS(k_ummla, I8MM, "ummla", "4s", "16b")
THREE_FORMS(k_bfdot, BF16, "bfdot", "4s", "8h", "2h[1]")
TWO_FORMS(k_bfmmla, BF16, "bfmmla", "4s", "8h")

// SVE: as long as the machine's registers are; accumulators are stored 256 bytes apart, room for the longest.
#define SVE_KERNEL(name, registers, times, t)                                                                 \
  extern "C" void name(std::uint64_t loops, const std::byte* operands, std::byte* out) {                      \
    const std::byte* second = operands + roofline::bench::operand_spacing;                                    \
    asm volatile(SVE "ptrue p0." t "\n\tldr z0, [%[in]]\n\tldr z1, [%[second]]\n\t"                            \
                 ".irp r," registers "\n\tmov z\\r\\()." t ", #0\n\t.endr\n\t"                                 \
                 LOOP(REPEAT(times, registers, "fmla z\\r\\()." t ", p0/m, z0." t ", z1." t))                  \
                 ".irp r," registers "\n\tstr z\\r, [%[out]]\n\tadd %[out], %[out], #256\n\t.endr"             \
                 : [loops] "+r"(loops), [out] "+r"(out) : [in] "r"(operands), [second] "r"(second) : CLOBBERED); \
  }
#define SVE_SWEEP(name, t)                                                                                    \
  SVE_KERNEL(name##_1, R1, "48", t) SVE_KERNEL(name##_4, R4, "12", t) SVE_KERNEL(name##_8, R8, "6", t)        \
  SVE_KERNEL(name##_12, R12, "4", t) SVE_KERNEL(name##_16, R16, "3", t) SVE_KERNEL(name##_24, R24, "2", t)
SVE_SWEEP(k_sve_fmla_d, "d")
SVE_SWEEP(k_sve_fmla_s, "s")
SVE_SWEEP(k_sve_fmla_h, "h")
// clang-format on

namespace roofline::bench {
namespace {

#define SWEEP_VARIANTS(name) {{1, name##_1}, {4, name##_4}, {8, name##_8}, {12, name##_12}, {16, name##_16}, {24, name##_24}}
#define ROTATING_VARIANT(name) {{24, name##_24}}

struct Description {
  std::string_view instruction;
  Feature needs;
  NumberFormat format;
  Arithmetic arithmetic;
  Element element;
};

void add(std::vector<ComputeKernel>& all, const Description& d, std::string_view form, std::vector<ComputeVariant> variants) {
  all.push_back({d.instruction, form, d.needs, d.format, d.arithmetic, d.element, 16, 64, 48, {}, std::move(variants)});
}

void add_sve(std::vector<ComputeKernel>& all, std::string_view instruction, NumberFormat format, Element element, std::vector<ComputeVariant> variants) {
  all.push_back({instruction, "vector", Feature::sve, format, Arithmetic::multiply_add, element, 0, 256, 48, {}, std::move(variants)});
}

std::vector<ComputeKernel> describe() {
  using enum NumberFormat;
  using A = Arithmetic;
  using E = Element;
  using F = Feature;
  std::vector<ComputeKernel> all;
#define ADD_TWO(name, ...)                                            \
  add(all, {__VA_ARGS__}, "vector", SWEEP_VARIANTS(name##_vector));   \
  add(all, {__VA_ARGS__}, "rotating", ROTATING_VARIANT(name##_rotating))
#define ADD_THREE(name, ...) \
  ADD_TWO(name, __VA_ARGS__); \
  add(all, {__VA_ARGS__}, "element", SWEEP_VARIANTS(name##_element))
  ADD_THREE(k_fmla_2d, "fmla v.2d", F::baseline, fp64, A::multiply_add, E::fp64);
  ADD_THREE(k_fmla_4s, "fmla v.4s", F::baseline, fp32, A::multiply_add, E::fp32);
  ADD_THREE(k_fmla_8h, "fmla v.8h", F::fp16, fp16, A::multiply_add, E::fp16);
  ADD_THREE(k_bfdot, "bfdot", F::bf16, bf16, A::dot2, E::bf16);
  ADD_TWO(k_bfmmla, "bfmmla", F::bf16, bf16, A::matrix4, E::bf16);
  ADD_THREE(k_sdot, "sdot", F::dotprod, int8, A::dot4, E::s8);
  ADD_THREE(k_udot, "udot", F::dotprod, int8, A::dot4, E::u8);
  ADD_THREE(k_usdot, "usdot", F::i8mm, int8, A::dot4, E::mixed8);
  ADD_TWO(k_smmla, "smmla", F::i8mm, int8, A::matrix8, E::s8);
  ADD_TWO(k_ummla, "ummla", F::i8mm, int8, A::matrix8, E::u8);
  add_sve(all, "fmla z.d", fp64, E::fp64, SWEEP_VARIANTS(k_sve_fmla_d));
  add_sve(all, "fmla z.s", fp32, E::fp32, SWEEP_VARIANTS(k_sve_fmla_s));
  add_sve(all, "fmla z.h", fp16, E::fp16, SWEEP_VARIANTS(k_sve_fmla_h));
  return all;
}

}  // namespace

const std::vector<ComputeKernel>& compute_kernels() {
  static const std::vector<ComputeKernel> all = describe();
  return all;
}

}  // namespace roofline::bench
#endif
