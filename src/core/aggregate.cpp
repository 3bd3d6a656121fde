#include "roofline/core/aggregate.hpp"

#include <algorithm>
#include <iterator>

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

void accumulate(std::vector<OperatorEstimate>& sum, const OperatorEstimate& more, double times) {
  auto found = std::find_if(sum.begin(), sum.end(), [&](const OperatorEstimate& other) {
    return other.op.name == more.op.name && other.op.format == more.op.format && other.bound == more.bound;
  });
  if (found == sum.end()) {
    sum.push_back(more);
    found = std::prev(sum.end());
    found->op.work = Ops{};
    found->op.traffic = Traffic{};
    found->op.activations = found->op.routed = Bytes{};
    found->ceilings.dispatch = found->compute = found->memory = found->time = Seconds{};
  }
  found->op.work += times * more.op.work;
  found->op.routed += times * more.op.routed;
  found->op.activations += times * more.op.activations;
  found->op.traffic.weights += times * more.op.traffic.weights;
  found->op.traffic.kv_cache += times * more.op.traffic.kv_cache;
  found->op.traffic.state += times * more.op.traffic.state;
  found->ceilings.dispatch += times * more.ceilings.dispatch;
  found->compute += times * more.compute;
  found->memory += times * more.memory;
  found->time += times * more.time;
}

}  // namespace roofline
