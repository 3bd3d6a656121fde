#include <boost/test/unit_test.hpp>

#include "support/support.hpp"

using namespace roofline;
using namespace roofline::testing;

BOOST_AUTO_TEST_SUITE(devices)

BOOST_AUTO_TEST_CASE(peaks_are_cores_times_clock_times_ops) {
  const OperatingPoint thor = operating_point(device("jetson-thor-t5000"), find_mode(device("jetson-thor-t5000"), "maxn"));
  // 20 SM x 1.575 GHz x 32768 = 1032 TFLOP/s FP4 dense; NVIDIA prints 1035
  BOOST_TEST(relative_error(peak(*find_unit(thor, "gpu"), NumberFormat::fp4)->value.in(unit::Top / unit::s), 1035) < 0.005);
  const OperatingPoint agx = operating_point(device("agx-orin"), find_mode(device("agx-orin"), "MAXN"));
  // 16 x 1.3005 GHz x 4096 = 85.2 TOPS dense, half of the 170 sparse
  BOOST_TEST(relative_error(peak(*find_unit(agx, "gpu"), NumberFormat::int8)->value.in(unit::Top / unit::s), 85.0) < 0.005);
}

BOOST_AUTO_TEST_CASE(a_power_mode_switches_cores_off_and_lowers_clocks) {
  const Device& nx = device("orin-nx");
  const OperatingPoint low = operating_point(nx, find_mode(nx, "10w"));
  // 4 SM x 612 MHz, EMC 2133 MHz x 2 x 128 bit / 8 = 68.3 GB/s
  BOOST_TEST(find_unit(low, "gpu")->cores.value == 4.0);
  BOOST_TEST(find_unit(low, "gpu")->clock.value.in(unit::MHz) == 612.0, boost::test_tools::tolerance(1e-3));
  BOOST_TEST(low.memories.front().bandwidth.value.in(unit::GB / unit::s) == 68.26, boost::test_tools::tolerance(1e-3));
}

BOOST_AUTO_TEST_CASE(the_fastest_known_mode_is_the_default) {
  BOOST_TEST(fastest_mode(device("orin-nx"))->id == "maxn-super");
  BOOST_TEST(fastest_mode(device("agx-orin"))->id == "maxn");
  BOOST_TEST(fastest_mode(device("thor"))->id == "maxn");
  BOOST_TEST((fastest_mode(device("rk3588")) == nullptr));
}

BOOST_AUTO_TEST_CASE(a_super_alias_selects_the_super_modes) {
  const auto found = catalog().device("jetson-orin-nx-16gb-super");
  BOOST_TEST_REQUIRE(found.value != nullptr);
  BOOST_TEST(found.value->id == "jetson-orin-nx-16gb");
  BOOST_TEST(found.firmware == "super");
  BOOST_TEST(fastest_mode(*found.value, found.firmware)->id == "maxn-super");
  BOOST_TEST(find_mode(*found.value, "40W", found.firmware)->id == "40w");
}

BOOST_AUTO_TEST_CASE(modes_without_known_clocks_are_listed_with_the_reason) {
  const Device& thor = device("thor");
  for (const char* id : {"120w", "90w", "70w"}) {
    const PowerMode* mode = find_mode(thor, id);
    BOOST_TEST_REQUIRE((mode != nullptr), id);
    BOOST_TEST(!mode->unknown.empty(), id);
  }
}

BOOST_AUTO_TEST_CASE(overrides_replace_figures_and_refuse_nonsense) {
  OperatingPoint point = operating_point(device("rk3588"), nullptr);
  BOOST_TEST(apply_override(point, {"memory.bandwidth", 29.0 * unit::GB / unit::s, "memory.bandwidth=29GB/s"}) == "");
  BOOST_TEST(find_unit(point, "npu")->bandwidth.value.in(unit::GB / unit::s) == 29.0, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(apply_override(point, {"memory.bandwidth", 29.0 * unit::GB, "x"}) != "");
  BOOST_TEST(apply_override(point, {"memory.speed", 29.0 * unit::GB, "x"}).find("known keys") != std::string::npos);
  BOOST_TEST(apply_override(point, {"gpu2.clock", 1.0 * unit::GHz, "x"}).find("cpu-a76") != std::string::npos);
  BOOST_TEST(apply_override(point, {"cpu.clock", 0.0 * unit::GHz, "x"}) != "");
}

BOOST_AUTO_TEST_CASE(marketing_numbers_are_sums_of_peaks) {
  const Device& agx = device("agx-orin");
  Headline claim;
  claim.value = {275.0 * unit::Top / unit::s, {}};
  claim.parts = {{"gpu", NumberFormat::int8, Accumulate::unspecified, true}, {"dla", NumberFormat::int8, Accumulate::unspecified, true}};
  // 16 x 1.3005 GHz x 8192 + 2 x 1.6 GHz x 32768 = 170.459 + 104.858 = 275.317 TOP/s
  BOOST_TEST(reproduced(agx, claim)->base == 275.317e12, boost::test_tools::tolerance(1e-5));
  // At 15 W: 6 x 408 MHz x 8192 + 2 x 614.4 MHz x 32768 = 20.054 + 40.265 = 60.319 TOP/s
  claim.mode = "15w";
  BOOST_TEST(reproduced(agx, claim)->base == 60.319e12, boost::test_tools::tolerance(1e-4));
  claim.mode = "no such mode";
  BOOST_TEST((!reproduced(agx, claim).has_value()));
  claim.mode.clear();
  claim.parts.push_back({"gpu", NumberFormat::fp4, Accumulate::unspecified, true});  // Ampere has none
  BOOST_TEST((!reproduced(agx, claim).has_value()));
  // With FP32 accumulate an RTX 4090 does half: 128 x 2.52 GHz x 512 = 165.2 TFLOP/s
  claim.parts = {{"gpu", NumberFormat::fp16, Accumulate::fp32, false}};
  BOOST_TEST(reproduced(device("rtx-4090"), claim)->base == 165.15e12, boost::test_tools::tolerance(1e-4));
}

BOOST_AUTO_TEST_CASE(a_rate_in_bytes_is_the_memory_bandwidth_of_its_mode) {
  Headline claim;
  claim.value = {68.0 * unit::GB / unit::s, {}};
  claim.mode = "15w";
  // 128 bit / 8 x 2 x 2133 MHz = 68.256 GB/s
  BOOST_TEST(reproduced(device("jetson-orin-nano-8gb"), claim)->base == 68.256e9, boost::test_tools::tolerance(1e-6));
  claim.value = {15.0 * unit::W, {}};
  BOOST_TEST((!reproduced(device("jetson-orin-nano-8gb"), claim).has_value()));
}

BOOST_AUTO_TEST_SUITE_END()
