// One model on several devices: the ceiling of each, what measured runs suggest, and the factor against the first.
//
//   example_02_compare_two_devices [MODEL QUANTIZATION DEVICE...]
//
// Exit code 0 if every device has an answer, 1 if one has none, 2 if a name is not known.
#include <algorithm>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include "roofline/core/survey.hpp"
#include "roofline/db/catalog.hpp"
#include "roofline/report/render.hpp"
#include "roofline/report/units.hpp"

using namespace roofline;

namespace {

std::string expected_text(const Estimate& estimate) {
  if (!estimate.expected_decode) return "not known";
  const Expectation& expected = *estimate.expected_decode;
  return report::number(expected.phase.per_sequence().base()) + " (" + report::number(expected.low.base()) + " to " +
         report::number(expected.high.base()) + ") tok/s";
}

// No stand-in where nothing was measured: a ratio of an expectation and a ceiling would mean nothing.
std::optional<double> expected_rate(const Estimate& estimate) {
  if (!estimate.expected_decode) return std::nullopt;
  return estimate.expected_decode->phase.per_sequence().base();
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> given(argv + 1, argv + argc);
  const std::string model_name = !given.empty() ? given[0] : "llama-3.2-3b";
  const std::string quantization = given.size() > 1 ? given[1] : "int4";
  std::vector<std::string> devices{"agx-orin", "rtx-2000-ada-laptop"};
  if (given.size() > 2) devices.assign(given.begin() + 2, given.end());

  db::Catalog catalog;
  const auto model = catalog.model(model_name);
  const auto kv_type = catalog.format("f16");
  if (model.value == nullptr || kv_type.value == nullptr) {
    std::fprintf(stderr, "not known: %s\n", model_name.c_str());
    return 2;
  }
  Question question;
  question.model = model.value;
  question.quantization = quantization;  // an alias such as int4 means a different quantization for each engine
  for (const db::Entry& entry : catalog.entries(db::Kind::engine)) {
    if (const Engine* engine = catalog.engine(entry.id).value) question.engines.push_back(engine);
  }
  question.workload.kv_k = question.workload.kv_v = *kv_type.value;
  question.workload.context = std::min(question.workload.context, model.value->context);
  question.find_quantization = [&](const std::string& name) { return catalog.quantization(name).value; };
  question.find_calibration = [&](const std::string& engine) { return catalog.calibration(engine).value; };

  std::printf("%s as %s, decode at a depth of %.0f tokens\n\n", model.value->name.c_str(), quantization.c_str(),
              question.workload.decode_depth());
  bool all_answered = true;
  std::optional<double> reference;
  for (const std::string& name : devices) {
    const auto device = catalog.device(name);
    if (device.value == nullptr) {
      std::fprintf(stderr, "not known: %s\n", name.c_str());
      return 2;
    }
    const OperatingPoint point = operating_point(*device.value, fastest_mode(*device.value, device.firmware));
    question.point = &point;
    const Survey answer = survey(question);
    const Estimate* best = report::leading(answer);
    if (best == nullptr) {
      std::printf("%s\n  no engine runs this here\n", device.value->name.c_str());
      all_answered = false;
      continue;
    }
    std::printf("%s\n  %s, %s, %s\n  ceiling %s tok/s, expected %s\n", device.value->name.c_str(), best->unit->unit->name.c_str(),
                best->engine->name.c_str(), best->quantization->id.c_str(), report::number(best->decode.per_sequence().base()).c_str(),
                expected_text(*best).c_str());
    const auto rate = expected_rate(*best);
    if (name == devices.front()) reference = rate;
    if (rate && reference && name != devices.front()) {
      std::printf("  %s the first device's expected speed\n", report::factor(*rate / *reference).c_str());
    }
  }
  return all_answered ? 0 : 1;
}
