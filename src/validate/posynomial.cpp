#include "roofline/validate/posynomial.hpp"

#include <Eigen/Sparse>
#include <Eigen/SparseCholesky>
#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <tuple>

namespace roofline::validate {
namespace {


// A level with a key the item does not have says nothing about it.
std::optional<Design::Unknown> unknown_of(const Level& level, Phase phase, const Observation& o, const ChargeItem& item) {
  if (!level.units.empty() && std::find(level.units.begin(), level.units.end(), o.unit) == level.units.end()) return std::nullopt;
  Design::Unknown unknown;
  Effect& e = unknown.effect;
  e.phase = phase;
  e.parameter = level.parameter;
  e.unit = o.unit;
  for (const LevelKey key : level.keys) {
    const auto take = [&](std::string& to, const std::string& from) {
      to = from;
      return !from.empty();
    };
    const bool known = [&] {
      switch (key) {
        case LevelKey::pool: return take(unknown.pool, o.pool);
        case LevelKey::engine: return take(e.engine, o.engine);
        case LevelKey::vendor: return take(e.vendor, o.vendor);
        case LevelKey::family: return take(e.family, o.family);
        case LevelKey::device: return take(e.device, o.device);
        case LevelKey::format_family: return take(e.format_family, item.format_family);
        case LevelKey::arithmetic: return take(e.arithmetic, item.arithmetic);
      }
      return false;
    }();
    if (!known) return std::nullopt;
  }
  e.of_assumed = level.of_assumed;
  e.per_shortfall_from = level.per_shortfall_from;
  unknown.mean = level.mean;
  unknown.sd = level.sd;
  unknown.degrees_of_freedom = level.degrees_of_freedom;
  return unknown;
}

using Name = std::tuple<std::size_t, UnitKind, std::string, std::string, std::string, std::string, std::string, std::string, std::string>;
Name name_of(std::size_t level, const Design::Unknown& u) {
  const Effect& e = u.effect;
  return {level, e.unit, u.pool, e.engine, e.vendor, e.family, e.device, e.format_family, e.arithmetic};
}

// Each once, sorted.
std::vector<int> unknowns_in(const std::vector<Design::Term>& terms) {
  std::vector<int> seen;
  for (const Design::Term& term : terms) {
    for (const Design::Part& part : term.parts) seen.push_back(part.unknown);
  }
  std::sort(seen.begin(), seen.end());
  seen.erase(std::unique(seen.begin(), seen.end()), seen.end());
  return seen;
}

struct Prediction {
  double log_time = 0;
  std::vector<double> share;  // of each term
};

Prediction predict(const std::vector<Design::Term>& terms, const std::vector<double>& values) {
  Prediction p;
  p.share.reserve(terms.size());
  double largest = -1e300;
  for (const Design::Term& term : terms) {
    double log = term.log_physical;
    for (const Design::Part& part : term.parts) log += part.times * values[static_cast<std::size_t>(part.unknown)];
    p.share.push_back(log);
    largest = std::max(largest, log);
  }
  double sum = 0;
  for (double& s : p.share) sum += s = std::exp(s - largest);
  for (double& s : p.share) s /= sum;
  p.log_time = largest + std::log(sum);
  return p;
}

double objective(const Design& d, const std::vector<int>& used, const std::vector<double>& values) {
  const double nu = d.degrees_of_freedom;
  double sum = 0;
  for (const int i : used) {
    const auto at = static_cast<std::size_t>(i);
    const double z = (d.log_measured[at] - predict(d.terms[at], values).log_time) / d.noise[at];
    sum += d.weight[at] * (nu + 1) / 2 * std::log1p(z * z / nu);
  }
  for (std::size_t k = 0; k < values.size(); ++k) {
    const double z = (values[k] - d.unknowns[k].mean) / d.unknowns[k].sd;
    const double tails = d.unknowns[k].degrees_of_freedom;
    sum += tails > 0 ? (tails + 1) / 2 * std::log1p(z * z / tails) : 0.5 * z * z;
  }
  return sum;
}

}  // namespace

Design design(const std::vector<Observation>& observations, const FitRules& rules) {
  Design d;
  d.degrees_of_freedom = rules.degrees_of_freedom;
  std::map<Name, int> index;
  std::map<std::tuple<std::string, std::string, std::string, std::string>, int> repeats;
  const auto voter = [](const Observation& o) { return std::tuple(o.device, o.engine, o.model, o.quantization); };
  for (const Observation& o : observations) ++repeats[voter(o)];
  for (const Observation& o : observations) {
    std::vector<Design::Term> terms;
    for (const ChargeItem& item : o.items) {
      Design::Term term;
      term.log_physical = std::log(item.physical.in(unit::s));
      const std::vector<Parameter> parameters = item.measured ? std::vector<Parameter>{} : parameters_of(o.phase, item.charge);
      for (const Parameter parameter : parameters) {
        for (std::size_t l = 0; l < rules.levels.size(); ++l) {
          if (rules.levels[l].parameter != parameter) continue;
          const auto times = times_of(rules.levels[l].of_assumed, rules.levels[l].per_shortfall_from, item);
          if (!times) continue;
          const auto unknown = unknown_of(rules.levels[l], o.phase, o, item);
          if (!unknown) continue;
          const auto [at, added] = index.emplace(name_of(l, *unknown), static_cast<int>(d.unknowns.size()));
          if (added) d.unknowns.push_back(*unknown);
          term.parts.push_back({at->second, *times});
        }
      }
      // What no level scales is not fitted, and an unscaled count would be a constant nobody measured; what was fitted before stands.
      if (!term.parts.empty() || item.measured) terms.push_back(std::move(term));
    }
    d.terms.push_back(std::move(terms));
    d.log_measured.push_back(std::log(o.measured.in(unit::s)));
    d.weight.push_back(1 / std::sqrt(static_cast<double>(repeats.at(voter(o)))));
    d.noise.push_back(o.best_quality ? rules.noise_a : o.mode_unknown && rules.noise_b_mode_unknown > 0 ? rules.noise_b_mode_unknown : rules.noise_b);
  }
  for (std::size_t i = 0; i < observations.size(); ++i) {
    for (const int k : unknowns_in(d.terms[i])) d.unknowns[static_cast<std::size_t>(k)].effect.votes += 1.0 / repeats.at(voter(observations[i]));
  }
  return d;
}

struct Solver::Impl {
  using Matrix = Eigen::SparseMatrix<double>;  // lower half

