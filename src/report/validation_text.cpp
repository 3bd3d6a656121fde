#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "report/layout.hpp"
#include "report/validation_parts.hpp"
#include "roofline/report/units.hpp"

namespace roofline::report {

int judged_runs(const Validation& v) {
  return static_cast<int>(std::count_if(v.runs.begin(), v.runs.end(), [](const JudgedRun& run) { return run.judged; }));
}

std::vector<std::pair<std::string, int>> unresolved_reasons(const Validation& v) {
  std::map<std::string, int> counts;
  for (const JudgedRun& run : v.runs) {
    if (!run.judged) ++counts[run.reason];
  }
  std::vector<std::pair<std::string, int>> sorted(counts.begin(), counts.end());
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  return sorted;
}

// Beyond tenfold the digits say nothing.
std::string percent_or_dash(const std::optional<double>& ratio) {
  if (!ratio) return "-";
  return *ratio < 10 ? percent(*ratio) : ">999 %";
}
std::string number_or_dash(const std::optional<double>& value, int significant) { return value ? number(*value, significant) : "-"; }

std::string verdict_text(const std::string& verdict) {
  if (verdict == "above_ceiling") return "above the ceiling: impossible";
  if (verdict == "not_comparable") return "not comparable";
  if (verdict == "no_expectation") return "no expectation to compare with";
  std::string out = verdict;
  std::replace(out.begin(), out.end(), '_', ' ');
  return out;
}

namespace {

std::string what(const JudgedRun& run) {
  std::string mode = run.mode.empty() ? "" : ", " + run.mode;
  std::string batch = run.batch.value_or(1) > 1 ? fmt::format(", batch {}", *run.batch) : "";
  return fmt::format("{} {} on {} {}{}, {}{}", run.model, run.quantization, run.device, run.unit, mode, run.engine, batch);
}

Emphasis emphasis_of(const std::string& verdict) {
  if (verdict == "ok") return Emphasis::good;
  if (verdict == "above_ceiling" || verdict == "far_below") return Emphasis::bad;
  return verdict == "not_comparable" || verdict == "no_expectation" ? Emphasis::faint : Emphasis::warning;
}

std::string phase_line(const char* name, const JudgedPhase& p, const TextStyle& style) {
  std::string line = fmt::format("  {:<8}{:>8} tok/s  ", name, number(p.measured));
  line += p.expected ? fmt::format("expected {} ({}-{})", number(*p.expected), number_or_dash(p.low), number_or_dash(p.high)) : "expected -";
  line += fmt::format(", ceiling {}", number_or_dash(p.ceiling));
  const bool fits = display_width(line) + 2 + display_width(verdict_text(p.verdict)) <= columns(style);
  std::string out = line + (fits ? "  " : "\n    ") + paint(verdict_text(p.verdict), emphasis_of(p.verdict), style) + "\n";
  for (const std::string& reason : p.likely_reasons) out += hanging("    - ", reason, columns(style));
  return out;
}

std::string run_text(const JudgedRun& run, const TextStyle& style) {
  if (!run.judged) return hanging(fmt::format("{}  ", run.id), "unresolved: " + run.reason, columns(style));
  std::string out = hanging(fmt::format("{}  ", run.id), what(run), columns(style));
  if (run.decode) out += phase_line("decode", *run.decode, style);
  if (run.prefill) out += phase_line("prefill", *run.prefill, style);
  if (!run.decode && !run.prefill) out += "  no speed to judge\n";
  for (const std::string& note : run.notes) out += hanging("    note: ", note, columns(style));
  return out;
}

std::vector<std::string> statistics_cells(const std::string& name, const ErrorStatistics& s, const std::optional<double>& coverage) {
  return {name, whole(s.runs), percent_or_dash(s.median), percent_or_dash(s.mean), percent_or_dash(s.p90), number_or_dash(s.bias), number_or_dash(s.correlation),
          percent_or_dash(coverage)};
}

std::string grid_text(const std::vector<std::vector<std::string>>& rows) {
  Grid grid;
  grid.sides.assign(rows.front().size(), {true});
  grid.sides.front() = {false};
  grid.rows = rows;
  const auto widths = grid.widths();
  std::string out;
  for (const auto& row : rows) out += grid_line(row, widths, grid.sides) + "\n";
  return out;
}

std::string phase_statistics_text(const char* name, const PhaseStatistics& s) {
  if (s.runs == 0) return "";
  std::vector<std::vector<std::string>> rows{{name, "n", "median", "mean", "p90", "bias", "r", "inside"}};
  rows.push_back(statistics_cells("expected", s.expected, s.coverage));
  rows.push_back(statistics_cells("naive (the ceiling)", s.naive, std::nullopt));
  if (s.best_factor) rows.push_back(statistics_cells(fmt::format("best constant x {}", number(*s.best_factor, 2)), s.constant_factor, std::nullopt));
  std::string out = grid_text(rows);
  if (s.above_ceiling > 0) out += fmt::format("  {} of {} above the ceiling\n", s.above_ceiling, s.runs);
  return out + "\n";
}

std::string groups_text(const Validation& v, const std::string& by) {
  std::vector<std::vector<std::string>> rows{{"by " + by, "decode", "median", "p90", "cover", "prefill", "median", "cover"}};
  for (const StatisticsGroup& g : v.groups) {
    if (g.by != by) continue;
    rows.push_back({g.name.empty() ? "-" : g.name, whole(g.decode.expected.runs), percent_or_dash(g.decode.expected.median), percent_or_dash(g.decode.expected.p90),
                    percent_or_dash(g.decode.coverage), whole(g.prefill.expected.runs), percent_or_dash(g.prefill.expected.median),
                    percent_or_dash(g.prefill.coverage)});
  }
  return rows.size() > 1 ? grid_text(rows) + "\n" : "";
}

}  // namespace

std::string validation_text(const Validation& v, const TextStyle& style) {
  std::string out;
  for (const JudgedRun& run : v.runs) out += run_text(run, style);
  if (!v.runs.empty()) out += "\n";
  const int judged = judged_runs(v);
  out += fmt::format("{} runs, {} judged, {} unresolved\n", v.runs.size(), judged, static_cast<int>(v.runs.size()) - judged);
  for (const auto& [reason, count] : unresolved_reasons(v)) out += hanging(fmt::format("  {:>4}  ", count), reason, columns(style));
  if (v.not_counted > 0) {
    out += hanging("", fmt::format("{} judged figures are kept out of the statistics: speculative decoding, images, cached prompts, or clocks that were down", v.not_counted),
                   columns(style));
  }
  out += "\n" + phase_statistics_text("Decode", v.decode) + phase_statistics_text("Prefill", v.prefill);
  for (const char* by : {"engine", "device", "unit", "quality", "mode", "batch"}) out += groups_text(v, by);
  for (const ValidationGate& gate : v.gates) out += hanging(gate.met ? "met   " : "NOT MET  ", gate.sentence, columns(style));
  return out;
}

}  // namespace roofline::report
