#include "roofline/validate/calibration.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <future>
#include <optional>
#include <set>
#include <thread>
#include <tuple>

namespace roofline::validate {
namespace {

// Votes that all other engines' left-out runs count as, beside an engine's own: enough to keep the quantiles of three runs from being two of
// them, little against ten.
constexpr double borrowed_votes = 5;
constexpr double borrowed_devices = 0.5;  // the same where whole devices were left out
// Fewer own votes than this say nothing about a median error.
constexpr double votes_for_an_error = 3;
// Folds when models or publications are left out: leaving each alone would cost ten times as long and move no figure by more than its own noise.
constexpr std::size_t shared_folds = 12;

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

// One fold: solved without `left`, which is then predicted.
void leave_out(const Fit& fit, Solver& solver, const std::vector<int>& kept, const std::vector<int>& left, std::vector<LeftOut>& out) {
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

// Folds know nothing of each other, so they are shared out over the processors; the result does not depend on how.
std::vector<LeftOut> leave_out(const Fit& fit, const std::function<std::string(const Observation&)>& group, std::size_t folds) {
  std::set<std::string> names;
  for (const Observation& o : fit.observations) names.insert(group(o));
  std::map<std::string, std::size_t> fold_of;
  for (const std::string& name : names) {
    const std::size_t n = fold_of.size();
    fold_of[name] = folds == 0 ? n : n % folds;
  }
  const std::size_t count = folds == 0 ? names.size() : std::min(folds, names.size());
  std::vector<std::vector<int>> kept(count), left(count);
  for (std::size_t i = 0; i < fit.observations.size(); ++i) {
    const std::size_t own = fold_of.at(group(fit.observations[i]));
    for (std::size_t fold = 0; fold < count; ++fold) (fold == own ? left : kept)[fold].push_back(static_cast<int>(i));
  }
  std::vector<LeftOut> out(fit.observations.size());
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    Solver solver(fit.design);
    for (std::size_t fold = next++; fold < count; fold = next++) leave_out(fit, solver, kept[fold], left[fold], out);
  };
  std::vector<std::future<void>> helpers;
  for (unsigned more = 1; more < std::min<std::size_t>(std::max(1U, std::thread::hardware_concurrency()), count); ++more) helpers.push_back(std::async(std::launch::async, work));
  work();
  for (std::future<void>& helper : helpers) helper.get();
  return out;
}

bool is_near(Rung rung) { return rung == Rung::device_and_format || rung == Rung::device; }

// Which left-out prediction stands for a distance: near the model was new, further off the device, then the engine.
const std::vector<LeftOut>& residuals(const CrossValidation& left_out, Rung rung) {
  return is_near(rung) ? left_out.model : rung == Rung::other_engines ? left_out.pool : left_out.device;
}

bool before(const Effect& a, const Effect& b) {
  return std::tie(a.phase, a.parameter, a.unit, a.engine, a.vendor, a.family, a.device, a.format_family, a.arithmetic, a.of_assumed, a.per_shortfall_from) <
         std::tie(b.phase, b.parameter, b.unit, b.engine, b.vendor, b.family, b.device, b.format_family, b.arithmetic, b.of_assumed, b.per_shortfall_from);
}

// Left-out runs of one engine and unit, and those of all others.
class Residuals {
 public:
  // Many runs of one device weigh as the root of their votes; where devices were left out whole, all together as many votes as there are devices.
  explicit Residuals(bool by_device) : by_device_(by_device) {}

  void add(bool mine, const std::string& device, double log_ratio, double vote) {
    (mine ? own_ : others_).push_back({device, log_ratio, vote});
    (mine ? own_votes_ : other_votes_) += vote;
    if (mine) votes_of_[device] += vote;
  }
  [[nodiscard]] bool empty() const { return own_.empty() && others_.empty(); }
  [[nodiscard]] bool has_own() const { return !own_.empty(); }

