#include "report/speed_table.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "report/headline.hpp"
#include "report/layout.hpp"
#include "report/memory_text.hpp"
#include "roofline/report/units.hpp"

namespace roofline::report {
namespace {

// What gives way when the line is too long, in this order.
struct Shape {
  bool evidence_column = true;
  bool full_names = true;
  bool bound_column = true;
};
constexpr std::array shapes{Shape{true, true, true}, Shape{false, true, true}, Shape{false, false, true}, Shape{false, false, false}};
constexpr std::size_t evidence_room = 26;
constexpr std::size_t margin = 2;

std::string expected_text(const Estimate& e) {
  if (!e.expected_decode) return "-";
  const Expectation& x = *e.expected_decode;
  return fmt::format("{} ({}-{})", number(x.phase.per_sequence().base()), number(x.low.base()), number(x.high.base()));
}

// Without an expectation the ceiling still says what it can not be faster than.
std::string ttft_text(const Estimate& e) {
  if (e.ttft) return duration(*e.ttft);
  return e.ttft_ceiling ? "> " + duration(*e.ttft_ceiling) : "-";
}

std::string bound_text(const Estimate& e) {
  return std::string(to_string(e.expected_decode ? e.expected_decode->phase.bound : e.decode.bound));
}

std::string evidence_text(const Evidence& evidence) {
  if (evidence.runs == 0) return evidence.rung.empty() ? "no measured runs" : evidence.rung;
  return fmt::format("{} run{}, {}, error {}", evidence.runs, evidence.runs == 1 ? "" : "s", evidence.rung, percent(evidence.error));
}

// The kind alone where the device has one unit of it, else its id.
std::string short_unit(const Answer& answer, const Estimate& e) {
  const auto& units = answer.point->units;
  const auto same = std::count_if(units.begin(), units.end(), [&](const UnitPoint& u) { return u.unit->kind == e.unit->unit->kind; });
  return same == 1 ? kind_label(e) : e.unit->unit->id;
}

std::vector<std::string> cells(const Answer& answer, const Estimate& e, const Shape& shape) {
  std::vector<std::string> row{shape.full_names ? unit_label(e) : short_unit(answer, e),
                               shape.full_names ? engine_label(e) : e.engine->id};
  if (!e.supported) {
    row.resize(shape.bound_column ? 7 : 6);
    return row;
  }
  row.push_back(quantization_label(e));
  row.push_back(number(e.decode.per_sequence().base()));
  row.push_back(expected_text(e));
  row.push_back(ttft_text(e));
  if (shape.bound_column) row.push_back(bound_text(e));
  return row;
}

struct Layout {
  Shape shape;
  Grid grid;  // two header rows, then one row per estimate
  std::vector<std::size_t> widths;
  [[nodiscard]] std::size_t total() const {
    std::size_t sum = margin;
    for (const std::size_t width : widths) sum += width + 2;
    return sum - 2;
  }
};

// Nobody says whether the engine runs this here. Such rows are many and alike: they share one line below the table.
bool nothing_known(const Estimate& e) {
  if (e.supported) return false;
  if (e.unit == nullptr || e.quantization == nullptr) return true;
  return find_support(*e.engine, e.unit->unit->kind, e.point->device->chip, e.quantization->id, e.model->family) == nullptr;
}

std::vector<const Estimate*> rows_of(const Survey& survey) {
  std::vector<const Estimate*> rows;
  for (const Estimate& e : survey.estimates) {
    if (!nothing_known(e)) rows.push_back(&e);
  }
  return rows;
}

std::string unknown_line(const Answer& answer, const TextStyle& style) {
  std::vector<std::string> names;
  for (const Estimate& e : answer.survey.estimates) {
    if (nothing_known(e) && std::find(names.begin(), names.end(), engine_label(e)) == names.end()) names.push_back(engine_label(e));
  }
  if (names.empty()) return {};
  return hanging("  ", fmt::format("not known: no source and no measured run says that {} run{} {} on this chip", join(names, ", "),
                                   names.size() == 1 ? "s" : "", answer.quantization), columns(style));
}

Layout lay_out(const Answer& answer, const Shape& shape) {
  Layout layout;
  layout.shape = shape;
  layout.grid.sides = {{false}, {false}, {false}, {true}, {false}, {true}};
  std::vector<std::string> titles{"unit", "engine", "weights", "ceiling", "expected (80 %)", "TTFT"};
  std::vector<std::string> units{"", "", "", "tok/s", "tok/s", whole(answer.workload.prompt) + " tok"};
  if (shape.bound_column) {
    layout.grid.sides.push_back({false});
    titles.emplace_back("bound by");
    units.emplace_back();
  }
  layout.grid.rows = {titles, units};
  for (const Estimate* e : rows_of(answer.survey)) layout.grid.rows.push_back(cells(answer, *e, shape));
  layout.widths = layout.grid.widths();
  return layout;
}

Layout best_layout(const Answer& answer, std::size_t width) {
  for (const Shape& shape : shapes) {
    Layout layout = lay_out(answer, shape);
    if (layout.total() + (shape.evidence_column ? 2 + evidence_room : 0) <= width) return layout;
  }
  return lay_out(answer, shapes.back());
}

// "w8a8: 4.40 tok/s, TTFT 1.62 s (--quant w8a8)"
std::string alternative_text(const Estimate& e) {
  const bool expected = e.expected_decode.has_value();
  const PhaseEstimate& phase = expected ? e.expected_decode->phase : e.decode;
  const std::string ttft = e.ttft ? ", TTFT " + duration(*e.ttft) : "";
  const std::string id = quantization_label(e);
  return fmt::format("{} is: {}{} tok/s{} (--quant {})", id, expected ? "" : "at most ", number(phase.per_sequence().base()), ttft, id);
}

std::string refusal_text(const Answer& answer, const Estimate& refused) {
  std::string text = refused.reason.empty() ? "not known" : refused.reason;
  for (const Estimate& e : answer.survey.alternatives) {
    if (e.engine == refused.engine && e.unit == refused.unit && e.supported) text += "; " + alternative_text(e);
  }
  return text;
}

// What does not fit into the columns.
std::vector<std::string> details(const Estimate& e, const Shape& shape) {
  std::vector<std::string> lines;
  std::vector<std::string> first;
  if (!shape.bound_column) first.push_back("bound by " + bound_text(e));
  if (!shape.evidence_column) first.push_back("evidence: " + evidence_text(e.evidence));
  if (!first.empty()) lines.push_back(join(first, "; "));
  if (e.verdict.verdict != Verdict::fits && e.verdict.verdict != Verdict::tight) lines.emplace_back("does not fit; the speed is what it would be if it did");
  if (e.workload.batch > 1) {
    const std::string sum = e.expected_decode ? number(e.expected_decode->phase.aggregate().base()) + " tok/s" : "not known";
    lines.push_back(fmt::format("{} sequences together: expected {}, ceiling {} tok/s", e.workload.batch, sum, number(e.decode.aggregate().base())));
  }
  return lines;
}

std::string row_text(const Answer& answer, const Estimate& e, const Layout& layout, const std::vector<std::string>& row,
                     const TextStyle& style) {
  const std::string blank(margin, ' ');
  const std::size_t names = margin + layout.widths[0] + 2 + layout.widths[1] + 2;
  if (!e.supported) {
    const std::string head = pad_right(blank + grid_line({row[0], row[1]}, layout.widths, layout.grid.sides), names);
    // Narrow: the reason needs more room than what is left beside the names.
    if (names + 30 <= columns(style)) return hanging(head + "-  ", refusal_text(answer, e), columns(style));
    return head.substr(0, head.find_last_not_of(' ') + 1) + "  -\n" + hanging("      ", refusal_text(answer, e), columns(style));
  }
  std::string line = blank + grid_line(row, layout.widths, layout.grid.sides);
  std::string out = layout.shape.evidence_column
                        ? hanging(pad_right(line, layout.total() + 2), evidence_text(e.evidence), columns(style))
                        : line + "\n";
  for (const std::string& detail : details(e, layout.shape)) out += hanging("      ", detail, columns(style));
  return out;
}

}  // namespace

std::string speed_table(const Answer& answer, const TextStyle& style) {
  const auto estimates = rows_of(answer.survey);
  if (estimates.empty()) return unknown_line(answer, style);
  const Layout layout = best_layout(answer, columns(style));
  const auto& rows = layout.grid.rows;
  std::vector<std::string> titles = rows[0];
  std::vector<std::string> units = rows[1];
  std::string title = "  " + grid_line(titles, layout.widths, layout.grid.sides);
  if (layout.shape.evidence_column) title = pad_right(title, layout.total() + 2) + "evidence";
  std::string out = paint(title, Emphasis::faint, style) + "\n";
  out += paint("  " + grid_line(units, layout.widths, layout.grid.sides), Emphasis::faint, style) + "\n";
  for (std::size_t i = 0; i < estimates.size(); ++i) out += row_text(answer, *estimates[i], layout, rows[i + 2], style);
  return out + unknown_line(answer, style);
}

}  // namespace roofline::report
