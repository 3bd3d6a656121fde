#include "report/estimate_json.hpp"

#include <utility>

#include "roofline/report/render.hpp"

namespace roofline::report {
namespace {

// Engines whose file states no rule contribute 0 to the sum; that 0 means "not known", not "nothing".
Json compute_buffer_json(const Estimate& e) {
  const bool stated = e.memory.fitted != nullptr || e.engine->memory.compute_buffer != BufferRule::none || e.memory.compute_buffer > Bytes{};
  return stated ? bytes_json(e.memory.compute_buffer) : Json();
}

// Of the figures as printed, so that whoever subtracts them finds the same.
Json margin_json(const Json& available, const Json& total) {
  if (available.is_number_integer() && total.is_number_integer()) return available.get<std::int64_t>() - total.get<std::int64_t>();
  return available.is_number() && total.is_number() ? number_or_null(available.get<double>() - total.get<double>()) : Json();
}

Json runtime_json(const Estimate& e) {
  const bool stated = e.memory.fitted != nullptr || runtime_cost(*e.engine, e.unit->unit->kind, e.point->device->chip).has_value() || e.memory.runtime > Bytes{};
  return stated ? bytes_json(e.memory.runtime) : Json();
}

Json resident_json(const std::optional<ResidentMemory>& resident) {
  if (!resident) return {};
  return {{"mapped_bytes", bytes_json(resident->mapped)},
          {"repacked_bytes", bytes_json(resident->repacked)},
          {"loaded_bytes", bytes_json(resident->loaded)},
          {"working_bytes", bytes_json(resident->working)}};
}

Json memory_fit_json(const FittedMemory* fitted) {
  if (fitted == nullptr) return {};
  return {{"runs", fitted->runs},
          {"models", fitted->models},
          {"error", fitted->error ? number_or_null(*fitted->error) : Json()},
          {"error_p90", fitted->error_p90 ? number_or_null(*fitted->error_p90) : Json()}};
}

Json interval_json(const std::optional<Expectation>& expected) {
  return {{"level", expected ? number_or_null(expected->level) : Json()},
          {"low", expected ? number_or_null(expected->low.base()) : Json()},
          {"high", expected ? number_or_null(expected->high.base()) : Json()}};
}

// The common part of both phases; rates are per sequence.
Json phase_json(const PhaseEstimate& ceiling, const std::optional<Expectation>& expected) {
  const PhaseEstimate& bound = expected ? expected->phase : ceiling;
  Json json = Json::object();
  json["ceiling_tokens_per_second"] = number_or_null(ceiling.per_sequence().base());
  json["expected_tokens_per_second"] = expected ? number_or_null(expected->phase.per_sequence().base()) : Json();
  json["interval"] = interval_json(expected);
  json["bound_by"] = std::string(to_string(bound.bound));
  json["ceiling_bound_by"] = std::string(to_string(ceiling.bound));
  json["arithmetic_intensity"] = number_or_null(ceiling.arithmetic_intensity().base());
  json["ridge_point"] = base_or_null(ceiling.ridge_point);
  json["compute_peak_known"] = ceiling.compute_known;
  json["aggregate_ceiling_tokens_per_second"] = number_or_null(ceiling.aggregate().base());
  json["aggregate_expected_tokens_per_second"] = expected ? number_or_null(expected->phase.aggregate().base()) : Json();
  return json;
}

Json decode_json(const Estimate& e) {
  Json json = phase_json(e.decode, e.expected_decode);
  const double tokens = e.decode.batch * e.decode.tokens.in(unit::token);
  json["streamed_bytes_per_token"] = tokens > 0 ? bytes_json(e.decode.traffic / tokens) : Json();
  json["depth_tokens"] = e.workload.decode_depth();
  json["step_ceiling_seconds"] = number_or_null(e.decode.time.base());
  json["step_expected_seconds"] = e.expected_decode ? number_or_null(e.expected_decode->phase.time.base()) : Json();
  return json;
}

Json prefill_json(const Estimate& e) {
  Json json = phase_json(e.prefill, e.expected_prefill);
  json["ceiling_seconds"] = number_or_null(e.prefill.time.base());
  // Prefill is arithmetic: what reading the weights takes is no ceiling worth the name where the peak is not known.
  if (!e.prefill.compute_known) {
    for (const char* key :
         {"ceiling_tokens_per_second", "bound_by", "ceiling_bound_by", "aggregate_ceiling_tokens_per_second", "ceiling_seconds"}) {
      json[key] = nullptr;
    }
  }
  json["expected_seconds"] = e.expected_prefill ? number_or_null(e.expected_prefill->phase.time.base()) : Json();
  return json;
}

Json evidence_json(const Evidence& evidence) {
  return {{"rung", text_or_null(evidence.rung)},
          {"runs", evidence.runs},
          {"error", evidence.error ? number_or_null(*evidence.error) : Json()},
          {"run_ids", evidence.run_ids}};
}

Json load_json(const std::vector<LoadTime>& loads) {
  Json json = Json::array();
  for (const LoadTime& load : loads) {
    json.push_back({{"storage", load.storage->id},
                    {"storage_name", load.storage->name},
                    {"capacity_bytes", load.storage->capacity ? bytes_json(load.storage->capacity->value) : Json()},
                    {"holds_file", load.holds_file ? Json(*load.holds_file) : Json()},
                    {"interface_limit_seconds", number_or_null(load.at_interface_limit.base())},
                    {"sequential_read_seconds", base_or_null(load.at_sequential_read)}});
  }
  return json;
}

Json speed_json(const Estimate& e) {
  Json json = Json::object();
  json["memory"] = e.supported ? memory_json(e) : Json();
  json["decode"] = e.supported ? decode_json(e) : Json();
  json["prefill"] = e.supported ? prefill_json(e) : Json();
  json["ttft_seconds"] = e.supported ? base_or_null(e.ttft) : Json();
  json["ttft_ceiling_seconds"] = e.supported ? base_or_null(e.ttft_ceiling) : Json();
  json["file_bytes"] = e.supported ? bytes_json(total_bytes(e.stored)) : Json();
  json["load"] = e.supported ? load_json(e.loads) : Json::array();
  return json;
}

}  // namespace

Json unit_id_json(const Estimate* e) { return e != nullptr && e->unit != nullptr ? Json(e->unit->unit->id) : Json(); }
Json engine_id_json(const Estimate* e) { return e != nullptr && e->engine != nullptr ? Json(e->engine->id) : Json(); }

Json quantization_json(const Estimate& e) { return e.quantization != nullptr ? Json(shown_id(*e.quantization)) : Json(); }
Json quantization_file_json(const Estimate& e) { return e.quantization != nullptr ? Json(e.quantization->id) : Json(); }

Json memory_json(const Estimate& e) {
  Json json = Json::object();
  json["weights_bytes"] = bytes_json(e.memory.weights);
  json["host_bytes"] = bytes_json(e.memory.host);
  json["on_storage_bytes"] = bytes_json(e.memory.on_storage);
  json["kv_cache_bytes"] = bytes_json(e.memory.kv_cache);
  json["compute_buffer_bytes"] = compute_buffer_json(e);
  json["runtime_bytes"] = runtime_json(e);
  json["total_bytes"] = bytes_json(e.memory.total());
  json["usable_bytes"] = bytes_json(e.verdict.usable);
  json["available_bytes"] = bytes_json(e.verdict.available);
  json["margin_bytes"] = margin_json(json["available_bytes"], json["total_bytes"]);
  json["largest_allocation_bytes"] = bytes_json(e.memory.largest_allocation);
  json["resident"] = resident_json(e.memory.resident);
  json["fit"] = memory_fit_json(e.memory.fitted);
  json["refused_allocation_bytes"] = e.verdict.refused_allocation ? bytes_json(*e.verdict.refused_allocation) : Json();
  json["verdict"] = std::string(to_string(e.verdict.verdict));
  json["verdict_reason"] = text_or_null(e.verdict.reason);
  json["max_context_tokens"] = e.verdict.max_context_tokens;
  return json;
}

Json estimate_json(const Estimate& e) {
  Json json = Json::object();
  json["unit"] = e.unit != nullptr ? Json(std::string(to_string(e.unit->unit->kind))) : Json();
  json["unit_id"] = unit_id_json(&e);
  json["unit_name"] = e.unit != nullptr ? text_or_null(e.unit->unit->name) : Json();
  json["engine"] = engine_id_json(&e);
  json["engine_version"] = e.engine != nullptr ? text_or_null(e.engine->version) : Json();
  json["quantization"] = quantization_json(e);
  json["quantization_file"] = quantization_file_json(e);
  json["requested_quantization"] = text_or_null(e.requested);
  json["supported"] = e.supported;
  json["reason"] = e.supported ? Json() : text_or_null(e.reason);
  json["instead"] = e.instead;
  const Json speed = speed_json(e);
  for (auto item = speed.begin(); item != speed.end(); ++item) json[item.key()] = item.value();
  json["evidence"] = evidence_json(e.evidence);
  json["prefill_evidence"] = evidence_json(e.prefill_evidence);
  json["assumptions"] = e.assumptions;
  json["sources"] = e.sources;
  return json;
}

}  // namespace roofline::report
