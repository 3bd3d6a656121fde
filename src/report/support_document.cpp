#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>

#include "report/layout.hpp"
#include "roofline/report/documents.hpp"
#include "roofline/report/sheet.hpp"

namespace roofline::report {
namespace {

constexpr std::size_t runs_named = 3;
constexpr std::size_t unknown_named = 8;

using Names = std::vector<std::string>;

bool holds(const Names& names, const std::string& name) { return std::find(names.begin(), names.end(), name) != names.end(); }
bool any_or_named(const Names& names, const std::string& name) { return names.empty() || holds(names, "*") || holds(names, name); }

// What engines name: all boards and cards that carry it.
struct Chip {
  std::string id;
  Names devices;
  std::set<UnitKind> units;
};

std::vector<Chip> chips_of(const std::vector<const Device*>& devices) {
  std::map<std::string, Chip> chips;
  for (const Device* device : devices) {
    Chip& chip = chips[device->chip];
    chip.id = device->chip;
    chip.devices.push_back(device->id);
    for (const ComputeUnit& unit : device->units) chip.units.insert(unit.kind);
  }
  std::vector<Chip> all;
  for (auto& [id, chip] : chips) all.push_back(std::move(chip));
  return all;
}

// Runs by chip, engine, unit and quantization.
class Evidence {
 public:
  explicit Evidence(const SupportFacts& facts) {
    std::map<std::string, std::string> chip_of;
    for (const Device* device : facts.devices) {
      chip_of[device->id] = device->chip;
      for (const std::string& alias : device->aliases) chip_of[alias] = device->chip;
    }
    for (const MeasuredRun& run : facts.runs) {
      if (run.kind == RunKind::estimate) continue;
      const auto chip = chip_of.find(run.device);
      if (chip == chip_of.end()) continue;
      runs_[key(chip->second, run.engine, run.unit, run.quantization)].push_back(run.id);
    }
  }

  [[nodiscard]] const Names& runs(const std::string& chip, const Engine& engine, UnitKind unit, const std::string& quantization) const {
    static const Names none;
    const auto found = runs_.find(key(chip, engine.id, unit, quantization));
    return found != runs_.end() ? found->second : none;
  }

 private:
  static std::string key(const std::string& chip, const std::string& engine, UnitKind unit, const std::string& quantization) {
    return fmt::format("{}|{}|{}|{}", chip, engine, to_string(unit), quantization);
  }

  std::map<std::string, Names> runs_;
};

// What one cell says; quantizations of which an engine says the same share a row.
struct Said {
  std::string status;
  std::string how;

