#include "roofline/report/accuracy.hpp"

#include <boost/test/unit_test.hpp>

#include "report/svg.hpp"

using namespace roofline;
using namespace roofline::report;

namespace {

ValidationFacts facts(double median, double p90, double coverage) {
  GroupAccuracy group;
  group.by = "all";
  group.name = "all runs";
  for (SchemeAccuracy& s : group.schemes) {
    s.errors.runs = 50;
    s.errors.median = median;
    s.errors.p90 = p90;
    s.coverage = coverage;
  }
  ValidationFacts f;
  f.decode.groups = {group};
  AccuracyPoint point{"r-1", "engine <&>", "board", "dense", UnitKind::cpu, 5e9, {}, {}};
  point.unseen_device.measured = 10;
  point.unseen_device.expected = 20;
  point.unseen_model = point.unseen_device;
  for (int i = 0; i < 12; ++i) f.decode.points.push_back(point);  // enough for a panel
  f.prefill.phase = Phase::prefill;
  return f;
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t n = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(report_accuracy)

BOOST_AUTO_TEST_CASE(table_states_what_was_left_out) {
  const std::string table = accuracy_table(facts(0.05, 0.2, 0.8));
  BOOST_TEST(table.find("decode\tmodel left out\tall runs\t50\t5.00\t20.00\t80.00\n") != std::string::npos);
  BOOST_TEST(table.find("decode\tdevice left out\tall runs\t50\t5.00\t20.00\t80.00\n") != std::string::npos);
  BOOST_TEST(table.find("decode\tpublication left out\tall runs\t50\t5.00\t20.00\t80.00\n") != std::string::npos);
  BOOST_TEST(table.find("in sample") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(tolerance_of_errors) {
  // 10 % may become 10 x 1.02 + 0.2 = 10.4 %.
  const std::string before = accuracy_table(facts(0.10, 0.5, 0.8));
  BOOST_TEST(worse_accuracy(before, accuracy_table(facts(0.1039, 0.5, 0.8))).empty());
  const auto worse = worse_accuracy(before, accuracy_table(facts(0.1041, 0.5, 0.8)));
  BOOST_REQUIRE_EQUAL(worse.size(), 3U);  // of every scheme
  BOOST_TEST(worse[1] == "decode, all runs, model left out: median error was 10.00 %, is 10.41 %");
  // 50 % may become 51.2 %.
  BOOST_TEST(worse_accuracy(before, accuracy_table(facts(0.1, 0.5119, 0.8))).empty());
  BOOST_TEST(worse_accuracy(before, accuracy_table(facts(0.1, 0.5121, 0.8))).size() == 3U);
  BOOST_TEST(worse_accuracy(before, accuracy_table(facts(0.01, 0.02, 0.9))).empty());
}

BOOST_AUTO_TEST_CASE(tolerance_of_coverage) {
  const std::string before = accuracy_table(facts(0.1, 0.5, 0.8));
  BOOST_TEST(worse_accuracy(before, accuracy_table(facts(0.1, 0.5, 0.781))).empty());
  BOOST_TEST(worse_accuracy(before, accuracy_table(facts(0.1, 0.5, 0.779))).size() == 3U);
}

BOOST_AUTO_TEST_CASE(a_group_that_is_gone_is_worse) {
  const auto worse = worse_accuracy(accuracy_table(facts(0.1, 0.5, 0.8)), "");
  BOOST_REQUIRE_EQUAL(worse.size(), 3U);
  BOOST_TEST(worse[0] == "decode, all runs, device left out: is no longer there");
}

BOOST_AUTO_TEST_CASE(document_says_what_is_not_reached) {
  const std::string text = validation_document(facts(0.10, 0.2, 0.8));
  BOOST_TEST(text.find("| model on a known device: all runs | decode, median error | <= 5 % | 10.0 % | **no** |") != std::string::npos);
  BOOST_TEST(text.find("| model on a known device: all runs | decode, 90th percentile | <= 20 % | 20.0 % | yes |") != std::string::npos);
  // Predicted 20 where 10 was measured: all twelve are 100 % off.
  BOOST_TEST(text.find("12 of 12 runs (100.0 %) are further off than 35 %") != std::string::npos);
  BOOST_TEST(text.find("| board | cpu | dense | 12 | 12 | 100.0 % | predicted 2.00 times too fast |") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(plots) {
  const auto files = validation_plots(facts(0.1, 0.2, 0.8));
  BOOST_REQUIRE_EQUAL(files.size(), 4U);
  for (const auto& [name, svg] : files) {
    BOOST_TEST(svg.starts_with("<svg "));
    BOOST_TEST(svg.ends_with("</svg>\n"));
    BOOST_TEST(count(svg, "<text") == count(svg, "</text>"));
    BOOST_TEST(svg.find("prefers-color-scheme:dark") != std::string::npos);
    BOOST_TEST(svg.find("nan") == std::string::npos);
  }
  BOOST_TEST(files[0].second.find("engine &lt;&amp;&gt;, 12 runs") != std::string::npos);
  // From 10 to 100 over 200 points of the paper: 10 is the left edge at 46, 20 lies log10(2) x 200 = 60.2 above the lower edge at 266.
  BOOST_TEST(count(files[0].second, "M46.0 205.8h0") == 12U);
}

BOOST_AUTO_TEST_CASE(axes) {
  const SvgAxis log{1, 100, 0, 200, true};
  BOOST_TEST(log.at(10) == 100.0, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(log.at(1000) == 200.0, boost::test_tools::tolerance(1e-12));  // held at the edge
  const SvgAxis up{0, 10, 50, 0, false};
  BOOST_TEST(up.at(2) == 40.0, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(decades({0.1, 100, 0, 1, true}).size() == 4U);
}

BOOST_AUTO_TEST_SUITE_END()