  const Design& d;
  Matrix curvature;
  Eigen::VectorXd gradient;
  Eigen::SimplicialLDLT<Matrix> factor;
  std::vector<std::vector<int>> unknowns;  // of each observation, sorted
  std::vector<std::vector<int>> slots;     // of each pair of them, where in the curvature's values
  std::vector<int> diagonal;

  explicit Impl(const Design& design) : d(design) {
    const auto n = static_cast<Eigen::Index>(d.unknowns.size());
    std::vector<Eigen::Triplet<double>> entries;
    for (Eigen::Index k = 0; k < n; ++k) entries.emplace_back(static_cast<int>(k), static_cast<int>(k), 1.0);
    for (const auto& terms : d.terms) {
      std::vector<int> seen = unknowns_in(terms);
      for (const int column : seen) {
        for (const int row : seen) {
          if (row >= column) entries.emplace_back(row, column, 1.0);
        }
      }
      unknowns.push_back(std::move(seen));
    }
    curvature.resize(n, n);
    curvature.setFromTriplets(entries.begin(), entries.end());
    curvature.makeCompressed();
    gradient.resize(n);
    factor.analyzePattern(curvature);
    const auto slot = [&](int row, int column) {
      const int* begin = curvature.innerIndexPtr() + curvature.outerIndexPtr()[column];
      const int* end = curvature.innerIndexPtr() + curvature.outerIndexPtr()[column + 1];
      return static_cast<int>(std::lower_bound(begin, end, row) - curvature.innerIndexPtr());
    };
    for (const auto& seen : unknowns) {
      std::vector<int> places;
      for (const int column : seen) {
        for (const int row : seen) {
          if (row >= column) places.push_back(slot(row, column));
        }
      }
      slots.push_back(std::move(places));
    }
    for (int k = 0; k < static_cast<int>(n); ++k) diagonal.push_back(slot(k, k));
  }

