#include <algorithm>
#include <charconv>

#include "db/loaders.hpp"
#include "db/words.hpp"

namespace roofline::db {
namespace {

constexpr std::string_view top_keys[] = {"schema", "id", "generated_by", "method", "runs_digest", "effects", "intervals", "evidence"};
constexpr std::string_view rows_keys[] = {"phase", "unit", "rows"};
constexpr std::string_view interval_keys[] = {"phase", "unit", "of_assumed", "rows"};

constexpr double widest = 20;  // a factor e^20 is no efficiency

Phase phase_of(Table& entry) { return entry.one_of("phase", {"decode", "prefill"}) == "prefill" ? Phase::prefill : Phase::decode; }
UnitKind unit_of(Table& entry) { return unit_kind_from(entry.one_of("unit", {"cpu", "gpu", "npu", "dla"})).value_or(UnitKind::cpu); }

// One row: columns between bars, asked for from left to right. Hundreds of them stand behind every answer, and a table or an array each
// takes several times as long to read.
class Row {
 public:
  Row(std::string_view text, const toml::node& node, const Table& table, File& file) : rest_(text), node_(&node), table_(&table), file_(&file) {}

  std::string_view text(std::string_view column) {
    if (at_end_) {
      error("has no '" + std::string(column) + "'");
      return {};
    }
    const auto bar = rest_.find('|');
    const std::string_view found = rest_.substr(0, bar);
    at_end_ = bar == std::string_view::npos;
    if (!at_end_) rest_.remove_prefix(bar + 1);
    return found;
  }

  double number(std::string_view column, double low, double high) { return number_in(text(column), column, low, high); }
  std::optional<double> optional_number(std::string_view column, double low, double high) {
    const std::string_view word = text(column);
    if (word.empty()) return std::nullopt;
    return number_in(word, column, low, high);
  }

  std::string reference(std::string_view column, Kind kind) {
    std::string name(text(column));
    if (!name.empty()) file_->refer(kind, name, in_quotes(column) + " in " + table_->name(), node_->source());
    return name;
  }

  void end() {
    if (!at_end_) error("goes on after its last column: " + in_quotes(rest_));
  }
  void error(const std::string& what) {
    if (!wrong_) file_->error(node_->source(), "this row of " + table_->name() + " " + what);
    wrong_ = true;
  }

 private:
  double number_in(std::string_view word, std::string_view column, double low, double high) {
    double value = low;
    const auto [end, failed] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (failed == std::errc() && end == word.data() + word.size() && value >= low && value <= high) return value;  // nan is in no range
    error("has a '" + std::string(column) + "' that is no number from " + text_of(low) + " to " + text_of(high) + ": " + in_quotes(word));
    return low;
  }
  static std::string text_of(double bound) { return std::to_string(static_cast<long long>(bound)); }

  std::string_view rest_;
  const toml::node* node_;
  const Table* table_;
  File* file_;
  bool at_end_ = false;
  bool wrong_ = false;
};

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> all;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    if (end > at) all.emplace_back(text.substr(at, end - at));
    at = end + 1;
  }
  return all;
}

template <class Read>
void each_row(Table& entry, Read&& read) {
  const toml::array* rows = entry.raw().get_as<toml::array>("rows");
  if (rows == nullptr || rows->empty()) {
    entry.error("rows", "'rows' in " + entry.name() + " must be an array of rows");
    return;
  }
  for (const toml::node& node : *rows) {
    const toml::value<std::string>* text = node.as_string();
    if (text == nullptr) {
      entry.file().error(node.source(), "'rows' in " + entry.name() + " must hold strings only");
      continue;
    }
    Row row(text->get(), node, entry, entry.file());
    read(row);
    row.end();
  }
}

void read_effects(Table& entry, std::vector<Effect>& effects) {
  const Phase phase = phase_of(entry);
  const UnitKind unit = unit_of(entry);
  each_row(entry, [&](Row& row) {
    Effect e;
    e.phase = phase;
    e.unit = unit;
    const std::string_view name = row.text("parameter");
    const auto parameter = parameter_from(name);
    if (parameter) e.parameter = *parameter;
    else row.error("has no 'parameter' of the fit: " + in_quotes(name));
    e.engine = row.text("engine");
    e.vendor = row.text("vendor");
    e.family = row.text("family");
    e.device = row.reference("device", Kind::device);
    e.format_family = row.text("format_family");
    e.arithmetic = row.text("arithmetic");
    const std::string_view assumed = row.text("assumed");
    e.of_assumed = assumed == "assumed";
    if (!assumed.empty() && !e.of_assumed) row.error("has neither 'assumed' nor nothing where that stands: " + in_quotes(assumed));
    e.per_shortfall_from = row.optional_number("per_shortfall_from", -widest, widest);
    e.log_factor = row.number("log_factor", -widest, widest);
    e.uncertainty = row.number("uncertainty", 0, widest);
    e.votes = row.number("votes", 0, 1e6);
    effects.push_back(std::move(e));
  });
}

void read_intervals(Table& entry, std::vector<Interval>& intervals) {
  const Phase phase = phase_of(entry);
  const UnitKind unit = unit_of(entry);
  const bool of_assumed = entry.flag_or("of_assumed", false);
  each_row(entry, [&](Row& row) {
    Interval i;
    i.phase = phase;
    i.unit = unit;
    i.of_assumed = of_assumed;
    const std::string_view id = row.text("rung");
    const auto rung = rung_from(id);
    if (rung) i.rung = *rung;
    else row.error("has no 'rung' of device_and_format, device, family, engine, other_engines, several: " + in_quotes(id));
    i.low = row.number("low", -widest, 0);
    i.high = row.number("high", 0, widest);
    i.error = row.optional_number("error", 0, 1e6);
    i.votes = row.number("votes", 0, 1e6);
    if (i.rung == Rung::several) {
      i.device = row.reference("device", Kind::device);
      i.sequences = static_cast<int>(row.number("sequences", 2, 1e6));
      i.run_ids = words(row.text("runs"));
    }
    intervals.push_back(std::move(i));
  });
}

void read_evidence(Table& entry, std::vector<EvidenceCell>& evidence) {
  const Phase phase = phase_of(entry);
  const UnitKind unit = unit_of(entry);
  each_row(entry, [&](Row& row) {
    EvidenceCell c;
    c.phase = phase;
    c.unit = unit;
    c.device = row.reference("device", Kind::device);
    c.family = row.text("family");
    c.format_family = row.text("format_family");
    c.model_class = row.text("model_class");
    if (!c.model_class.empty() && c.model_class != "dense" && c.model_class != "routed" && c.model_class != "recurrent") {
      row.error("has no 'model_class' of dense, routed, recurrent: " + in_quotes(c.model_class));
    }
    c.models = static_cast<int>(row.number("models", 0, 1e6));
    c.run_ids = words(row.text("runs"));
    if (c.run_ids.empty() && !c.device.empty()) row.error("names a device and no runs");
    evidence.push_back(std::move(c));
  });
}

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
  for (Table& entry : top.tables("effects", rows_keys)) read_effects(entry, calibration.effects);
  for (Table& entry : top.tables("intervals", interval_keys)) read_intervals(entry, calibration.intervals);
  for (Table& entry : top.tables("evidence", rows_keys)) read_evidence(entry, calibration.evidence);
  return calibration;
}

std::vector<KnownTable> calibration_tables() {
  return {{"", top_keys}, {"effects[]", rows_keys}, {"intervals[]", interval_keys}, {"evidence[]", rows_keys}};
}

}  // namespace roofline::db
