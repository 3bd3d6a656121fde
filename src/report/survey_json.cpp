#include <algorithm>
#include <set>

#include "report/answer_json.hpp"
#include "report/estimate_json.hpp"
#include "roofline/report/render.hpp"

namespace roofline::report {
namespace {

Json estimates_json(const std::vector<Estimate>& estimates) {
  Json json = Json::array();
  for (const Estimate& estimate : estimates) json.push_back(estimate_json(estimate));
  return json;
}

Json device_json(const OperatingPoint& point) {
  const Device& device = *point.device;
  const PowerMode* mode = point.mode;
  const MemoryPoint& memory = point.memories.front();
  return {{"id", device.id},
          {"name", device.name},
          {"vendor", text_or_null(device.vendor)},
          {"chip", text_or_null(device.chip)},
          {"placement", device.placement == Placement::unified ? "unified" : "discrete"},
          {"mode", mode != nullptr ? Json(mode->id) : Json()},
          {"mode_name", mode != nullptr ? text_or_null(mode->name) : Json()},
          {"mode_budget_watts", mode != nullptr && mode->budget ? number_or_null(mode->budget->value.base()) : Json()},
          {"memory_type", text_or_null(memory.memory->type)},
          {"memory_capacity_bytes", bytes_json(memory.capacity.value)},
          {"memory_bandwidth_bytes_per_second", number_or_null(memory.bandwidth.value.base())}};
}

Json model_json(const ModelSpec& model) {
  const AttentionShape shape = attention_shape(model);
  return {{"id", model.id},
          {"name", model.name},
          {"family", text_or_null(model.family)},
          {"parameters", number_or_null(parameter_count(model))},
          {"active_parameters", number_or_null(active_parameter_count(model))},
          {"layers", model.layers.size()},
          {"attention_heads", shape.heads > 0 ? Json(shape.heads) : Json()},
          {"kv_heads", shape.kv_heads > 0 ? Json(shape.kv_heads) : Json()},
          {"max_context_tokens", model.context}};
}

const char* flash_attention_name(FlashAttention choice) {
  switch (choice) {
    case FlashAttention::off: return "off";
    case FlashAttention::on: return "on";
    case FlashAttention::automatic: return "auto";
  }
  return "auto";
}

Json request_json(const Answer& answer) {
  const Workload& w = answer.workload;
  return {{"quantization", answer.quantization},
          {"prompt_tokens", w.prompt},
          {"cached_tokens", w.cached},
          {"generated_tokens", w.generated},
          {"context_tokens", w.context},
          {"batch", w.batch},
          {"ubatch_tokens", w.ubatch},
          {"kv_type_k", text_or_null(w.kv_k.id)},
          {"kv_type_v", text_or_null(w.kv_v.id)},
          {"kv_unified", w.unified_kv},
          {"full_window_cache", w.full_window_cache},
          {"image_tokens", w.image_tokens},
          {"flash_attention", flash_attention_name(w.flash_attention)}};
}

Json measured_json(const std::vector<Judged>& judged) {
  Json json = Json::array();
  for (const Judged& one : judged) {
    json.push_back({{"phase", to_string(one.phase)},
                    {"unit_id", unit_id_json(one.estimate)},
                    {"engine", engine_id_json(one.estimate)},
                    {"measured_tokens_per_second", number_or_null(one.measured)},
                    {"ratio_to_expected", one.ratio ? number_or_null(*one.ratio) : Json()},
                    {"judgement", one.judgement},
                    {"likely_reasons", one.likely_reasons}});
  }
  return json;
}

}  // namespace

Json disk_json(const Answer& answer) {
  const Estimate* first = leading(answer.survey);
  if (!answer.disk || first == nullptr) return {};
  const Bytes file = total_bytes(first->stored);
  return {{"free_bytes", bytes_json(*answer.disk)}, {"file_bytes", bytes_json(file)}, {"fits", file <= *answer.disk}};
}

Json gates_json(const std::vector<Gate>& gates) {
  Json json = Json::array();
  for (const Gate& gate : gates) {
    json.push_back({{"demand", gate.demand},
                    {"met", gate.met},
                    {"unit_id", unit_id_json(gate.estimate)},
                    {"engine", engine_id_json(gate.estimate)},
                    {"factor_of_ceiling", gate.factor_of_ceiling ? number_or_null(*gate.factor_of_ceiling) : Json()},
                    {"factor_of_expected", gate.factor_of_expected ? number_or_null(*gate.factor_of_expected) : Json()},
                    {"reason", gate.reason}});
  }
  return json;
}

std::vector<std::string> all_sources(const Answer& answer) {
  std::set<std::string> ids;
  for (const auto* list : {&answer.survey.estimates, &answer.survey.alternatives, &answer.would_fit}) {
    for (const Estimate& estimate : *list) ids.insert(estimate.sources.begin(), estimate.sources.end());
  }
  return {ids.begin(), ids.end()};
}

const Estimate* leading(const Survey& survey) {
  const auto found = std::find_if(survey.estimates.begin(), survey.estimates.end(), [](const Estimate& e) { return e.supported; });
  return found == survey.estimates.end() ? nullptr : &*found;
}

Json question_json(const Answer& answer) {
  Json json = Json::object();
  json["schema"] = json_schema;
  json["device"] = device_json(*answer.point);
  json["model"] = model_json(*answer.model);
  json["request"] = request_json(answer);
  return json;
}

std::string survey_json(const Answer& answer) {
  const Estimate* first = leading(answer.survey);
  Json json = question_json(answer);
  json["memory"] = first != nullptr ? memory_json(*first) : Json();
  json["estimates"] = estimates_json(answer.survey.estimates);
  json["alternatives"] = estimates_json(answer.survey.alternatives);
  json["would_fit"] = estimates_json(answer.would_fit);
  json["measured"] = measured_json(answer.judged);
  json["disk"] = disk_json(answer);
  json["gates"] = gates_json(answer.gates);
  json["assumptions"] = answer.notes;
  json["sources"] = all_sources(answer);
  return to_text(json);
}

}  // namespace roofline::report
