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
  std::string out = text;
  if (out.find_first_of(".en") == std::string::npos) out += ".0";
  return out;
}

void add_key(std::string& out, const char* key, std::string_view value) {
  if (!value.empty()) out += std::string(key) + " = \"" + std::string(value) + "\"\n";
}

void add_ids(std::string& out, const std::vector<std::string>& ids) {
  out += "run_ids = [";
  for (std::size_t i = 0; i < ids.size(); ++i) out += (i == 0 ? "\"" : ", \"") + ids[i] + "\"";
  out += "]\n";
}

}  // namespace

std::string to_toml(const Calibration& calibration) {
  std::string out = "# Written by `estimate calibrate` from hardware_db/runs/; not to be edited by hand.\nschema = 1\n";
  add_key(out, "id", calibration.engine);
  add_key(out, "generated_by", "estimate calibrate");
  add_key(out, "method", calibration.method);
  add_key(out, "runs_digest", calibration.runs_digest);
  for (const Effect& e : calibration.effects) {
    out += "\n[[effect]]\n";
    add_key(out, "phase", to_string(e.phase));
    add_key(out, "parameter", to_string(e.parameter));
    add_key(out, "unit", to_string(e.unit));
    add_key(out, "engine", e.engine);
    add_key(out, "vendor", e.vendor);
    add_key(out, "family", e.family);
    add_key(out, "device", e.device);
    add_key(out, "format_family", e.format_family);
    add_key(out, "arithmetic", e.arithmetic);
    out += "log_factor = " + number(e.log_factor) + "\nuncertainty = " + number(e.uncertainty) + "\nvotes = " + number(e.votes) + "\n";
  }
  for (const Interval& i : calibration.intervals) {
    out += "\n[[interval]]\n";
    add_key(out, "phase", to_string(i.phase));
    add_key(out, "unit", to_string(i.unit));
    add_key(out, "rung", id_of(i.rung));
    out += "low = " + number(i.low) + "\nhigh = " + number(i.high) + "\n";
    if (i.error) out += "error = " + number(*i.error) + "\n";
    out += "votes = " + number(i.votes) + "\n";
  }
  for (const EvidenceCell& c : calibration.evidence) {
    out += "\n[[evidence]]\n";
    add_key(out, "phase", to_string(c.phase));
    add_key(out, "unit", to_string(c.unit));
    add_key(out, "device", c.device);
    add_key(out, "family", c.family);
    add_key(out, "format_family", c.format_family);
    add_key(out, "model_class", c.model_class);
    out += "models = " + std::to_string(c.models) + "\n";
    add_ids(out, c.run_ids);
  }
  return out;
}

}  // namespace roofline::validate
