#include <boost/test/unit_test.hpp>

#include "roofline/db/catalog.hpp"

using roofline::db::nearest_names;
using Names = std::vector<std::string>;

BOOST_AUTO_TEST_SUITE(nearest)

BOOST_AUTO_TEST_CASE(a_slip_of_the_finger) {
  const Names names{"capacity", "usable", "clock", "bus_width"};
  BOOST_TEST(nearest_names("capcity", names) == Names{"capacity"}, boost::test_tools::per_element());
  BOOST_TEST(nearest_names("clokc", names) == Names{"clock"}, boost::test_tools::per_element());  // swapped neighbours are one step
  BOOST_TEST(nearest_names("CAPACITY", names) == Names{"capacity"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_best_comes_first) {
  const Names names{"rtx-4080", "rtx-4090-laptop", "rtx-4090"};
  const Names near = nearest_names("rtx4090", names);
  BOOST_REQUIRE(!near.empty());
  BOOST_TEST(near.front() == "rtx-4090");
}

// However much is missing, a name that contains the text is near.
BOOST_AUTO_TEST_CASE(a_part_of_a_name) {
  const Names names{"jetson-orin-nx-16gb", "rtx-4090"};
  BOOST_TEST(nearest_names("orin-nx", names) == Names{"jetson-orin-nx-16gb"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(nothing_too_far_off) {
  BOOST_TEST(nearest_names("zzz", {"rtx-4090", "capacity"}).empty());
  BOOST_TEST(nearest_names("", {"a", "b"}).empty());
  BOOST_TEST(nearest_names("x", {}).empty());
}

BOOST_AUTO_TEST_CASE(at_most_so_many_and_each_once) {
  const Names names{"abcd1", "abcd2", "abcd3", "abcd4", "abcd1"};
  BOOST_TEST(nearest_names("abcd", names).size() == 3u);
  BOOST_TEST(nearest_names("abcd", names, 1).size() == 1u);
  BOOST_TEST(nearest_names("abcd", names, 9).size() == 4u);
}

// The cost is quadratic in the length, so a megabyte is not compared.
BOOST_AUTO_TEST_CASE(long_texts_are_no_slips) {
  BOOST_TEST(nearest_names(std::string(1000000, 'a'), {"aaaa", std::string(1000000, 'a')}).empty());
}

BOOST_AUTO_TEST_SUITE_END()
