// report/units.hpp: what people read. Expectations are written by hand.
#include "roofline/report/units.hpp"

#include <boost/test/unit_test.hpp>
#include <limits>

using namespace roofline;
using namespace roofline::report;

BOOST_AUTO_TEST_SUITE(report_units)

BOOST_AUTO_TEST_CASE(numbers_have_three_significant_digits) {
  BOOST_TEST(number(7.6712) == "7.67");
  BOOST_TEST(number(53.04) == "53.0");
  BOOST_TEST(number(128.9) == "129");
  BOOST_TEST(number(0.7) == "0.700");
  BOOST_TEST(number(0.0012345) == "0.00123");
  BOOST_TEST(number(3.14159, 5) == "3.1416");
}

BOOST_AUTO_TEST_CASE(digits_before_the_point_are_kept) {
  BOOST_TEST(number(4565.2) == "4,565");
  BOOST_TEST(number(1234567.0) == "1,234,567");
  BOOST_TEST(number(-1234.0) == "-1,234");
  BOOST_TEST(whole(999.0) == "999");
  BOOST_TEST(whole(32768.0) == "32,768");
  BOOST_TEST(whole(-0.2) == "0");
}

BOOST_AUTO_TEST_CASE(rounding_carries_into_the_next_digit) {
  BOOST_TEST(number(9.994) == "9.99");
  BOOST_TEST(number(9.996) == "10.0");
  BOOST_TEST(number(99.96) == "100");
  BOOST_TEST(number(999.6) == "1,000");
  BOOST_TEST(number(0.09996) == "0.100");
}

BOOST_AUTO_TEST_CASE(extremes_do_not_fill_the_line) {
  BOOST_TEST(number(0.0) == "0");
  BOOST_TEST(number(1.5e-7) == "1.50e-07");
  BOOST_TEST(number(2.5e18) == "2.50e+18");
}

BOOST_AUTO_TEST_CASE(what_is_not_a_number_is_a_dash) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinite = std::numeric_limits<double>::infinity();
  BOOST_TEST(number(nan) == "-");
  BOOST_TEST(number(infinite) == "-");
  BOOST_TEST(whole(nan) == "-");
  BOOST_TEST(percent(nan) == "-");
  BOOST_TEST(factor(infinite) == "-");
  BOOST_TEST(duration(infinite * unit::s) == "-");
  BOOST_TEST(binary_size(nan * unit::B) == "-");
  BOOST_TEST(any(AnyQuantity(infinite), "GB/s") == "-");
}

BOOST_AUTO_TEST_CASE(binary_sizes) {
  BOOST_TEST(binary_size(512.0 * unit::B) == "512 B");
  BOOST_TEST(binary_size(1.0 * unit::KiB) == "1.00 KiB");
  BOOST_TEST(binary_size(224.0 * unit::MiB) == "224 MiB");
  BOOST_TEST(binary_size(4.36 * unit::GiB) == "4.36 GiB");
  BOOST_TEST(binary_size(0.0 * unit::B) == "0 B");
  // 28 layers x 2 x 8 KV heads x 128 x 2048 tokens x 2 B = 234,881,024 B = 224 MiB
  BOOST_TEST(binary_size(234881024.0 * unit::B) == "224 MiB");
}

BOOST_AUTO_TEST_CASE(decimal_sizes) {
  BOOST_TEST(decimal_size(999.0 * unit::B) == "999 B");
  BOOST_TEST(decimal_size(4.365e9 * unit::B) == "4.37 GB");
  BOOST_TEST(decimal_size(1.5 * unit::TB) == "1.50 TB");
  // 999.7 MB rounds to 1.00 GB, not to 1,000 MB
  BOOST_TEST(decimal_size(999.7 * unit::MB) == "1.00 GB");
}

