// Footprint + memory -> verdict, with the numbers behind it.
#pragma once

#include <functional>
#include <string>

#include "roofline/core/device.hpp"
#include "roofline/core/footprint.hpp"

namespace roofline {

enum class Verdict { fits, tight, fits_with_offload, does_not_fit };
std::string_view to_string(Verdict verdict);

// Policy, not physics: with less than this share of usable memory left over, the answer is `tight`.
inline constexpr double tight_headroom = 0.05;

struct Fit {
  Verdict verdict = Verdict::does_not_fit;
  Bytes needed;
  Bytes usable;               // what any application can have of the memory
  Bytes available;            // what this engine takes of it at most: usable, or the engine's share
  Bytes margin;               // available - needed; negative if it does not fit
  int max_context_tokens = 0; // largest context (<= limit) that fits; 0 if the weights alone do not
  std::string reason;
  std::optional<Bytes> refused_allocation;  // set if an allocation as large as this model's was refused on such a board
};

struct FitQuestion {
  Bytes needed;             // at the workload's context
  Bytes needed_weights;     // weights and runtime alone
  Bytes usable;
  Bytes available;          // the engine's share of it
  bool can_offload = false; // the engine may leave layers in host memory and the device has any
  int context_limit = 0;    // smaller of the model's and the engine's
  int granularity = 1;      // contexts come in multiples of this
  std::function<Bytes(int context)> needed_at;  // total need at a context; never falls with it
};
Fit fit(const FitQuestion& question);

}  // namespace roofline
