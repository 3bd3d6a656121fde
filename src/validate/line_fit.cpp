#include "validate/line_fit.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

namespace roofline::validate {
namespace {

// Seconds of one decode step, or of the whole prompt. Where a source gives the time to first token instead of a prefill
// rate, one decode step is taken off it.
std::optional<double> stated_time(const CalibrationRow& row, Phase phase) {
  const auto& decode = row.run.decode_tokens_per_second;
  if (phase == Phase::decode) return decode ? std::optional(1.0 / *decode) : std::nullopt;
  if (row.run.prefill_tokens_per_second) return row.prompt / *row.run.prefill_tokens_per_second;
  if (!row.run.ttft_ms || !row.run.prompt || !decode) return std::nullopt;
  return *row.run.ttft_ms / 1e3 - 1.0 / *decode;
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

}  // namespace

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

double ceiling_time(const CalibrationRow& row, Phase phase) {
  return phase == Phase::decode ? row.decode_time.in(unit::s) : row.prefill_time->in(unit::s);
}

std::optional<double> measured_time(const CalibrationRow& row, Phase phase) {
  if (phase == Phase::prefill && (!row.prefill_time || row.prefill_compute < 0.5 * *row.prefill_time)) return std::nullopt;
  const auto time = stated_time(row, phase);
  return time && *time >= ceiling_time(row, phase) ? time : std::nullopt;
}

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

Line fit_streaming(const std::vector<Vote>& votes) {
  Line line = fit_line(votes, 0.0);
  line.inverse_efficiency = std::max(1.0, line.inverse_efficiency);
  return line;
}

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

std::vector<double> left_out_residuals(const std::vector<Vote>& votes, double wider_overhead, bool by_device, bool has_overhead) {
  std::vector<double> residuals;
  for (std::size_t i = 0; i < votes.size(); ++i) {
    std::vector<Vote> rest;
    for (std::size_t j = 0; j < votes.size(); ++j) {
      if (by_device ? votes[j].device != votes[i].device : j != i) rest.push_back(votes[j]);
    }
    if (rest.empty()) continue;
    const Line line = has_overhead ? fit_constrained(rest, wider_overhead) : fit_streaming(rest);
    residuals.push_back(std::log(line.at(votes[i]) / votes[i].measured));
  }
  return residuals;
}

}  // namespace roofline::validate
