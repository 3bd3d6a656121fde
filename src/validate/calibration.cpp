#include "roofline/validate/calibration.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <iterator>
#include <map>
#include <set>
#include <tuple>

#include "validate/line_fit.hpp"

namespace roofline::validate {
namespace {

struct Scope {
  std::string device, family, format_family, model_class;
  std::string rung;
};

constexpr double level = 0.8;
// Fewer left-out residuals than this say nothing about their own 80th percentile.
constexpr std::size_t enough = 4;
// An interval from a ninth to nine times is no expectation: such a constant is not written, and the answer is "not known".
const double widest_useful = std::log(3.0);

std::vector<double> magnitudes(std::vector<double> values) {
  for (double& value : values) value = std::abs(value);
  return values;
}

class Derivation {
 public:
  Derivation(const RowList& rows, Phase phase, UnitKind unit, const Spreads& spreads) : phase_(phase), unit_(unit), spreads_(spreads) {
    for (const CalibrationRow* row : rows) {
      if (row->run.unit == unit && measured_time(*row, phase)) rows_.push_back(row);
    }
    set_modes_apart();
  }
  [[nodiscard]] bool empty() const { return rows_.empty(); }

  // From other engines' rows: one constant per model class and format family, for an engine that has none of its own.
  std::vector<Constant> lend() {
    std::set<std::string> classes, formats;
    for (const CalibrationRow* row : rows_) {
      classes.insert(row->model_class);
      formats.insert(row->format_family);
    }
    for (const std::string& c : classes) {
      add({"", "", "", c, "other engines on units of this kind"});
      for (const std::string& format : formats) add({"", "", format, c, "other engines on units of this kind, same format family"});
    }
    return std::move(constants_);
  }

  std::vector<Constant> run() {
    std::set<std::string> classes, devices, families, formats;
    for (const CalibrationRow* row : rows_) {
      classes.insert(row->model_class);
      devices.insert(row->device);
      families.insert(row->family);
      formats.insert(row->format_family);
    }
    for (const std::string& c : classes) {
      add({"", "", "", c, "this engine on other devices and formats"});
      for (const std::string& format : formats) add({"", "", format, c, "this engine and format family on other devices"});
      for (const std::string& family : families) add({"", family, "", c, "this engine on the device family"});
      for (const std::string& family : families) {
        for (const std::string& format : formats) add({"", family, format, c, "this engine and format family on the device family"});
      }
      for (const std::string& device : devices) add({device, "", "", c, "this device and engine"});
      for (const std::string& device : devices) {
        for (const std::string& format : formats) add({device, "", format, c, "this device, engine and format family"});
      }
    }
    return std::move(constants_);
  }

 private:
  // On a device with power modes the line is drawn through the runs in its fastest mode, where there are any; runs whose
  // mode is not stated then count for the spread only: such a run is what a reader's own may turn out to be.
  void set_modes_apart() {
    using Group = std::tuple<std::string, std::string, std::string>;
    const auto group = [](const CalibrationRow* row) { return Group{row->device, row->format_family, row->model_class}; };
    std::set<Group> with_fastest;
    for (const CalibrationRow* row : rows_) {
      if (row->mode == RunMode::fastest) with_fastest.insert(group(row));
    }
    for (const CalibrationRow* row : rows_) {
      if (row->mode == RunMode::not_stated && with_fastest.contains(group(row))) unstated_.push_back(row);
    }
    std::erase_if(rows_, [&](const CalibrationRow* row) { return row->mode != RunMode::fastest && with_fastest.contains(group(row)); });
  }

  static bool inside(const CalibrationRow& row, const Scope& scope) {
    return (scope.device.empty() || row.device == scope.device) && (scope.family.empty() || row.family == scope.family) &&
           (scope.format_family.empty() || row.format_family == scope.format_family) && row.model_class == scope.model_class;
  }
  static RowList matching(const RowList& rows, const Scope& scope) {
    RowList found;
    std::copy_if(rows.begin(), rows.end(), std::back_inserter(found), [&](const CalibrationRow* row) { return inside(*row, scope); });
    return found;
  }

