// Prints (the shape; figures are an example):
//
//   Qwen2.5-7B (...) as int4 on Rockchip RK3588 (...)
//
//   Memory   weights 4.36 GiB + KV 224 MiB ... = 4.96 GiB of 15.4 GiB usable
//            FITS, 10.5 GiB to spare; up to 32,768 tokens of context fit
//
//   unit               engine     weights     needs   to spare  most context  verdict
//   CPU 4x Cortex-A76  llama.cpp  q4_k_m   4.96 GiB   10.4 GiB        32,768  fits
//
//   Largest context by KV type, CPU 4x Cortex-A76 with llama.cpp, q4_k_m
//   ...
#include "roofline/report/fit_report.hpp"

#include <fmt/core.h>

#include <set>

#include "report/answer_json.hpp"
#include "report/change_text.hpp"
#include "report/estimate_json.hpp"
#include "report/fit_tables.hpp"
#include "report/headline.hpp"
#include "report/layout.hpp"
#include "report/memory_text.hpp"
#include "report/speed_table.hpp"
#include "report/survey_text.hpp"

namespace roofline::report {
namespace {

std::string titled(const Table& table, const TextStyle& style) { return table.rows.empty() ? "" : "\n" + table_text(table, style); }

std::string titled_markdown(const Table& table) {
  if (table.rows.empty()) return {};
  return (table.title.empty() ? "\n" : "\n## " + table.title + "\n\n") + table_markdown(table);
}

Json offload_json(const std::optional<Offload>& offload) {
  if (!offload) return {};
  return {{"layers", offload->layers},
          {"of_layers", offload->of},
          {"device_bytes", bytes_json(offload->device)},
          {"host_bytes", bytes_json(offload->host)}};
}

Json choice_json(const Estimate& e, const KvChoice& choice) {
  Estimate at = e;
  at.memory = choice.memory.memory;
  at.verdict = choice.memory.verdict;
  const Json memory = memory_json(at);
  Json json = {{"kv_type", choice.type.id}, {"kv_bytes_per_token", bytes_json(kv_bytes_per_token(*e.model, choice.type, choice.type))}};
  for (const char* key : {"kv_cache_bytes", "total_bytes", "margin_bytes", "verdict", "max_context_tokens"}) json[key] = memory[key];
  return json;
}

Json combination_json(const Estimate& e, const std::vector<Capacity>& capacities) {
  Json json = {{"unit_id", unit_id_json(&e)}, {"engine", engine_id_json(&e)}, {"quantization", quantization_json(e)}, {"supported", e.supported},
               {"reason", e.supported ? Json() : text_or_null(e.reason)}, {"memory", e.supported ? memory_json(e) : Json()},
               {"offload", offload_json(e.offload)}};
  Json contexts = Json::array();
  for (const Capacity& capacity : capacities) {
    if (capacity.estimate != &e) continue;
    for (const KvChoice& choice : capacity.choices) contexts.push_back(choice_json(e, choice));
  }
  json["contexts"] = contexts;
  return json;
}

Json change_json(const Change& change, const Estimate& asked) {
  const Estimate& e = change.estimate;
  const bool part = change.kind == ChangeKind::offload;
  const auto& expected = e.expected_decode;
  return {{"kind", std::string(to_string(change.kind))},
          {"option", option_text(change)},
          {"cost", cost_text(change, asked)},
          {"unit_id", unit_id_json(&e)},
          {"engine", engine_id_json(&e)},
          {"model", e.model->id},
          {"quantization", quantization_json(e)},
          {"context_tokens", e.workload.context},
          {"batch", e.workload.batch},
          {"kv_type_k", text_or_null(e.workload.kv_k.id)},
          {"kv_type_v", text_or_null(e.workload.kv_v.id)},
          {"memory", memory_json(e)},
          {"offload", part ? offload_json(e.offload) : Json()},
          {"decode_ceiling_tokens_per_second", part ? Json() : number_or_null(e.decode.per_sequence().base())},
          {"decode_expected_tokens_per_second", !part && expected ? number_or_null(expected->phase.per_sequence().base()) : Json()}};
}

}  // namespace

std::string fit_text(const FitAnswer& fit, const TextStyle& style) {
  const Answer& answer = fit.answer;
  std::string out = headline(answer, style) + "\n" + memory_text(answer, style);
  const std::string layers = layers_text(fit);
  if (!layers.empty()) out += hanging("Layers   ", layers, columns(style));
  out += titled(combinations_table(fit), style);
  out += titled(contexts_table(fit), style);
  out += titled(changes_table(fit), style);
  out += refusals_text(answer, style);
  out += disk_text(answer, style);
  return out + gates_text(answer.gates, style) + notes_text(all_notes(answer), style);
}

std::string fit_markdown(const FitAnswer& fit) {
  TextStyle wide;
  wide.width = 1000;
  std::string out = "# " + headline(fit.answer, wide) + "\n" + "```\n" + memory_text(fit.answer, {}) + "```\n";
  const std::string layers = layers_text(fit);
  if (!layers.empty()) out += "\nLayers: " + layers + "\n";
  out += titled_markdown(combinations_table(fit)) + titled_markdown(contexts_table(fit)) + titled_markdown(changes_table(fit));
  const auto notes = all_notes(fit.answer);
  if (!fit.answer.gates.empty()) out += "\n";
  for (const Gate& gate : fit.answer.gates) out += fmt::format("- {}: {}: {}\n", gate.demand, gate.met ? "yes" : "no", gate.reason);
  if (!notes.empty()) out += "\n";
  for (const std::string& note : notes) out += "- " + note + "\n";
  return out;
}

std::string fit_json(const FitAnswer& fit) {
  const Estimate* first = leading(fit.answer.survey);
  Json json = question_json(fit.answer);
  json["memory"] = first != nullptr ? memory_json(*first) : Json();
  Json combinations = Json::array();
  for (const Estimate& e : fit.answer.survey.estimates) combinations.push_back(combination_json(e, fit.capacities));
  json["combinations"] = combinations;
  json["changes_for_context_tokens"] = fit.target.context;
  Json changes = Json::array();
  Estimate asked;
  if (first != nullptr) asked = *first;
  asked.workload = fit.target;
  for (const Change& change : fit.changes) changes.push_back(change_json(change, asked));
  json["changes"] = changes;
  json["disk"] = disk_json(fit.answer);
  json["gates"] = gates_json(fit.answer.gates);
  json["assumptions"] = fit.answer.notes;
  std::set<std::string> sources;
  for (const std::string& id : all_sources(fit.answer)) sources.insert(id);
  for (const Change& change : fit.changes) sources.insert(change.estimate.sources.begin(), change.estimate.sources.end());
  json["sources"] = sources;
  return to_text(json);
}

}  // namespace roofline::report
