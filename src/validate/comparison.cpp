#include "roofline/validate/comparison.hpp"

#include <cmath>
#include <cstdio>

namespace roofline::validate {
namespace {

std::string text(const char* format, double a, double b = 0, double c = 0) {
  char buffer[200];
  std::snprintf(buffer, sizeof buffer, format, a, b, c);
  return buffer;
}

const std::optional<Expectation>& expectation(const Estimate& e, Phase phase) {
  return phase == Phase::decode ? e.expected_decode : e.expected_prefill;
}

std::vector<std::string> impossible_reasons(const Estimate& e, Phase phase, double measured) {
  std::vector<std::string> reasons;
  if (phase == Phase::prefill) {
    Seconds memory;
    for (const OperatorEstimate& op : e.prefill.operators) memory += op.memory;
    const double prompt = e.workload.prompt;
    reasons.push_back(text("one pass over the weights alone takes at least %.2f ms, so %.0f prompt tokens can not exceed %.0f tok/s: ",
                           memory.in(unit::ms), prompt, prompt / memory.in(unit::s)) +
                      "the prompt, or most of it, came from a prompt cache");
    return reasons;
  }
  const double implied = e.unit->bandwidth.value.base() / measured;
  reasons.push_back(text(e.workload.batch > 1 ? "at this rate of each sequence no more than %.2f GB can have been read per step, which needs %.2f GB: "
                                              : "at this rate no more than %.2f GB can have been read per token, the model needs %.2f GB: ",
                         implied / 1e9, e.decode.traffic.in(unit::GB)) +
                    "a smaller quantization or model, speculative decoding, or a rate summed over several sequences");
  reasons.push_back("a faster memory than the database has for this device (another variant, a higher memory clock)");
  return reasons;
}

std::string prediction_text(const Expectation& e) {
  return text("%.3g (%.3g to %.3g) tok/s", e.phase.per_sequence().base(), e.low.base(), e.high.base());
}

// The power mode whose prediction holds the figure, or else comes closest to it.
void mode_reason(PhaseComparison& c, Phase phase, const std::vector<Estimate>& other_modes) {
  const Estimate* closest = nullptr;
  double distance = 0;
  for (const Estimate& other : other_modes) {
    const auto& expected = expectation(other, phase);
    if (!expected || other.point->mode == nullptr) continue;
    const double off = std::abs(std::log(expected->phase.per_sequence().base() / c.measured));
    if (closest == nullptr || off < distance) {
      closest = &other;
      distance = off;
    }
  }
  if (closest == nullptr) return;
  const Expectation& expected = *expectation(*closest, phase);
  const std::string mode = "power mode " + closest->point->mode->id + " predicts " + prediction_text(expected);
  const bool holds = c.measured >= expected.low.base() && c.measured <= expected.high.base();
  c.likely_reasons.push_back(holds ? mode + ", which holds this figure: the board was probably not in the mode asked about (nvpmodel -q shows it)"
                                   : "no power mode alone explains it; the closest, " + mode);
}

void unit_reason(PhaseComparison& c, Phase phase, const std::vector<Estimate>& other_units) {
  for (const Estimate& other : other_units) {
    const auto& expected = expectation(other, phase);
    if (!expected || c.measured < expected->low.base() || c.measured > expected->high.base()) continue;
    c.likely_reasons.push_back("on the " + std::string(to_string(other.unit->unit->kind)) + " " + prediction_text(*expected) +
                               " are expected, which holds this figure: the layers may have run there");
  }
}

void slow_reasons(PhaseComparison& c, Phase phase, const std::vector<Estimate>& other_modes, const std::vector<Estimate>& other_units) {
  mode_reason(c, phase, other_modes);
  unit_reason(c, phase, other_units);
  c.likely_reasons.push_back("clocks not pinned to their maximum (jetson_clocks, governor 'performance', memory clock)");
  c.likely_reasons.push_back("an old build of the engine, or one without this unit's kernels (part of the layers on the CPU)");
  if (phase == Phase::decode) c.likely_reasons.push_back("an end-to-end figure that includes prefill, or other load on the same memory");
}

PhaseComparison judge(const Estimate& e, Phase phase, double measured, const std::vector<Estimate>& other_modes,
                      const std::vector<Estimate>& other_units) {
  PhaseComparison c;
  const PhaseEstimate& physical = phase == Phase::decode ? e.decode : e.prefill;
  c.measured = measured;
  c.ceiling = physical.per_sequence().base();
  const auto& expected = expectation(e, phase);
  if (expected) {
    c.expected = expected->phase.per_sequence().base();
    c.low = expected->low.base();
    c.high = expected->high.base();
    c.ratio = measured / *c.expected;
  }
  if (measured > c.ceiling) {
    c.judgement = Judgement::above_ceiling;
    c.likely_reasons = impossible_reasons(e, phase, measured);
  } else if (expected && measured > *c.high) {
    c.judgement = Judgement::above_expected;
    c.likely_reasons.push_back("a newer or better tuned build than the runs the expectation rests on");
  } else if (expected && measured < *c.low) {
    // Twice the interval's half-width below expectation is not noise of the kind the interval was made from.
    const bool far = std::log(*c.expected / measured) > 2 * std::log(*c.expected / *c.low) || *c.ratio < 0.6;
    c.judgement = far ? Judgement::far_below : Judgement::below_expected;
    slow_reasons(c, phase, other_modes, other_units);
  }
  return c;
}

}  // namespace

std::string_view to_string(Judgement judgement) {
  switch (judgement) {
    case Judgement::inside_interval: return "inside the interval";
    case Judgement::above_expected: return "above expected";
    case Judgement::below_expected: return "below expected";
    case Judgement::far_below: return "far below";
    case Judgement::above_ceiling: return "above the ceiling: impossible";
  }
  return "?";
}

Comparison compare(const Estimate& estimate, std::optional<double> decode_tokens_per_second,
                   std::optional<double> prefill_tokens_per_second, const std::vector<Estimate>& other_modes,
                   const std::vector<Estimate>& other_units) {
  Comparison comparison;
  if (!estimate.supported) return comparison;
  if (decode_tokens_per_second) comparison.decode = judge(estimate, Phase::decode, *decode_tokens_per_second, other_modes, other_units);
  if (prefill_tokens_per_second) comparison.prefill = judge(estimate, Phase::prefill, *prefill_tokens_per_second, other_modes, other_units);
  return comparison;
}

}  // namespace roofline::validate