  // CPUs launch nothing: what decode takes beyond the bandwidth is unpacking, which grows with the model.
  [[nodiscard]] bool has_overhead() const { return unit_ != UnitKind::cpu || phase_ == Phase::prefill; }
  [[nodiscard]] Line fit(const std::vector<Vote>& votes, double around) const {
    return has_overhead() ? fit_constrained(votes, around) : fit_streaming(votes);
  }
  // Another CPU has other cores for its bandwidth: it is held to the share of the arithmetic peak reached here as well.
  [[nodiscard]] double unpack_efficiency(const RowList& rows) const {
    std::vector<double> shares;
    for (const CalibrationRow* row : rows) shares.push_back(row->decode_compute.in(unit::s) / *measured_time(*row, phase_));
    return std::min(1.0, median(shares));
  }

  // Overhead of the scope around this one: on the device over all formats, else on the family, else anywhere.
  [[nodiscard]] double overhead_around(const Scope& scope, const std::string& family) const {
    const Constant* found = nullptr;
    for (const Constant& constant : constants_) {
      if (constant.model_class != scope.model_class) continue;
      if (!constant.device.empty() && (constant.device != scope.device || scope.format_family.empty())) continue;
      if (!constant.family.empty() && constant.family != family) continue;
      if (!constant.format_family.empty() && (constant.format_family != scope.format_family || (scope.device.empty() && scope.family.empty()))) continue;
      if (constant.runs >= static_cast<int>(enough)) found = &constant;  // they come from wide to narrow
    }
    return found != nullptr ? found->token_overhead.in(unit::s) : 0.0;
  }

  // The 80 % half-width: from the scope's own left-out residuals where there are enough, else from what such scopes show
  // in general (a device's other models; whole devices left out).
  [[nodiscard]] double spread_of(const Scope& scope, const std::vector<Vote>& votes, const Line& line, std::vector<double> residuals) const {
    std::set<std::string> devices;
    for (const Vote& vote : votes) devices.insert(vote.device);
    if (!scope.device.empty()) {
      std::set<std::string> sources;
      bool mode_stated = true;
      for (const CalibrationRow* row : matching(rows_, scope)) {
        sources.insert(row->run.cite.source);
        mode_stated = mode_stated && row->mode != RunMode::not_stated;
      }
      const RowList unstated = matching(unstated_, scope);
      if (!unstated.empty()) {
        for (const Vote& vote : votes_of(unstated, phase_)) residuals.push_back(std::abs(std::log(line.at(vote) / vote.measured)));
      }
      // A line through n votes is itself uncertain by 1 / sqrt(n) of what single models scatter.
      const double few = spreads_.within_device * std::sqrt(1.0 + 1.0 / static_cast<double>(votes.size()));
      if (residuals.size() < enough) return std::max(few, quantile(residuals, 1.0));
      const double own = quantile(residuals, level) * (1.0 + 1.0 / static_cast<double>(residuals.size()));
      // Runs of a single source share its board, clocks and build, and runs that state no mode may all be in one: such
      // runs can not show how other people's differ.
      return sources.size() < 2 || !mode_stated ? std::max(own, spreads_.within_device) : own;
    }
    const double general = std::hypot(spreads_.within_device, spreads_.between_devices);
    return devices.size() < 2 ? general : std::max(general, quantile(residuals, level));
  }

