// Plain arithmetic beside the kernels: operands they are given, accumulators they must end with.
#include <bit>
#include <cmath>
#include <cstring>

#include "bench/half.hpp"
#include "roofline/bench/compute_kernels.hpp"

namespace roofline::bench {
namespace {

constexpr int loops = 2;
constexpr int tile_rows = 16, tile_row_bytes = 64;

int element_bytes(Element element) {
  switch (element) {
    case Element::fp64: return 8;
    case Element::fp32: return 4;
    case Element::fp16:
    case Element::bf16: return 2;
    case Element::s8:
    case Element::u8:
    case Element::mixed8: return 1;
  }
  return 1;
}

// Lanes of the accumulator: wide formats accumulate in themselves, narrow ones in 32 bits.
int lane_bytes(const ComputeKernel& kernel) {
  return kernel.arithmetic == Arithmetic::multiply_add || kernel.arithmetic == Arithmetic::multiply_then_add ? element_bytes(kernel.element) : 4;
}

bool whole_numbers(Element element) { return element == Element::s8 || element == Element::u8 || element == Element::mixed8; }

// Small, of both signs where there are signs, never zero, and no short period.
int first_operand(const ComputeKernel& kernel, int i) {
  if (kernel.arithmetic == Arithmetic::multiply_then_add) return i % 2 == 0 ? 1 : -1;  // repeated multiplication stays bounded
  const int size = 1 + (i * 7 + i / 5) % 3;
  const bool is_unsigned = kernel.element == Element::u8 || kernel.element == Element::mixed8;
  return !is_unsigned && i % 3 == 1 ? -size : size;
}
int second_operand(const ComputeKernel& kernel, int i) {
  const int size = 1 + (i * 5 + i / 7) % 2;
  return kernel.element != Element::u8 && i % 4 == 2 ? -size : size;
}

void store(Element element, std::byte* at, int value) {
  const auto put = [&](auto typed) { std::memcpy(at, &typed, sizeof typed); };
  switch (element) {
    case Element::fp64: return put(static_cast<double>(value));
    case Element::fp32: return put(static_cast<float>(value));
    case Element::fp16: return put(half_from_float(static_cast<float>(value)));
    case Element::bf16: return put(static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(static_cast<float>(value)) >> 16));
    case Element::s8:
    case Element::u8:
    case Element::mixed8: return put(static_cast<std::uint8_t>(value));
  }
}

double lane(const ComputeKernel& kernel, const std::byte* at) {
  const auto get = [&](auto typed) {
    std::memcpy(&typed, at, sizeof typed);
    return typed;
  };
  if (whole_numbers(kernel.element)) return get(std::int32_t{});
  switch (lane_bytes(kernel)) {
    case 8: return get(double{});
    case 4: return static_cast<double>(get(float{}));
    default: return static_cast<double>(float_from_half(get(std::uint16_t{})));
  }
}

// What one instruction adds to lane i.
double added(const ComputeKernel& k, int i) {
  const auto a = [&](int at) { return first_operand(k, at); };
  // The indexed form multiplies by element 1, which for dot products is a group of neighbours.
  const bool indexed = k.form == "element";
  const auto b = [&](int at) { return second_operand(k, at); };
  const auto dot = [&](int n, int from_a, int from_b) {
    int sum = 0;
    for (int q = 0; q < n; ++q) sum += a(from_a + q) * b(from_b + q);
    return static_cast<double>(sum);
  };
  switch (k.arithmetic) {
    case Arithmetic::multiply_then_add: return 0;
    case Arithmetic::multiply_add: return static_cast<double>(a(i) * b(indexed ? 1 : i));
    case Arithmetic::dot2: return dot(2, 2 * i, 2 * (indexed ? 1 : i));
    case Arithmetic::dot4: return dot(4, 4 * i, 4 * (indexed ? 1 : i));
    case Arithmetic::matrix4: return dot(4, 4 * (i / 2 % 2), 4 * (i % 2));
    case Arithmetic::matrix8: return dot(8, 8 * (i / 2 % 2), 8 * (i % 2));
    case Arithmetic::tile: {
      // Row of a times column of b, whose rows hold groups of neighbours (VNNI layout).
      const int lanes = tile_row_bytes / 4, group = 4 / element_bytes(k.element), row_elements = tile_row_bytes / element_bytes(k.element);
      double sum = 0;
      for (int r = 0; r < tile_rows; ++r) sum += dot(group, i / lanes * row_elements + group * r, r * row_elements + group * (i % lanes));
      return sum;
    }
  }
  return 0;
}

double expected(const ComputeKernel& k, int i, int times) {
  if (k.arithmetic != Arithmetic::multiply_then_add) return times * added(k, i);
  double sum = 0;
  for (int t = 0; t < times; ++t) sum = sum * first_operand(k, i) + second_operand(k, i);
  return sum;
}

}  // namespace

double ops_per_instruction(const ComputeKernel& k, int sve_bytes) {
  const int bytes = k.vector_bytes == 0 ? sve_bytes : k.vector_bytes;
  const int lanes = bytes / lane_bytes(k);
  switch (k.arithmetic) {
    case Arithmetic::multiply_then_add:
    case Arithmetic::multiply_add: return 2.0 * lanes;
    case Arithmetic::dot2: return 4.0 * lanes;
    case Arithmetic::dot4: return 8.0 * lanes;
    case Arithmetic::matrix4: return 8.0 * lanes;
    case Arithmetic::matrix8: return 16.0 * lanes;
    case Arithmetic::tile: return 2.0 * lanes * tile_rows * (4 / element_bytes(k.element));
  }
  return 0;
}

std::vector<std::byte> compute_operands(const ComputeKernel& kernel) {
  std::vector<std::byte> operands(operand_bytes);
  const int bytes = element_bytes(kernel.element);
  for (int i = 0; i < static_cast<int>(operand_spacing) / bytes; ++i) {
    const auto at = static_cast<std::size_t>(i * bytes);
    store(kernel.element, operands.data() + at, first_operand(kernel, i));
    store(kernel.element, operands.data() + operand_spacing + at, second_operand(kernel, i));
  }
  return operands;
}

std::string check_compute_kernel(const ComputeKernel& kernel, const ComputeVariant& variant, int sve_bytes) {
  const std::vector<std::byte> operands = compute_operands(kernel);
  std::vector<std::byte> accumulators(accumulator_bytes);
  variant.run(loops, operands.data(), accumulators.data());
  const int times = loops * kernel.instructions_per_loop / variant.accumulators;
  const int bytes = kernel.vector_bytes == 0 ? sve_bytes : kernel.vector_bytes;
  for (int r = 0; r < variant.accumulators; ++r) {
    for (int i = 0; i < bytes / lane_bytes(kernel); ++i) {
      const double found = lane(kernel, accumulators.data() + r * kernel.stride + i * lane_bytes(kernel));
      const double wanted = expected(kernel, i, times);
      // Exact: all sums are small whole numbers.
      if (std::abs(found - wanted) < 0.5 && std::isfinite(found)) continue;
      return std::string(kernel.instruction) + " (" + std::string(kernel.form) + "): accumulator " + std::to_string(r) + ", lane " + std::to_string(i) +
             " is " + std::to_string(found) + " instead of " + std::to_string(wanted);
    }
  }
  return {};
}

}  // namespace roofline::bench
