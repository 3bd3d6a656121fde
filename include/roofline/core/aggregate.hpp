// OperatorEstimates -> phase: time per step, tokens/s, what bounds it.
#pragma once

#include <optional>
#include <vector>

#include "roofline/core/roofline.hpp"

namespace roofline {

struct PhaseEstimate {
  Phase phase = Phase::decode;
  std::vector<OperatorEstimate> operators;
  Seconds time;      // decode: one step of the whole batch; prefill: all chunks of the prompt
  Seconds overhead;  // constants per token, layer and chunk inside `time`
  Tokens tokens;     // tokens per sequence the time covers: 1 in decode, the prompt in prefill
  double batch = 1;
  Bound bound = Bound::memory;
  Ops work;
  Bytes traffic;
  bool compute_known = true;  // false: an operator's arithmetic peak is not known, so `time` has no compute term for it
  std::optional<OpsPerByte> ridge_point;  // of the operator that takes longest

  [[nodiscard]] TokensPerSecond per_sequence() const { return tokens / time; }
  [[nodiscard]] TokensPerSecond aggregate() const { return batch * per_sequence(); }
  [[nodiscard]] OpsPerByte arithmetic_intensity() const { return work / traffic; }
};

PhaseEstimate aggregate(Phase phase, std::vector<OperatorEstimate> operators, Seconds overhead, double tokens, double batch);
// Adds `more`, `times` over, to the estimate of the same operator and bound in `sum`: how the chunks of a prompt add up.
void accumulate(std::vector<OperatorEstimate>& sum, const OperatorEstimate& more, double times = 1.0);

}  // namespace roofline