  void add(const Scope& scope) {
    const RowList rows = matching(rows_, scope);
    if (rows.empty()) return;
    const std::vector<Vote> votes = votes_of(rows, phase_);
    // A run or two in one format say little about a device's other formats: its family knows more.
    if (!scope.device.empty() && scope.format_family.empty() && votes.size() < enough) return;
    const double around = overhead_around(scope, rows.front()->family);
    const bool across_devices = scope.device.empty();
    const Line line = fit(votes, around);
    const std::vector<double> signed_residuals = left_out_residuals(votes, around, across_devices, has_overhead());
    const std::vector<double> residuals = magnitudes(signed_residuals);

    Constant constant;
    constant.phase = phase_;
    constant.unit = unit_;
    constant.device = scope.device;
    constant.family = scope.family;
    constant.format_family = scope.format_family;
    constant.model_class = scope.model_class;
    constant.efficiency = 1.0 / line.inverse_efficiency;
    constant.token_overhead = line.overhead * unit::s;
    if (unit_ == UnitKind::cpu && phase_ == Phase::decode && across_devices) constant.unpack_efficiency = unpack_efficiency(rows);
    constant.spread = std::max(spread_of(scope, votes, line, residuals), spreads_.repeat);
    if (constant.spread > widest_useful) return;
    constant.rung = scope.rung;
    const bool end_to_end = std::any_of(rows.begin(), rows.end(), [](const CalibrationRow* row) { return row->run.kind == RunKind::end_to_end; });
    if (end_to_end) constant.rung += " (end-to-end runs, which include prefill)";
    std::vector<double> errors;
    // Of the rate: predicted over measured is measured time over predicted time.
    for (const double residual : signed_residuals) errors.push_back(std::abs(std::exp(-residual) - 1.0));
    if (!errors.empty()) constant.error = median(errors);
    for (const Vote& vote : votes) constant.run_ids.insert(constant.run_ids.end(), vote.run_ids.begin(), vote.run_ids.end());
    std::sort(constant.run_ids.begin(), constant.run_ids.end());
    constant.runs = static_cast<int>(constant.run_ids.size());
    constants_.push_back(std::move(constant));
  }

