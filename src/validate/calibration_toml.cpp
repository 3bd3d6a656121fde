#include <cstdio>

#include "roofline/validate/calibration.hpp"

namespace roofline::validate {
namespace {

// Four significant digits: far below any spread, and stable against the last bits of another machine's arithmetic.
std::string number(double value) {
  char text[40];
  std::snprintf(text, sizeof text, "%.4g", value);
  std::string out = text;
  if (out.find_first_of(".en") == std::string::npos) out += ".0";
  return out;
}

void add_key(std::string& out, const char* key, const std::string& value) {
  if (!value.empty()) out += std::string(key) + " = \"" + value + "\"\n";
}

}  // namespace

std::string to_toml(const Calibration& calibration) {
  std::string out = "# Written by `estimate calibrate` from hardware_db/runs/; not to be edited by hand.\nschema = 1\n";
  add_key(out, "id", calibration.engine);
  add_key(out, "generated_by", "estimate calibrate");
  add_key(out, "method", calibration.method);
  add_key(out, "runs_digest", calibration.runs_digest);
  for (const Constant& c : calibration.constants) {
    out += "\n[[constant]]\n";
    add_key(out, "phase", to_string(c.phase));
    add_key(out, "unit", std::string(to_string(c.unit)));
    add_key(out, "device", c.device);
    add_key(out, "family", c.family);
    add_key(out, "format_family", c.format_family);
    add_key(out, "model_class", c.model_class);
    out += "efficiency = " + number(c.efficiency) + "\n";
    out += "token_overhead = " + number(c.token_overhead.in(unit::s)) + "\n";
    if (c.layer_overhead > Seconds{}) out += "layer_overhead = " + number(c.layer_overhead.in(unit::s)) + "\n";
    if (c.unpack_efficiency > 0) out += "unpack_efficiency = " + number(c.unpack_efficiency) + "\n";
    if (c.attention_efficiency > 0) out += "attention_efficiency = " + number(c.attention_efficiency) + "\n";
    out += "spread = " + number(c.spread) + "\n";
    add_key(out, "rung", c.rung);
    out += "runs = " + std::to_string(c.runs) + "\n";
    if (c.error) out += "error = " + number(*c.error) + "\n";
    out += "run_ids = [";
    for (std::size_t i = 0; i < c.run_ids.size(); ++i) out += (i == 0 ? "\"" : ", \"") + c.run_ids[i] + "\"";
    out += "]\n";
  }
  return out;
}

}  // namespace roofline::validate
