#include "db/loaders.hpp"

namespace roofline::db {
namespace {

constexpr std::string_view top_keys[] = {"schema", "id", "generated_by", "method", "runs_digest", "effect", "interval", "evidence"};
constexpr std::string_view effect_keys[] = {"phase",         "parameter",  "unit",       "engine",      "vendor", "family", "device",
                                            "format_family", "arithmetic", "log_factor", "uncertainty", "votes"};
constexpr std::string_view interval_keys[] = {"phase", "unit", "rung", "low", "high", "error", "votes"};
constexpr std::string_view evidence_keys[] = {"phase", "unit", "device", "family", "format_family", "model_class", "models", "run_ids"};

constexpr double widest = 20;  // a factor e^20 is no efficiency

Phase phase_of(Table& entry) { return entry.one_of("phase", {"decode", "prefill"}) == "prefill" ? Phase::prefill : Phase::decode; }
UnitKind unit_of(Table& entry) { return unit_kind_from(entry.one_of("unit", {"cpu", "gpu", "npu", "dla"})).value_or(UnitKind::cpu); }

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
  for (Table& entry : top.tables("effect", effect_keys)) {
    Effect e;
    e.phase = phase_of(entry);
    const auto parameter = parameter_from(entry.text("parameter"));
    if (parameter) {
      e.parameter = *parameter;
    } else {
      entry.error("parameter", "not a parameter of the fit");
    }
    e.unit = unit_of(entry);
    e.engine = entry.text_or("engine", "");
    e.vendor = entry.text_or("vendor", "");
    e.family = entry.text_or("family", "");
    e.device = entry.reference_or("device", Kind::device, "");
    e.format_family = entry.text_or("format_family", "");
    e.arithmetic = entry.text_or("arithmetic", "");
    e.log_factor = entry.number("log_factor", -widest, widest);
    e.uncertainty = entry.number("uncertainty", 0, widest);
    e.votes = entry.number("votes", 0, 1e6);
    calibration.effects.push_back(std::move(e));
  }
  for (Table& entry : top.tables("interval", interval_keys)) {
    Interval i;
    i.phase = phase_of(entry);
    i.unit = unit_of(entry);
    i.rung = rung_from(entry.one_of("rung", {"device_and_format", "device", "family", "engine", "other_engines"})).value_or(Rung::engine);
    i.low = entry.number("low", -widest, 0);
    i.high = entry.number("high", 0, widest);
    i.error = entry.optional_number("error", 0, 1e6);
    i.votes = entry.number("votes", 0, 1e6);
    calibration.intervals.push_back(i);
  }
  for (Table& entry : top.tables("evidence", evidence_keys)) {
    EvidenceCell c;
    c.phase = phase_of(entry);
    c.unit = unit_of(entry);
    c.device = entry.reference_or("device", Kind::device, "");
    c.family = entry.text_or("family", "");
    c.format_family = entry.text_or("format_family", "");
    if (entry.has("model_class")) c.model_class = entry.one_of("model_class", {"dense", "routed", "recurrent"});
    c.models = static_cast<int>(entry.integer("models", 0, 1'000'000));
    c.run_ids = entry.strings("run_ids");
    calibration.evidence.push_back(std::move(c));
  }
  return calibration;
}

std::vector<KnownTable> calibration_tables() {
  return {{"", top_keys}, {"effect[]", effect_keys}, {"interval[]", interval_keys}, {"evidence[]", evidence_keys}};
}

}  // namespace roofline::db
