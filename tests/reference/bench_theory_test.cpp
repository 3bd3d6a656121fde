// Operations per cycle of the database times clocks, against peaks that other programs measured, and by hand.
#include <boost/test/unit_test.hpp>

#include "roofline/db/catalog.hpp"

using namespace roofline;

namespace {

const InstructionRate& rate(const std::vector<CpuCore>& cores, const std::string& core, const std::string& instruction) {
  for (const CpuCore& c : cores) {
    if (c.id != core) continue;
    const InstructionRate* found = find_rate(c, instruction);
    BOOST_REQUIRE_MESSAGE(found != nullptr, core << " has no " << instruction);
    return *found;
  }
  BOOST_FAIL("no core " << core);
  throw 0;
}

std::vector<CpuCore> all_cores() {
  std::vector<db::Diagnostic> diagnostics;
  db::Catalog catalog;
  auto cores = catalog.cores(diagnostics);
  BOOST_TEST(diagnostics.empty());
  return cores;
}

void near(double peak, double measured, double percent) { BOOST_TEST(peak == measured, boost::test_tools::tolerance(percent / 100)); }

}  // namespace

BOOST_AUTO_TEST_SUITE(bench_theory)

// F4.2: 4x Cortex-A76, cpufp: 150.15 GFLOPS fp32, 300.97 fp16, 602.22 GOPS int8; the board's clock is 2.352 GHz:
// 4 x 2.352 x 16 = 150.53, x 32 = 301.06, x 64 = 602.11.
BOOST_AUTO_TEST_CASE(cortex_a76_of_a_rock_5b) {
  const auto cores = all_cores();
  const Hertz clock = 2.352 * unit::GHz;
  near(theoretical_peak(rate(cores, "cortex-a76", "fmla v.4s"), 4, clock).base() / 1e9, 150.15, 1);
  near(theoretical_peak(rate(cores, "cortex-a76", "fmla v.8h"), 4, clock).base() / 1e9, 300.97, 1);
  near(theoretical_peak(rate(cores, "cortex-a76", "sdot"), 4, clock).base() / 1e9, 602.22, 1);
}

// F4.1: 4x Cortex-A55: 58.26, 116.54, 233.08; at the nominal 1.8 GHz: 57.6, 115.2, 230.4, which is 1.1 % less (the real clock is 1.82).
BOOST_AUTO_TEST_CASE(cortex_a55_of_a_rock_5b) {
  const auto cores = all_cores();
  const Hertz nominal = 1.8 * unit::GHz, real = 1.82 * unit::GHz;
  near(theoretical_peak(rate(cores, "cortex-a55", "fmla v.4s"), 4, nominal).base() / 1e9, 58.26, 1.5);
  near(theoretical_peak(rate(cores, "cortex-a55", "fmla v.8h"), 4, nominal).base() / 1e9, 116.54, 1.5);
  near(theoretical_peak(rate(cores, "cortex-a55", "sdot"), 4, nominal).base() / 1e9, 233.08, 1.5);
  near(theoretical_peak(rate(cores, "cortex-a55", "fmla v.4s"), 4, real).base() / 1e9, 58.26, 0.1);
}

// Jetson AGX Orin: 12 x 2.2016 GHz x 16 = 422.7 GFLOP/s fp32; x 64 = 1690.8 GOP/s int8 by dot product; no SMMLA there.
BOOST_AUTO_TEST_CASE(cortex_a78ae_by_hand) {
  const auto cores = all_cores();
  const Hertz clock = 2.2016 * unit::GHz;
  near(theoretical_peak(rate(cores, "cortex-a78ae", "fmla v.4s"), 12, clock).base() / 1e9, 422.7, 0.01);
  near(theoretical_peak(rate(cores, "cortex-a78ae", "sdot"), 12, clock).base() / 1e9, 1690.8, 0.01);
  for (const CpuCore& core : cores) {
    if (core.id == "cortex-a78ae") BOOST_TEST(find_rate(core, "smmla") == nullptr);
  }
}

// Jetson Thor: two pipes, not the four of the V3: 14 x 2.6 GHz x 16 = 582.4 GFLOP/s; SMMLA x 128 = 4659.2 GOP/s; BFMMLA x 64 = 2329.6.
BOOST_AUTO_TEST_CASE(neoverse_v3ae_by_hand) {
  const auto cores = all_cores();
  const Hertz clock = 2.6 * unit::GHz;
  near(theoretical_peak(rate(cores, "neoverse-v3ae", "fmla v.4s"), 14, clock).base() / 1e9, 582.4, 0.01);
  near(theoretical_peak(rate(cores, "neoverse-v3ae", "smmla"), 14, clock).base() / 1e9, 4659.2, 0.01);
  near(theoretical_peak(rate(cores, "neoverse-v3ae", "bfmmla"), 14, clock).base() / 1e9, 2329.6, 0.01);
}

// A Raspberry Pi 5: 38.369 GFLOPS on one core at 2.4 GHz; a Pi 4: 11.958 at 1.5 GHz; an RK3399's A53: 11.255 at 1.407 GHz.
BOOST_AUTO_TEST_CASE(single_cores) {
  const auto cores = all_cores();
  near(theoretical_peak(rate(cores, "cortex-a76", "fmla v.4s"), 1, 2.4 * unit::GHz).base() / 1e9, 38.369, 1);
  near(theoretical_peak(rate(cores, "cortex-a72", "fmla v.4s"), 1, 1.5 * unit::GHz).base() / 1e9, 11.958, 1);
  near(theoretical_peak(rate(cores, "cortex-a53", "fmla v.4s"), 1, 1.407 * unit::GHz).base() / 1e9, 11.255, 1);
}

BOOST_AUTO_TEST_CASE(cores_are_told_apart) {
  const auto cores = all_cores();
  CoreSighting seen;
  seen.implementer = 0x41;
  seen.part = 0xd42;
  BOOST_TEST(find_core(cores, seen)->id == "cortex-a78ae");
  seen.part = 0xd83;
  BOOST_TEST(find_core(cores, seen)->id == "neoverse-v3ae");
  seen.part = 0xd84;  // Neoverse V3: another core, not known here
  BOOST_TEST(find_core(cores, seen) == nullptr);
  CoreSighting amd;
  amd.vendor = "AuthenticAMD";
  amd.family = 25;
  amd.model = 33;  // a Zen 3: no AVX-512
  BOOST_TEST(find_core(cores, amd) == nullptr);
  amd.features = {"avx2+fma", "avx512", "avx512-bf16"};
  BOOST_TEST(find_core(cores, amd)->id == "zen4");
}

BOOST_AUTO_TEST_SUITE_END()
