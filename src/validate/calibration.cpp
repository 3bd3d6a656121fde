#include "roofline/validate/calibration.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <map>
#include <optional>
#include <set>
#include <tuple>

namespace roofline::validate {
namespace {

// One vote per (device, model, quantization): the median of its runs' times at the median of their ceilings.
struct Vote {
  std::string device;
  double ceiling = 0;   // seconds at the physical ceiling
  double measured = 0;  // seconds
  double chunks = 1;
  std::vector<std::string> run_ids;
};

// measured = ceiling / efficiency + overhead
struct Line {
  double inverse_efficiency = 1;
  double overhead = 0;
  [[nodiscard]] double at(const Vote& vote) const { return inverse_efficiency * vote.ceiling + overhead * vote.chunks; }
};

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const std::size_t n = values.size();
  return n % 2 == 1 ? values[n / 2] : 0.5 * (values[n / 2 - 1] + values[n / 2]);
}

double quantile(std::vector<double> values, double q) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const double position = q * static_cast<double>(values.size() - 1);
  const auto low = static_cast<std::size_t>(position);
  const std::size_t high = std::min(low + 1, values.size() - 1);
  return values[low] + (position - static_cast<double>(low)) * (values[high] - values[low]);
}

std::optional<double> measured_time(const CalibrationRow& row, Phase phase) {
  const auto rate = phase == Phase::decode ? row.run.decode_tokens_per_second : row.run.prefill_tokens_per_second;
  if (!rate || !(*rate > 0)) return std::nullopt;
  if (phase == Phase::decode) return 1.0 / *rate;
  if (!row.run.prompt || !row.prefill_time) return std::nullopt;
  return *row.run.prompt / *rate;
}

double ceiling_time(const CalibrationRow& row, Phase phase) {
  return phase == Phase::decode ? row.decode_time.in(unit::s) : row.prefill_time->in(unit::s);
}

using RowList = std::vector<const CalibrationRow*>;

std::vector<Vote> votes_of(const RowList& rows, Phase phase) {
  struct Pile {
    std::vector<double> ceilings, times, chunks;
    std::vector<std::string> ids;
  };
  std::map<std::tuple<std::string, std::string, std::string>, Pile> piles;
  for (const CalibrationRow* row : rows) {
    Pile& pile = piles[{row->device, row->run.model, row->run.quantization}];
    pile.ceilings.push_back(ceiling_time(*row, phase));
    pile.times.push_back(*measured_time(*row, phase));
    pile.chunks.push_back(phase == Phase::prefill ? row->prefill_chunks : 1);
    pile.ids.push_back(row->run.id);
  }
  std::vector<Vote> votes;
  for (const auto& [key, pile] : piles) {
    // Runs of one configuration may differ in prompt and depth, so their ratios to the ceiling are what is pooled.
    std::vector<double> ratios;
    for (std::size_t i = 0; i < pile.times.size(); ++i) ratios.push_back(pile.times[i] / pile.ceilings[i]);
    const double ceiling = median(pile.ceilings);
    votes.push_back({std::get<0>(key), ceiling, median(ratios) * ceiling, median(pile.chunks), pile.ids});
  }
  return votes;
}

// Relative residuals with Huber weights: a run that is far off keeps a linear, not a quadratic, pull.
Line fit_line(const std::vector<Vote>& votes, std::optional<double> fixed_overhead) {
  constexpr int iterations = 30;
  Line line;
  line.overhead = fixed_overhead.value_or(0.0);
  std::vector<double> weights(votes.size(), 1.0);
  for (int iteration = 0; iteration < iterations; ++iteration) {
    if (fixed_overhead) {
      double num = 0;
      double den = 0;
      for (std::size_t i = 0; i < votes.size(); ++i) {
        const double x = votes[i].ceiling / votes[i].measured;
        const double y = 1.0 - *fixed_overhead * votes[i].chunks / votes[i].measured;
        num += weights[i] * x * y;
        den += weights[i] * x * x;
      }
      line.inverse_efficiency = num / den;
    } else {
      Eigen::Matrix2d normal = Eigen::Matrix2d::Zero();
      Eigen::Vector2d right = Eigen::Vector2d::Zero();
      for (std::size_t i = 0; i < votes.size(); ++i) {
        const Eigen::Vector2d x(votes[i].ceiling / votes[i].measured, votes[i].chunks / votes[i].measured);
        normal += weights[i] * x * x.transpose();
        right += weights[i] * x;
      }
      const Eigen::Vector2d solution = normal.fullPivLu().solve(right);
      line.inverse_efficiency = solution[0];
      line.overhead = solution[1];
    }
    std::vector<double> residuals;
    for (const Vote& vote : votes) residuals.push_back(std::abs(line.at(vote) / vote.measured - 1.0));
    const double scale = std::max(1e-6, 1.4826 * median(residuals));
    for (std::size_t i = 0; i < votes.size(); ++i) weights[i] = residuals[i] <= scale ? 1.0 : scale / residuals[i];
  }
  return line;
}

