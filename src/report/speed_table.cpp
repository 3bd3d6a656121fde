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
  bool memory_column = true;
  bool interval_column = true;
  bool weights_column = true;
};
constexpr std::array shapes{Shape{true, true, true, true, true, true},    Shape{false, true, true, true, true, true},
                            Shape{false, false, true, true, true, true},  Shape{false, false, false, true, true, true},
                            Shape{false, false, false, false, true, true}, Shape{false, false, false, false, false, true},
                            Shape{false, false, false, false, false, false}};
constexpr std::size_t evidence_room = 26;
constexpr std::size_t margin = 2;

std::string expected_text(const Estimate& e, bool interval) {
  if (!e.expected_decode) return "-";
  const Expectation& x = *e.expected_decode;
  const std::string rate_text = number(x.phase.per_sequence().base());
  return interval ? fmt::format("{} ({}-{})", rate_text, number(x.low.base()), number(x.high.base())) : rate_text;
}

// An interval wider than this makes the expected time a rough one.
constexpr double rough_factor = 2.0;

bool rough_ttft(const Estimate& e) {
  if (!e.ttft || !e.expected_prefill || !(e.expected_prefill->low.base() > 0)) return false;
  return e.expected_prefill->high / e.expected_prefill->low > rough_factor;
}

// The prompt at either end of the prefill interval; what else is in the time stays.
std::string ttft_interval_text(const Estimate& e) {
  const Expectation& x = *e.expected_prefill;
  const double expected = x.phase.per_sequence().base();
  const auto at = [&](double rate) { return duration(*e.ttft + x.phase.time * (expected / rate - 1.0)); };
  return fmt::format("TTFT {} to {} (80 %)", at(x.high.base()), at(x.low.base()));
}

// Without an expectation the ceiling still says what it can not be faster than.
std::string ttft_text(const Estimate& e) {
  if (e.ttft) return (rough_ttft(e) ? "~" : "") + duration(*e.ttft);
  return e.ttft_ceiling ? "> " + duration(*e.ttft_ceiling) : "-";
}

std::string bound_text(const Estimate& e) {
  return std::string(to_string(e.expected_decode ? e.expected_decode->phase.bound : e.decode.bound));
}

std::string evidence_text(const Evidence& evidence) {
  if (evidence.runs == 0) return evidence.rung.empty() ? "no measured runs" : evidence.rung;
  const std::string error = evidence.error ? ", error " + percent(*evidence.error) : "";
  return fmt::format("{} run{}, {}{}", evidence.runs, evidence.runs == 1 ? "" : "s", evidence.rung, error);
}

// One unit of a kind answers, so its kind is enough to tell the rows apart.
std::vector<std::string> names(const Estimate& e, const Shape& shape) {
  return {shape.full_names ? unit_label(e) : kind_label(e), shape.full_names ? engine_label(e) : e.engine->id};
}

