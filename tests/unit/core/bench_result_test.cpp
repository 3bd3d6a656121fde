#include <boost/test/unit_test.hpp>

#include "roofline/core/bench_result.hpp"
#include "roofline/core/cpu_core.hpp"

using namespace roofline;

BOOST_AUTO_TEST_SUITE(bench_result)

// 1 2 3 4 100: quartiles 2 and 4, so fences at -1 and 7.
BOOST_AUTO_TEST_CASE(median_quartiles_outliers) {
  const SampleSummary s = summarize({100, 3, 1, 4, 2}, 7);
  BOOST_TEST(s.median == 3.0);
  BOOST_TEST(s.low == 1.0);
  BOOST_TEST(s.high == 100.0);
  BOOST_TEST(s.spread == 2.0 / 3.0);
  BOOST_TEST(s.outliers == 1);
  BOOST_TEST(s.samples == 5);
  BOOST_TEST(s.rejected == 7);
  BOOST_TEST(summarize({1, 2}, 0).median == 1.5);
  BOOST_TEST(summarize({}, 3).samples == 0);
}

BOOST_AUTO_TEST_CASE(two_percent_above_theory_and_no_more) {
  BOOST_TEST(implausible_rate(16.0, 16.0).empty());
  BOOST_TEST(implausible_rate(16.3, 16.0).empty());   // 1.9 %
  BOOST_TEST(!implausible_rate(16.4, 16.0).empty());  // 2.5 %
}

BOOST_AUTO_TEST_CASE(the_identity_that_says_most_wins) {
  CpuCore family, model;
  family.id = "family";
  family.identities.resize(1);
  family.identities[0].vendor = "V";
  family.identities[0].family = 6;
  model = family;
  model.id = "model";
  model.identities[0].models = {143, 207};
  const std::vector<CpuCore> cores{model, family};
  CoreSighting seen;
  seen.vendor = "V";
  seen.family = 6;
  seen.model = 207;
  BOOST_TEST(find_core(cores, seen)->id == "model");
  seen.model = 1;
  BOOST_TEST(find_core(cores, seen)->id == "family");
  seen.vendor = "W";
  BOOST_TEST(find_core(cores, seen) == nullptr);
  CoreIdentity by_feature;
  by_feature.vendor = "W";
  by_feature.features = {"amx-int8"};
  BOOST_TEST(!matches(by_feature, seen));
  seen.features = {"avx512", "amx-int8"};
  BOOST_TEST(matches(by_feature, seen));
  BOOST_TEST(!matches(CoreIdentity{}, seen));  // says nothing, matches nothing
}

BOOST_AUTO_TEST_SUITE_END()