  friend bool operator==(const Said&, const Said&) = default;
};

std::string evidence_text(const Citation& cite) {
  if (cite.source.starts_with("run:")) return "run `" + cite.source.substr(4) + "`";
  return "`" + cite.source + "`" + (cite.at.empty() ? "" : ": " + cite.at);
}

// The first cell that covers the quantization, whatever models it is limited to.
const Support* cell_of(const Engine& engine, UnitKind unit, const std::string& chip, const std::string& quantization) {
  for (const Support& cell : engine.support) {
    const bool of_unit = std::find(cell.units.begin(), cell.units.end(), unit) != cell.units.end();
    if (of_unit && any_or_named(cell.chips, chip) && any_or_named(cell.quantizations, quantization)) return &cell;
  }
  return nullptr;
}

Said said_of(const Support* cell, const Names& runs) {
  if (cell == nullptr && runs.empty()) return {"not known", ""};
  if (cell == nullptr) return {"runs", ""};
  if (cell->refused) {
    std::string how = cell->reason;
    if (!cell->instead.empty()) how += "; instead " + join(cell->instead, ", ");
    return {runs.empty() ? "no" : "no, yet measured", how + " (" + evidence_text(cell->cite) + ")"};
  }
  std::string how = evidence_text(cell->cite);
  if (!cell->model_families.empty()) how += "; only models of " + join(cell->model_families, ", ");
  return {"runs", how};
}

std::string measured_text(const Names& runs) {
  if (runs.empty()) return "";
  std::string text = fmt::format("{} run{}: ", runs.size(), runs.size() == 1 ? "" : "s");
  for (std::size_t i = 0; i < runs.size() && i < runs_named; ++i) text += (i > 0 ? ", `" : "`") + runs[i] + "`";
  return text + (runs.size() > runs_named ? " ..." : "");
}

struct Row {
  Said said;
  Names quantizations;
  std::string measured;
};

std::vector<Row> rows_of(const SupportFacts& facts, const Evidence& evidence, const Chip& chip, const Engine& engine, UnitKind unit) {
  std::vector<Row> rows;
  Row unknown{{"not known", ""}, {}, ""};
  for (const Quantization* q : facts.quantizations) {
    const Names& runs = evidence.runs(chip.id, engine, unit, q->id);
    const Said said = said_of(cell_of(engine, unit, chip.id, q->id), runs);
    if (said.status == "not known") {
      unknown.quantizations.push_back(q->id);
      continue;
    }
    // What was measured has a row of its own: its runs are the evidence.
    auto same = runs.empty() ? std::find_if(rows.begin(), rows.end(), [&](const Row& row) { return row.measured.empty() && row.said == said; }) : rows.end();
    if (same == rows.end()) same = rows.insert(rows.end(), {said, {}, measured_text(runs)});
    same->quantizations.push_back(q->id);
  }
  const auto rank = [](const Row& row) { return row.said.status == "runs" ? (row.measured.empty() ? 1 : 0) : 2; };
  std::stable_sort(rows.begin(), rows.end(), [&](const Row& a, const Row& b) { return rank(a) < rank(b); });
  if (!unknown.quantizations.empty()) rows.push_back(std::move(unknown));
  return rows;
}

// A container of which all or nearly all is meant is named instead of its thirty types.
std::string quantizations_text(const Row& row, const std::vector<const Quantization*>& all) {
  if (row.quantizations.size() == all.size()) return "all";
  // What no cell speaks of is whatever is left: naming forty of them would hide the rest.
  if (row.said.status == "not known" && row.quantizations.size() > unknown_named) return fmt::format("the other {}", row.quantizations.size());
  std::map<std::string, Names> containers;
  for (const Quantization* q : all) containers[q->container].push_back(q->id);
  Names parts;
  std::set<std::string> said;
  for (const auto& [container, ids] : containers) {
    Names missing;
    std::copy_if(ids.begin(), ids.end(), std::back_inserter(missing), [&](const std::string& id) { return !holds(row.quantizations, id); });
    if (ids.size() < 2 || 4 * missing.size() > ids.size()) continue;
    parts.push_back(fmt::format("all {} of {}", ids.size(), container) + (missing.empty() ? "" : " but " + join(missing, ", ")));
    said.insert(ids.begin(), ids.end());
  }
  Names single;
  std::copy_if(row.quantizations.begin(), row.quantizations.end(), std::back_inserter(single), [&](const std::string& id) { return !said.contains(id); });
  if (!single.empty()) parts.push_back(join(single, ", "));
  return join(parts, "; ");
}

std::string engine_text(const SupportFacts& facts, const Evidence& evidence, const Chip& chip, const Engine& engine, Names& silent) {
  Table table{"support", "", {{"unit", "unit"}, {"quantizations", "quantizations"}, {"status", "status"}, {"measured", "measured"},
                              {"source", "source, or why not"}}, {}};
  bool anything = false;
  for (const UnitKind unit : chip.units) {
    for (const Row& row : rows_of(facts, evidence, chip, engine, unit)) {
      anything = anything || row.said.status != "not known";
      table.rows.push_back({text_cell(std::string(to_string(unit))), text_cell(quantizations_text(row, facts.quantizations)),
                            text_cell(row.said.status), text_cell(row.measured), text_cell(row.said.how)});
    }
  }
  if (!anything) {
    silent.push_back(engine.name);
    return "";
  }
  return "\n### " + engine.name + " on " + chip.id + "\n\n" + table_markdown(table);
}

}  // namespace

std::string support_document(const SupportFacts& facts) {
  const Evidence evidence(facts);
  const std::vector<Chip> chips = chips_of(facts.devices);
  std::string out = "# What runs where\n\n"
                    "Generated by `estimate report support`; change the engines' files or add runs, not this page, then run `script/regenerate`.\n\n"
                    "For each chip and engine: the quantizations it runs, those it refuses and why, and those of which nothing is known. Every\n"
                    "statement names its source (`estimate show source ID`) or measured runs (`estimate show run:ID`). \"no, yet measured\" is a\n"
                    "contradiction between a source and a run, left to see. First match of the engine's own cells wins, as in answers.\n\n";
  out += "| chip | devices |\n| --- | --- |\n";
  for (const Chip& chip : chips) out += "| [" + chip.id + "](#" + chip.id + ") | " + join(chip.devices, ", ") + " |\n";
  for (const Chip& chip : chips) {
    out += "\n## " + chip.id + "\n";
    Names silent;
    for (const Engine* engine : facts.engines) out += engine_text(facts, evidence, chip, *engine, silent);
    if (!silent.empty()) out += "\nNot known on any unit: " + join(silent, ", ") + ".\n";
  }
  return out;
}

}  // namespace roofline::report
