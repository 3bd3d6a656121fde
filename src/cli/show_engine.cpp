#include <fmt/core.h>

#include <cmath>

#include "cli/show.hpp"
#include "cli/values.hpp"
#include "roofline/report/units.hpp"

namespace roofline::cli {
namespace {

using report::Cell;
using report::list_cell;
using report::Table;
using report::text_cell;
using report::value_cell;

std::vector<std::string> kinds_of(const std::vector<UnitKind>& units) {
  std::vector<std::string> names;
  for (const UnitKind kind : units) names.emplace_back(to_string(kind));
  return names;
}

Table support_table(const Engine& engine) {
  Table table{"support", "What it runs, first match wins; anything else is not known",
              {{"units", "unit"}, {"chips", "chips"}, {"supported", "runs"}, {"quantizations", "quantizations", false, true},
               {"model_families", "models", false, true}, {"reason", "reason", false, true}, {"instead", "instead", false, true},
               {"source", "source", false, true}, {"text", "quantizations"}}, {}};
  for (const Support& cell : engine.support) {
    std::string text = list_cell(cell.quantizations).text;
    if (!cell.model_families.empty()) text += "; models: " + list_cell(cell.model_families).text;
    if (!cell.reason.empty()) text += "; " + cell.reason;
    if (!cell.instead.empty()) text += "; instead: " + list_cell(cell.instead).text;
    Cell runs = report::flag_cell(!cell.refused);
    if (cell.refused) runs.text = "no";
    table.rows.push_back({list_cell(kinds_of(cell.units)), list_cell(cell.chips), runs, list_cell(cell.quantizations),
                          list_cell(cell.model_families), text_cell(cell.reason), list_cell(cell.instead), text_cell(cell.cite.source),
                          text_cell(text)});
  }
  return table;
}

Table resolve_table(const Engine& engine) {
  Table table{"resolve", "What an alias becomes", {{"alias", "alias"}, {"quantizations", "tried in this order"}}, {}};
  for (const auto& [alias, ids] : engine.resolve) table.rows.push_back({text_cell(alias), list_cell(ids)});
  return table;
}

Table arithmetic_table(const Engine& engine) {
  Table table{"arithmetic",
              "Arithmetic",
              {{"units", "unit"}, {"chips", "chips"}, {"number_formats", "multiplies in"}, {"formats", "weights stored as"}},
              {}};
  for (const ArithmeticRule& rule : engine.arithmetic) {
    std::vector<std::string> formats;
    for (const NumberFormat format : rule.number_formats) formats.emplace_back(to_string(format));
    table.rows.push_back({list_cell(kinds_of(rule.units)), list_cell(rule.chips), list_cell(formats), list_cell(rule.formats)});
  }
  return table;
}

Table accuracy_table(const Calibration* calibration) {
  Table table{"accuracy",
              "How well left-out runs were predicted",
              {{"phase", "phase"},
               {"unit", "unit"},
               {"rung", "nearest runs kept"},
               {"error", "median error", true},
               {"low", "measured / expected, 10 %", true},
               {"high", "90 %", true},
               {"votes", "votes", true}},
              {}};
  if (calibration == nullptr) return table;
  for (const Interval& i : calibration->intervals) {
    table.rows.push_back({text_cell(to_string(i.phase)), text_cell(std::string(to_string(i.unit))), text_cell(std::string(to_string(i.rung))),
                          i.error ? value_cell(report::percent(*i.error), *i.error) : Cell{}, value_cell(report::number(std::exp(i.low)), std::exp(i.low)),
                          value_cell(report::number(std::exp(i.high)), std::exp(i.high)), value_cell(report::number(i.votes), i.votes)});
  }
  return table;
}

}  // namespace

report::Sheet engine_sheet(Context& context, const Engine& engine, const std::vector<std::string>& names) {
  report::Sheet sheet;
  sheet.title = engine.name;
  sheet.facts = {{"id", "id", text_cell(engine.id)},
                 {"name", "name", text_cell(engine.name)},
                 {"version", "version described", text_cell(engine.version)},
                 {"aliases", "also known as", list_cell(names)},
                 {"kv_types", "KV types", list_cell(engine.kv_types)},
                 {"calibration", "constants of", text_cell(engine.calibration)},
                 {"prefill_chunk", "prefill chunk", text_cell(engine.prefill_chunk == PrefillChunk::ubatch ? "ubatch" : "whole")},
                 {"source", "source", text_cell(cite_text(engine.cite))}};
  for (const ContextLimit& limit : engine.limits) {
    std::string text = report::whole(limit.max_context.value) + " tokens";
    if (!limit.units.empty()) text += " on " + either(kinds_of(limit.units));
    sheet.facts.push_back({"max_context_tokens", "context limit", value_cell(text, limit.max_context.value)});
  }
  const auto calibration = context.catalog().calibration(engine.calibration.empty() ? engine.id : engine.calibration);
  if (!calibration.diagnostics.empty()) fail(calibration.diagnostics);
  sheet.tables = {resolve_table(engine), support_table(engine), arithmetic_table(engine), accuracy_table(calibration.value)};
  if (!engine.cite.note.empty()) sheet.notes.push_back(engine.cite.note);
  return sheet;
}

}  // namespace roofline::cli
