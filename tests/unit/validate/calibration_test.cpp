#include <boost/test/unit_test.hpp>
#include <cmath>

#include "roofline/validate/calibration.hpp"
#include "support/support.hpp"

using namespace roofline;
using namespace roofline::validate;

namespace {

CalibrationRow row(std::string id, std::string device, double ceiling_ms, double measured_ms, std::string model) {
  CalibrationRow r;
  r.run.id = std::move(id);
  r.run.device = r.device = std::move(device);
  r.run.model = std::move(model);
  r.run.quantization = "q4_k_m";
  r.run.unit = UnitKind::gpu;
  r.run.decode_tokens_per_second = 1000.0 / measured_ms;
  r.family = "family";
  r.format_family = "k-quant";
  r.model_class = "dense";
  r.decode_time = ceiling_ms * unit::ms;
  return r;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(calibration)

BOOST_AUTO_TEST_CASE(a_line_through_exact_points_is_found) {
  // measured = ceiling / 0.8 + 5 ms
  std::vector<CalibrationRow> rows;
  int i = 0;
  for (const double ceiling : {10.0, 20.0, 40.0, 80.0}) {
    ++i;
    rows.push_back(row("r" + std::to_string(i), "board", ceiling, ceiling / 0.8 + 5, "m" + std::to_string(i)));
  }
  const Calibration c = derive("engine", {{"engine", rows}});
  const Constant* constant = find_constant(c, Phase::decode, UnitKind::gpu, "board", "family", "k-quant", "dense");
  BOOST_TEST_REQUIRE((constant != nullptr));
  BOOST_TEST(constant->efficiency == 0.8, boost::test_tools::tolerance(1e-6));
  BOOST_TEST(constant->token_overhead.in(unit::ms) == 5.0, boost::test_tools::tolerance(1e-6));
  BOOST_TEST(constant->runs == 4);
  BOOST_TEST(constant->device == "board");
}

BOOST_AUTO_TEST_CASE(no_constant_is_faster_than_the_ceiling) {
  // Runs above their ceiling (a wrong clock, say) must not become an efficiency above 1.
  const Calibration c = derive("engine", {{"engine", {row("a", "board", 10, 8, "m1"), row("b", "board", 30, 25, "m2"), row("c", "board", 60, 50, "m3")}}});
  for (const Constant& constant : c.constants) {
    BOOST_TEST(constant.efficiency <= 1.0);
    BOOST_TEST(constant.token_overhead.base() >= 0.0);
  }
}

BOOST_AUTO_TEST_CASE(one_configuration_has_one_vote) {
  // Nineteen repeats of one slow model do not outvote two other models.
  std::vector<CalibrationRow> rows{row("a", "board", 20, 25, "m1"), row("b", "board", 80, 100, "m2")};
  for (int i = 0; i < 19; ++i) rows.push_back(row("c" + std::to_string(i), "board", 40, 80, "m3"));
  const Calibration once = derive("engine", {{"engine", {rows[0], rows[1], rows[2]}}});
  const Calibration often = derive("engine", {{"engine", rows}});
  BOOST_TEST(often.constants.front().efficiency == once.constants.front().efficiency, boost::test_tools::tolerance(1e-9));
}

BOOST_AUTO_TEST_CASE(repeats_set_the_narrowest_interval) {
  // 10 % apart around their middle: |log| about 0.048 each
  std::vector<CalibrationRow> rows{row("a", "board", 20, 25.0, "m1"), row("b", "board", 20, 27.5, "m1")};
  BOOST_TEST(spreads({{"engine", rows}}, Phase::decode).repeat == std::log(1.1) / 2, boost::test_tools::tolerance(1e-6));
}

BOOST_AUTO_TEST_CASE(the_digest_names_the_data) {
  MeasuredRun a;
  a.id = "x";
  a.decode_tokens_per_second = 10;
  MeasuredRun b = a;
  b.decode_tokens_per_second = 10.5;
  BOOST_TEST(digest({a}) == digest({a}));
  BOOST_TEST(digest({a}) != digest({b}));
}

BOOST_AUTO_TEST_CASE(toml_written_is_toml_read) {
  const Calibration c = derive("llama.cpp", {{"llama.cpp", {row("a", "board", 20, 25, "m1"), row("b", "board", 80, 100, "m2")}}});
  const auto loaded = db::load_calibration(to_toml(c), "llama.cpp.toml");
  BOOST_TEST_REQUIRE(loaded.value.has_value(), (loaded.diagnostics.empty() ? "" : db::to_string(loaded.diagnostics.front())));
  BOOST_TEST(to_toml(*loaded.value) == to_toml(c));
}

BOOST_AUTO_TEST_SUITE_END()
