#include "report/fit_tables.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "report/change_text.hpp"
#include "report/headline.hpp"
#include "roofline/report/units.hpp"

namespace roofline::report {
namespace {

std::string verdict_word(Verdict verdict) {
  switch (verdict) {
    case Verdict::fits: return "fits";
    case Verdict::tight: return "tight";
    case Verdict::fits_with_offload: return "with offload";
    case Verdict::does_not_fit: return "does not fit";
  }
  return "?";
}

std::string spare_text(Bytes margin) { return (margin < Bytes{} ? "-" : "") + binary_size(margin < Bytes{} ? -1.0 * margin : margin); }

std::string context_word(int tokens) { return tokens > 0 ? whole(tokens) : "none"; }

std::string where(const Estimate& e) { return fmt::format("{} with {}, {}", unit_label(e), engine_label(e), quantization_label(e)); }

}  // namespace

Table combinations_table(const FitAnswer& fit) {
  Table table{"", "", {{"", "unit"}, {"", "engine"}, {"", "weights"}, {"", "needs", true}, {"", "to spare", true}, {"", "most context", true},
                       {"", "verdict"}}, {}};
  const auto add = [&](const Estimate& e, const std::string& weights) {
    table.rows.push_back({text_cell(kind_label(e)), text_cell(engine_label(e)), text_cell(weights), text_cell(binary_size(e.memory.total())),
                          text_cell(spare_text(e.verdict.margin)), text_cell(context_word(e.verdict.max_context_tokens)),
                          text_cell(verdict_word(e.verdict.verdict))});
  };
  for (const Capacity& capacity : fit.capacities) add(*capacity.estimate, quantization_label(*capacity.estimate));
  // What engines that refuse the quantization offer in its place.
  for (const Estimate& e : fit.answer.survey.alternatives) {
    if (e.supported) add(e, quantization_label(e) + " instead");
  }
  return table;
}

Table contexts_table(const FitAnswer& fit) {
  Table table{"", "", {{"", "KV type"}, {"", "per token", true}, {"", fmt::format("at {}", whole(fit.answer.workload.context)), true},
                       {"", "needs", true}, {"", "to spare", true}, {"", "most context", true}, {"", "verdict"}}, {}};
  if (fit.capacities.empty()) return table;
  const Capacity& first = fit.capacities.front();
  table.title = "Largest context by KV type, " + where(*first.estimate);
  for (const KvChoice& choice : first.choices) {
    const MemoryAnswer& at = choice.memory;
    table.rows.push_back({text_cell(choice.type.id), text_cell(binary_size(kv_bytes_per_token(*first.estimate->model, choice.type, choice.type))),
                          text_cell(binary_size(at.memory.kv_cache)), text_cell(binary_size(at.memory.total())),
                          text_cell(spare_text(at.verdict.margin)), text_cell(context_word(at.verdict.max_context_tokens)),
                          text_cell(verdict_word(at.verdict.verdict))});
  }
  return table;
}

Table changes_table(const FitAnswer& fit) {
  Table table{"", "", {{"", "change"}, {"", "needs", true}, {"", "to spare", true}, {"", "tok/s", true}, {"", "cost"}}, {}};
  if (fit.changes.empty()) return table;
  const Estimate& asked = *fit.capacities.front().estimate;
  Estimate target = asked;
  target.workload = fit.target;
  table.title = fit.target.context == asked.workload.context
                    ? "What would make it fit, least harm first"
                    : fmt::format("What would make {} tokens fit, least harm first", whole(fit.target.context));
  for (const Change& change : fit.changes) {
    const Estimate& e = change.estimate;
    const bool part = change.kind == ChangeKind::offload;
    const Bytes needed = part ? e.offload->device : e.memory.total();
    table.rows.push_back({text_cell(option_text(change)), text_cell(binary_size(needed)), text_cell(spare_text(e.verdict.available - needed)),
                          text_cell(speed_text(change)), text_cell(cost_text(change, target))});
  }
  return table;
}

std::string layers_text(const FitAnswer& fit) {
  const auto found = std::find_if(fit.capacities.begin(), fit.capacities.end(), [](const Capacity& c) { return c.estimate->offload.has_value(); });
  if (found == fit.capacities.end()) return {};
  const Offload& o = *found->estimate->offload;
  const std::string engine = engine_label(*found->estimate);
  if (o.whole()) return fmt::format("{}: all {} fit the card, the head counted as one", engine, o.of);
  if (o.layers == 0) return fmt::format("{}: none of {} fits the card beside compute buffer and runtime", engine, o.of);
  return fmt::format("{}: {} of {} fit the card, the head counted as one: {} there, {} in host memory (--n-gpu-layers {})", engine, o.layers, o.of,
                     binary_size(o.device), binary_size(o.host), o.layers);
}

}  // namespace roofline::report
