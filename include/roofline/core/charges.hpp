// PhaseEstimate at the physical ceilings -> what its time is made of; the form that is fitted and the form that predicts.
#pragma once

#include <vector>

#include "roofline/core/aggregate.hpp"
#include "roofline/core/calibration.hpp"

namespace roofline {

// Equal charges of one format family and arithmetic are summed. Items of no physical time are left out. [model.md#expectation]
std::vector<ChargeItem> decode_charges(const PhaseEstimate& decode, const UnitPoint& unit, const ModelSpec& model);
// `chunks`: passes the prompt is taken in. Precondition: prefill.compute_known.
std::vector<ChargeItem> prefill_charges(const PhaseEstimate& prefill, const UnitPoint& unit, const ModelSpec& model, int chunks);

// An item with what the fit makes of it.
struct Charged {
  ChargeItem item;
  double factor = 1.0;
  Seconds time;
};
std::vector<Charged> charge(const std::vector<ChargeItem>& items, const Calibration& calibration, Phase phase, const Scope& scope);
Seconds total(const std::vector<Charged>& charged);
// The largest of: bytes, operations, unpacking, counts.
Bound dominant(const std::vector<Charged>& charged);

struct Expectation {
  PhaseEstimate phase;  // time, tokens, bound and overhead as expected; operators are those of the physical estimate and not repeated
  std::vector<Charged> charges;
  double level = 0.8;  // of the interval
  TokensPerSecond low;
  TokensPerSecond high;  // never above the physical ceiling
  Rung rung = Rung::engine;
};
// Never faster than `physical`.
Expectation expectation(const PhaseEstimate& physical, std::vector<Charged> charges, const Interval& interval);

}  // namespace roofline
