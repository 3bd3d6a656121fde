// The register-only kernels behind the arithmetic ceilings: one instruction, many independent accumulators, in inline assembly so
// that no compiler fuses, reorders or drops work. All of them are in every binary; FeatureSet says which may be called.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "roofline/bench/features.hpp"
#include "roofline/core/number_format.hpp"

namespace roofline::bench {

// Executes loops x instructions_per_loop instructions, spread evenly over the accumulators, which start at zero and are stored
// `stride` bytes apart. The two operands are at operands and operands + operand_spacing.
using ComputeFunction = void (*)(std::uint64_t loops, const std::byte* operands, std::byte* accumulators);
inline constexpr std::size_t operand_spacing = 1024;
inline constexpr std::size_t operand_bytes = 2 * operand_spacing;
inline constexpr std::size_t accumulator_bytes = 8192;

// What one instruction adds to an accumulator; decides how it is checked.
enum class Arithmetic {
  multiply_then_add,  // acc = acc * a + b: two instructions, counted as one
  multiply_add,       // acc += a * b, lane by lane
  dot2, dot4,         // each lane: 2 or 4 neighbouring products
  matrix4, matrix8,   // 2 x 2 lanes: rows of 4 or 8 elements of a times those of b
  tile,               // 16 x 16 lanes: AMX
};
// How an element of the operands is stored. mixed8: a is unsigned, b signed.
enum class Element { fp64, fp32, fp16, bf16, s8, u8, mixed8 };

struct ComputeVariant {
  int accumulators = 0;
  ComputeFunction run = nullptr;
};

// The same instruction between the additions of a dependent chain that takes longer than it does: `adds` cycles for each of `loops`
// loops. Some processors lower their clock for wide instructions and raise it again within microseconds, so that a chain afterwards
// would tell of another clock.
struct LoadedClock {
  void (*run)(std::uint64_t loops) = nullptr;  // null: the clock does not depend on the instruction
  int adds = 0;
};

struct ComputeKernel {
  std::string_view instruction;  // the key of hardware_db/cores: "vfmadd231ps zmm", "fmla v.4s"
  std::string_view form;         // "vector", "element" (b is one element), "rotating" (sources change)
  Feature needs = Feature::baseline;
  NumberFormat format = NumberFormat::fp32;
  Arithmetic arithmetic = Arithmetic::multiply_add;
  Element element = Element::fp32;
  int vector_bytes = 16;  // 0: as long as an SVE register
  int stride = 64;
  int instructions_per_loop = 48;
  LoadedClock clock;
  std::vector<ComputeVariant> variants;  // ascending; the first has one accumulator and shows the latency
};

// Every kernel of this architecture, runnable here or not.
const std::vector<ComputeKernel>& compute_kernels();
// multiply-adds x 2 of one instruction; `sve_bytes` is the length of an SVE register.
double ops_per_instruction(const ComputeKernel& kernel, int sve_bytes);

// The multiplicands of every run: small whole numbers of both signs, so that sums are exact for a while, and never zero, because
// zeros cost less power than data.
std::vector<std::byte> compute_operands(const ComputeKernel& kernel);
// Runs a few loops and compares every lane of every accumulator with plain arithmetic. Empty if right, else what differs.
std::string check_compute_kernel(const ComputeKernel& kernel, const ComputeVariant& variant, int sve_bytes);

}  // namespace roofline::bench
