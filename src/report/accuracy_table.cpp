#include <fmt/core.h>

#include <cmath>
#include <cstdlib>
#include <map>
#include <sstream>

#include "roofline/report/accuracy.hpp"

namespace roofline::report {
namespace {

// Rounding, other processors' last digits, and a run or two added are no regression.
constexpr double relative_tolerance = 0.02;
constexpr double points_tolerance = 0.2;
constexpr double coverage_tolerance = 2.0;
// An engine with fewer runs has no 90th percentile worth keeping.
constexpr int fewest_runs = 40;

constexpr std::size_t columns_of_a_name = 3;

std::string percent_number(const std::optional<double>& share) { return share ? fmt::format("{:.2f}", 100 * *share) : "-"; }

struct Figures {
  std::string median, p90, coverage;
};

std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> cells;
  std::istringstream in(line);
  for (std::string cell; std::getline(in, cell, '\t');) cells.push_back(cell);
  return cells;
}

std::map<std::string, Figures> parse(const std::string& table) {
  std::map<std::string, Figures> rows;
  std::istringstream in(table);
  for (std::string line; std::getline(in, line);) {
    const auto cells = split(line);
    if (line.empty() || line.front() == '#' || cells.size() != columns_of_a_name + 4) continue;
    rows[cells[0] + ", " + cells[2] + ", " + cells[1]] = {cells[4], cells[5], cells[6]};
  }
  return rows;
}

std::optional<double> value(const std::string& text) {
  char* end = nullptr;
  const double v = std::strtod(text.c_str(), &end);
  if (end == text.c_str() || *end != '\0' || !std::isfinite(v)) return std::nullopt;
  return v;
}

void add(std::string& out, const PhaseAccuracy& phase) {
  for (const GroupAccuracy& group : phase.groups) {
    const bool kept = group.by == "all" || group.by == "aim" || (group.by == "engine" && group.schemes[0].errors.runs >= fewest_runs);
    if (!kept) continue;
    for (const Unseen unseen : {Unseen::model, Unseen::device, Unseen::publication}) {
      const SchemeAccuracy& s = group.schemes[static_cast<std::size_t>(unseen)];
      out += fmt::format("{}\t{}\t{}\t{}\t{}\t{}\t{}\n", phase.phase == Phase::decode ? "decode" : "prefill", to_string(unseen), group.name, s.errors.runs,
                         percent_number(s.errors.median), percent_number(s.errors.p90), percent_number(s.coverage));
    }
  }
}

}  // namespace

std::string accuracy_table(const ValidationFacts& facts) {
  std::string out = "# Cross-validated errors and coverage of 80 % intervals, in percent. Written by script/regenerate; a test fails when they get worse.\n"
                    "# phase\tscheme\tgroup\truns\tmedian\tp90\tcoverage\n";
  add(out, facts.decode);
  add(out, facts.prefill);
  if (!facts.several.empty()) {
    const SchemeAccuracy& s = facts.several.front().unseen_model;
    out += fmt::format("decode\t{}\tseveral sequences\t{}\t{}\t{}\t{}\n", to_string(Unseen::model), s.errors.runs, percent_number(s.errors.median), percent_number(s.errors.p90),
                       percent_number(s.coverage));
  }
  if (facts.depth.pairs > 0) {
    out += fmt::format("decode\t{}\tfall with depth\t{}\t{}\t{}\t-\n", to_string(Unseen::model), facts.depth.pairs, percent_number(facts.depth.median), percent_number(facts.depth.p90));
  }
  return out;
}

std::vector<std::string> worse_accuracy(const std::string& before, const std::string& now) {
  std::vector<std::string> worse;
  const auto rows = parse(now);
  for (const auto& [name, old] : parse(before)) {
    const auto found = rows.find(name);
    if (found == rows.end()) {
      worse.push_back(name + ": is no longer there");
      continue;
    }
    const auto compare_error = [&, &row_name = name](const char* what, const std::string& was, const std::string& is) {
      const auto a = value(was), b = value(is);
      if (a && (!b || *b > *a * (1 + relative_tolerance) + points_tolerance)) worse.push_back(fmt::format("{}: {} error was {} %, is {} %", row_name, what, was, is));
    };
    compare_error("median", old.median, found->second.median);
    compare_error("p90", old.p90, found->second.p90);
    const auto a = value(old.coverage), b = value(found->second.coverage);
    if (a && (!b || *b < *a - coverage_tolerance)) worse.push_back(fmt::format("{}: coverage was {} %, is {} %", name, old.coverage, found->second.coverage));
  }
  return worse;
}

}  // namespace roofline::report
