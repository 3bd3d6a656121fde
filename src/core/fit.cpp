#include "roofline/core/fit.hpp"

#include <algorithm>

namespace roofline {
namespace {

// Largest multiple of the granularity (or the limit itself) whose need fits; needed_at never falls, so bisection holds.
int largest_context(const FitQuestion& q) {
  if (q.needed_weights > q.available || q.context_limit <= 0) return 0;
  if (q.needed_at(q.context_limit) <= q.available) return q.context_limit;
  int low = 0;
  int high = (q.context_limit + q.granularity - 1) / q.granularity;
  while (high - low > 1) {
    const int middle = low + (high - low) / 2;
    (q.needed_at(middle * q.granularity) <= q.available ? low : high) = middle;
  }
  return low * q.granularity;
}

}  // namespace

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::fits: return "fits";
    case Verdict::tight: return "tight";
    case Verdict::fits_with_offload: return "fits_with_offload";
    case Verdict::does_not_fit: return "does_not_fit";
  }
  return "?";
}

Fit fit(const FitQuestion& q) {
  Fit result;
  result.needed = q.needed;
  result.usable = q.usable;
  result.available = q.available;
  result.margin = q.available - q.needed;
  result.max_context_tokens = largest_context(q);
  if (q.needed <= q.available) {
    const bool tight = result.margin < tight_headroom * q.available;
    result.verdict = tight ? Verdict::tight : Verdict::fits;
    result.reason = tight ? "less than 5 % of the usable memory stays free" : "";
  } else if (q.can_offload) {
    result.verdict = Verdict::fits_with_offload;
    result.reason = "more than the card holds; the rest has to run from host memory, whose size and speed are not known here";
  } else if (q.needed_weights > q.available) {
    result.verdict = Verdict::does_not_fit;
    result.reason = "the weights alone are more than the usable memory";
  } else {
    result.verdict = Verdict::does_not_fit;
    result.reason = "the weights fit, the KV cache and buffers for this context do not";
  }
  return result;
}

}  // namespace roofline