  // The 10 % and 90 % quantiles of its own and a few votes' worth of all others'.
  void describe(Interval& interval) const {
    interval.votes = own_votes_;
    std::vector<std::pair<double, double>> errors, all;
    double roots = 0;
    for (const auto& [device, votes] : votes_of_) roots += std::sqrt(votes);
    const double scale = by_device_ ? static_cast<double>(votes_of_.size()) / roots : 1.0;
    for (const One& one : own_) {
      const double of_device = votes_of_.at(one.device);
      errors.emplace_back(std::abs(std::exp(-one.log_ratio) - 1), one.vote);
      all.emplace_back(one.log_ratio, scale * one.vote / std::sqrt(of_device));
    }
    if (own_votes_ >= votes_for_an_error) interval.error = weighted_quantile(errors, 0.5);
    for (const One& one : others_) all.emplace_back(one.log_ratio, one.vote * (by_device_ ? borrowed_devices : borrowed_votes) / other_votes_);
    interval.low = std::min(0.0, weighted_quantile(all, 0.1));
    interval.high = std::max(0.0, weighted_quantile(all, 0.9));
  }

 private:
  struct One {
    std::string device;
    double log_ratio, vote;
  };
  bool by_device_;
  std::vector<One> own_, others_;
  std::map<std::string, double> votes_of_;
  double own_votes_ = 0, other_votes_ = 0;
};

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
      return std::tie(e.parameter, e.engine, e.vendor, e.family, e.device, e.format_family, e.arithmetic, e.of_assumed, e.per_shortfall_from) ==
             std::tie(effect.parameter, effect.engine, effect.vendor, effect.family, effect.device, effect.format_family, effect.arithmetic, effect.of_assumed, effect.per_shortfall_from);
    });
    if (same == effects.end()) {
      effects.push_back(std::move(effect));
    } else {
      same->log_factor += effect.log_factor;
      same->uncertainty = std::hypot(same->uncertainty, effect.uncertainty);
      same->votes = std::min(same->votes, effect.votes);  // the narrower level's
    }
  }
  // A deviation of less than a thousandth moves no digit that is shown, and every answer reads all of them. What has no keys stays: it says
  // that a charge was fitted at all.
  constexpr double negligible = 1e-3;
  std::erase_if(effects, [](const Effect& e) {
    const bool any = e.engine.empty() && e.vendor.empty() && e.family.empty() && e.device.empty() && e.format_family.empty() && e.arithmetic.empty();
    return !any && std::abs(e.log_factor) < negligible;
  });
  std::sort(effects.begin(), effects.end(), before);
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
    for (const bool of_assumed : {false, true}) {
      for (const Interval& i : intervals(fit, pool, unit, "", of_assumed)) {
        if (i.of_assumed == of_assumed) c.intervals.push_back(i);
      }
    }
    const auto found = own.find({pool, unit});
    if (found != own.end()) {
      for (EvidenceCell& cell : cells(fit.observations, found->second)) c.evidence.push_back(std::move(cell));
    } else {
      c.evidence.push_back({fit.observations.front().phase, unit, "", "", "", "", 0, {}});
    }
  }
}

