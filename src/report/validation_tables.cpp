// The flat forms: one line per run as CSV, and Markdown for documents.
#include <fmt/core.h>

#include "report/validation_parts.hpp"
#include "roofline/report/units.hpp"

namespace roofline::report {
namespace {

// RFC 4180. A cell that a spreadsheet would run as a formula is text here.
std::string csv_cell(const std::string& text) {
  const bool formula = !text.empty() && (text.front() == '=' || text.front() == '+' || text.front() == '@');
  const std::string shown = formula ? "'" + text : text;
  if (shown.find_first_of(",\"\r\n") == std::string::npos) return shown;
  std::string out = "\"";
  for (const char c : shown) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

std::string csv_number(const std::optional<double>& value) { return value ? fmt::format("{:.6g}", *value) : ""; }
template <class T>
std::string csv_count(const std::optional<T>& value) {
  return value ? fmt::format("{}", *value) : "";
}

std::string joined(const std::vector<std::string>& parts) {
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : "; ") + part;
  return out;
}

void add_phase(std::vector<std::string>& cells, const std::optional<JudgedPhase>& p) {
  if (!p) {
    cells.insert(cells.end(), 8, "");
    return;
  }
  cells.insert(cells.end(), {csv_number(p->measured), csv_number(p->ceiling), csv_number(p->expected), csv_number(p->low), csv_number(p->high), csv_number(p->ratio),
                             p->verdict, joined(p->likely_reasons)});
}

std::string csv_line(const std::vector<std::string>& cells) {
  std::string out;
  for (std::size_t i = 0; i < cells.size(); ++i) out += (i > 0 ? "," : "") + csv_cell(cells[i]);
  return out + "\r\n";
}

std::string md_cell(const std::string& text) {
  std::string out;
  for (const char c : text) out += c == '|' ? std::string("\\|") : std::string(1, c);
  return out.empty() ? "-" : out;
}

std::string md_line(const std::vector<std::string>& cells) {
  std::string out = "|";
  for (const std::string& cell : cells) out += " " + md_cell(cell) + " |";
  return out + "\n";
}

std::string md_errors(const std::string& name, const ErrorStatistics& s, const std::optional<double>& coverage) {
  return md_line({name, whole(s.runs), percent_or_dash(s.median), percent_or_dash(s.mean), percent_or_dash(s.p90), number_or_dash(s.bias), number_or_dash(s.correlation),
                  percent_or_dash(coverage)});
}

std::string md_phase(const char* name, const PhaseStatistics& s) {
  if (s.runs == 0) return "";
  std::string out = fmt::format("\n## {}\n\n", name) + "| prediction | n | median error | mean | p90 | bias | r | inside the interval |\n|---|--:|--:|--:|--:|--:|--:|--:|\n";
  out += md_errors("expected", s.expected, s.coverage) + md_errors("naive roofline", s.naive, std::nullopt);
  if (s.best_factor) out += md_errors(fmt::format("ceiling x {}", number(*s.best_factor, 2)), s.constant_factor, std::nullopt);
  return out;
}

std::string md_speed(const std::optional<JudgedPhase>& p) {
  if (!p) return "-";
  return fmt::format("{} ({} of {})", number(p->measured), number_or_dash(p->expected), number_or_dash(p->ceiling));
}

}  // namespace

std::string validation_csv(const Validation& v) {
  std::vector<std::string> header{"id", "status", "reason", "file", "line", "device", "mode", "unit", "engine", "model", "quantization", "kind", "quality", "prompt",
                                  "generated", "depth", "batch"};
  for (const char* phase : {"decode", "prefill"}) {
    for (const char* key : {"measured", "ceiling", "expected", "low", "high", "ratio", "verdict", "likely_reasons"}) header.push_back(fmt::format("{}_{}", phase, key));
  }
  header.emplace_back("notes");
  std::string out = csv_line(header);
  for (const JudgedRun& r : v.runs) {
    std::vector<std::string> cells{r.id,     r.judged ? "judged" : "unresolved", r.reason, r.file, r.line > 0 ? std::to_string(r.line) : "", r.device, r.mode, r.unit, r.engine,
                                   r.model,  r.quantization, r.kind, r.quality, csv_count(r.prompt), csv_count(r.generated), csv_count(r.depth), csv_count(r.batch)};
    add_phase(cells, r.decode);
    add_phase(cells, r.prefill);
    cells.push_back(joined(r.notes));
    out += csv_line(cells);
  }
  return out;
}

std::string validation_markdown(const Validation& v) {
  const int judged = judged_runs(v);
  std::string out = fmt::format("# Validation\n\n{} runs, {} judged, {} unresolved.\n", v.runs.size(), judged, static_cast<int>(v.runs.size()) - judged);
  out += md_phase("Decode", v.decode) + md_phase("Prefill", v.prefill);
  if (!v.groups.empty()) {
    out += "\n## Groups\n\n| by | name | decode n | median error | p90 | inside | prefill n | median error | inside |\n|---|---|--:|--:|--:|--:|--:|--:|--:|\n";
    for (const StatisticsGroup& g : v.groups) {
      out += md_line({g.by, g.name, whole(g.decode.expected.runs), percent_or_dash(g.decode.expected.median), percent_or_dash(g.decode.expected.p90),
                      percent_or_dash(g.decode.coverage), whole(g.prefill.expected.runs), percent_or_dash(g.prefill.expected.median), percent_or_dash(g.prefill.coverage)});
    }
  }
  out += "\n## Runs\n\nMeasured tok/s (expected of ceiling).\n\n| run | device | engine | model | quantization | decode | verdict | prefill | verdict |\n|---|---|---|---|---|--:|---|--:|---|\n";
  for (const JudgedRun& r : v.runs) {
    if (!r.judged) continue;
    out += md_line({r.id, r.device + " " + r.unit, r.engine, r.model, r.quantization, md_speed(r.decode), r.decode ? verdict_text(r.decode->verdict) : "", md_speed(r.prefill),
                    r.prefill ? verdict_text(r.prefill->verdict) : ""});
  }
  const auto reasons = unresolved_reasons(v);
  if (!reasons.empty()) out += "\n## Unresolved\n\n| runs | reason |\n|--:|---|\n";
  for (const auto& [reason, count] : reasons) out += md_line({std::to_string(count), reason});
  if (!v.gates.empty()) out += "\n## Limits\n\n";
  for (const ValidationGate& gate : v.gates) out += fmt::format("- {}: {}\n", gate.met ? "met" : "not met", gate.sentence);
  return out;
}

}  // namespace roofline::report
