#include <boost/test/unit_test.hpp>
#include <type_traits>

#include "roofline/core/quantity.hpp"

using namespace roofline;

BOOST_AUTO_TEST_SUITE(quantity)

BOOST_AUTO_TEST_CASE(units_enter_and_leave_by_name) {
  BOOST_TEST((1.0 * unit::GiB).in(unit::B) == 1073741824.0);  // 2^30
  BOOST_TEST((1.0 * unit::GB).in(unit::B) == 1e9);
  BOOST_TEST((2.5 * unit::ms).in(unit::us) == 2500.0);
}

BOOST_AUTO_TEST_CASE(dimensions_follow_the_arithmetic) {
  static_assert(std::is_same_v<decltype(Bytes{} / BytesPerSecond{}), Seconds>);
  static_assert(std::is_same_v<decltype(Ops{} / OpsPerSecond{}), Seconds>);
  static_assert(std::is_same_v<decltype(OpsPerSecond{} / BytesPerSecond{}), OpsPerByte>);
  static_assert(std::is_same_v<decltype(Watts{} / TokensPerSecond{}), JoulesPerToken>);
  static_assert(std::is_same_v<decltype(Bytes{} / Bytes{}), double>);
  static_assert(std::is_same_v<decltype(1.0 / Seconds{}), Hertz>);
  // 33.792 GB/s over 4.4 GB: 7.68 per second
  const auto rate = 33.792 * unit::GB / unit::s / (4.4 * unit::GB);
  BOOST_TEST(rate.base() == 7.68, boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(whole_bytes_stay_exact_up_to_petabytes) {
  const Bytes big = 9e15 * unit::B;
  BOOST_TEST((big + 1.0 * unit::B - big).in(unit::B) == 1.0);
}

BOOST_AUTO_TEST_SUITE_END()
