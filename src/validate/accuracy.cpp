#include "roofline/validate/accuracy.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <tuple>

namespace roofline::validate {
namespace {

// Runs of one engine that a statistic of it needs.
constexpr std::size_t fewest_runs = 5;

double rate(const Observation& o, Seconds time) { return o.tokens / time.in(unit::s); }

// Intervals of an engine and unit without a device's residuals, made once.
class Intervals {
 public:
  explicit Intervals(const Fit& fit) : fit_(fit) {}
  const Interval* find(const Observation& o, Rung rung) {
    const bool guessed = is_guessed(o.items);
    const auto [at, added] = made_.try_emplace({o.pool, o.unit, o.device, guessed});
    if (added) at->second = intervals(fit_, o.pool, o.unit, o.device, guessed);
    const Interval* nearest = nullptr;
    for (const Interval& interval : at->second) {
      if (interval.rung == rung) return &interval;
      if (interval.rung > rung && nearest == nullptr) nearest = &interval;  // nothing else was ever left out at this distance
    }
    return nearest;
  }

 private:
  const Fit& fit_;
  std::map<std::tuple<std::string, UnitKind, std::string, bool>, std::vector<Interval>> made_;
};

Prediction prediction(const Observation& o, double log_ratio) {
  Prediction p;
  p.measured = rate(o, o.measured);
  p.ceiling = rate(o, o.ceiling);
  p.expected = p.measured / std::exp(log_ratio);
  return p;
}

Prediction prediction(const Observation& o, const LeftOut& left_out, Intervals& intervals) {
  Prediction p = prediction(o, left_out.log_ratio);
  if (const Interval* interval = intervals.find(o, left_out.rung)) {
    p.low = *p.expected * std::exp(interval->low);
    p.high = std::min(*p.expected * std::exp(interval->high), p.ceiling);
  }
  return p;
}

SchemeAccuracy scheme(const std::vector<const Prediction*>& predictions) {
  SchemeAccuracy s;
  std::vector<double> expected, measured;
  int inside = 0, asked = 0;
  for (const Prediction* p : predictions) {
    expected.push_back(*p->expected);
    measured.push_back(p->measured);
    if (!p->low) continue;
    ++asked;
    inside += p->measured >= *p->low && p->measured <= *p->high ? 1 : 0;
  }
  s.errors = error_statistics(expected, measured);
  if (asked > 0) s.coverage = static_cast<double>(inside) / asked;
  return s;
}

// The GPUs and NPUs whose kernels are most alike from one to the next.
bool nvidia_or_rockchip(const Observation& o) {
  return (o.vendor == "NVIDIA" && o.unit == UnitKind::gpu) || (o.vendor == "Rockchip" && o.unit == UnitKind::npu);
}

}  // namespace

NoiseFloor noise_floor(const std::vector<Observation>& observations) {
  // Two runs are of one configuration if nothing that a prediction could see tells them apart.
  std::map<std::tuple<std::string, UnitKind, std::string, std::string, std::string, double, double>, std::vector<double>> repeats;
  for (const Observation& o : observations) {
    Seconds physical;
    for (const ChargeItem& item : o.items) physical += item.physical;
    repeats[{o.device, o.unit, o.engine, o.model, o.quantization, physical.base(), o.ceiling.base()}].push_back(rate(o, o.measured));
  }
  NoiseFloor floor;
  std::vector<double> off;
  for (const auto& [key, rates] : repeats) {
    if (rates.size() < 2) continue;
    ++floor.configurations;
    floor.runs += static_cast<int>(rates.size());
    const double middle = quantile(rates, 0.5);
    for (const double r : rates) off.push_back(std::abs(middle / r - 1));
  }
  if (off.empty()) return floor;
  floor.median = quantile(off, 0.5);
  floor.p90 = quantile(std::move(off), 0.9);
  return floor;
}

PhaseAccuracy accuracy(const Fit& fit) {
  PhaseAccuracy a;
  a.noise = noise_floor(fit.observations);
  const std::size_t n = fit.observations.size();
  if (n == 0) return a;
  a.phase = fit.observations.front().phase;
  Intervals made(fit);
  std::vector<Prediction> seen, of_others;
  std::vector<double> ceilings, measured;
  for (std::size_t i = 0; i < n; ++i) {
    const Observation& o = fit.observations[i];
    seen.push_back(prediction(o, fit.left_out.in_sample[i]));
    ceilings.push_back(seen.back().ceiling);
    measured.push_back(seen.back().measured);
    AccuracyPoint point{o.run_id, o.pool, o.device, o.model_class, o.unit, o.streamed.base(), {}, {}};
    point.unseen_model = prediction(o, fit.left_out.model[i], made);
    point.unseen_device = prediction(o, fit.left_out.device[i], made);
    a.points.push_back(std::move(point));
    of_others.push_back(prediction(o, fit.left_out.publication[i], made));
  }
  a.best_factor = phase_statistics(seen).best_factor;

  const auto add = [&](std::string by, std::string name, const std::function<bool(const Observation&)>& in) {
    GroupAccuracy g;
    g.by = std::move(by);
    g.name = std::move(name);
    std::array<std::vector<const Prediction*>, all_unseen.size()> of;
    std::vector<double> own_ceilings, own_measured, scaled;
    for (std::size_t i = 0; i < n; ++i) {
      if (!in(fit.observations[i])) continue;
      of[0].push_back(&seen[i]);
      of[1].push_back(&a.points[i].unseen_model);
      of[2].push_back(&a.points[i].unseen_device);
      of[3].push_back(&of_others[i]);
      own_ceilings.push_back(ceilings[i]);
      scaled.push_back(ceilings[i] * *a.best_factor);
      own_measured.push_back(measured[i]);
    }
    if (own_measured.empty()) return;
    for (std::size_t s = 0; s < of.size(); ++s) g.schemes[s] = scheme(of[s]);
    g.ceiling = error_statistics(own_ceilings, own_measured);
    g.constant_factor = error_statistics(scaled, own_measured);
    a.groups.push_back(std::move(g));
  };
  add("all", "all runs", [](const Observation&) { return true; });
  add("aim", "NVIDIA GPUs and Rockchip NPUs", nvidia_or_rockchip);
  add("aim", "the rest", [](const Observation& o) { return !nvidia_or_rockchip(o); });
  std::map<std::string, std::size_t> pools;
  for (const Observation& o : fit.observations) ++pools[o.pool];
  for (const auto& [pool, runs] : pools) {
    if (runs >= fewest_runs) add("engine", pool, [&name = pool](const Observation& o) { return o.pool == name; });
  }
  for (const UnitKind unit : {UnitKind::cpu, UnitKind::gpu, UnitKind::npu}) {
    add("unit", std::string(to_string(unit)), [unit](const Observation& o) { return o.unit == unit; });
  }
  add("quality", "A", [](const Observation& o) { return o.best_quality; });
  add("quality", "B", [](const Observation& o) { return !o.best_quality; });
  return a;
}

std::vector<SeveralAccuracy> several_accuracy(const Fit& batched) {
  std::vector<Prediction> seen, unseen;
  std::map<std::string, std::vector<std::size_t>> groups;
  for (std::size_t i = 0; i < batched.observations.size(); ++i) {
    const Observation& o = batched.observations[i];
    seen.push_back(prediction(o, batched.left_out.in_sample[i]));
    unseen.push_back(prediction(o, batched.left_out.model[i].log_ratio));
    if (const auto interval = several_interval(batched, o.pool, o.unit, o.device, o.device)) {
      unseen.back().low = *unseen.back().expected * std::exp(interval->low);
      unseen.back().high = std::min(*unseen.back().expected * std::exp(interval->high), unseen.back().ceiling);
    }
    groups[""].push_back(i);
    groups[o.pool + " on " + o.device].push_back(i);
  }
  std::vector<SeveralAccuracy> list;
  for (const auto& [name, members] : groups) {
    if (!name.empty() && members.size() < fewest_runs) continue;
    std::vector<const Prediction*> of_seen, of_unseen;
    for (const std::size_t i : members) {
      of_seen.push_back(&seen[i]);
      of_unseen.push_back(&unseen[i]);
    }
    list.push_back({name.empty() ? "all runs" : name, scheme(of_seen), scheme(of_unseen)});
  }
  return list;
}

DepthAccuracy depth_accuracy(const Fit& decode) {
  constexpr double shallow = 1024, deep = 8192;
  struct Rate {
    double measured, predicted;
  };
  std::map<std::tuple<std::string, std::string, std::string, std::string, std::string>, std::map<double, Rate>> series;
  for (std::size_t i = 0; i < decode.observations.size(); ++i) {
    const Observation& o = decode.observations[i];
    const double measured = rate(o, o.measured);
    series[{o.device, o.engine, o.model, o.quantization, o.series}].try_emplace(o.depth, Rate{measured, measured / std::exp(decode.left_out.model[i].log_ratio)});
  }
  DepthAccuracy accuracy;
  std::vector<double> errors;
  for (const auto& [key, depths] : series) {
    const auto& [least, from] = *depths.begin();
    if (least > shallow || depths.rbegin()->first < deep) continue;
    ++accuracy.series;
    for (auto at = depths.lower_bound(deep); at != depths.end(); ++at) {
      const double measured = at->second.measured / from.measured;
      errors.push_back(std::abs(at->second.predicted / from.predicted / measured - 1));
      accuracy.deepest = std::max(accuracy.deepest, at->first);
      accuracy.slowest = std::min(accuracy.slowest.value_or(1), measured);
    }
  }
  accuracy.pairs = static_cast<int>(errors.size());
  if (errors.empty()) return accuracy;
  accuracy.median = quantile(errors, 0.5);
  accuracy.p90 = quantile(std::move(errors), 0.9);
  return accuracy;
}

FormAccuracy form_accuracy(const Fit& fit, const FitRules& rules) {
  FormAccuracy form;
  form.id = rules.id;
  form.title = rules.title;
  form.unknowns = static_cast<int>(fit.design.unknowns.size());
  std::array<std::vector<double>, all_unseen.size()> predicted;
  std::vector<double> measured;
  for (std::size_t i = 0; i < fit.observations.size(); ++i) {
    measured.push_back(rate(fit.observations[i], fit.observations[i].measured));
    predicted[0].push_back(measured.back() / std::exp(fit.left_out.in_sample[i]));
    predicted[1].push_back(measured.back() / std::exp(fit.left_out.model[i].log_ratio));
    predicted[2].push_back(measured.back() / std::exp(fit.left_out.device[i].log_ratio));
    predicted[3].push_back(measured.back() / std::exp(fit.left_out.publication[i].log_ratio));
  }
  for (std::size_t s = 0; s < predicted.size(); ++s) form.errors[s] = error_statistics(predicted[s], measured);
  return form;
}

}  // namespace roofline::validate
