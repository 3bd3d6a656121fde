// Which quantizations of a model fit a board, and the largest context each of them leaves room for.
//
//   example_01_will_it_fit [DEVICE [MODEL]]
//
// Exit code 0 if at least one fits, 1 if none does, 2 if a name is not known.
#include <algorithm>
#include <cstdio>
#include <string>

#include "roofline/core/survey.hpp"
#include "roofline/db/catalog.hpp"
#include "roofline/report/units.hpp"

using namespace roofline;

namespace {

// The fastest engine and unit that run exactly this quantization: an id may also be a word that an engine resolves to one of
// its own (f16 means q0f16 to MLC LLM). Null if every combination refuses.
const Estimate* fastest_with(const Survey& answer, const std::string& quantization) {
  for (const Estimate& estimate : answer.estimates) {
    if (estimate.supported && estimate.quantization->id == quantization) return &estimate;
  }
  return nullptr;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string device_name = argc > 1 ? argv[1] : "orin-nx";
  const std::string model_name = argc > 2 ? argv[2] : "qwen2.5-7b";

  db::Catalog catalog;  // the compiled-in database; it owns everything looked up below
  const auto device = catalog.device(device_name);
  const auto model = catalog.model(model_name);
  const auto kv_type = catalog.format("f16");
  if (device.value == nullptr || model.value == nullptr || kv_type.value == nullptr) {
    std::fprintf(stderr, "not known: %s\n", device.value == nullptr ? device_name.c_str() : model_name.c_str());
    return 2;
  }
  // The board in the fastest power mode whose clocks are known.
  const OperatingPoint point = operating_point(*device.value, fastest_mode(*device.value, device.firmware));

  Question question;
  question.point = &point;
  question.model = model.value;
  for (const db::Entry& entry : catalog.entries(db::Kind::engine)) {
    if (const Engine* engine = catalog.engine(entry.id).value) question.engines.push_back(engine);
  }
  question.workload.kv_k = question.workload.kv_v = *kv_type.value;
  question.workload.context = std::min(question.workload.context, model.value->context);
  question.find_quantization = [&](const std::string& name) { return catalog.quantization(name).value; };
  question.find_calibration = [&](const std::string& engine) { return catalog.calibration(engine).value; };

  std::printf("%s on %s, %d tokens of context\n\n", model.value->name.c_str(), device.value->name.c_str(), question.workload.context);
  std::printf("%-18s %-18s %-4s %10s %10s  %-18s %s\n", "quantization", "engine", "unit", "needed", "usable", "verdict", "largest context");
  int fitting = 0;
  for (const db::Entry& entry : catalog.entries(db::Kind::quantization)) {
    question.quantization = entry.id;
    const Survey answer = survey(question);
    const Estimate* best = fastest_with(answer, entry.id);
    if (best == nullptr) continue;
    const Fit& fit = best->verdict;
    if (fit.verdict == Verdict::fits || fit.verdict == Verdict::tight) ++fitting;
    std::printf("%-18s %-18s %-4s %10s %10s  %-18s %s\n", entry.id.c_str(), best->engine->id.c_str(),
                std::string(to_string(best->unit->unit->kind)).c_str(), report::binary_size(fit.needed).c_str(),
                report::binary_size(fit.usable).c_str(), std::string(to_string(fit.verdict)).c_str(),
                fit.max_context_tokens > 0 ? report::whole(fit.max_context_tokens).c_str() : "-");
  }
  return fitting > 0 ? 0 : 1;
}
