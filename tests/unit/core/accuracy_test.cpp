#include <boost/test/unit_test.hpp>

#include "roofline/core/accuracy.hpp"

using namespace roofline;

namespace {

AccuracyPoint point(const char* device, double predicted, double measured) {
  AccuracyPoint p;
  p.pool = "engine";
  p.device = device;
  p.model_class = "dense";
  p.unseen_device.measured = measured;
  p.unseen_device.expected = predicted;
  p.unseen_model.measured = measured;
  p.unseen_model.expected = measured;
  return p;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(accuracy)

BOOST_AUTO_TEST_CASE(groups_with_most_far_runs_come_first) {
  // a: |20/10 - 1| = 1 and |10/10 - 1| = 0: one far of two, bias sqrt(2 x 1). b: 1 and |40/10 - 1| = 3: two far, bias sqrt(2 x 4).
  // c: |11/10 - 1| = 0.1: none.
  const std::vector<AccuracyPoint> points{point("a", 20, 10), point("a", 10, 10), point("b", 20, 10), point("b", 40, 10), point("c", 11, 10)};
  const auto misses = largest_misses(points, Unseen::device, 0.35, 10);
  BOOST_REQUIRE_EQUAL(misses.size(), 2U);
  BOOST_TEST(misses[0].device == "b");
  BOOST_TEST(misses[0].far == 2);
  BOOST_TEST(misses[0].median == 2.0, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(misses[0].bias == 2.8284271247461903, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(misses[1].far == 1);
  BOOST_TEST(misses[1].runs == 2);
  BOOST_TEST(misses[1].median == 0.5, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(largest_misses(points, Unseen::device, 0.35, 1).size() == 1U);
  BOOST_TEST(largest_misses(points, Unseen::model, 0.35, 10).empty());
}

BOOST_AUTO_TEST_SUITE_END()