BOOST_AUTO_TEST_CASE(durations) {
  BOOST_TEST(duration(129.2 * unit::ms) == "129 ms");
  BOOST_TEST(duration(1.618 * unit::s) == "1.62 s");
  BOOST_TEST(duration(999.8 * unit::ms) == "1.00 s");
  BOOST_TEST(duration(850.0 * unit::us) == "850 us");
  BOOST_TEST(duration(34.0 * unit::s) == "34.0 s");
  BOOST_TEST(duration(119.0 * unit::s) == "119 s");
  BOOST_TEST(duration(200.0 * unit::s) == "3 min 20 s");
  BOOST_TEST(duration(3900.0 * unit::s) == "1 h 05 min");
  BOOST_TEST(duration(0.0 * unit::s) == "0 s");
}

BOOST_AUTO_TEST_CASE(rates_and_clocks) {
  // 2112 MHz x 2 x 64 bit / 8 = 33,792 MB/s
  BOOST_TEST(rate(33.792 * unit::GB / unit::s) == "33.8 GB/s");
  BOOST_TEST(rate(273.0 * unit::GB / unit::s) == "273 GB/s");
  BOOST_TEST(rate(602.22 * unit::Gop / unit::s, false) == "602 GOP/s");
  BOOST_TEST(rate(1.024 * unit::Top / unit::s, true) == "1.02 TFLOP/s");
  BOOST_TEST(report::clock(2112.0 * unit::MHz) == "2.11 GHz");
  BOOST_TEST(report::clock(918.0 * unit::MHz) == "918 MHz");
}

BOOST_AUTO_TEST_CASE(counts_of_parameters) {
  BOOST_TEST(report::count(7.615e9) == "7.62 B");
  BOOST_TEST(report::count(494e6) == "494 M");
  BOOST_TEST(report::count(671e9) == "671 B");
  BOOST_TEST(report::count(28.0) == "28");
}

BOOST_AUTO_TEST_CASE(ratios) {
  BOOST_TEST(percent(0.062) == "6.2 %");
  BOOST_TEST(percent(0.5) == "50 %");
  BOOST_TEST(percent(2.2e-16) == "< 0.1 %");
  BOOST_TEST(percent(0.0) == "0 %");
  BOOST_TEST(factor(1.844) == "1.84x");
}

BOOST_AUTO_TEST_CASE(any_uses_the_preferred_unit_if_it_can) {
  const AnyQuantity bandwidth(33.792 * unit::GB / unit::s);
  BOOST_TEST(any(bandwidth, "GB/s") == "33.79 GB/s");
  BOOST_TEST(any(bandwidth, "MHz") == "33.8 GB/s");  // wrong dimension: its own choice
  BOOST_TEST(any(bandwidth, "") == "33.8 GB/s");
  BOOST_TEST(any(AnyQuantity(4224.0 * unit::MHz), "MT/s") == "4,224 MT/s");
  BOOST_TEST(any(AnyQuantity(14.336 * unit::kB), "GB") == "14.3 kB");  // not 1.434e-05 GB
  BOOST_TEST(any(AnyQuantity(28.196 * unit::s), "ms") == "28.2 s");
  BOOST_TEST(any(AnyQuantity(28.0), "layers") == "28 layers");
  BOOST_TEST(any(AnyQuantity(28.0), "1") == "28");
  BOOST_TEST(any(AnyQuantity(0.75), "") == "0.7500");
  BOOST_TEST(any(AnyQuantity(7.7 * unit::token / unit::s), "tok/s") == "7.700 tok/s");
  BOOST_TEST(any(AnyQuantity(512.0 * unit::token), "") == "512 tokens");
}

BOOST_AUTO_TEST_CASE(base_units_are_named_from_the_dimension) {
  BOOST_TEST(base_unit(Dimension{}) == "1");
  BOOST_TEST(base_unit(Dimension{.byte = 1}) == "B");
  BOOST_TEST(base_unit(Dimension{.byte = 1, .second = -1}) == "B/s");
  BOOST_TEST(base_unit(Dimension{.second = -1}) == "1/s");
  BOOST_TEST(base_unit(Dimension{.byte = -1, .op = 1}) == "op/B");
}

BOOST_AUTO_TEST_SUITE_END()
