// Engines and the constants fitted for them.
#include "unit/db/db_test.hpp"

using namespace roofline;
using namespace roofline::db;
using namespace roofline::testing;

namespace {

void refuse(std::string_view from, std::string_view to, std::string_view fragment, std::string_view message) {
  const std::string text = replaced(good_engine, from, to);
  check_refused(load_engine(text, "x.toml"), text, fragment, message);
}

void refuse_constant(std::string_view from, std::string_view to, std::string_view fragment, std::string_view message) {
  const std::string text = replaced(good_calibration, from, to);
  check_refused(load_calibration(text, "x.toml"), text, fragment, message);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(load_engine_files)

BOOST_AUTO_TEST_CASE(an_engine_as_written) {
  const auto loaded = load_engine(good_engine, "x.toml");
  require_good(loaded);
  const Engine& e = *loaded.value;
  BOOST_TEST(e.calibration == "test-engine");  // its own constants, where no other engine's are named
  BOOST_TEST((e.prefill_chunk == PrefillChunk::ubatch));
  BOOST_TEST(e.resolve.at("int4").size() == 2u);
  BOOST_TEST(e.resolve.at("int8").front() == "q8_0");
  BOOST_TEST(e.limits[0].max_context.value == 4096.0);
  BOOST_TEST(e.support.size() == 2u);
  BOOST_TEST(!e.support[0].refused);
  BOOST_TEST(e.support[1].refused);
  BOOST_TEST(e.support[1].instead[0] == "q8_0");
  BOOST_TEST(e.arithmetic[0].number_formats.size() == 2u);
  BOOST_TEST((e.memory.kv_rule == KvRule::llama_cpp));
  BOOST_TEST(e.memory.kv_padding == 256);
  BOOST_TEST((e.memory.compute_buffer == BufferRule::linear));
  BOOST_TEST(e.memory.fraction->value == 0.9);
  BOOST_TEST(e.memory.host_embeddings);
  BOOST_TEST(e.memory.runtime[0].bytes.value.in(unit::MiB) == 16.0);
  BOOST_TEST((e.memory.buffer_forms.at("qwen3") == BufferForm::qwen3));
  BOOST_TEST(e.memory.linear.fixed->value.in(unit::MiB) == 64.0);
}

BOOST_AUTO_TEST_CASE(an_engine_may_use_the_constants_of_another) {
  const auto loaded = load_engine(replaced(good_engine, "prefill_chunk", "calibration = \"llama.cpp\"\nprefill_chunk"), "x.toml");
  require_good(loaded);
  BOOST_TEST(loaded.value->calibration == "llama.cpp");
}

BOOST_AUTO_TEST_CASE(what_an_engine_can_not_say) {
  refuse("reason = \"it has no such kernels\"\n", "", "\"refused\"", "'reason'");
  refuse("status = \"supported\"", "status = \"maybe\"", "\"maybe\"", "'status'");
  refuse("units = [\"npu\"]\nmax_context", "units = [\"tpu\"]\nmax_context", "[\"tpu\"]", "'tpu'");
  refuse("[\"int8\", \"fp32\"]", "[\"int7\"]", "[\"int7\"]", "'int7'");
  refuse("kv_rule = \"llama_cpp\"", "kv_rule = \"paged\"", "\"paged\"", "'kv_rule'");
  refuse("kv_padding = 256", "kv_padding = 0", "0\n", "'kv_padding'");
  refuse("value = 0.9", "value = 1.1", "{ value = 1.1", "at most 1");
  refuse("qwen3 = \"qwen3\"", "qwen3 = \"other\"", "[buffer_forms]", "'other'");
  refuse("int8 = \"q8_0\"", "int8 = 8", "8\n\n", "'int8'");
  refuse("int8 = \"q8_0\"", "int8 = []", "[]", "'int8'");
  refuse("prefill_chunk = \"ubatch\"\n", "", "schema", "missing key 'prefill_chunk'");
  refuse("chips = [\"*\"]\n", "", "[[support]]", "missing key 'chips'");
  refuse("units = [\"cpu\", \"gpu\"]\n", "", "[[support]]", "'units'");
  refuse("units = [\"cpu\", \"gpu\"]\n", "units = []\n", "[]", "'units'");
  refuse("quantizations = [\"q4_k_m\"]\nstatus = \"supported\"", "status = \"supported\"", "[[support]]", "'quantizations'");
  refuse("formats = [\"q4_k\"]\n", "", "[[arithmetic]]", "'formats'");
  refuse("value = 4096, unit = \"tokens\"", "value = 4096, unit = \"bit\"", "\"bit\"", "wanted 'tokens'");
  refuse("value = 0.9, unit = \"1\"", "value = 0.9, unit = \"USD\"", "\"USD\"", "wanted '1'");
}

// A rule without its terms would count nothing.
BOOST_AUTO_TEST_CASE(a_linear_buffer_states_its_terms) {
  const std::string text = good_engine.substr(0, good_engine.find("[linear_buffer]"));
  check_refused(load_engine(text, "x.toml"), text, "\"linear\"", "[linear_buffer]");
  require_good(load_engine(replaced(text, "\"linear\"", "\"none\""), "x.toml"));
}

BOOST_AUTO_TEST_CASE(constants_as_written) {
  const auto loaded = load_calibration(good_calibration, "x.toml");
  require_good(loaded);
  BOOST_TEST(loaded.value->engine == "test-engine");
  BOOST_TEST_REQUIRE(loaded.value->effects.size() == 2u);
  const Effect& e = loaded.value->effects.at(0);
  BOOST_TEST((e.phase == Phase::decode));
  BOOST_TEST((e.parameter == Parameter::bandwidth));
  BOOST_TEST((e.unit == UnitKind::gpu));
  BOOST_TEST(e.device == "");  // any
  BOOST_TEST(e.family == "test-family");
  BOOST_TEST(e.format_family == "k-quant");
  BOOST_TEST(e.log_factor == 0.25);
  BOOST_TEST(e.uncertainty == 0.05);
  BOOST_TEST(e.votes == 2.5);
  BOOST_TEST((loaded.value->effects.at(1).parameter == Parameter::unpack));
  BOOST_TEST(loaded.value->effects.at(1).format_family == "fp8");
  BOOST_TEST(loaded.value->effects.at(1).arithmetic == "int8");
  BOOST_TEST(loaded.value->effects.at(1).log_factor == -0.5);
  BOOST_TEST_REQUIRE(loaded.value->intervals.size() == 2u);
  const Interval& i = loaded.value->intervals.at(0);
  BOOST_TEST((i.rung == Rung::family));
  BOOST_TEST(i.low == -0.2);
  BOOST_TEST(i.high == 0.1);
  BOOST_TEST(i.error.value() == 0.05);
  BOOST_TEST(i.votes == 3.0);
  BOOST_TEST(!loaded.value->intervals.at(1).error.has_value());
  const EvidenceCell& c = loaded.value->evidence.at(0);
  BOOST_TEST(c.device == "");  // runs of other engines
  BOOST_TEST(c.family == "test-family");
  BOOST_TEST(c.format_family == "k-quant");
  BOOST_TEST(c.model_class == "dense");
  BOOST_TEST(c.models == 2);
  BOOST_TEST((c.run_ids == std::vector<std::string>{"a", "b", "c"}));
}

BOOST_AUTO_TEST_CASE(constants_are_finite_and_intervals_hold_their_middle) {
  constexpr const char* first = "\"bandwidth|||test";  // where the row stands
  for (const std::string value : {"nan", "inf", "30", "1e999", "0x1", "0.25x", ""}) {
    refuse_constant("k-quant||||0.25", "k-quant||||" + value, first, "'log_factor'");
  }
  refuse_constant("|0.05|2.5", "|-1|2.5", first, "'uncertainty'");
  refuse_constant("family|-0.2", "family|0.2", "\"family|0.2", "'low'");
  refuse_constant("-0.2|0.1", "-0.2|-0.1", "\"family|-0.2", "'high'");
  refuse_constant("phase = \"decode\"", "phase = \"both\"", "\"both\"", "'phase'");
  refuse_constant("\"bandwidth|", "\"speed|", "\"speed|", "'parameter'");
  refuse_constant("\"family|-0.2", "\"near|-0.2", "\"near", "'rung'");
  refuse_constant("dense|2", "sparse|2", "\"|test", "'model_class'");
  refuse_constant("rows = [\n", "row = [\n", "row = ", "did you mean 'rows'?");
}

BOOST_AUTO_TEST_CASE(rows_have_all_their_columns_and_no_more) {
  constexpr const char* first = "\"bandwidth|||test";
  refuse_constant("|2.5\"", "\"", first, "'votes'");
  refuse_constant("k-quant||||0.25", "k-quant||guessed||0.25", first, "'assumed'");
  refuse_constant("k-quant||||0.25", "k-quant|||far|0.25", first, "'per_shortfall_from'");
  refuse_constant("\"family|-0.2", "\"several|-0.2", "\"several", "'device'");
  refuse_constant("|2.5\"", "|2.5|1\"", first, "goes on after its last column: '1'");
  refuse_constant("|2.5\"", "|2.5|\"", first, "goes on after its last column");
  refuse_constant("||test-family||k-quant||||0.25", "||test-family||k-quant|||0.25", "\"bandwidth|||test", "'votes'");
  refuse_constant("k-quant|dense|2|a b c", "k-quant", "\"|test-family", "'model_class'");
  refuse_constant("|a b c", "", "\"|test-family", "'runs'");
  refuse_constant("|test-family|k-quant|dense|2|a b c", "test-device|test-family|k-quant|dense|2|", "\"test-device", "names a device and no runs");
  refuse_constant("rows = [\"|test-family|k-quant|dense|2|a b c\"]", "rows = []", "[]", "array of rows");
  refuse_constant("rows = [\"|test-family|k-quant|dense|2|a b c\"]", "rows = [1]", "1]", "strings only");
}

BOOST_AUTO_TEST_CASE(fit_rules_as_written) {
  const auto loaded = load_fit(good_fit, "decode.toml");
  require_good(loaded);
  BOOST_TEST((loaded.value->phase == Phase::decode));
  BOOST_TEST(loaded.value->noise_b == 0.05);
  const Level& level = loaded.value->levels.at(0);
  BOOST_TEST((level.parameter == Parameter::bandwidth));
  BOOST_TEST((level.units == std::vector<UnitKind>{UnitKind::gpu}));
  BOOST_TEST((level.keys == std::vector<LevelKey>{LevelKey::pool, LevelKey::device}));
  BOOST_TEST(level.sd == 0.1);
}

BOOST_AUTO_TEST_CASE(a_level_names_known_keys_and_moves) {
  const auto refuse_fit = [](std::string_view from, std::string_view to, std::string_view fragment, std::string_view message) {
    const std::string text = replaced(good_fit, from, to);
    check_refused(load_fit(text, "x.toml"), text, fragment, message);
  };
  refuse_fit("\"device\"]", "\"board\"]", "[\"pool\", \"board\"]", "'board' is no key");
  refuse_fit("sd = 0.1", "sd = -1", "-1", "'sd'");
  refuse_fit("\"bandwidth\"", "\"width\"", "\"width\"", "not a parameter");
  refuse_fit("\"bandwidth\"", "\"launch\"\nper_shortfall_from = 0.2", "0.2", "only decode's bytes fall short");
  const auto read = load_fit(replaced(good_fit, "mean = 0.0", "per_shortfall_from = 0.2\nmean = 0.0"), "decode.toml");
  require_good(read);
  BOOST_TEST(read.value->levels.at(0).per_shortfall_from.value() == 0.2);
}

BOOST_AUTO_TEST_SUITE_END()
