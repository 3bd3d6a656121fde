#include "roofline/validate/accuracy.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>

using namespace roofline;
using namespace roofline::validate;
using boost::test_tools::tolerance;

namespace {

Observation run(const char* id, const char* device, double tokens_per_second, const char* model = "m") {
  Observation o;
  o.run_id = id;
  o.unit = UnitKind::gpu;
  o.pool = o.engine = "engine";
  o.vendor = "NVIDIA";
  o.family = "family";
  o.device = device;
  o.model = model;
  o.quantization = "q4_k_m";
  o.items = {{Charge::weights, "k-quant", "", 50.0 * unit::ms}};
  o.measured = 1.0 / tokens_per_second * unit::s;
  o.ceiling = 50.0 * unit::ms;
  return o;
}

// Four runs of 10 tok/s where 20 is the ceiling: exact with the model left out, off by these ratios of measured to predicted with the device left out.
Fit fitted() {
  Fit f;
  f.observations = {run("1", "a", 10), run("2", "a", 10), run("3", "b", 10), run("4", "b", 10)};
  f.observations[3].vendor = "other";
  f.design.weight = {1, 1, 1, 1};
  f.left_out.in_sample = {0, 0, 0, 0};
  for (const double ratio : {0.8, 0.9, 1.1, 1.25}) {
    f.left_out.model.push_back({0, Rung::device});
    f.left_out.device.push_back({std::log(ratio), Rung::engine});
    f.left_out.publication.push_back({std::log(0.5), Rung::engine});
    f.left_out.pool.push_back({0, Rung::other_engines});
  }
  return f;
}

const GroupAccuracy& group(const PhaseAccuracy& a, const std::string& name) {
  for (const GroupAccuracy& g : a.groups) {
    if (g.name == name) return g;
  }
  BOOST_FAIL("no group " + name);
  return a.groups.front();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(validate_accuracy)

BOOST_AUTO_TEST_CASE(errors_by_what_was_unseen) {
  const PhaseAccuracy a = accuracy(fitted());
  const GroupAccuracy& all = group(a, "all runs");
  BOOST_TEST(*all.schemes[0].errors.median == 0.0);
  BOOST_TEST(*all.schemes[1].errors.median == 0.0);
  BOOST_TEST(*all.schemes[3].errors.median == 1.0, tolerance(1e-9));  // twice too fast
  // 1/0.8 - 1 = 0.25, 1/0.9 - 1 = 0.1111, 1 - 1/1.1 = 0.0909, 1 - 1/1.25 = 0.2: the middle of 0.1111 and 0.2
  BOOST_TEST(*all.schemes[2].errors.median == (1 / 0.9 - 1 + 0.2) / 2, tolerance(1e-9));
  // 0.2 and 0.25 are the third and fourth of four: 0.9 x 3 = 2.7 lies 0.7 between them
  BOOST_TEST(*all.schemes[2].errors.p90 == 0.235, tolerance(1e-9));
}

BOOST_AUTO_TEST_CASE(a_ceiling_and_the_best_factor_beside) {
  const PhaseAccuracy a = accuracy(fitted());
  BOOST_TEST(*group(a, "all runs").ceiling.median == 1.0, tolerance(1e-12));  // 20 / 10 - 1
  BOOST_TEST(*a.best_factor == 0.5, tolerance(1e-12));
  BOOST_TEST(*group(a, "all runs").constant_factor.median + 1 == 1.0, tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(a_device_does_not_vouch_for_itself) {
  // Without a's own runs the interval is [1, 1.25] of the prediction, from b's; a's ratios 0.8 and 0.9 are outside. b's is [0.8, 1] from a's, and
  // 1.1 and 1.25 are outside. With the own ones in, all but the ends would be inside.
  const PhaseAccuracy a = accuracy(fitted());
  const GroupAccuracy& all = group(a, "all runs");
  BOOST_TEST(*all.schemes[2].coverage == 0.0);
  BOOST_TEST(*all.schemes[1].coverage == 1.0);
  BOOST_TEST(!all.schemes[0].coverage);
  const auto own = intervals(fitted(), "engine", UnitKind::gpu);
  const auto without = intervals(fitted(), "engine", UnitKind::gpu, "a");
  for (const Interval& i : own) {
    if (i.rung == Rung::engine) BOOST_TEST(i.low == std::log(0.8), tolerance(1e-9));
  }
  for (const Interval& i : without) {
    if (i.rung == Rung::engine) BOOST_TEST(i.low == 0.0);
  }
}

BOOST_AUTO_TEST_CASE(groups) {
  const PhaseAccuracy a = accuracy(fitted());
  BOOST_TEST(group(a, "NVIDIA GPUs and Rockchip NPUs").schemes[0].errors.runs == 3);
  BOOST_TEST(group(a, "the rest").schemes[0].errors.runs == 1);
  BOOST_TEST(group(a, "gpu").schemes[0].errors.runs == 4);
  BOOST_TEST(group(a, "B").schemes[0].errors.runs == 4);
  for (const GroupAccuracy& g : a.groups) BOOST_TEST(g.by != "engine");  // four runs say nothing about an engine
}

BOOST_AUTO_TEST_CASE(noise_of_repeats) {
  // Around 10: 0, |10/8 - 1| = 0.25, |10/12.5 - 1| = 0.2. Median 0.2; 0.9 x 2 = 1.8: 0.2 + 0.8 x 0.05 = 0.24. The last is another model, alone.
  const NoiseFloor floor = noise_floor({run("1", "a", 10), run("2", "a", 8), run("3", "a", 12.5), run("4", "a", 3, "other")});
  BOOST_TEST(floor.configurations == 1);
  BOOST_TEST(floor.runs == 3);
  BOOST_TEST(*floor.median == 0.2, tolerance(1e-12));
  BOOST_TEST(*floor.p90 == 0.24, tolerance(1e-12));
  BOOST_TEST(!noise_floor({run("1", "a", 10)}).median);
}

// 20, 16 and 10 tok/s at depths 0, 8,192 and 16,384: falls to 0.8 and 0.5. Predicted 20, 15 and 11: 0.75 / 0.8 - 1 = -6.25 %, 0.55 / 0.5 - 1 = 10 %;
// the median of both is 8.125 %. The other series starts too deep.
BOOST_AUTO_TEST_CASE(the_fall_with_depth) {
  Fit f;
  const auto add = [&](const char* id, const char* series, double depth, double rate, double predicted) {
    f.observations.push_back(run(id, "a", rate));
    f.observations.back().depth = depth;
    f.observations.back().series = series;
    f.left_out.model.push_back({std::log(rate / predicted), Rung::device});
  };
  add("1", "s", 0, 20, 20);
  add("2", "s", 8192, 16, 15);
  add("3", "s", 16384, 10, 11);
  add("4", "t", 4096, 20, 20);
  add("5", "t", 8192, 10, 20);
  const DepthAccuracy d = depth_accuracy(f);
  BOOST_TEST(d.series == 1);
  BOOST_TEST(d.pairs == 2);
  BOOST_TEST(*d.median == 0.08125, tolerance(1e-9));
  BOOST_TEST(*d.slowest == 0.5, tolerance(1e-9));
  BOOST_TEST(!depth_accuracy(Fit{}).median);
}

// Five runs of one device, each a tenth off: an engine on a device has a line of its own from five runs on.
BOOST_AUTO_TEST_CASE(several_sequences_by_device) {
  Fit f;
  for (const char* id : {"1", "2", "3", "4", "5"}) {
    f.observations.push_back(run(id, "a", 10));
    f.design.weight.push_back(1);
    f.left_out.in_sample.push_back(0);
    f.left_out.model.push_back({std::log(1 / 1.1), Rung::device});
  }
  const auto all = several_accuracy(f);
  BOOST_TEST_REQUIRE(all.size() == 2U);
  BOOST_TEST(all[0].name == "all runs");
  BOOST_TEST(all[1].name == "engine on a");
  BOOST_TEST(*all[1].unseen_model.errors.median == 0.1, tolerance(1e-9));
  BOOST_TEST(*all[1].seen.errors.median < 1e-9);
  BOOST_TEST(!all[1].unseen_model.coverage);  // no other device tells how far off such runs are
}

BOOST_AUTO_TEST_CASE(forms) {
  Fit f = fitted();
  f.design.unknowns.resize(3);
  FitRules rules;
  rules.id = "decode-x";
  rules.title = "title";
  const FormAccuracy form = form_accuracy(f, rules);
  BOOST_TEST(form.id == "decode-x");
  BOOST_TEST(form.unknowns == 3);
  BOOST_TEST(*form.errors[2].p90 == 0.235, tolerance(1e-9));
}

BOOST_AUTO_TEST_CASE(nothing) { BOOST_TEST(accuracy(Fit{}).groups.empty()); }

BOOST_AUTO_TEST_SUITE_END()