// Two parameters need ceilings that span a factor two; overheads are not negative and nothing is faster than its ceiling.
Line fit_constrained(const std::vector<Vote>& votes, double overhead_of_wider_scope) {
  double low = votes.front().ceiling;
  double high = low;
  double shortest = votes.front().measured;
  for (const Vote& vote : votes) {
    low = std::min(low, vote.ceiling);
    high = std::max(high, vote.ceiling);
    shortest = std::min(shortest, vote.measured / vote.chunks);
  }
  Line line;
  if (votes.size() >= 3 && high > 2 * low) {
    line = fit_line(votes, std::nullopt);
    if (line.overhead < 0) line = fit_line(votes, 0.0);
  } else {
    // An overhead borrowed from elsewhere must leave room for the streaming itself.
    const double borrowed = std::min(overhead_of_wider_scope, 0.5 * shortest);
    line = fit_line(votes, borrowed);
  }
  if (line.inverse_efficiency < 1.0) {
    line.inverse_efficiency = 1.0;
    std::vector<double> rest;
    for (const Vote& vote : votes) rest.push_back(std::max(0.0, (vote.measured - vote.ceiling) / vote.chunks));
    line.overhead = median(rest);
  }
  return line;
}

// Log residuals with the vote (or, `by_device`, all votes of its device) left out of the fit.
std::vector<double> left_out_residuals(const std::vector<Vote>& votes, double wider_overhead, bool by_device) {
  std::vector<double> residuals;
  for (std::size_t i = 0; i < votes.size(); ++i) {
    std::vector<Vote> rest;
    for (std::size_t j = 0; j < votes.size(); ++j) {
      if (by_device ? votes[j].device != votes[i].device : j != i) rest.push_back(votes[j]);
    }
    if (rest.empty()) continue;
    residuals.push_back(std::log(fit_constrained(rest, wider_overhead).at(votes[i]) / votes[i].measured));
  }
  return residuals;
}

struct Scope {
  std::string device, family, format_family, model_class;
  std::string rung;
};

class Derivation {
 public:
  Derivation(const std::vector<CalibrationRow>& rows, Phase phase, UnitKind unit) : phase_(phase), unit_(unit) {
    for (const CalibrationRow& row : rows) {
      if (row.run.unit == unit && measured_time(row, phase)) rows_.push_back(&row);
    }
    drop_unstated_modes();
    repeat_ = repeat_spread(rows, phase);
  }

