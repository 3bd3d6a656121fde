#include <cstdio>

#include "roofline/validate/memory_fit.hpp"

namespace roofline::validate {
namespace {

void add_number(std::string& out, const char* key, double value) {
  if (!(value > 0)) return;
  char text[40];
  std::snprintf(text, sizeof text, "%.10g", value);
  std::string digits = text;
  if (digits.find_first_of(".en") == std::string::npos) digits += ".0";
  out += std::string(key) + " = " + digits + "\n";
}

}  // namespace

std::string to_toml(const MemoryFit& fit) {
  std::string out = "# Written by `estimate calibrate-memory` from the runs of hardware_db/runs/ that state their memory; not to be edited by hand.\n";
  out += "schema = 1\nid = \"" + fit.engine + "\"\ngenerated_by = \"estimate calibrate-memory\"\nmethod = \"" + fit.method + "\"\nruns_digest = \"" +
         fit.runs_digest + "\"\n";
  for (const FittedMemory& f : fit.constants) {
    out += "\n[[fitted]]\nscope = \"" + f.scope + "\"\n";
    add_number(out, "extra_per_weight_byte", f.extra_per_weight_byte);
    add_number(out, "vocabulary_row_bytes", f.per_vocabulary_row.in(unit::B));
    add_number(out, "sequence_bytes", f.per_sequence.in(unit::B));
    add_number(out, "fixed_bytes", f.fixed.in(unit::B));
    add_number(out, "kv_tokens", f.kv_tokens);
    out += "runs = " + std::to_string(f.runs) + "\nmodels = " + std::to_string(f.models) + "\n";
    if (f.error) add_number(out, "error", *f.error);
    if (f.error_p90) add_number(out, "error_p90", *f.error_p90);
    out += "run_ids = [";
    for (std::size_t i = 0; i < f.run_ids.size(); ++i) out += (i == 0 ? "\"" : ", \"") + f.run_ids[i] + "\"";
    out += "]\n";
  }
  return out;
}

}  // namespace roofline::validate
