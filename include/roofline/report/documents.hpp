// Facts of the database -> the Markdown documents that are generated and kept under docs/.
#pragma once

#include <string>
#include <vector>

#include "roofline/core/device.hpp"
#include "roofline/core/engine.hpp"
#include "roofline/core/measured_run.hpp"
#include "roofline/core/model_spec.hpp"
#include "roofline/core/weight_format.hpp"

namespace roofline::report {

// Marketing numbers of devices from stored facts, parameter counts and bytes per format of models.
struct ConsistencyFacts {
  std::vector<const Device*> devices;
  std::vector<const ModelSpec*> models;
  std::vector<const Quantization*> quantizations;  // the columns of bytes
};
std::string consistency_document(const ConsistencyFacts& facts);

// Which engine runs which quantization on which chip, and how we know.
struct SupportFacts {
  std::vector<const Device*> devices;
  std::vector<const Engine*> engines;
  std::vector<const Quantization*> quantizations;
  std::vector<MeasuredRun> runs;
};
std::string support_document(const SupportFacts& facts);

}  // namespace roofline::report
