// One question over every engine and unit of a device: which combinations answer it, which refuse and why.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "roofline/core/estimate.hpp"

namespace roofline {

struct Question {
  const OperatingPoint* point = nullptr;
  const ModelSpec* model = nullptr;
  std::vector<const Engine*> engines;      // already filtered by the user's choice
  std::optional<UnitKind> unit;            // only this kind
  std::string quantization;                // id or alias (int4, int8, fp16, w4a16 ...)
  Workload workload;
  // Looks up a quantization by id or alias, a KV or weight format by id, the constants of an engine; null if there is none.
  std::function<const Quantization*(const std::string&)> find_quantization;
  std::function<const Calibration*(const std::string&)> find_calibration;
};

struct Survey {
  std::vector<Estimate> estimates;     // supported first, then by expected (else ceiling) decode rate
  std::vector<Estimate> alternatives;  // what refusing engines offer instead, same order
};

Survey survey(const Question& question);

}  // namespace roofline
