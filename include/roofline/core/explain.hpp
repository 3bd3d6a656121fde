// Estimate -> steps, each with operands and citations: a pure function of the result, so it can not drift from it.
#pragma once

#include <string>
#include <vector>

#include "roofline/core/estimate.hpp"
#include "roofline/core/measured_run.hpp"

namespace roofline {

struct Operand {
  std::string name;
  AnyQuantity value;
  std::string unit;  // preferred unit name for printing; empty: the report chooses
  Citation cite;
};
struct Step {
  std::string title;
  std::string formula;  // with the operands' names
  std::vector<Operand> operands;
  AnyQuantity result;
  std::string result_unit;
  std::string note;
};

// `published`: runs of kind estimate for the same question; each becomes a step that says why the figures differ.
std::vector<Step> explain(const Estimate& estimate, const std::vector<MeasuredRun>& published = {});

}  // namespace roofline
