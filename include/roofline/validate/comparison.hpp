// Estimate + measured figures -> verdict: inside the interval, impossible, or far off, with likely reasons.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "roofline/core/estimate.hpp"
#include "roofline/core/measured_run.hpp"

namespace roofline::validate {

enum class Judgement { inside_interval, above_expected, below_expected, far_below, above_ceiling };
std::string_view to_string(Judgement judgement);

struct PhaseComparison {
  double measured = 0;  // tokens/s
  double ceiling = 0;
  std::optional<double> expected, low, high;
  std::optional<double> ratio;  // measured / expected
  Judgement judgement = Judgement::inside_interval;
  std::vector<std::string> likely_reasons;
};

struct Comparison {
  std::optional<PhaseComparison> decode;
  std::optional<PhaseComparison> prefill;
};

// `other_modes`, `other_units`: the same question at the device's other power modes, and on its other units; one whose
// interval holds a measurement that is too low is named.
Comparison compare(const Estimate& estimate, std::optional<double> decode_tokens_per_second,
                   std::optional<double> prefill_tokens_per_second, const std::vector<Estimate>& other_modes = {},
                   const std::vector<Estimate>& other_units = {});

}  // namespace roofline::validate
