// Prints, for each step:
//
//    3  Decode ceiling
//       rate = bandwidth / traffic
//         bandwidth   33.79 GB/s      derived: bus width / 8 x data rate
//         traffic     4.39 GB         derived: step 2
//       = 7.70 tok/s
#include <fmt/core.h>

#include <algorithm>

#include "report/answer_json.hpp"
#include "report/estimate_json.hpp"
#include "report/headline.hpp"
#include "report/layout.hpp"
#include "roofline/report/render.hpp"
#include "roofline/report/units.hpp"

namespace roofline::report {
namespace {

std::string citation_text(const Citation& cite) {
  const bool named = cite.source != to_string(cite.basis);
  std::string text = to_string(cite.basis);
  if (named && !cite.source.empty()) text += fmt::format(" [{}]", cite.source);
  if (!cite.at.empty()) text += fmt::format("{}{}", named ? " " : ": ", cite.at);
  if (!cite.note.empty()) text += fmt::format(" ({})", cite.note);
  return text;
}

constexpr std::string_view indent = "      ";

// `said` is what the step says anyway.
std::string operands_text(const std::vector<Operand>& operands, const std::string& said, const TextStyle& style) {
  std::size_t name_width = 0;
  std::size_t value_width = 0;
  for (const Operand& operand : operands) {
    name_width = std::max(name_width, display_width(operand.name));
    value_width = std::max(value_width, display_width(any(operand.value, operand.unit)));
  }
  // Narrow: long names wrap, the value stands on their first line.
  const std::size_t beside_names = indent.size() + 2 + value_width;
  if (beside_names + 12 < columns(style)) name_width = std::min(name_width, columns(style) - beside_names);
  std::string out;
  std::string last;
  for (const Operand& operand : operands) {
    const auto names = wrap(operand.name, name_width);
    const std::string head = fmt::format("{}{}  {}  ", indent, pad_right(names.front(), name_width),
                                         pad_left(any(operand.value, operand.unit), value_width));
    std::string rest;
    for (std::size_t i = 1; i < names.size(); ++i) rest += fmt::format("{}  {}\n", indent, names[i]);
    Citation source = operand.cite;
    if (source.note == said) source.note.clear();
    const std::string full = citation_text(source);
    const std::string cite = full == last ? "\"" : full;
    last = full;
    // A long name leaves no room beside it for where the figure comes from: say it on the next line.
    const bool beside = rest.empty() && display_width(head) + std::min<std::size_t>(28, display_width(cite)) <= columns(style);
    out += beside ? hanging(head, cite, columns(style))
                  : head.substr(0, head.find_last_not_of(' ') + 1) + "\n" + rest + hanging("          ", cite, columns(style));
  }
  return out;
}

std::string step_text(std::size_t index, const Step& step, const TextStyle& style) {
  std::string out;
  for (const std::string& line : wrap(step.title, columns(style) - 5)) {
    const std::string at = out.empty() ? std::to_string(index) : "";
    out += paint(fmt::format("{:>3}  {}", at, line), Emphasis::strong, style) + "\n";
  }
  if (!step.formula.empty()) out += hanging("     ", step.formula, columns(style));
  out += operands_text(step.operands, step.note, style);
  out += "     = " + paint(any(step.result, step.result_unit), Emphasis::strong, style) + "\n";
  if (!step.note.empty()) out += hanging("     ", step.note, columns(style));
  return out;
}

Json citation_json(const Citation& cite) {
  return {{"basis", to_string(cite.basis)},
          {"source", text_or_null(cite.source)},
          {"at", text_or_null(cite.at)},
          {"note", text_or_null(cite.note)}};
}

Json step_json(const Step& step) {
  Json operands = Json::array();
  for (const Operand& operand : step.operands) {
    Json json = {{"name", operand.name},
                 {"value", number_or_null(operand.value.base)},
                 {"unit", base_unit(operand.value.dimension)},
                 {"text", any(operand.value, operand.unit)}};
    json.update(citation_json(operand.cite));
    operands.push_back(std::move(json));
  }
  return {{"title", step.title},
          {"formula", text_or_null(step.formula)},
          {"operands", std::move(operands)},
          {"result",
           {{"value", number_or_null(step.result.base)},
            {"unit", base_unit(step.result.dimension)},
            {"text", any(step.result, step.result_unit)}}},
          {"note", text_or_null(step.note)}};
}

}  // namespace

std::string explain_text(const Answer& answer, const Estimate& estimate, const std::vector<Step>& steps, const TextStyle& style) {
  std::string out = headline(answer, style) + "\n";
  out += hanging("Explains ", fmt::format("{} on {}, {}", unit_label(estimate), engine_label(estimate),
                                          quantization_label(estimate)), columns(style));
  for (std::size_t i = 0; i < steps.size(); ++i) out += "\n" + step_text(i + 1, steps[i], style);
  std::vector<std::string> notes = answer.notes;
  notes.insert(notes.end(), estimate.assumptions.begin(), estimate.assumptions.end());
  return out + notes_text(notes, style);
}

std::string explain_json(const Answer& answer, const Estimate& estimate, const std::vector<Step>& steps) {
  Json json = question_json(answer);
  json["unit_id"] = unit_id_json(&estimate);
  json["engine"] = engine_id_json(&estimate);
  json["quantization"] = quantization_json(estimate);
  json["quantization_file"] = quantization_file_json(estimate);
  Json list = Json::array();
  for (const Step& step : steps) list.push_back(step_json(step));
  json["steps"] = std::move(list);
  std::vector<std::string> notes = answer.notes;
  notes.insert(notes.end(), estimate.assumptions.begin(), estimate.assumptions.end());
  json["assumptions"] = std::move(notes);
  json["sources"] = estimate.sources;
  return to_text(json);
}

}  // namespace roofline::report