  Phase phase_;
  UnitKind unit_;
  Spreads spreads_;
  RowList rows_;
  RowList unstated_;
  std::vector<Constant> constants_;
};

const Constant* anywhere(const std::vector<Constant>& constants, UnitKind unit, const std::string& model_class) {
  for (const Constant& c : constants) {
    if (c.unit == unit && c.model_class == model_class && c.device.empty() && c.family.empty() && c.format_family.empty()) return &c;
  }
  return nullptr;
}

// Where a unit kind has runs of dense models only, routed and recurrent ones lose there what they lose on another kind.
void lend_classes(std::vector<Constant>& constants, const Spreads& spreads) {
  constexpr std::array kinds{UnitKind::cpu, UnitKind::gpu, UnitKind::npu, UnitKind::dla};
  std::vector<Constant> lent;
  for (const char* model_class : {"routed", "recurrent"}) {
    for (const UnitKind unit : kinds) {
      const Constant* dense = anywhere(constants, unit, "dense");
      if (dense == nullptr || anywhere(constants, unit, model_class) != nullptr) continue;
      for (const UnitKind other : kinds) {
        const Constant* other_dense = anywhere(constants, other, "dense");
        const Constant* other_class = anywhere(constants, other, model_class);
        if (other_dense == nullptr || other_class == nullptr) continue;
        Constant c = *dense;
        const double ratio = std::min(1.0, other_class->efficiency / other_dense->efficiency);
        c.model_class = model_class;
        c.efficiency *= ratio;
        c.unpack_efficiency *= ratio;
        c.spread = std::hypot(dense->spread, spreads.between_devices);
        c.error.reset();
        c.rung = "dense models here, slowed as " + std::string(model_class) + " models are on the " + std::string(to_string(other));
        if (c.spread <= widest_useful) lent.push_back(std::move(c));
        break;
      }
    }
  }
  constants.insert(constants.end(), lent.begin(), lent.end());
}

using GroupKey = std::tuple<std::string, UnitKind, std::string, std::string>;  // engine pool, unit, format family, model class

std::map<GroupKey, RowList> groups_of(const Pools& pools, Phase phase) {
  std::map<GroupKey, RowList> groups;
  for (const auto& [engine, rows] : pools) {
    for (const CalibrationRow& row : rows) {
      if (measured_time(row, phase)) groups[{engine, row.run.unit, row.format_family, row.model_class}].push_back(&row);
    }
  }
  return groups;
}

}  // namespace

Spreads spreads(const Pools& pools, Phase phase) {
  std::vector<double> repeats, within, between;
  for (const auto& [key, rows] : groups_of(pools, phase)) {
    const bool has_overhead = std::get<UnitKind>(key) != UnitKind::cpu || phase == Phase::prefill;
    std::map<std::tuple<std::string, std::string, std::string>, std::vector<double>> configurations;
    std::map<std::string, RowList> by_device;
    for (const CalibrationRow* row : rows) {
      const double ratio = std::log(*measured_time(*row, phase) / ceiling_time(*row, phase));
      configurations[{row->device, row->run.model, row->run.quantization}].push_back(ratio);
      by_device[row->device].push_back(row);
    }
    for (const auto& [configuration, values] : configurations) {
      if (values.size() < 2) continue;
      const double middle = median(values);
      for (const double value : values) repeats.push_back(std::abs(value - middle));
    }
    for (const auto& [device, own] : by_device) {
      const std::vector<Vote> votes = votes_of(own, phase);
      if (votes.size() < enough) continue;
      for (const double residual : left_out_residuals(votes, 0.0, false, has_overhead)) within.push_back(std::abs(residual));
    }
    if (by_device.size() < 2) continue;
    for (const double residual : left_out_residuals(votes_of(rows, phase), 0.0, true, has_overhead)) between.push_back(std::abs(residual));
  }
  return {quantile(repeats, level), quantile(within, level), quantile(between, level)};
}

Calibration derive(const std::string& engine, const Pools& pools) {
  Calibration calibration;
  calibration.engine = engine;
  calibration.method =
      "per scope, time = ceiling / efficiency + overhead by relative least squares with Huber weights, one vote per (device, "
      "model, quantization); spread = 80th percentile of the left-out log residuals, of all engines' where a scope has few";
  const std::vector<CalibrationRow>& rows = pools.at(engine);
  std::vector<MeasuredRun> used;
  for (const CalibrationRow& row : rows) used.push_back(row.run);
  calibration.runs_digest = digest(used);
  RowList own;
  for (const CalibrationRow& row : rows) own.push_back(&row);
  RowList everyone;
  for (const auto& [name, pool] : pools) {
    for (const CalibrationRow& row : pool) everyone.push_back(&row);
  }
  for (const Phase phase : {Phase::decode, Phase::prefill}) {
    const Spreads general = spreads(pools, phase);
    std::vector<Constant> constants;
    for (const UnitKind unit : {UnitKind::cpu, UnitKind::gpu, UnitKind::npu, UnitKind::dla}) {
      const bool runs_there = std::any_of(rows.begin(), rows.end(), [&](const CalibrationRow& row) { return row.run.unit == unit; });
      Derivation derivation(own, phase, unit, general);
      for (Constant& constant : derivation.empty() && runs_there ? Derivation(everyone, phase, unit, general).lend() : derivation.run()) {
        constants.push_back(std::move(constant));
      }
    }
    lend_classes(constants, general);
    calibration.constants.insert(calibration.constants.end(), constants.begin(), constants.end());
  }
  return calibration;
}

std::string digest(const std::vector<MeasuredRun>& runs) {
  std::vector<std::string> lines;
  for (const MeasuredRun& run : runs) {
    char line[256];
    std::snprintf(line, sizeof line, "%.40s|%.9g|%.9g|%d", run.id.c_str(), run.decode_tokens_per_second.value_or(0),
                  run.prefill_tokens_per_second.value_or(0), run.prompt.value_or(-1));
    lines.push_back(line + ("|" + run.device + "|" + run.mode + "|" + run.model + "|" + run.quantization));
  }
  std::sort(lines.begin(), lines.end());
  std::uint64_t hash = 14695981039346656037ULL;
  for (const std::string& line : lines) {
    for (const char c : line + "\n") hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  }
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(hash));
  return text;
}

}  // namespace roofline::validate
