// report/render.hpp: the JSON contract of docs/json.md and the layout of the text, on answers made by hand.
#include "roofline/report/render.hpp"

#include <boost/test/unit_test.hpp>
#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>

using namespace roofline;
using Json = nlohmann::json;

namespace {

// A board of round figures: 10 GB/s, 8 GiB, one CPU and one NPU.
struct Fixture {
  Device device;
  ModelSpec model;
  Quantization q4, w8;
  Engine engine, vendor;
  OperatingPoint point;
  report::Answer answer;

  Fixture() {
    device.id = "board";
    device.name = "Some Board";
    device.chip = "chip";
    device.memories.resize(1);
    device.memories[0].type = "LPDDR4X";
    device.units.resize(2);
    device.units[0].id = "cpu";
    device.units[0].name = "4x Core";
    device.units[1].id = "npu";
    device.units[1].kind = UnitKind::npu;
    device.storages = {{"nvme", "NVMe", {2.0 * unit::GB / unit::s, {}}, std::nullopt}};
    model.id = "model-1b";
    model.name = "Model 1B";
    model.context = 32768;
    model.layers.resize(2);
    q4.id = "q4_k_m";
    w8.id = "w8a8";
    engine.id = "llama.cpp";
    engine.name = "llama.cpp";
    engine.memory.compute_buffer = BufferRule::llama_cpp;
    vendor.id = "rkllm";
    vendor.name = "RKLLM";
    Support refused;
    refused.units = {UnitKind::npu};
    refused.chips = {"*"};
    refused.quantizations = {"q4_k_m"};
    refused.refused = true;
    vendor.support = {refused};
    MemoryPoint memory;
    memory.memory = &device.memories[0];
    memory.bandwidth.value = 10.0 * unit::GB / unit::s;
    memory.capacity.value = memory.usable.value = 8.0 * unit::GiB;
    point.device = &device;
    point.memories = {memory};
    for (const ComputeUnit& unit : device.units) {
      UnitPoint up;
      up.unit = &unit;
      up.bandwidth = memory.bandwidth;
      point.units.push_back(up);
    }
    answer.point = &point;
    answer.model = &model;
    answer.quantization = "int4";
    answer.notes = {"power mode none"};
    answer.survey.estimates = {supported(engine, 0, q4), refused_row()};
    answer.survey.alternatives = {supported(vendor, 1, w8)};
  }

  // 2 GB per token over 10 GB/s: 0.2 s, 5 tok/s at most; expected 4 (3.2 to 5).
  Estimate supported(const Engine& by, std::size_t unit_index, const Quantization& quantization) {
    Estimate e;
    e.model = &model;
    e.engine = &by;
    e.point = &point;
    e.unit = &point.units[unit_index];
    e.quantization = &quantization;
    e.requested = "int4";
    e.supported = true;
    e.workload.kv_k.id = e.workload.kv_v.id = "f16";
    e.memory.weights = 2.0 * unit::GB;
    e.memory.kv_cache = 224.0 * unit::MiB;
    e.memory.compute_buffer = 100.0 * unit::MiB;
    e.verdict = {Verdict::fits, e.memory.total(), 8.0 * unit::GiB, 8.0 * unit::GiB - e.memory.total(), 32768, ""};
    e.decode.time = 0.2 * unit::s;
    e.decode.tokens = 1.0 * unit::token;
    e.decode.traffic = 2.0 * unit::GB;
    e.decode.work = 4.0 * unit::Gop;
    e.decode.ridge_point = 60.0 * unit::op / unit::B;
    e.prefill = e.decode;
    e.prefill.phase = Phase::prefill;
    e.prefill.tokens = 512.0 * unit::token;
    Expectation x;
    x.phase = e.decode;
    x.phase.time = 0.25 * unit::s;
    x.low = 3.2 * unit::token / unit::s;
    x.high = 5.0 * unit::token / unit::s;
    e.expected_decode = x;
    e.ttft_ceiling = 0.4 * unit::s;
    e.evidence = {"this device and engine", 18, 0.06, {"r1", "r2"}};
    e.prefill_evidence.rung = "not known";
    e.loads = {{&device.storages[0], 1.0 * unit::s, std::nullopt}};
    e.assumptions = {"pinned to 4 cores"};
    e.sources = {"datasheet"};
    return e;
  }

  Estimate refused_row() {
    Estimate e = supported(vendor, 1, q4);
    e.supported = false;
    e.reason = "int4 is not offered on this NPU";
    e.instead = {"w8a8"};
    return e;
  }

  [[nodiscard]] Json json() const { return Json::parse(report::survey_json(answer)); }
};

std::size_t longest_line(const std::string& text) {
  std::istringstream lines(text);
  std::size_t longest = 0;
  for (std::string line; std::getline(lines, line);) longest = std::max(longest, line.size());
  return longest;
}

const std::vector<std::string> memory_keys{"weights_bytes", "kv_cache_bytes", "compute_buffer_bytes", "runtime_bytes",
                                           "total_bytes",   "usable_bytes",   "verdict",              "max_context_tokens"};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(report_render, Fixture)

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

BOOST_AUTO_TEST_CASE(text_says_what_matters) {
  const std::string text = report::survey_text(answer, {200, false});
  for (const char* part : {"Model 1B", "int4", "Some Board", "10.0 GB/s", "FITS", "32,768 tokens", "5.00", "4.00 (3.20-5.00)", "> 400 ms",
                           "int4 is not offered on this NPU", "w8a8 is: 4.00 tok/s", "NVMe", "pinned to 4 cores", "18 runs"}) {
    BOOST_TEST(text.find(part) != std::string::npos, part);
  }
  BOOST_TEST(text.find('\x1b') == std::string::npos);
}

BOOST_AUTO_TEST_CASE(text_stays_within_the_width) {
  for (const int width : {80, 120, 200}) BOOST_TEST(longest_line(report::survey_text(answer, {width, false})) <= static_cast<std::size_t>(width));
}

BOOST_AUTO_TEST_CASE(colour_only_where_asked) {
  BOOST_TEST(report::survey_text(answer, {80, true}).find("\x1b[32m") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_does_not_fit_says_by_how_much) {
  Estimate& e = answer.survey.estimates[0];
  e.verdict = {Verdict::does_not_fit, 16.0 * unit::GiB, 8.0 * unit::GiB, -8.0 * unit::GiB, 0, "the weights alone are more than the usable memory"};
  const std::string text = report::survey_text(answer, {});
  BOOST_TEST(text.find("DOES NOT FIT, 8.00 GiB short, 2.00x of what is usable") != std::string::npos);
  BOOST_TEST(json().at("memory").at("verdict") == "does_not_fit");
  BOOST_TEST(json().at("memory").at("margin_bytes") == -8589934592);
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
  BOOST_TEST(text.find("4,224 MT/s") != std::string::npos);
  BOOST_TEST(text.find("= 33.79 GB/s") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