  std::vector<Constant> run() {
    std::set<std::string> classes, devices, families, formats;
    for (const CalibrationRow* row : rows_) classes.insert(row->model_class);
    for (const CalibrationRow* row : rows_) devices.insert(row->device);
    for (const CalibrationRow* row : rows_) families.insert(row->family);
    for (const CalibrationRow* row : rows_) formats.insert(row->format_family);
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
  // On a device with power modes, a run that does not state its mode counts only where none does.
  void drop_unstated_modes() {
    std::set<std::tuple<std::string, std::string, std::string>> stated;
    for (const CalibrationRow* row : rows_) {
      if (row->mode_known) stated.insert({row->device, row->format_family, row->model_class});
    }
    std::erase_if(rows_, [&](const CalibrationRow* row) {
      return !row->mode_known && stated.contains({row->device, row->format_family, row->model_class});
    });
  }

  [[nodiscard]] RowList matching(const Scope& scope) const {
    RowList found;
    for (const CalibrationRow* row : rows_) {
      if (!scope.device.empty() && row->device != scope.device) continue;
      if (!scope.family.empty() && row->family != scope.family) continue;
      if (!scope.format_family.empty() && row->format_family != scope.format_family) continue;
      if (row->model_class != scope.model_class) continue;
      found.push_back(row);
    }
    return found;
  }

  // The narrowest scope already derived that contains this one: scopes are added from wide to narrow.
  [[nodiscard]] const Constant* wider(const Scope& scope, const RowList& rows) const {
    Calibration so_far;
    so_far.constants = constants_;
    const std::string& family = scope.family.empty() && !scope.device.empty() ? rows.front()->family : scope.family;
    const Constant* found = find_constant(so_far, phase_, unit_, "", family, scope.format_family, scope.model_class);
    if (found == nullptr) return nullptr;
    for (const Constant& constant : constants_) {
      if (constant.device == found->device && constant.family == found->family && constant.format_family == found->format_family &&
          constant.model_class == found->model_class) {
        return &constant;
      }
    }
    return nullptr;
  }

  void add(const Scope& scope) {
    const RowList rows = matching(scope);
    if (rows.empty()) return;
    const std::vector<Vote> votes = votes_of(rows, phase_);
    const Constant* parent = wider(scope, rows);
    const double parent_overhead = parent != nullptr ? parent->token_overhead.in(unit::s) : 0.0;
    const Line line = fit_constrained(votes, parent_overhead);
    std::set<std::string> devices;
    for (const Vote& vote : votes) devices.insert(vote.device);
    const bool across_devices = scope.device.empty();

    std::vector<double> residuals = left_out_residuals(votes, parent_overhead, across_devices && devices.size() > 1);
    for (double& residual : residuals) residual = std::abs(residual);
    constexpr double level = 0.8;
    // Few left-out residuals understate their own 80th percentile; (n + 1) / n of it is the usual correction.
    double spread = residuals.empty() ? 0.0 : quantile(residuals, level) * (1.0 + 1.0 / static_cast<double>(residuals.size()));
    constexpr std::size_t enough = 3;
    if (residuals.size() < enough) spread = std::max(spread, parent != nullptr ? parent->spread : widest());
    // One device can not show how devices differ: what the engine's other families show stands in.
    if (across_devices && devices.size() == 1) spread = std::hypot(spread, device_spread());

    Constant constant;
    constant.phase = phase_;
    constant.unit = unit_;
    constant.device = scope.device;
    constant.family = scope.family;
    constant.format_family = scope.format_family;
    constant.model_class = scope.model_class;
    constant.efficiency = 1.0 / line.inverse_efficiency;
    constant.token_overhead = line.overhead * unit::s;
    constant.spread = std::max(spread, repeat_);
    constant.rung = scope.rung;
    std::vector<double> errors;
    for (const double residual : residuals) errors.push_back(std::abs(std::exp(residual) - 1.0));
    if (errors.empty()) {
      for (const Vote& vote : votes) errors.push_back(std::abs(line.at(vote) / vote.measured - 1.0));
    }
    constant.error = median(errors);
    for (const Vote& vote : votes) constant.run_ids.insert(constant.run_ids.end(), vote.run_ids.begin(), vote.run_ids.end());
    std::sort(constant.run_ids.begin(), constant.run_ids.end());
    constant.runs = static_cast<int>(constant.run_ids.size());
    constants_.push_back(std::move(constant));
  }

  // How far whole devices lie from the line of all others, over every row of the engine on this unit kind.
  [[nodiscard]] double device_spread() const {
    const std::vector<Vote> votes = votes_of(rows_, phase_);
    std::set<std::string> devices;
    for (const Vote& vote : votes) devices.insert(vote.device);
    if (devices.size() < 2) return widest();
    std::vector<double> residuals = left_out_residuals(votes, 0.0, true);
    for (double& residual : residuals) residual = std::abs(residual);
    return quantile(residuals, 0.8);
  }

  // With a single device and a handful of runs nothing measures the spread: a factor two, said as such by the rung.
  [[nodiscard]] static double widest() { return std::log(2.0); }

  Phase phase_;
  UnitKind unit_;
  RowList rows_;
  std::vector<Constant> constants_;
  double repeat_ = 0;
};

}  // namespace

double repeat_spread(const std::vector<CalibrationRow>& rows, Phase phase) {
  std::map<std::tuple<std::string, std::string, std::string, std::string>, std::vector<double>> groups;
  for (const CalibrationRow& row : rows) {
    if (const auto time = measured_time(row, phase)) {
      groups[{row.device, std::string(to_string(row.run.unit)), row.run.model, row.run.quantization}].push_back(std::log(*time / ceiling_time(row, phase)));
    }
  }
  std::vector<double> deviations;
  for (const auto& [key, values] : groups) {
    if (values.size() < 2) continue;
    const double middle = median(values);
    for (const double value : values) deviations.push_back(std::abs(value - middle));
  }
  return quantile(deviations, 0.8);
}

Calibration derive(const std::string& engine, const std::vector<CalibrationRow>& rows) {
  Calibration calibration;
  calibration.engine = engine;
  calibration.method =
      "per scope, time = ceiling / efficiency + overhead by relative least squares with Huber weights, one vote per (device, "
      "model, quantization); spread = 80th percentile of the left-out log residuals";
  std::vector<MeasuredRun> used;
  for (const CalibrationRow& row : rows) used.push_back(row.run);
  calibration.runs_digest = digest(used);
  for (const Phase phase : {Phase::decode, Phase::prefill}) {
    for (const UnitKind unit : {UnitKind::cpu, UnitKind::gpu, UnitKind::npu, UnitKind::dla}) {
      std::vector<Constant> constants = Derivation(rows, phase, unit).run();
      calibration.constants.insert(calibration.constants.end(), constants.begin(), constants.end());
    }
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
