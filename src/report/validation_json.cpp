#include <map>

#include "report/json_value.hpp"
#include "report/validation_parts.hpp"

namespace roofline::report {
namespace {

template <class T>
Json value_or_null(const std::optional<T>& value) {
  if (!value) return {};
  if constexpr (std::is_same_v<T, double>) return number_or_null(*value);
  return Json(*value);
}

Json phase_json(const std::optional<JudgedPhase>& phase) {
  if (!phase) return {};
  return Json{{"measured", number_or_null(phase->measured)},
              {"from", phase->from},
              {"ceiling", value_or_null(phase->ceiling)},
              {"expected", value_or_null(phase->expected)},
              {"low", value_or_null(phase->low)},
              {"high", value_or_null(phase->high)},
              {"ratio", value_or_null(phase->ratio)},
              {"inside_interval", value_or_null(phase->inside_interval)},
              {"verdict", phase->verdict},
              {"likely_reasons", phase->likely_reasons},
              {"counted", phase->counted}};
}

Json run_json(const JudgedRun& run) {
  return Json{{"id", run.id},
              {"status", run.judged ? "judged" : "unresolved"},
              {"reason", text_or_null(run.reason)},
              {"file", text_or_null(run.file)},
              {"line", run.line > 0 ? Json(run.line) : Json()},
              {"device", text_or_null(run.device)},
              {"mode", text_or_null(run.mode)},
              {"mode_stated", run.mode_stated},
              {"unit", text_or_null(run.unit)},
              {"engine", text_or_null(run.engine)},
              {"model", text_or_null(run.model)},
              {"quantization", text_or_null(run.quantization)},
              {"kind", run.kind},
              {"quality", text_or_null(run.quality)},
              {"prompt_tokens", value_or_null(run.prompt)},
              {"generated_tokens", value_or_null(run.generated)},
              {"depth_tokens", value_or_null(run.depth)},
              {"batch", value_or_null(run.batch)},
              {"decode", phase_json(run.decode)},
              {"prefill", phase_json(run.prefill)},
              {"notes", run.notes}};
}

Json errors_json(const ErrorStatistics& s) {
  return Json{{"runs", s.runs},
              {"median_error", value_or_null(s.median)},
              {"mean_error", value_or_null(s.mean)},
              {"p90_error", value_or_null(s.p90)},
              {"bias", value_or_null(s.bias)},
              {"correlation", value_or_null(s.correlation)}};
}

Json statistics_json(const PhaseStatistics& s) {
  Json json = errors_json(s.expected);
  json["coverage"] = value_or_null(s.coverage);
  json["measured_runs"] = s.runs;
  json["above_ceiling"] = s.above_ceiling;
  json["naive_roofline"] = errors_json(s.naive);
  Json factor = errors_json(s.constant_factor);
  factor["factor"] = value_or_null(s.best_factor);
  json["constant_factor"] = factor;
  return json;
}

}  // namespace

std::string validation_json(const Validation& v) {
  Json runs = Json::array();
  for (const JudgedRun& run : v.runs) runs.push_back(run_json(run));
  Json groups = Json::array();
  for (const StatisticsGroup& group : v.groups) {
    groups.push_back(Json{{"by", group.by}, {"name", group.name}, {"decode", statistics_json(group.decode)}, {"prefill", statistics_json(group.prefill)}});
  }
  Json gates = Json::array();
  for (const ValidationGate& gate : v.gates) {
    gates.push_back(Json{{"option", gate.option}, {"phase", gate.phase}, {"limit", gate.limit}, {"value", value_or_null(gate.value)}, {"met", gate.met},
                         {"reason", gate.sentence}});
  }
  Json reasons = Json::array();
  for (const auto& [reason, count] : unresolved_reasons(v)) reasons.push_back(Json{{"reason", reason}, {"runs", count}});
  const int judged = judged_runs(v);
  const Json summary{{"runs", v.runs.size()},
                     {"judged", judged},
                     {"unresolved", static_cast<int>(v.runs.size()) - judged},
                     {"not_counted", v.not_counted},
                     {"decode", statistics_json(v.decode)},
                     {"prefill", statistics_json(v.prefill)},
                     {"groups", groups},
                     {"unresolved_reasons", reasons},
                     {"gates", gates},
                     {"unreadable", v.messages}};
  return to_text(Json{{"schema", json_schema}, {"files", v.files}, {"runs", runs}, {"summary", summary}});
}

}  // namespace roofline::report
