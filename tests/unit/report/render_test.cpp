// report/render.hpp: the JSON contract of docs/json.md, on answers made by hand.
#include "roofline/report/render.hpp"

#include <boost/test/unit_test.hpp>
#include <limits>
#include <nlohmann/json.hpp>

#include "unit/report/answer_fixture.hpp"

using namespace roofline;
using Json = nlohmann::json;

namespace {

const std::vector<std::string> memory_keys{"weights_bytes", "kv_cache_bytes", "compute_buffer_bytes", "runtime_bytes",
                                           "total_bytes",   "usable_bytes",   "verdict",              "max_context_tokens"};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(report_render, test::AnswerFixture)

BOOST_AUTO_TEST_CASE(top_level_keys) {
  const Json j = json();
  BOOST_TEST(j.at("schema") == 1);
  BOOST_TEST(j.at("device").at("id") == "board");
  BOOST_TEST(j.at("device").at("mode").is_null());
  BOOST_TEST(j.at("model").at("id") == "model-1b");
  for (const std::string& key : memory_keys) BOOST_TEST(j.at("memory").contains(key), key);
  BOOST_TEST(j.at("estimates").size() == 2U);
  BOOST_TEST(j.at("alternatives").size() == 1U);
  BOOST_TEST(j.at("assumptions").at(0) == "power mode none");
  BOOST_TEST(j.at("sources").at(0) == "datasheet");
}

BOOST_AUTO_TEST_CASE(supported_estimate) {
  const Json all = json();
  const Json& e = all.at("estimates").at(0);
  BOOST_TEST(e.at("unit") == "cpu");
  BOOST_TEST(e.at("engine") == "llama.cpp");
  BOOST_TEST(e.at("quantization") == "q4_k_m");
  BOOST_TEST(e.at("requested_quantization") == "int4");
  BOOST_TEST(e.at("supported") == true);
  BOOST_TEST(e.at("reason").is_null());
  const Json& decode = e.at("decode");
  BOOST_TEST(decode.at("ceiling_tokens_per_second").get<double>() == 5.0);
  BOOST_TEST(decode.at("expected_tokens_per_second").get<double>() == 4.0);
  BOOST_TEST(decode.at("interval").at("level").get<double>() == 0.8);
  BOOST_TEST(decode.at("interval").at("low").get<double>() == 3.2);
  BOOST_TEST(decode.at("interval").at("high").get<double>() == 5.0);
  BOOST_TEST(decode.at("bound_by") == "memory");
  BOOST_TEST(decode.at("streamed_bytes_per_token") == 2000000000);
  BOOST_TEST(decode.at("arithmetic_intensity").get<double>() == 2.0);
  BOOST_TEST(decode.at("ridge_point").get<double>() == 60.0);
  BOOST_TEST(e.at("prefill").at("ceiling_tokens_per_second").get<double>() == 2560.0);
  BOOST_TEST(e.at("evidence").at("rung") == "this device and engine");
  BOOST_TEST(e.at("evidence").at("runs") == 18);
  BOOST_TEST(e.at("evidence").at("error").get<double>() == 0.06);
  BOOST_TEST(e.at("assumptions").at(0) == "pinned to 4 cores");
  BOOST_TEST(e.at("sources").at(0) == "datasheet");
  BOOST_TEST(e.at("load").at(0).at("interface_limit_seconds").get<double>() == 1.0);
}

BOOST_AUTO_TEST_CASE(memory_is_exact_bytes) {
  const Json all = json();
  const Json& memory = all.at("memory");
  BOOST_TEST(memory.at("weights_bytes") == 2000000000);
  BOOST_TEST(memory.at("kv_cache_bytes") == 234881024);
  BOOST_TEST(memory.at("total_bytes") == 2339738624LL);  // 2,000,000,000 + 234,881,024 + 104,857,600
  BOOST_TEST(memory.at("usable_bytes") == 8589934592);
  BOOST_TEST(memory.at("verdict") == "fits");
  BOOST_TEST(memory.at("max_context_tokens") == 32768);
  BOOST_TEST(memory == all.at("estimates").at(0).at("memory"));
}

BOOST_AUTO_TEST_CASE(margin_is_what_the_printed_integers_give) {
  Estimate& e = answer.survey.estimates[0];
  e.verdict.usable = e.verdict.available = Bytes::from_base(1000.6);  // printed as 1001
  e.memory.weights = Bytes::from_base(500.4);   // 500
  e.memory.kv_cache = e.memory.compute_buffer = Bytes{};
  e.verdict.margin = e.verdict.usable - e.memory.total();  // 500.2
  const Json all = json();
  BOOST_TEST(all.at("memory").at("margin_bytes") == 501);
}

BOOST_AUTO_TEST_CASE(a_form_in_another_container_goes_by_its_usual_name) {
  q4.id = "bf16-safetensors";
  q4.variant_of = "bf16";
  BOOST_TEST(report::shown_id(q4) == "bf16");
  BOOST_TEST(report::shown_id(w8) == "w8a8");
  const Json all = json();
  BOOST_TEST(all.at("estimates").at(0).at("quantization") == "bf16");
  BOOST_TEST(all.at("estimates").at(0).at("quantization_file") == "bf16-safetensors");
  BOOST_TEST(all.at("alternatives").at(0).at("quantization_file") == "w8a8");
  BOOST_TEST(report::survey_text(answer, {200, false}).find("safetensors") == std::string::npos);
  const Json explained = Json::parse(report::explain_json(answer, answer.survey.estimates[0], {}));
  BOOST_TEST(explained.at("quantization") == "bf16");
  BOOST_TEST(explained.at("quantization_file") == "bf16-safetensors");
}

BOOST_AUTO_TEST_CASE(unknown_is_null_never_zero) {
  const Json all = json();
  const Json& e = all.at("estimates").at(0);
  BOOST_TEST(e.at("memory").at("runtime_bytes").is_null());  // the engine states none
  BOOST_TEST(e.at("prefill").at("expected_tokens_per_second").is_null());
  BOOST_TEST(e.at("prefill").at("interval").at("low").is_null());
  BOOST_TEST(e.at("prefill_evidence").at("error").is_null());
  BOOST_TEST(e.at("ttft_seconds").is_null());
  BOOST_TEST(e.at("load").at(0).at("sequential_read_seconds").is_null());
}

BOOST_AUTO_TEST_CASE(what_is_not_finite_is_null) {
  answer.survey.estimates[0].decode.time = std::numeric_limits<double>::quiet_NaN() * unit::s;
  answer.survey.estimates[0].evidence.error = std::numeric_limits<double>::quiet_NaN();
  const Json all = json();
  BOOST_TEST(all.at("estimates").at(0).at("decode").at("ceiling_tokens_per_second").is_null());
  BOOST_TEST(all.at("estimates").at(0).at("evidence").at("error").is_null());
}

BOOST_AUTO_TEST_CASE(prefill_ceiling_needs_a_known_peak) {
  answer.survey.estimates[0].prefill.compute_known = false;
  const Json all = json();
  BOOST_TEST(all.at("estimates").at(0).at("prefill").at("ceiling_tokens_per_second").is_null());
}

BOOST_AUTO_TEST_CASE(refused_estimate) {
  const Json all = json();
  const Json& e = all.at("estimates").at(1);
  BOOST_TEST(e.at("unit") == "npu");
  BOOST_TEST(e.at("supported") == false);
  BOOST_TEST(e.at("reason") == "int4 is not offered on this NPU");
  for (const char* key : {"decode", "prefill", "ttft_seconds", "memory"}) BOOST_TEST(e.at(key).is_null(), key);
  BOOST_TEST(all.at("alternatives").at(0).at("quantization") == "w8a8");
  BOOST_TEST(all.at("alternatives").at(0).at("supported") == true);
}

BOOST_AUTO_TEST_CASE(nothing_supported) {
  answer.survey.estimates.erase(answer.survey.estimates.begin());
  BOOST_TEST(json().at("memory").is_null());
  BOOST_TEST((report::leading(answer.survey) == nullptr));
  BOOST_TEST(report::survey_text(answer, {}).find("not estimated") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(bytes_that_are_not_utf8_do_not_throw) {
  device.name = "board \xff";
  BOOST_CHECK_NO_THROW(report::survey_json(answer));
}

BOOST_AUTO_TEST_CASE(explanations_carry_values_units_and_citations) {
  Step step;
  step.title = "Peak memory bandwidth";
  step.formula = "bus width / 8 x data rate";
  step.operands = {{"data rate", 4224.0 * unit::MHz, "MT/s", {Basis::derived, "derived", "clock x 2", ""}}};
  step.result = 33.792 * unit::GB / unit::s;
  step.result_unit = "GB/s";
  const Json j = Json::parse(report::explain_json(answer, answer.survey.estimates[0], {step}));
  BOOST_TEST(j.at("schema") == 1);
  const Json& one = j.at("steps").at(0);
  BOOST_TEST(one.at("operands").at(0).at("value").get<double>() == 4.224e9);
  BOOST_TEST(one.at("operands").at(0).at("unit") == "1/s");
  BOOST_TEST(one.at("operands").at(0).at("basis") == "derived");
  BOOST_TEST(one.at("result").at("text") == "33.79 GB/s");
  const std::string text = report::explain_text(answer, answer.survey.estimates[0], {step}, {});
  step.title = "Traffic of one step: the weights, the cache at this depth, and whatever else is read";
  step.operands[0].name = "a name of an operand so long that it finds no room beside its value";
  BOOST_TEST(test::longest_line(report::explain_text(answer, answer.survey.estimates[0], {step}, {60, false})) <= 60U);
  BOOST_TEST(text.find("4,224 MT/s") != std::string::npos);
  BOOST_TEST(text.find("= 33.79 GB/s") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
