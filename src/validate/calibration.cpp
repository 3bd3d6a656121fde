#include "roofline/validate/calibration.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <set>
#include <tuple>

namespace roofline::validate {
namespace {

// Votes that all other engines' left-out runs count as, beside an engine's own: enough to keep the quantiles of three runs from being two of
// them, little against ten.
constexpr double borrowed_votes = 5;
// Fewer own votes than this say nothing about a median error.
constexpr double votes_for_an_error = 3;
// Folds when models are left out: leaving each alone would cost ten times as long and move no figure by more than its own noise.
constexpr std::size_t model_folds = 12;

std::vector<EvidenceCell> cells(const std::vector<Observation>& observations, const std::vector<int>& used) {
  std::map<std::tuple<std::string, UnitKind, std::string, std::string, std::string>, EvidenceCell> cells;
  std::map<const EvidenceCell*, std::set<std::string>> models;
  for (const int i : used) {
    const Observation& o = observations[static_cast<std::size_t>(i)];
    EvidenceCell& cell = cells[{o.pool, o.unit, o.device, o.format_family, o.model_class}];
    cell.phase = o.phase;
    cell.unit = o.unit;
    cell.device = o.device;
    cell.family = o.family;
    cell.format_family = o.format_family;
    cell.model_class = o.model_class;
    cell.run_ids.push_back(o.run_id);
    models[&cell].insert(o.model);
  }
  std::vector<EvidenceCell> list;
  for (auto& [key, cell] : cells) {
    cell.models = static_cast<int>(models[&cell].size());
    list.push_back(std::move(cell));
  }
  return list;
}

double log_ratio(const Observation& o, double predicted_log_time) {
  // No expectation is faster than the ceiling.
  return std::max(predicted_log_time, std::log(o.ceiling.in(unit::s))) - std::log(o.measured.in(unit::s));
}

std::vector<int> everything(std::size_t n) {
  std::vector<int> all(n);
  for (std::size_t i = 0; i < n; ++i) all[i] = static_cast<int>(i);
  return all;
}

std::vector<LeftOut> leave_out(const Fit& fit, Solver& solver, const std::function<std::string(const Observation&)>& group, std::size_t folds) {
  std::set<std::string> names;
  for (const Observation& o : fit.observations) names.insert(group(o));
  std::map<std::string, std::size_t> fold_of;
  for (const std::string& name : names) {
    const std::size_t n = fold_of.size();
    fold_of[name] = folds == 0 ? n : n % folds;
  }
  const std::size_t count = folds == 0 ? names.size() : std::min(folds, names.size());
  std::vector<LeftOut> out(fit.observations.size());
  for (std::size_t fold = 0; fold < count; ++fold) {
    std::vector<int> kept, left;
    for (std::size_t i = 0; i < fit.observations.size(); ++i) {
      (fold_of.at(group(fit.observations[i])) == fold ? left : kept).push_back(static_cast<int>(i));
    }
    const Solution without = solver.solve(kept, fit.solution.values);
    std::map<std::string, std::vector<int>> kept_by_pool;
    for (const int i : kept) kept_by_pool[fit.observations[static_cast<std::size_t>(i)].pool].push_back(i);
    std::map<std::string, std::vector<EvidenceCell>> evidence;
    for (const auto& [pool, used] : kept_by_pool) evidence[pool] = cells(fit.observations, used);
    for (const int i : left) {
      const Observation& o = fit.observations[static_cast<std::size_t>(i)];
      const auto found = nearest_evidence(evidence[o.pool], o.phase, o.unit, o.device, o.family, o.format_family, o.model_class);
      out[static_cast<std::size_t>(i)] = {log_ratio(o, predicted_log_time(fit.design, without.values, i)), found ? found->interval : Rung::other_engines};
    }
  }
  return out;
}

bool is_near(Rung rung) { return rung == Rung::device_and_format || rung == Rung::device; }

// Which left-out prediction stands for a distance: near the model was new, further off the device, then the engine.
const std::vector<LeftOut>& residuals(const CrossValidation& left_out, Rung rung) {
  return is_near(rung) ? left_out.model : rung == Rung::other_engines ? left_out.pool : left_out.device;
}

// Effects of the pool and those shared by all, summed where their keys are equal.
std::vector<Effect> effects_of(const Fit& fit, const std::string& pool, UnitKind unit) {
  std::vector<Effect> effects;
  for (std::size_t k = 0; k < fit.design.unknowns.size(); ++k) {
    const Design::Unknown& u = fit.design.unknowns[k];
    if (u.effect.unit != unit || (!u.pool.empty() && u.pool != pool)) continue;
    Effect effect = u.effect;
    effect.log_factor = fit.solution.values[k];
    effect.uncertainty = fit.solution.uncertainty[k];
    const auto same = std::find_if(effects.begin(), effects.end(), [&](const Effect& e) {
      return std::tie(e.parameter, e.engine, e.vendor, e.family, e.device, e.format_family, e.arithmetic) ==
             std::tie(effect.parameter, effect.engine, effect.vendor, effect.family, effect.device, effect.format_family, effect.arithmetic);
    });
    if (same == effects.end()) {
      effects.push_back(std::move(effect));
    } else {
      same->log_factor += effect.log_factor;
      same->uncertainty = std::hypot(same->uncertainty, effect.uncertainty);
      same->votes = std::min(same->votes, effect.votes);  // the narrower level's
    }
  }
  std::sort(effects.begin(), effects.end(), [](const Effect& a, const Effect& b) {
    return std::tie(a.parameter, a.engine, a.vendor, a.family, a.device, a.format_family, a.arithmetic) <
           std::tie(b.parameter, b.engine, b.vendor, b.family, b.device, b.format_family, b.arithmetic);
  });
  return effects;
}

void add_phase(std::map<std::string, Calibration>& calibrations, const std::set<std::pair<std::string, UnitKind>>& users, const Fit& fit) {
  std::map<std::pair<std::string, UnitKind>, std::vector<int>> own;
  std::map<UnitKind, bool> units;
  for (std::size_t i = 0; i < fit.observations.size(); ++i) {
    own[{fit.observations[i].pool, fit.observations[i].unit}].push_back(static_cast<int>(i));
    units[fit.observations[i].unit] = true;
  }
  for (const auto& [pool, unit] : users) {
    if (!units[unit]) continue;
    Calibration& c = calibrations[pool];
    for (Effect& e : effects_of(fit, pool, unit)) c.effects.push_back(std::move(e));
    for (const Interval& i : intervals(fit, pool, unit)) c.intervals.push_back(i);
    const auto found = own.find({pool, unit});
    if (found != own.end()) {
      for (EvidenceCell& cell : cells(fit.observations, found->second)) c.evidence.push_back(std::move(cell));
    } else {
      c.evidence.push_back({fit.observations.front().phase, unit, "", "", "", "", 0, {}});
    }
  }
}

}  // namespace

Fit fit(std::vector<Observation> observations, const FitRules& rules, bool cross_validate) {
  // The order of files on a disk must not move a digit.
  std::sort(observations.begin(), observations.end(), [](const Observation& a, const Observation& b) { return a.run_id < b.run_id; });
  Fit f;
  f.observations = std::move(observations);
  f.design = design(f.observations, rules);
  Solver solver(f.design);
  f.solution = solver.solve(everything(f.observations.size()), {}, true);
  for (std::size_t i = 0; i < f.observations.size(); ++i) {
    f.left_out.in_sample.push_back(log_ratio(f.observations[i], predicted_log_time(f.design, f.solution.values, static_cast<int>(i))));
  }
  if (cross_validate) {
    f.left_out.model = leave_out(f, solver, [](const Observation& o) { return o.device + " " + o.model; }, model_folds);
    f.left_out.device = leave_out(f, solver, [](const Observation& o) { return o.device; }, 0);
    f.left_out.pool = leave_out(f, solver, [](const Observation& o) { return o.pool; }, 0);
  }
  return f;
}

std::map<std::string, Calibration> effects_by_pool(const Fit& fit) {
  std::map<std::string, Calibration> out;
  std::set<std::pair<std::string, UnitKind>> seen;
  for (const Observation& o : fit.observations) {
    if (!seen.emplace(o.pool, o.unit).second) continue;
    for (Effect& e : effects_of(fit, o.pool, o.unit)) out[o.pool].effects.push_back(std::move(e));
  }
  return out;
}

std::vector<Interval> intervals(const Fit& fit, const std::string& pool, UnitKind unit, const std::string& without_device) {
  std::vector<Interval> list;
  if (fit.observations.empty()) return list;
  for (const Rung rung : {Rung::device_and_format, Rung::device, Rung::family, Rung::engine, Rung::other_engines}) {
    const std::vector<LeftOut>& left_out = residuals(fit.left_out, rung);
    std::vector<std::pair<double, double>> own, others;
    double own_votes = 0, other_votes = 0;
    for (std::size_t i = 0; i < left_out.size(); ++i) {
      if (left_out[i].rung != rung || (!without_device.empty() && fit.observations[i].device == without_device)) continue;
      const bool mine = fit.observations[i].pool == pool && fit.observations[i].unit == unit;
      const double vote = fit.design.weight[i] * fit.design.weight[i];
      (mine ? own : others).emplace_back(left_out[i].log_ratio, vote);
      (mine ? own_votes : other_votes) += vote;
    }
    if (own.empty() && others.empty()) continue;
    Interval interval;
    interval.phase = fit.observations.front().phase;
    interval.unit = unit;
    interval.rung = rung;
    interval.votes = own_votes;
    if (own_votes >= votes_for_an_error) {
      auto errors = own;
      for (auto& [value, weight] : errors) value = std::abs(std::exp(-value) - 1);
      interval.error = weighted_quantile(errors, 0.5);
    }
    for (auto [value, vote] : others) own.emplace_back(value, vote * borrowed_votes / other_votes);
    interval.low = std::min(0.0, weighted_quantile(own, 0.1));
    interval.high = std::max(0.0, weighted_quantile(own, 0.9));
    // Less evidence never makes an interval narrower.
    if (!list.empty()) {
      interval.low = std::min(interval.low, list.back().low);
      interval.high = std::max(interval.high, list.back().high);
    }
    list.push_back(interval);
  }
  return list;
}

std::map<std::string, Calibration> calibrations(const Fit& decode, const Fit& prefill) {
  std::map<std::string, Calibration> out;
  std::set<std::pair<std::string, UnitKind>> users;
  std::vector<Observation> all;
  for (const Fit* f : {&decode, &prefill}) {
    for (const Observation& o : f->observations) {
      users.emplace(o.pool, o.unit);
      all.push_back(o);
    }
  }
  add_phase(out, users, decode);
  add_phase(out, users, prefill);
  const std::string name = digest(all);
  for (auto& [pool, calibration] : out) {
    calibration.engine = pool;
    calibration.method = "partial pooling: log time = log of a sum of physical times x exp(sum of deviations), maximum a posteriori with Student t noise over all "
                         "engines' runs, one vote per (device, engine, model, quantization); intervals from runs left out by model, by device, by engine";
    calibration.runs_digest = name;
  }
  return out;
}

double weighted_quantile(std::vector<std::pair<double, double>> points, double q) {
  std::sort(points.begin(), points.end());
  double total = 0;
  for (const auto& [value, weight] : points) total += weight;
  double below = 0;
  double last_value = points.front().first, last_middle = 0;
  for (const auto& [value, weight] : points) {
    const double middle = (below + weight / 2) / total;
    if (middle >= q) return below > 0 ? last_value + (value - last_value) * (q - last_middle) / (middle - last_middle) : value;
    below += weight;
    last_value = value;
    last_middle = middle;
  }
  return points.back().first;
}

std::string digest(const std::vector<Observation>& observations) {
  std::vector<std::string> lines;
  for (const Observation& o : observations) {
    char numbers[64];
    std::snprintf(numbers, sizeof numbers, "|%.9g|%zu", o.measured.in(unit::s), o.items.size());
    lines.push_back(std::string(to_string(o.phase)) + "|" + o.run_id + numbers + "|" + o.device + "|" + o.engine + "|" + o.model + "|" + o.quantization);
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
