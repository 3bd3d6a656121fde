// Every kernel that this processor can run, in numbers; what they count as, by hand.
#include <boost/test/unit_test.hpp>
#include <set>

#include "bench/half.hpp"
#include "roofline/bench/bench.hpp"
#include "roofline/bench/compute_kernels.hpp"
#include "roofline/bench/gemv.hpp"
#include "roofline/bench/memory_kernels.hpp"

using namespace roofline::bench;

namespace {

const ComputeKernel* kernel_named(std::string_view instruction) {
  for (const ComputeKernel& kernel : compute_kernels()) {
    if (kernel.instruction == instruction) return &kernel;
  }
  return nullptr;
}

void check_ops(std::string_view instruction, double ops, int sve_bytes = 0) {
  const ComputeKernel* kernel = kernel_named(instruction);
  if (kernel != nullptr) BOOST_TEST(ops_per_instruction(*kernel, sve_bytes) == ops, instruction);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(kernels)

BOOST_AUTO_TEST_CASE(all_that_can_run_here_compute_right) {
  const SelfTest test = self_test(detect_processor());
  for (const std::string& wrong : test.failed) BOOST_ERROR(wrong);
  for (const std::string& skipped : test.skipped) BOOST_TEST_MESSAGE("skipped: " << skipped);
  // Two formats times the numbers of accumulators, some memory patterns, four plain products: on the least of processors.
  BOOST_TEST(test.passed.size() >= 20u);
}

// Lanes x 2, x 4 for pairs, x 8 for fours; tiles: 16 x 16 lanes of 64 / element bytes products.
BOOST_AUTO_TEST_CASE(operations_of_one_instruction) {
  check_ops("vfmadd231ps ymm", 16);  // 8 lanes x 2
  check_ops("vfmadd231pd zmm", 16);
  check_ops("vfmadd231ph zmm", 64);  // 32 lanes x 2
  check_ops("vdpbf16ps zmm", 64);    // 16 lanes x 2 products x 2
  check_ops("vpdpbusd zmm", 128);    // 16 lanes x 4 products x 2
  check_ops("mulps+addps xmm", 8);
  check_ops("tdpbusd", 32768);       // 16 x 16 x 64 x 2
  check_ops("tdpbf16ps", 16384);
  check_ops("fmla v.4s", 8);
  check_ops("fmla v.2d", 4);
  check_ops("fmla v.8h", 16);
  check_ops("sdot", 32);    // 4 lanes x 4 x 2
  check_ops("smmla", 64);   // 4 lanes x 8 x 2
  check_ops("bfdot", 16);   // 4 lanes x 2 x 2
  check_ops("bfmmla", 32);  // 4 lanes x 4 x 2
  check_ops("fmla z.s", 32, 64);  // 16 lanes of a 512-bit register x 2
  BOOST_TEST(kernel_named("no such instruction") == nullptr);
}

BOOST_AUTO_TEST_CASE(variants_start_with_the_latency) {
  for (const ComputeKernel& kernel : compute_kernels()) {
    int last = 0;
    for (const ComputeVariant& variant : kernel.variants) {
      BOOST_TEST(variant.accumulators > last);
      BOOST_TEST(kernel.instructions_per_loop % variant.accumulators == 0);
      last = variant.accumulators;
    }
    if (kernel.form != "rotating") BOOST_TEST(kernel.variants.front().accumulators == 1, kernel.instruction);
  }
}

// The bits of a wrong result are noticed: an instruction is given another one's arithmetic.
BOOST_AUTO_TEST_CASE(the_check_sees_a_wrong_result) {
  ComputeKernel wrong = compute_kernels().front();
  wrong.arithmetic = wrong.arithmetic == Arithmetic::multiply_add ? Arithmetic::multiply_then_add : Arithmetic::multiply_add;
  BOOST_TEST(!check_compute_kernel(wrong, wrong.variants.back(), 16).empty());
}

BOOST_AUTO_TEST_CASE(half_precision_round_trip) {
  for (unsigned bits = 0; bits < 0x10000; ++bits) {
    const float value = float_from_half(static_cast<std::uint16_t>(bits));
    if (value == value && half_from_float(value) != bits) BOOST_ERROR("half " << bits << " is " << value << " and comes back as " << half_from_float(value));
  }
  BOOST_TEST(float_from_half(0x3c00) == 1.0f);
  BOOST_TEST(float_from_half(0x0001) == 0x1p-24f);  // the smallest
  BOOST_TEST(half_from_float(65520.0f) == 0x7c00);   // halfway to 2^16: infinity
  BOOST_TEST(half_from_float(65519.0f) == 0x7bff);
  BOOST_TEST(half_from_float(2049.0f) == half_from_float(2048.0f));  // ties to even: steps are 2 here
  BOOST_TEST(half_from_float(2051.0f) == half_from_float(2052.0f));
}

// GGUF's blocks: q8_0 2 + 32 bytes, q4_0 2 + 16, q4_k 2 + 2 + 12 + 128 for 256 weights.
BOOST_AUTO_TEST_CASE(blocks) {
  BOOST_TEST(block_shape(GemvFormat::q8_0).bytes == 34u);
  BOOST_TEST(block_shape(GemvFormat::q4_0).bytes == 18u);
  BOOST_TEST(block_shape(GemvFormat::q4_k).bytes == 144u);
  BOOST_TEST(block_shape(GemvFormat::q4_k).weights == 256u);
  // q4_0 by hand: scale 0.5 (0x3800), first byte 0x3a: weight 0 is (10 - 8) x 0.5, weight 16 is (3 - 8) x 0.5.
  std::vector<std::byte> block(18, std::byte{0x88});
  block[0] = std::byte{0x00};
  block[1] = std::byte{0x38};
  block[2] = std::byte{0x3a};
  BOOST_TEST(weight_at(GemvFormat::q4_0, block.data(), 0) == 1.0f);
  BOOST_TEST(weight_at(GemvFormat::q4_0, block.data(), 16) == -2.5f);
  BOOST_TEST(weight_at(GemvFormat::q4_0, block.data(), 1) == 0.0f);
}

// q4_k by hand: d = 1, dmin = 0.5; scale 0 is 5 and minimum 0 is 2; scale 4 takes its low bits from byte 8 and its high bits from byte 0.
BOOST_AUTO_TEST_CASE(q4_k_scales) {
  std::vector<std::byte> block(144, std::byte{0});
  block[1] = std::byte{0x3c};  // d = 1.0
  block[3] = std::byte{0x38};  // dmin = 0.5
  block[4 + 0] = std::byte{5 | 0x40};   // scale 0 = 5; high bits of scale 4 = 1
  block[4 + 4] = std::byte{2 | 0x80};   // minimum 0 = 2; high bits of minimum 4 = 2
  block[4 + 8] = std::byte{0x37};       // scale 4 = 16 x 1 + 7 = 23, minimum 4 = 16 x 2 + 3 = 35
  block[16] = std::byte{0x9c};          // weight 0: low nibble 12; weight 32: high nibble 9
  block[16 + 64] = std::byte{0x04};     // weight 128, of group 4: low nibble 4
  BOOST_TEST(weight_at(GemvFormat::q4_k, block.data(), 0) == 5 * 12 - 0.5f * 2);
  BOOST_TEST(weight_at(GemvFormat::q4_k, block.data(), 128) == 23 * 4 - 0.5f * 35);
}

// A circle through all lines, and back at the start after exactly as many steps.
BOOST_AUTO_TEST_CASE(the_chain_visits_every_line_once) {
  constexpr std::size_t lines = 256, spacing = 64;
  std::vector<std::byte> buffer(lines * spacing);
  link_lines(buffer.data(), lines, spacing);
  std::set<const void*> seen;
  const void* at = buffer.data();
  for (std::size_t i = 0; i < lines; ++i) {
    BOOST_TEST(seen.insert(at).second);
    at = *static_cast<const void* const*>(at);
  }
  BOOST_TEST(at == static_cast<const void*>(buffer.data()));
  BOOST_TEST(chase(buffer.data(), lines) == static_cast<const void*>(buffer.data()));
}

// 1 + 3 for each step.
BOOST_AUTO_TEST_CASE(the_clock_chain_adds) { BOOST_TEST(add_chain(128) == 1 + 3 * 128u); }

// What a store costs on the bus besides: write 2 of 1, copy 3 of 2, triad 4 of 3; none around the caches.
BOOST_AUTO_TEST_CASE(read_for_ownership) {
  BOOST_TEST(ownership_factor(MemoryOp::read) == 1.0);
  BOOST_TEST(ownership_factor(MemoryOp::write) == 2.0);
  BOOST_TEST(ownership_factor(MemoryOp::copy) == 1.5);
  BOOST_TEST(ownership_factor(MemoryOp::triad) * 3 == 4.0);
  BOOST_TEST(ownership_factor(MemoryOp::write_nontemporal) == 1.0);
}

BOOST_AUTO_TEST_SUITE_END()
