#include "roofline/core/bench_result.hpp"

#include <algorithm>
#include <cmath>

namespace roofline {
namespace {

// Linear between neighbours, as usual for quartiles of few samples.
double quantile(const std::vector<double>& sorted, double q) {
  const double at = q * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (at - std::floor(at)) * (sorted[above] - sorted[below]);
}

// The clock is measured before and after a sample, not during it.
constexpr double clock_tolerance = 1.02;

std::string digits(double value) {
  std::string text = std::to_string(value);
  return text.substr(0, text.find('.') + 3);
}

}  // namespace

SampleSummary summarize(std::vector<double> accepted, int rejected) {
  SampleSummary s;
  s.rejected = rejected;
  s.samples = static_cast<int>(accepted.size());
  if (accepted.empty()) return s;
  std::sort(accepted.begin(), accepted.end());
  s.low = accepted.front();
  s.high = accepted.back();
  s.median = quantile(accepted, 0.5);
  const double lower = quantile(accepted, 0.25), upper = quantile(accepted, 0.75);
  if (s.median > 0) s.spread = (upper - lower) / s.median;
  constexpr double fence = 1.5;
  s.outliers = static_cast<int>(std::count_if(accepted.begin(), accepted.end(), [&](double value) {
    return value < lower - fence * (upper - lower) || value > upper + fence * (upper - lower);
  }));
  return s;
}

std::string implausible_rate(double ops_per_cycle, double theory_ops_per_cycle) {
  if (!(ops_per_cycle > clock_tolerance * theory_ops_per_cycle)) return {};
  return digits(ops_per_cycle) + " op/cycle are more than the " + digits(theory_ops_per_cycle) + " this core can do: the clock was not what it was measured to be";
}

const BenchFlops* best_flops(const BenchResult& result, NumberFormat format, const std::string& unit, int threads) {
  const BenchFlops* best = nullptr;
  for (const BenchFlops& f : result.flops) {
    if (f.format != format || f.unit != unit || f.threads != threads || f.quality == BenchQuality::refused) continue;
    if (best == nullptr || f.rate.median > best->rate.median) best = &f;
  }
  return best;
}

const BenchBandwidth* best_read(const BenchResult& result, const std::string& level, const std::string& unit) {
  const BenchBandwidth* best = nullptr;
  for (const BenchBandwidth& b : result.bandwidth) {
    if (b.kernel != "read" || b.level != level || b.unit != unit || b.ladder) continue;
    if (best == nullptr || b.rate.median > best->rate.median) best = &b;
  }
  return best;
}

}  // namespace roofline
