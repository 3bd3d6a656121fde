// Fitted constants as data: what turns a ceiling into an expectation, with the evidence behind each.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "roofline/core/device.hpp"
#include "roofline/core/model_spec.hpp"
#include "roofline/core/quantity.hpp"
#include "roofline/core/workload.hpp"

namespace roofline {

// expected time = sum over operators of max(work / (efficiency x peak), traffic / (efficiency x bandwidth))
//               + layers x layer_overhead + token_overhead     (decode: per step; prefill: per chunk)
struct Constant {
  Phase phase = Phase::decode;
  UnitKind unit = UnitKind::cpu;
  std::string device;         // empty = any
  std::string family;         // device family; empty = any
  std::string format_family;  // empty = any
  std::string model_class;    // dense, routed, recurrent; empty = any
  double efficiency = 1.0;    // of peak bandwidth (decode) or of the arithmetic peak (prefill)
  Seconds token_overhead;
  Seconds layer_overhead;
  double unpack_efficiency = 0.0;     // of the arithmetic peak, decode products: unpacking weights costs instructions; 0 = no such limit
  double attention_efficiency = 0.0;  // of the arithmetic peak, decode attention at depth; 0 = not separated
  double spread = 0.0;                // half-width of the 80 % interval as a log ratio
  std::string rung;                   // what the constant rests on, in words
  int runs = 0;
  std::optional<double> error;  // median |predicted / measured - 1|, each vote (or device) left out in turn; empty: too few
  std::vector<std::string> run_ids;
};

struct Calibration {
  std::string engine;
  std::string method;
  std::string runs_digest;
  std::vector<Constant> constants;
};

// What kind of kernels a model needs: `recurrent` if any layer keeps a state, `routed` if any has experts, else `dense`.
std::string_view model_class(const ModelSpec& model);

// The most specific constant that applies. The model class weighs most (routed and recurrent kernels are not streamed
// products), then device, device family, format family.
const Constant* find_constant(const Calibration& calibration, Phase phase, UnitKind unit, std::string_view device,
                              std::string_view family, std::string_view format_family, std::string_view model_class);

}  // namespace roofline
