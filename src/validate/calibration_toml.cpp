#include <cmath>
#include <cstdio>

#include "roofline/validate/calibration.hpp"

namespace roofline::validate {
namespace {

// Four significant digits: far below any interval, and stable against the last bits of another machine's arithmetic.
std::string number(double value) {
  if (std::abs(value) < 5e-5) value = 0;  // no effect, and no digits that another machine would print otherwise
  char text[40];
  std::snprintf(text, sizeof text, "%.4g", value);
  return text;
}

void add_key(std::string& out, const char* key, std::string_view value) {
  if (!value.empty()) out += std::string(key) + " = \"" + std::string(value) + "\"\n";
}

// Rows that share what is said above them stand in one table, whose head is written before the first of them.
class Tables {
 public:
  void add(const std::string& head, const std::string& row) {
    for (auto& [known, rows] : tables_) {
      if (known != head) continue;
      rows += "  \"" + row + "\",\n";
      return;
    }
    tables_.emplace_back(head, "  \"" + row + "\",\n");
  }
  [[nodiscard]] std::string text() const {
    std::string out;
    for (const auto& [head, rows] : tables_) out += "\n" + head + "rows = [\n" + rows + "]\n";
    return out;
  }

 private:
  std::vector<std::pair<std::string, std::string>> tables_;
};

std::string head_of(const char* what, Phase phase, UnitKind unit) {
  std::string head = "[[" + std::string(what) + "]]\n";
  add_key(head, "phase", to_string(phase));
  add_key(head, "unit", to_string(unit));
  return head;
}

std::string joined(const std::vector<std::string>& ids) {
  std::string text;
  for (const std::string& id : ids) text += (text.empty() ? "" : " ") + id;
  return text;
}

std::string effects(const Calibration& calibration) {
  Tables tables;
  for (const Effect& e : calibration.effects) {
    std::string row(to_string(e.parameter));
    for (const std::string* key : {&e.engine, &e.vendor, &e.family, &e.device, &e.format_family, &e.arithmetic}) row += "|" + *key;
    row += e.of_assumed ? "|assumed" : "|";
    row += "|" + (e.per_shortfall_from ? number(*e.per_shortfall_from) : "");
    tables.add(head_of("effects", e.phase, e.unit), row + "|" + number(e.log_factor) + "|" + number(e.uncertainty) + "|" + number(e.votes));
  }
  return tables.text();
}

std::string intervals(const Calibration& calibration) {
  Tables tables;
  for (const Interval& i : calibration.intervals) {
    std::string row = std::string(id_of(i.rung)) + "|" + number(i.low) + "|" + number(i.high) + "|" + (i.error ? number(*i.error) : "") + "|" + number(i.votes);
    if (i.rung == Rung::several) row += "|" + i.device + "|" + std::to_string(i.sequences) + "|" + joined(i.run_ids);
    tables.add(head_of("intervals", i.phase, i.unit) + (i.of_assumed ? "of_assumed = true\n" : ""), row);
  }
  return tables.text();
}

std::string evidence(const Calibration& calibration) {
  Tables tables;
  for (const EvidenceCell& c : calibration.evidence) {
    std::string row = c.device + "|" + c.family + "|" + c.format_family + "|" + c.model_class + "|" + std::to_string(c.models);
    tables.add(head_of("evidence", c.phase, c.unit), row + "|" + joined(c.run_ids));
  }
  return tables.text();
}

}  // namespace

std::string to_toml(const Calibration& calibration) {
  std::string out = "# Written by `estimate calibrate` from hardware_db/runs/; not to be edited by hand. Rows:\n"
                    "#   effects    parameter | engine | vendor | family | device | format_family | arithmetic | of assumed rates only | per shortfall from | log_factor | uncertainty | votes\n"
                    "#   intervals  rung | low | high | error | votes; rung several also: device | sequences at most | runs\n"
                    "#   evidence   device | family | format_family | model_class | models | runs\n"
                    "schema = 1\n";
  add_key(out, "id", calibration.engine);
  add_key(out, "generated_by", "estimate calibrate");
  add_key(out, "method", calibration.method);
  add_key(out, "runs_digest", calibration.runs_digest);
  return out + effects(calibration) + intervals(calibration) + evidence(calibration);
}

}  // namespace roofline::validate
