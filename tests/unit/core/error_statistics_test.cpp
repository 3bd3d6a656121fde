#include "roofline/core/error_statistics.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>

using namespace roofline;
namespace tt = boost::test_tools;

BOOST_AUTO_TEST_SUITE(error_statistics_suite)

BOOST_AUTO_TEST_CASE(a_tiny_set_by_hand) {
  // predicted / measured: 1.1, 0.9, 1.0, 1.5; errors 0.1 0.1 0 0.5, sorted 0 0.1 0.1 0.5
  const ErrorStatistics s = error_statistics({11, 18, 40, 120}, {10, 20, 40, 80});
  BOOST_TEST(s.runs == 4);
  BOOST_TEST(*s.median == 0.1, tt::tolerance(1e-9));            // between the 2nd and 3rd
  BOOST_TEST(*s.mean == 0.7 / 4, tt::tolerance(1e-9));
  BOOST_TEST(*s.p90 == 0.1 + 0.7 * 0.4, tt::tolerance(1e-9));   // 0.9 x 3 = 2.7: 0.7 of the way from 0.1 to 0.5
  BOOST_TEST(*s.bias == std::pow(1.485, 0.25), tt::tolerance(1e-9));  // 1.1 x 0.9 x 1.0 x 1.5 = 1.485
}

BOOST_AUTO_TEST_CASE(correlation_is_of_logarithms) {
  // Exactly proportional: 1; a power law too; reversed: -1.
  BOOST_TEST(*error_statistics({2, 20, 200}, {1, 10, 100}).correlation == 1.0, tt::tolerance(1e-9));
  BOOST_TEST(*error_statistics({1, 100, 10000}, {1, 10, 100}).correlation == 1.0, tt::tolerance(1e-9));
  BOOST_TEST(*error_statistics({100, 10, 1}, {1, 10, 100}).correlation == -1.0, tt::tolerance(1e-9));
  BOOST_TEST(!error_statistics({1, 2}, {1, 2}).correlation);        // two points always lie on a line
  BOOST_TEST(!error_statistics({3, 3, 3}, {1, 2, 4}).correlation);  // nothing varies
}

BOOST_AUTO_TEST_CASE(of_nothing_nothing_is_known) {
  const ErrorStatistics s = error_statistics({}, {});
  BOOST_TEST(s.runs == 0);
  BOOST_TEST(!s.median);
  BOOST_TEST(!s.bias);
  const PhaseStatistics p = phase_statistics({});
  BOOST_TEST(!p.coverage);
  BOOST_TEST(!p.best_factor);
}

BOOST_AUTO_TEST_CASE(coverage_counts_intervals_only) {
  // Inside 9-12, on the edge of 20-22, outside 41-45; a run without an expectation counts for the ceiling alone.
  const PhaseStatistics s = phase_statistics({{10, 20, 11.0, 9.0, 12.0}, {20, 40, 21.0, 20.0, 22.0}, {40, 100, 43.0, 41.0, 45.0}, {7, 14, {}, {}, {}}});
  BOOST_TEST(s.runs == 4);
  BOOST_TEST(s.expected.runs == 3);
  BOOST_TEST(*s.coverage == 2.0 / 3, tt::tolerance(1e-9));
  BOOST_TEST(s.naive.runs == 4);
  BOOST_TEST(*s.naive.median == 1.0, tt::tolerance(1e-9));  // 20/10 - 1, 40/20 - 1, 100/40 - 1, 14/7 - 1: 1 1 1.5 1
}

BOOST_AUTO_TEST_CASE(the_best_constant_is_found) {
  // measured / ceiling: 0.5 0.5 0.4. With 0.5 the errors are 0 0 0.25, with 0.4 they are 0.2 0.2 0.
  const PhaseStatistics s = phase_statistics({{10, 20, {}, {}, {}}, {20, 40, {}, {}, {}}, {40, 100, {}, {}, {}}});
  BOOST_TEST(*s.best_factor == 0.5, tt::tolerance(1e-9));
  BOOST_TEST(*s.constant_factor.median == 0.0, tt::tolerance(1e-9));
  BOOST_TEST(s.above_ceiling == 0);
  BOOST_TEST(phase_statistics({{21, 20, {}, {}, {}}}).above_ceiling == 1);
}

BOOST_AUTO_TEST_SUITE_END()