std::vector<std::string> cells(const Estimate& e, const Shape& shape) {
  std::vector<std::string> row = names(e, shape);
  if (shape.weights_column) row.push_back(e.supported ? quantization_label(e) : "-");
  if (shape.memory_column) row.push_back(e.supported ? number(e.memory.total().in(unit::GiB)) : "");
  row.push_back(e.supported ? number(e.decode.per_sequence().base()) : "");
  row.push_back(e.supported ? expected_text(e, shape.interval_column) : "");
  row.push_back(e.supported ? ttft_text(e) : "");
  if (shape.bound_column) row.push_back(e.supported ? bound_text(e) : "");
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

std::vector<const Estimate*> alternatives_to(const Answer& answer, const Estimate& refused) {
  std::vector<const Estimate*> found;
  for (const Estimate& e : answer.survey.alternatives) {
    if (e.engine == refused.engine && e.unit == refused.unit && e.supported) found.push_back(&e);
  }
  return found;
}

// Rows of the table: answers, and refusals that have something else to offer. The other refusals follow below it.
std::vector<const Estimate*> rows_of(const Answer& answer) {
  std::vector<const Estimate*> rows;
  for (const Estimate& e : answer.survey.estimates) {
    if (e.supported || !alternatives_to(answer, e).empty()) rows.push_back(&e);
  }
  return rows;
}

void set_columns(Layout& layout, const Answer& answer, const Shape& shape) {
  std::vector<std::string> titles;
  std::vector<std::string> units;
  const auto add = [&](const char* title, const std::string& unit_name, bool right) {
    titles.emplace_back(title);
    units.push_back(unit_name);
    layout.grid.sides.push_back({right});
  };
  add("unit", "", false);
  add("engine", "", false);
  if (shape.weights_column) add("weights", "", false);
  if (shape.memory_column) add("needs", "GiB", true);
  add("ceiling", "tok/s", true);
  if (shape.interval_column) add("expected (80 %)", "tok/s", false);
  else add("expected", "tok/s", true);
  add("TTFT", whole(answer.workload.prompt) + " tok", true);
  if (shape.bound_column) add("bound by", "", false);
  layout.grid.rows = {titles, units};
}

Layout lay_out(const Answer& answer, const Shape& shape) {
  Layout layout;
  layout.shape = shape;
  set_columns(layout, answer, shape);
  for (const Estimate* e : rows_of(answer)) layout.grid.rows.push_back(cells(*e, shape));
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
  const std::string ttft = e.ttft || e.ttft_ceiling ? ", TTFT " + ttft_text(e) : "";
  const std::string id = quantization_label(e);
  return fmt::format("{} is: {}{} tok/s{} (--quant {})", id, expected ? "" : "at most ", number(phase.per_sequence().base()), ttft, id);
}

std::string refusal_text(const Answer& answer, const Estimate& refused) {
  std::string text = refused.reason.empty() ? "not known" : refused.reason;
  for (const Estimate* e : alternatives_to(answer, refused)) text += "; " + alternative_text(*e);
  return text;
}

// What does not fit into the columns.
std::vector<std::string> details(const Estimate& e, const Shape& shape) {
  std::vector<std::string> lines;
  std::vector<std::string> first;
  if (!shape.weights_column) first.push_back("weights " + quantization_label(e));
  if (!shape.interval_column && e.expected_decode) first.push_back("expected " + expected_text(e, true) + " tok/s");
  if (rough_ttft(e)) first.push_back(ttft_interval_text(e));
  if (!shape.bound_column) first.push_back("bound by " + bound_text(e));
  if (!shape.evidence_column) first.push_back("evidence: " + evidence_text(e.evidence));
  if (!first.empty()) lines.push_back(join(first, "; "));
  if (e.verdict.verdict != Verdict::fits && e.verdict.verdict != Verdict::tight)
    lines.emplace_back("does not fit; the speed is what it would be if it did");
  if (e.workload.batch > 1) {
    const std::string sum = e.expected_decode ? number(e.expected_decode->phase.aggregate().base()) + " tok/s" : "not known";
    lines.push_back(
        fmt::format("{} sequences together: expected {}, ceiling {} tok/s", e.workload.batch, sum, number(e.decode.aggregate().base())));
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

// Nobody says whether the engine runs this here.
bool nothing_known(const Estimate& e) {
  if (e.unit == nullptr || e.quantization == nullptr) return true;
  return find_support(*e.engine, e.unit->unit->kind, e.point->device->chip, e.quantization->id, e.model->family) == nullptr;
}

}  // namespace

// Refusals that say the same are one line; an engine that no source connects with this chip is "not known".
std::string refusals_text(const Answer& answer, const TextStyle& style) {
  struct Refusal {
    std::string who, reason;
    std::vector<std::string> kinds;
  };
  std::vector<Refusal> refusals;
  std::vector<std::string> unknown;
  for (const Estimate& e : answer.survey.estimates) {
    if (e.supported || !alternatives_to(answer, e).empty()) continue;
    if (nothing_known(e)) {
      unknown.push_back(engine_label(e));
      continue;
    }
    auto same =
        std::find_if(refusals.begin(), refusals.end(), [&](const Refusal& r) { return r.reason == e.reason && r.who == engine_label(e); });
    if (same == refusals.end()) same = refusals.insert(refusals.end(), {engine_label(e), e.reason, {}});
    same->kinds.push_back(kind_label(e));
  }
  std::string out;
  for (const Refusal& r : refusals) {
    out += hanging(out.empty() ? "Refused  - " : "         - ", fmt::format("{} on {}: {}", r.who, join(r.kinds, " and "), r.reason),
                   columns(style));
  }
  if (!unknown.empty()) {
    out += hanging(out.empty() ? "Refused  - " : "         - ",
                   fmt::format("{}: not known, neither a source nor a measured run connects {} with {} on this chip", join(unknown, ", "),
                               unknown.size() == 1 ? "it" : "them", answer.quantization), columns(style));
  }
  return out.empty() ? out : "\n" + out;
}

std::string speed_table(const Answer& answer, const TextStyle& style) {
  const auto estimates = rows_of(answer);
  if (estimates.empty()) return refusals_text(answer, style);
  const Layout layout = best_layout(answer, columns(style));
  const auto& rows = layout.grid.rows;
  std::string title = "  " + grid_line(rows[0], layout.widths, layout.grid.sides);
  if (layout.shape.evidence_column) title = pad_right(title, layout.total() + 2) + "evidence";
  std::string out = "\n" + paint(title, Emphasis::faint, style) + "\n";
  out += paint("  " + grid_line(rows[1], layout.widths, layout.grid.sides), Emphasis::faint, style) + "\n";
  for (std::size_t i = 0; i < estimates.size(); ++i) out += row_text(answer, *estimates[i], layout, rows[i + 2], style);
  return out + refusals_text(answer, style);
}

}  // namespace roofline::report