// What several sequences take beside what one does, and how far off that is for a model left out.
void add_batched(std::map<std::string, Calibration>& calibrations, const std::set<std::pair<std::string, UnitKind>>& users, const Fit& fit) {
  std::set<UnitKind> measured;
  for (const Observation& o : fit.observations) measured.insert(o.unit);
  for (const auto& [pool, unit] : users) {
    if (!measured.contains(unit)) continue;
    Calibration& c = calibrations[pool];
    for (Effect& e : effects_of(fit, pool, unit)) c.effects.push_back(std::move(e));
    std::sort(c.effects.begin(), c.effects.end(), before);
    std::set<std::string> devices = {""};
    for (const Observation& o : fit.observations) {
      if (o.pool == pool && o.unit == unit) devices.insert(o.device);
    }
    for (const std::string& device : devices) {
      if (auto interval = several_interval(fit, pool, unit, device)) c.intervals.push_back(*interval);
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
    f.left_out.model = leave_out(f, [](const Observation& o) { return o.device + " " + o.model; }, shared_folds);
    f.left_out.device = leave_out(f, [](const Observation& o) { return o.device; }, 0);
    f.left_out.publication = leave_out(f, [](const Observation& o) { return o.publication; }, shared_folds);
    f.left_out.pool = leave_out(f, [](const Observation& o) { return o.pool; }, 0);
  }
  return f;
}

std::optional<Interval> several_interval(const Fit& fit, const std::string& pool, UnitKind unit, const std::string& device, const std::string& without_device) {
  Residuals residuals(device.empty());
  Interval interval;
  bool here = device.empty();
  for (std::size_t i = 0; i < fit.observations.size(); ++i) {
    const Observation& o = fit.observations[i];
    const bool mine = o.pool == pool;
    if (mine && o.unit == unit && o.device == device) here = true;
    if (o.unit != unit || (!without_device.empty() && o.device == without_device)) continue;
    const double vote = fit.design.weight[i] * fit.design.weight[i];
    // Where a device was measured so, the model is what is new; elsewhere all of it is.
    residuals.add(mine, o.device, (device.empty() ? fit.left_out.device : fit.left_out.model)[i].log_ratio, vote);
    if (mine && (device.empty() || o.device == device)) {
      interval.sequences = std::max(interval.sequences, static_cast<int>(o.tokens));
      interval.run_ids.push_back(o.run_id);
    }
  }
  if (!here || residuals.empty()) return std::nullopt;
  if (!residuals.has_own()) {
    for (const Observation& o : fit.observations) interval.sequences = std::max(interval.sequences, o.unit == unit ? static_cast<int>(o.tokens) : 0);
  }
  interval.phase = Phase::decode;
  interval.unit = unit;
  interval.rung = Rung::several;
  interval.device = device;
  residuals.describe(interval);
  return interval;
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

std::vector<Interval> intervals(const Fit& fit, const std::string& pool, UnitKind unit, const std::string& without_device, bool of_assumed) {
  std::vector<Interval> list;
  if (fit.observations.empty()) return list;
  for (const Rung rung : {Rung::device_and_format, Rung::device, Rung::family, Rung::engine, Rung::other_engines}) {
    Residuals all(!is_near(rung)), known(!is_near(rung));
    const auto gather = [&](const std::vector<LeftOut>& left_out) {
      for (std::size_t i = 0; i < left_out.size(); ++i) {
        const Observation& o = fit.observations[i];
        if (left_out[i].rung != rung || (!without_device.empty() && o.device == without_device)) continue;
        const bool mine = o.pool == pool && o.unit == unit;
        const double vote = fit.design.weight[i] * fit.design.weight[i];
        all.add(mine, o.device, left_out[i].log_ratio, vote);
        if (!is_guessed(o.items)) known.add(mine, o.device, left_out[i].log_ratio, vote);
      }
    };
    gather(residuals(fit.left_out, rung));
    // Whoever asks has not published the runs at hand: how far off other people's measurements of this device were counts as much as how far
    // off new models were.
    if (is_near(rung)) gather(fit.left_out.publication);
    if (all.empty()) continue;
    Interval interval;
    interval.phase = fit.observations.front().phase;
    interval.unit = unit;
    interval.rung = rung;
    interval.of_assumed = of_assumed && !is_near(rung);
    const bool only_guesses = all.has_own() != known.has_own() || known.empty();
    (is_near(rung) || of_assumed || only_guesses ? all : known).describe(interval);
    // Less evidence never makes an interval narrower. Other weights on this device and this device's relatives are not more or less than each other.
    for (const Interval& nearer : list) {
      if (rung == Rung::family && nearer.rung == Rung::device) continue;
      interval.low = std::min(interval.low, nearer.low);
      interval.high = std::max(interval.high, nearer.high);
    }
    list.push_back(interval);
  }
  return list;
}

std::map<std::string, Calibration> calibrations(const Fit& decode, const Fit& prefill, const Fit& batched) {
  std::map<std::string, Calibration> out;
  std::set<std::pair<std::string, UnitKind>> users;
  std::vector<Observation> all;
  for (const Fit* f : {&decode, &prefill, &batched}) {
    for (const Observation& o : f->observations) {
      if (f != &batched) users.emplace(o.pool, o.unit);
      all.push_back(o);
    }
  }
  add_phase(out, users, decode);
  add_batched(out, users, batched);
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