  void linearise(const std::vector<int>& used, const std::vector<double>& values) {
    const double nu = d.degrees_of_freedom;
    double* cells = curvature.valuePtr();
    std::fill(cells, cells + curvature.nonZeros(), 0.0);
    gradient.setZero();
    std::vector<double> slope;
    for (const int i : used) {
      const auto at = static_cast<std::size_t>(i);
      const Prediction p = predict(d.terms[at], values);
      const double residual = d.log_measured[at] - p.log_time;
      const double z = residual / d.noise[at];
      const double weight = d.weight[at] * (nu + 1) / (nu + z * z) / (d.noise[at] * d.noise[at]);
      const std::vector<int>& seen = unknowns[at];
      slope.assign(seen.size(), 0.0);
      for (std::size_t t = 0; t < d.terms[at].size(); ++t) {
        for (const Design::Part& part : d.terms[at][t].parts) {
          slope[static_cast<std::size_t>(std::lower_bound(seen.begin(), seen.end(), part.unknown) - seen.begin())] += part.times * p.share[t];
        }
      }
      std::size_t place = 0;
      for (std::size_t c = 0; c < seen.size(); ++c) {
        gradient[seen[c]] += weight * residual * slope[c];
        for (std::size_t r = c; r < seen.size(); ++r) cells[slots[at][place++]] += weight * slope[c] * slope[r];
      }
    }
    for (std::size_t k = 0; k < values.size(); ++k) {
      const Design::Unknown& u = d.unknowns[k];
      double precision = 1 / (u.sd * u.sd);
      if (u.degrees_of_freedom > 0) {
        const double z = (values[k] - u.mean) / u.sd;
        precision *= (u.degrees_of_freedom + 1) / (u.degrees_of_freedom + z * z);
      }
      cells[diagonal[k]] += precision;
      gradient[static_cast<Eigen::Index>(k)] -= precision * (values[k] - u.mean);
    }
  }
};

Solver::Solver(const Design& design) : impl_(std::make_unique<Impl>(design)) {}
Solver::~Solver() = default;

Solution Solver::solve(const std::vector<int>& used, const std::vector<double>& start, bool with_uncertainty) {
  constexpr int most_steps = 60;
  // Of the objective. Left-out fits start from the whole one, and their figures are errors of whole percents.
  const double enough = start.empty() ? 1e-9 : 1e-6;
  const Design& d = impl_->d;
  Solution s;
  s.values = start;
  if (s.values.empty()) {
    for (const Design::Unknown& u : d.unknowns) s.values.push_back(u.mean);
  }
  double damping = start.empty() ? 1e-4 : 1e-8;
  double now = objective(d, used, s.values);
  for (s.steps = 0; s.steps < most_steps && !s.converged; ++s.steps) {
    impl_->linearise(used, s.values);
    bool better = false;
    double* cells = impl_->curvature.valuePtr();
    std::vector<double> plain;
    for (const int k : impl_->diagonal) plain.push_back(cells[k]);
    while (!better && damping < 1e8) {
      for (std::size_t k = 0; k < plain.size(); ++k) cells[impl_->diagonal[k]] = plain[k] * (1 + damping);
      impl_->factor.factorize(impl_->curvature);
      const Eigen::VectorXd step = impl_->factor.solve(impl_->gradient);
      std::vector<double> next = s.values;
      for (std::size_t k = 0; k < next.size(); ++k) next[k] += step[static_cast<Eigen::Index>(k)];
      const double there = objective(d, used, next);
      better = there <= now;
      if (better) {
        s.converged = now - there <= enough * (1 + std::abs(now));
        s.values = std::move(next);
        now = there;
        damping = std::max(damping / 10, 1e-12);
      } else {
        damping *= 10;
      }
    }
    if (!better) s.converged = true;  // no step helps: a minimum within rounding
  }
  if (with_uncertainty) {
    impl_->linearise(used, s.values);
    impl_->factor.factorize(impl_->curvature);
    const auto n = static_cast<Eigen::Index>(s.values.size());
    for (Eigen::Index k = 0; k < n; ++k) {
      s.uncertainty.push_back(std::sqrt(Eigen::VectorXd(impl_->factor.solve(Eigen::VectorXd::Unit(n, k)))[k]));
    }
  }
  return s;
}

double predicted_log_time(const Design& design, const std::vector<double>& values, int observation) {
  return predict(design.terms[static_cast<std::size_t>(observation)], values).log_time;
}

}  // namespace roofline::validate
