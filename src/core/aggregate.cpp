#include "roofline/core/aggregate.hpp"

#include <algorithm>

namespace roofline {
namespace {

Bound dominant(const std::vector<OperatorEstimate>& operators, Seconds overhead) {
  Seconds memory;
  Seconds compute;
  Seconds unpack;
  for (const OperatorEstimate& estimate : operators) {
    Seconds& share = estimate.bound == Bound::compute ? compute : estimate.bound == Bound::unpack ? unpack : memory;
    share += std::max(estimate.compute, estimate.memory);
    overhead += estimate.ceilings.dispatch;
  }
  const Seconds longest = std::max({memory, compute, unpack, overhead});
  if (memory == longest) return Bound::memory;
  if (compute == longest) return Bound::compute;
  return unpack == longest ? Bound::unpack : Bound::overhead;
}

void add(OperatorEstimate& sum, const OperatorEstimate& more) {
  sum.op.work += more.op.work;
  sum.op.traffic.weights += more.op.traffic.weights;
  sum.op.traffic.kv_cache += more.op.traffic.kv_cache;
  sum.op.traffic.state += more.op.traffic.state;
  sum.ceilings.dispatch += more.ceilings.dispatch;
  sum.compute += more.compute;
  sum.memory += more.memory;
  sum.time += more.time;
}

}  // namespace

PhaseEstimate aggregate(Phase phase, std::vector<OperatorEstimate> operators, Seconds overhead, double tokens, double batch) {
  PhaseEstimate result;
  result.phase = phase;
  result.overhead = overhead;
  result.time = overhead;
  result.tokens = tokens * unit::token;
  result.batch = batch;
  Seconds longest = -1.0 * unit::s;
  for (const OperatorEstimate& estimate : operators) {
    result.time += estimate.time;
    result.work += estimate.op.work;
    result.traffic += estimate.op.traffic.total();
    if (!estimate.ceilings.peak && estimate.op.work > Ops{}) result.compute_known = false;
    if (estimate.time > longest) {
      longest = estimate.time;
      result.ridge_point = ridge_point(estimate.ceilings);
    }
  }
  result.bound = dominant(operators, overhead);
  result.operators = std::move(operators);
  return result;
}

PhaseEstimate concatenate(const std::vector<PhaseEstimate>& chunks, double tokens, double batch) {
  std::vector<OperatorEstimate> merged;
  Seconds overhead;
  for (const PhaseEstimate& chunk : chunks) {
    overhead += chunk.overhead;
    for (const OperatorEstimate& estimate : chunk.operators) {
      const auto same = [&](const OperatorEstimate& other) {
        return other.op.name == estimate.op.name && other.op.format == estimate.op.format && other.bound == estimate.bound;
      };
      const auto found = std::find_if(merged.begin(), merged.end(), same);
      if (found == merged.end()) {
        merged.push_back(estimate);
      } else {
        add(*found, estimate);
      }
    }
  }
  return aggregate(chunks.empty() ? Phase::prefill : chunks.front().phase, std::move(merged), overhead, tokens, batch);
}

}  // namespace roofline
