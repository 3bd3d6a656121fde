#include <boost/test/unit_test.hpp>
#include <cmath>

#include "roofline/db/load.hpp"
#include "roofline/validate/calibration.hpp"
#include "support/support.hpp"

using namespace roofline;
using namespace roofline::validate;

namespace {

// A step of `bytes_ms` of weights at the ceiling and one unit of overhead, which is 1 ms.
Observation seen(std::string id, std::string device, std::string model, double bytes_ms, double measured_ms, std::string pool = "engine") {
  Observation o;
  o.run_id = std::move(id);
  o.unit = UnitKind::gpu;
  o.pool = o.engine = std::move(pool);
  o.vendor = "vendor";
  o.family = "family";
  o.device = std::move(device);
  o.model = std::move(model);
  o.quantization = "q4_k_m";
  o.format_family = "k-quant";
  o.model_class = "dense";
  o.best_quality = true;
  o.items = {{Charge::weights, "k-quant", "", bytes_ms * unit::ms}, {Charge::steps, "", "", 1.0 * unit::ms}};
  o.measured = measured_ms * unit::ms;
  o.ceiling = bytes_ms * unit::ms;
  return o;
}

Level level(Parameter parameter, std::vector<LevelKey> keys, double mean, double sd) {
  Level level{parameter, {}, std::move(keys)};
  level.mean = mean;
  level.sd = sd;
  return level;
}

FitRules loose() {
  FitRules rules;
  rules.noise_a = rules.noise_b = 0.01;
  rules.levels = {level(Parameter::bandwidth, {LevelKey::pool}, 0, 5), level(Parameter::step, {LevelKey::pool}, 0, 5)};
  return rules;
}

double factor(const Calibration& c, Charge charge, const std::string& device) {
  const Scope scope{UnitKind::gpu, "engine", "vendor", "family", device};
  return std::exp(log_factor(c, Phase::decode, scope, {charge, charge == Charge::weights ? "k-quant" : "", "", 1.0 * unit::ms}).value());
}

std::vector<Observation> line(double slope, double overhead_ms, const std::string& device = "board") {
  std::vector<Observation> all;
  int i = 0;
  for (const double ms : {10.0, 20.0, 40.0, 80.0}) {
    ++i;
    all.push_back(seen(device + std::to_string(i), device, "m" + std::to_string(i), ms, slope * ms + overhead_ms));
  }
  return all;
}

// A step of four sequences: `fitted` stands for what one takes, 2 ms of products at their peak and three further sequences are left to fit.
std::vector<Observation> several_sequences(double products_factor) {
  std::vector<Observation> all;
  int i = 0;
  for (const double ms : {10.0, 20.0, 40.0, 80.0}) {
    ++i;
    Observation o = seen("s" + std::to_string(i), "board", "m" + std::to_string(i), ms, ms + products_factor * ms / 5);
    o.tokens = 4;
    o.items = {{Charge::weights, "k-quant", "", ms * unit::ms, true}, {Charge::products, "k-quant", "int8", ms / 5 * unit::ms}};
    all.push_back(std::move(o));
  }
  return all;
}

FitRules of_several() {
  FitRules rules;
  rules.noise_a = rules.noise_b = 0.01;
  rules.levels = {level(Parameter::arithmetic, {LevelKey::pool}, 0, 5)};
  return rules;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(calibration)

// measured = ceiling / 0.8 + 5 ms: the bandwidth factor is 1.25, the step's 5 (of 1 ms). Wide priors leave it to the runs.
BOOST_AUTO_TEST_CASE(a_line_through_exact_points_is_found) {
  const validate::Fit f = fit(line(1.25, 5), loose(), false);
  BOOST_TEST(f.solution.converged);
  const Calibration c = effects_by_pool(f).at("engine");
  BOOST_TEST(factor(c, Charge::weights, "board") == 1.25, boost::test_tools::tolerance(1e-3));
  BOOST_TEST(factor(c, Charge::steps, "board") == 5.0, boost::test_tools::tolerance(1e-2));
  for (const double residual : f.left_out.in_sample) BOOST_TEST(std::abs(residual) < 1e-3);
}

// No runs: nothing moves from the means. With noise s and prior sd t, one vote of residual r moves a lone unknown about r t^2 / (t^2 + s^2).
BOOST_AUTO_TEST_CASE(few_runs_shrink_towards_the_mean) {
  FitRules rules;
  rules.noise_a = rules.noise_b = 0.1;
  rules.degrees_of_freedom = 1e5;  // nearly Gaussian
  rules.levels = {level(Parameter::bandwidth, {LevelKey::pool, LevelKey::device}, 0.0, 0.1)};
  Observation o = seen("r", "board", "m", 10, 10 * std::exp(0.2));
  o.items.pop_back();
  const validate::Fit f = fit({o}, rules, false);
  BOOST_TEST(f.solution.values.at(0) == 0.1, boost::test_tools::tolerance(1e-3));  // 0.2 x 0.01 / (0.01 + 0.01)
  // precision 1 / 0.1^2 + 1 / 0.1^2 = 200
  BOOST_TEST(f.solution.uncertainty.at(0) == 1 / std::sqrt(200.0), boost::test_tools::tolerance(1e-3));
}

// Nineteen repeats of one slow model have the weight of sqrt(19) runs, not of nineteen: the prototype's rule of one shared vote.
BOOST_AUTO_TEST_CASE(repeats_share_a_vote) {
  std::vector<Observation> all{seen("a", "board", "m1", 20, 25)};
  for (int i = 0; i < 19; ++i) all.push_back(seen("c" + std::to_string(i), "board", "m3", 40, 80));
  const Design d = design(all, loose());
  BOOST_TEST(d.weight.at(0) == 1.0);
  BOOST_TEST(d.weight.at(1) == 1 / std::sqrt(19.0), boost::test_tools::tolerance(1e-12));
  BOOST_TEST(d.unknowns.at(0).effect.votes == 2.0, boost::test_tools::tolerance(1e-12));
}

// A wild run among many is noise of a heavy tail: it does not drag the others.
BOOST_AUTO_TEST_CASE(a_wild_run_is_outvoted) {
  auto all = line(1.25, 5);
  for (Observation& o : line(1.25, 5, "second")) all.push_back(o);
  all.push_back(seen("wild", "board", "m9", 30, 30 * 1.25 * 4));
  const Calibration c = effects_by_pool(fit(all, loose(), false)).at("engine");
  BOOST_TEST(factor(c, Charge::weights, "board") == 1.25, boost::test_tools::tolerance(0.03));
}

BOOST_AUTO_TEST_CASE(the_order_of_runs_moves_no_digit) {
  auto forth = line(1.3, 4);
  auto back = forth;
  std::reverse(back.begin(), back.end());
  const validate::Fit a = fit(forth, loose()), b = fit(back, loose());
  BOOST_TEST(a.solution.values == b.solution.values, boost::test_tools::per_element());
}

// Two devices of one family, one of another: what is left when a device is left out decides how far the evidence is.
BOOST_AUTO_TEST_CASE(left_out_runs_stand_at_their_distance) {
  auto all = line(1.25, 5, "one");
  for (Observation& o : line(1.25, 5, "two")) all.push_back(o);
  for (Observation& o : line(1.25, 5, "far")) {
    o.family = "elsewhere";
    all.push_back(o);
  }
  for (Observation& o : all) o.publication = "owner of " + o.device;  // who published nothing else
  const validate::Fit f = fit(all, loose());
  for (std::size_t i = 0; i < f.observations.size(); ++i) {
    BOOST_TEST((f.left_out.model[i].rung == Rung::device_and_format));
    BOOST_TEST((f.left_out.device[i].rung == (f.observations[i].device == "far" ? Rung::engine : Rung::family)));
    BOOST_TEST((f.left_out.publication[i].rung == f.left_out.device[i].rung));
    BOOST_TEST(f.left_out.publication[i].log_ratio == f.left_out.device[i].log_ratio, boost::test_tools::tolerance(1e-6));
    BOOST_TEST((f.left_out.pool[i].rung == Rung::other_engines));
    BOOST_TEST(std::abs(f.left_out.device[i].log_ratio) < 0.01);  // the same law everywhere
  }
}

BOOST_AUTO_TEST_CASE(less_evidence_never_narrows) {
  auto all = line(1.25, 5, "one");
  for (Observation& o : line(1.6, 5, "two")) all.push_back(o);
  double low = 0, high = 0;
  for (const Interval& i : intervals(fit(all, loose()), "engine", UnitKind::gpu)) {
    BOOST_TEST(i.low <= low);
    BOOST_TEST(i.high >= high);
    low = i.low;
    high = i.high;
  }
  BOOST_TEST(high > 0.1);  // the two devices differ by a factor 1.28
}

// Two people measured different models on one board, one of them a factor 1.28 slower throughout. A new model lies between them, but a third
// person may well be as far from both as they are from each other: log 1.28 = 0.25.
BOOST_AUTO_TEST_CASE(intervals_know_that_people_differ) {
  std::vector<Observation> all = line(1.25, 5);
  for (Observation& o : all) o.publication = "one";
  for (Observation& o : line(1.6, 5 * 1.28)) {
    o.run_id += "b";
    o.model += "b";
    o.publication = "two";
    all.push_back(o);
  }
  FitRules rules = loose();
  rules.noise_a = 0.1;
  const Interval near = intervals(fit(all, rules), "engine", UnitKind::gpu).front();
  BOOST_TEST((near.rung == Rung::device_and_format));
  BOOST_TEST(near.low == -0.247, boost::test_tools::tolerance(0.1));
  BOOST_TEST(near.high == 0.247, boost::test_tools::tolerance(0.1));
}

// Eight boards agree on dense models; one of them ran two routed ones, at half the speed foretold. That is how far off other kinds of models are on a
// board that was measured, and says little about dense ones on a ninth board.
BOOST_AUTO_TEST_CASE(other_weights_and_other_boards_are_apart) {
  std::vector<Observation> all;
  for (int board = 0; board < 8; ++board) {
    for (Observation& o : line(1.25, 5, "board" + std::to_string(board))) all.push_back(o);
  }
  for (const char* model : {"a", "b"}) {
    Observation o = seen(std::string("routed") + model, "board0", model, 20, 2 * (1.25 * 20 + 5));
    o.model_class = "routed";
    all.push_back(o);
  }
  FitRules rules = loose();
  rules.degrees_of_freedom = 2;
  double device = 1, family = 1;
  for (const Interval& i : intervals(fit(all, rules), "engine", UnitKind::gpu)) {
    if (i.rung == Rung::device) device = i.low;
    if (i.rung == Rung::family) family = i.low;
  }
  BOOST_TEST(device < -0.5);  // log 2 = 0.69
  BOOST_TEST(family > -0.1);
}

// Five boards agree; a sixth, whose bandwidth is a guess, takes twice as long as they foretell. That says how far guesses may be off, not how far
// published figures are.
BOOST_AUTO_TEST_CASE(guesses_widen_the_intervals_of_guesses) {
  std::vector<Observation> all;
  for (int board = 0; board < 5; ++board) {
    for (Observation& o : line(1.25, 5, "board" + std::to_string(board))) all.push_back(o);
  }
  for (Observation& o : line(2.5, 5, "guessed")) {
    o.items.front().assumed = true;
    all.push_back(o);
  }
  FitRules rules = loose();
  rules.degrees_of_freedom = 2;
  rules.levels.push_back(level(Parameter::bandwidth, {LevelKey::device}, 0, 1));
  rules.levels.back().of_assumed = true;
  const validate::Fit f = fit(all, rules);
  const auto low_of = [&](bool of_assumed) {
    for (const Interval& i : intervals(f, "engine", UnitKind::gpu, "", of_assumed)) {
      if (i.rung == Rung::family) return i.low;
    }
    return 1.0;
  };
  BOOST_TEST(low_of(false) > -0.05);
  BOOST_TEST(low_of(true) < -0.3);  // one of six devices is off by log 2 = 0.69
  Calibration c;
  for (const bool of_assumed : {false, true}) {
    for (const Interval& i : intervals(f, "engine", UnitKind::gpu, "", of_assumed)) c.intervals.push_back(i);
  }
  BOOST_TEST(find_interval(c, Phase::decode, UnitKind::gpu, Rung::family)->low == low_of(false));
  BOOST_TEST(find_interval(c, Phase::decode, UnitKind::gpu, Rung::family, true)->low == low_of(true));
}

// Weights 1, 1, 2: middles of the shares at 1/8, 3/8, 3/4.
BOOST_AUTO_TEST_CASE(quantiles_by_weight) {
  const std::vector<std::pair<double, double>> points{{10, 1}, {30, 2}, {20, 1}};
  BOOST_TEST(weighted_quantile(points, 0.125) == 10.0);
  BOOST_TEST(weighted_quantile(points, 0.25) == 15.0);
  BOOST_TEST(weighted_quantile(points, 0.75) == 30.0);
  BOOST_TEST(weighted_quantile(points, 0.01) == 10.0);
  BOOST_TEST(weighted_quantile(points, 0.99) == 30.0);
}

// 10 ms that stand and 3 x 2 ms of products, at each of four sizes.
BOOST_AUTO_TEST_CASE(what_was_fitted_before_stands) {
  const validate::Fit f = fit(several_sequences(3), of_several());
  const Calibration c = effects_by_pool(f).at("engine");
  const Scope scope{UnitKind::gpu, "engine", "vendor", "family", "board"};
  BOOST_TEST(std::exp(log_factor(c, Phase::decode, scope, {Charge::products, "k-quant", "int8", 1.0 * unit::ms}).value()) == 3.0, boost::test_tools::tolerance(1e-3));
  BOOST_TEST(!log_factor(c, Phase::decode, scope, {Charge::weights, "k-quant", "", 1.0 * unit::ms}));
  // On the board itself the model is what is new; for another nothing was left when the board was.
  const auto here = several_interval(f, "engine", UnitKind::gpu, "board");
  BOOST_TEST_REQUIRE(here.has_value());
  BOOST_TEST((here->rung == Rung::several));
  BOOST_TEST(std::abs(here->low) < 1e-2);
  BOOST_TEST(here->sequences == 4);
  BOOST_TEST(here->run_ids.size() == 4U);
  BOOST_TEST(!several_interval(f, "engine", UnitKind::gpu, "another"));  // has no such run: what holds for all others is asked for with ""
  // The fit without the board is its prior, a factor 1: 10 + 2 ms against 16 measured, log(12 / 16) = -0.288 at every size.
  const auto elsewhere = several_interval(f, "engine", UnitKind::gpu, "");
  BOOST_TEST_REQUIRE(elsewhere.has_value());
  BOOST_TEST(elsewhere->low == std::log(12.0 / 16.0), boost::test_tools::tolerance(1e-3));
  BOOST_TEST(!several_interval(f, "engine", UnitKind::gpu, "", "board"));
}

// Nine boards reach the ceiling and one takes twice the time. Drawn by a Gaussian the odd one pulls the mean of all by about a tenth of
// log 2 = 0.693; drawn by a Student t it hardly does.
BOOST_AUTO_TEST_CASE(one_odd_device_does_not_speak_for_all) {
  std::vector<Observation> all;
  for (int i = 0; i < 10; ++i) {
    all.push_back(seen("r" + std::to_string(i), "board" + std::to_string(i), "m", 10, i == 0 ? 20 : 10));
    all.back().items.pop_back();
  }
  FitRules rules;
  rules.noise_a = rules.noise_b = 0.01;
  rules.degrees_of_freedom = 1000;
  rules.levels = {level(Parameter::bandwidth, {}, 0, 5), level(Parameter::bandwidth, {LevelKey::device}, 0, 0.05)};
  const auto new_board = [&](double tails) {
    rules.levels[1].degrees_of_freedom = tails;
    return std::log(factor(effects_by_pool(fit(all, rules, false)).at("engine"), Charge::weights, "another"));
  };
  BOOST_TEST(new_board(0) == 0.0693, boost::test_tools::tolerance(0.02));
  BOOST_TEST(std::abs(new_board(1)) < 0.01);
}

// A board whose bandwidth nobody published takes twice the time; its own wide level says so and leaves the engine's mean to the other.
BOOST_AUTO_TEST_CASE(a_guessed_rate_teaches_little_about_others) {
  std::vector<Observation> all = {seen("1", "known", "m", 10, 10), seen("2", "guessed", "m", 10, 20)};
  for (Observation& o : all) o.items.pop_back();
  all[1].items.front().assumed = true;
  FitRules rules;
  rules.noise_a = rules.noise_b = 0.01;
  rules.degrees_of_freedom = 1000;
  rules.levels = {level(Parameter::bandwidth, {}, 0, 0.1), level(Parameter::bandwidth, {LevelKey::device}, 0, 1)};
  rules.levels[1].of_assumed = true;
  const Calibration c = effects_by_pool(fit(all, rules, false)).at("engine");
  const Scope guessed{UnitKind::gpu, "engine", "vendor", "family", "guessed"};
  ChargeItem item{Charge::weights, "k-quant", "", 1.0 * unit::ms, false, true};
  BOOST_TEST(std::exp(log_factor(c, Phase::decode, guessed, item).value()) == 2.0, boost::test_tools::tolerance(0.01));
  item.assumed = false;  // a user who states the bandwidth has no guess to correct
  BOOST_TEST(std::exp(log_factor(c, Phase::decode, guessed, item).value()) == 1.0, boost::test_tools::tolerance(0.01));
  BOOST_TEST(factor(c, Charge::weights, "known") == 1.0, boost::test_tools::tolerance(0.01));
}

// Three boards take exp(0.05 + 0.8 x (shortfall - 0.2)) times their ceiling, a fourth without a streaming test exp(0.05). A fifth is foretold
// by its streaming test alone.
BOOST_AUTO_TEST_CASE(a_streaming_test_foretells_a_board) {
  std::vector<Observation> all;
  for (const double shortfall : {0.1, 0.2, 0.3}) {
    all.push_back(seen("r" + std::to_string(shortfall), "board" + std::to_string(shortfall), "m", 10, 10 * std::exp(0.05 + 0.8 * (shortfall - 0.2))));
    all.back().items.front().shortfall = shortfall;
  }
  all.push_back(seen("untested", "untested", "m", 10, 10 * std::exp(0.05)));
  for (Observation& o : all) o.items.pop_back();
  FitRules rules;
  rules.noise_a = rules.noise_b = 0.001;
  rules.degrees_of_freedom = 1000;
  rules.levels = {level(Parameter::bandwidth, {}, 0, 5), level(Parameter::bandwidth, {}, 0, 5)};
  rules.levels[1].per_shortfall_from = 0.2;
  const Calibration c = effects_by_pool(fit(all, rules, false)).at("engine");
  const Scope fresh{UnitKind::gpu, "engine", "vendor", "family", "fifth"};
  ChargeItem item{Charge::weights, "k-quant", "", 1.0 * unit::ms};
  BOOST_TEST(log_factor(c, Phase::decode, fresh, item).value() == 0.05, boost::test_tools::tolerance(0.01));
  item.shortfall = 0.45;
  BOOST_TEST(log_factor(c, Phase::decode, fresh, item).value() == 0.05 + 0.8 * 0.25, boost::test_tools::tolerance(0.01));
}

BOOST_AUTO_TEST_CASE(the_digest_names_the_data) {
  const Observation a = seen("x", "board", "m", 10, 12);
  Observation b = a;
  b.measured = 12.5 * unit::ms;
  BOOST_TEST(digest({a}) == digest({a}));
  BOOST_TEST(digest({a}) != digest({b}));
}

BOOST_AUTO_TEST_CASE(toml_written_is_toml_read) {
  auto prompt = line(2, 1);
  for (Observation& o : prompt) {
    o.phase = Phase::prefill;
    o.items = {{Charge::products, "k-quant", "int8", o.ceiling}};
  }
  FitRules of_prefill = loose();
  of_prefill.levels = {level(Parameter::arithmetic, {LevelKey::pool, LevelKey::arithmetic}, 0, 1)};
  const auto all = calibrations(fit(line(1.25, 5), loose()), fit(prompt, of_prefill), fit(several_sequences(3), of_several()));
  const Calibration& c = all.at("engine");
  const auto loaded = db::load_calibration(to_toml(c), "engine.toml");
  BOOST_TEST_REQUIRE(loaded.value.has_value(), (loaded.diagnostics.empty() ? "" : db::to_string(loaded.diagnostics.front())));
  BOOST_TEST(to_toml(*loaded.value) == to_toml(c));
}

BOOST_AUTO_TEST_CASE(what_a_streaming_test_moves_is_read_back) {
  Calibration c;
  c.engine = "engine";
  c.method = c.runs_digest = "x";
  Effect effect;
  effect.log_factor = 0.75;
  effect.per_shortfall_from = 0.15;
  c.effects = {effect};
  const auto loaded = db::load_calibration(to_toml(c), "engine.toml");
  BOOST_TEST_REQUIRE(loaded.value.has_value(), (loaded.diagnostics.empty() ? "" : db::to_string(loaded.diagnostics.front())));
  BOOST_TEST(loaded.value->effects.at(0).per_shortfall_from.value() == 0.15);
  ChargeItem item{Charge::weights, "k-quant", "", 1.0 * unit::ms};
  const Scope scope{UnitKind::cpu, "engine", "vendor", "family", "board"};
  BOOST_TEST(!log_factor(*loaded.value, Phase::decode, scope, item).has_value());  // nothing is known of it
  item.shortfall = 0.35;
  BOOST_TEST(log_factor(*loaded.value, Phase::decode, scope, item).value() == 0.75 * 0.2, boost::test_tools::tolerance(1e-9));
}

BOOST_AUTO_TEST_SUITE_END()
