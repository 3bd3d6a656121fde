#include "roofline/core/error_statistics.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace roofline {
namespace {

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

std::optional<double> correlation(const std::vector<double>& a, const std::vector<double>& b) {
  constexpr std::size_t fewest = 3;
  if (a.size() < fewest) return std::nullopt;
  const double mean_a = mean(a);
  const double mean_b = mean(b);
  double ab = 0, aa = 0, bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    ab += (a[i] - mean_a) * (b[i] - mean_b);
    aa += (a[i] - mean_a) * (a[i] - mean_a);
    bb += (b[i] - mean_b) * (b[i] - mean_b);
  }
  if (!(aa > 0) || !(bb > 0)) return std::nullopt;
  return ab / std::sqrt(aa * bb);
}

// Tried: the factors that make a run exact, at most so many of them evenly over their order. [model.md#error-statistics]
std::optional<double> best_factor(const std::vector<double>& ceilings, const std::vector<double>& measured) {
  if (ceilings.empty()) return std::nullopt;
  std::vector<double> factors;
  for (std::size_t i = 0; i < ceilings.size(); ++i) factors.push_back(measured[i] / ceilings[i]);
  std::sort(factors.begin(), factors.end());
  constexpr std::size_t most = 200;
  const std::size_t count = std::min(most, factors.size());
  double best = 0;
  double least = 0;
  for (std::size_t k = 0; k < count; ++k) {
    const double factor = factors[count == 1 ? 0 : k * (factors.size() - 1) / (count - 1)];
    std::vector<double> errors;
    for (const double exact : factors) errors.push_back(std::abs(factor / exact - 1));
    const double median = quantile(std::move(errors), 0.5);
    if (k == 0 || median < least) {
      best = factor;
      least = median;
    }
  }
  return best;
}

}  // namespace

double quantile(std::vector<double> values, double share) {
  assert(!values.empty());
  const double at = share * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::ptrdiff_t>(at);
  std::nth_element(values.begin(), values.begin() + below, values.end());
  const double low = values[static_cast<std::size_t>(below)];
  const auto behind = values.begin() + below + 1;
  const double high = behind == values.end() ? low : *std::min_element(behind, values.end());
  return low + (at - static_cast<double>(below)) * (high - low);
}

ErrorStatistics error_statistics(const std::vector<double>& predicted, const std::vector<double>& measured) {
  assert(predicted.size() == measured.size());
  ErrorStatistics s;
  s.runs = static_cast<int>(predicted.size());
  if (predicted.empty()) return s;
  std::vector<double> errors, log_predicted, log_measured;
  double log_bias = 0;
  for (std::size_t i = 0; i < predicted.size(); ++i) {
    errors.push_back(std::abs(predicted[i] / measured[i] - 1));
    log_predicted.push_back(std::log(predicted[i]));
    log_measured.push_back(std::log(measured[i]));
    log_bias += log_predicted.back() - log_measured.back();
  }
  s.mean = mean(errors);
  s.bias = std::exp(log_bias / static_cast<double>(errors.size()));
  s.correlation = correlation(log_predicted, log_measured);
  s.median = quantile(errors, 0.5);
  s.p90 = quantile(std::move(errors), 0.9);
  return s;
}

PhaseStatistics phase_statistics(const std::vector<Prediction>& predictions) {
  PhaseStatistics s;
  s.runs = static_cast<int>(predictions.size());
  std::vector<double> expected, expected_measured, ceilings, measured, scaled;
  int inside = 0;
  int with_interval = 0;
  for (const Prediction& p : predictions) {
    if (p.expected) {
      expected.push_back(*p.expected);
      expected_measured.push_back(p.measured);
    }
    if (p.low && p.high) {
      ++with_interval;
      if (p.measured >= *p.low && p.measured <= *p.high) ++inside;
    }
    if (!(p.ceiling > 0)) continue;
    if (p.measured > p.ceiling) ++s.above_ceiling;
    ceilings.push_back(p.ceiling);
    measured.push_back(p.measured);
  }
  s.expected = error_statistics(expected, expected_measured);
  if (with_interval > 0) s.coverage = static_cast<double>(inside) / with_interval;
  s.naive = error_statistics(ceilings, measured);
  s.best_factor = best_factor(ceilings, measured);
  if (s.best_factor) {
    for (const double ceiling : ceilings) scaled.push_back(*s.best_factor * ceiling);
    s.constant_factor = error_statistics(scaled, measured);
  }
  return s;
}

}  // namespace roofline
