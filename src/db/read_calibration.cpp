#include "db/loaders.hpp"

namespace roofline::db {
namespace {

constexpr std::string_view top_keys[] = {"schema", "id", "generated_by", "method", "runs_digest", "constant"};
constexpr std::string_view constant_keys[] = {"phase", "unit", "device", "family", "format_family", "model_class", "efficiency", "token_overhead",
                                              "layer_overhead", "unpack_efficiency", "attention_efficiency", "spread", "rung", "runs", "error", "run_ids"};

}  // namespace

Calibration read_calibration(const toml::table& root, File& file) {
  Table top(root, "calibration", top_keys, file);
  check_schema(top);
  Calibration calibration;
  calibration.engine = checked_id(top, "id");
  top.reference_or("id", Kind::engine, "");
  top.text("generated_by");
  calibration.method = top.text("method");
  calibration.runs_digest = top.text("runs_digest");
  for (Table& entry : top.tables("constant", constant_keys)) {
    Constant c;
    c.phase = entry.one_of("phase", {"decode", "prefill"}) == "prefill" ? Phase::prefill : Phase::decode;
    c.unit = unit_kind_from(entry.one_of("unit", {"cpu", "gpu", "npu", "dla"})).value_or(UnitKind::cpu);
    c.device = entry.reference_or("device", Kind::device, "");
    c.family = entry.text_or("family", "");
    c.format_family = entry.text_or("format_family", "");
    if (entry.has("model_class")) c.model_class = entry.one_of("model_class", {"dense", "routed", "recurrent"});
    // An efficiency of zero would divide by zero; one above 1 would beat physics.
    c.efficiency = entry.number("efficiency", 1e-6, 1.0);
    c.token_overhead = entry.number("token_overhead", 0, 1e4) * unit::s;
    c.layer_overhead = entry.optional_number("layer_overhead", 0, 1e4).value_or(0) * unit::s;
    c.unpack_efficiency = entry.optional_number("unpack_efficiency", 0, 1).value_or(0);
    c.attention_efficiency = entry.optional_number("attention_efficiency", 0, 1).value_or(0);
    c.spread = entry.number("spread", 0, 20);
    c.rung = entry.text("rung");
    c.runs = static_cast<int>(entry.integer("runs", 0, 1'000'000));
    c.error = entry.optional_number("error", 0, 1e6);
    c.run_ids = entry.strings("run_ids");
    calibration.constants.push_back(std::move(c));
  }
  return calibration;
}

std::vector<KnownTable> calibration_tables() { return {{"", top_keys}, {"constant[]", constant_keys}}; }

}  // namespace roofline::db
