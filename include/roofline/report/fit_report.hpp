// What fits, how far, and what to change -> text, JSON, Markdown.
#pragma once

#include <vector>

#include "roofline/core/advice.hpp"
#include "roofline/report/render.hpp"

namespace roofline::report {

// One supported estimate with its memory at every KV type it takes.
struct KvChoice {
  WeightFormat type;  // of keys and values
  MemoryAnswer memory;
};
struct Capacity {
  const Estimate* estimate = nullptr;
  std::vector<KvChoice> choices;
};

struct FitAnswer {
  Answer answer;
  std::vector<Capacity> capacities;  // of the supported estimates, in their order
  Workload target;                   // what the changes are for: as asked, or the context --require demands
  std::vector<Change> changes;
};

std::string fit_text(const FitAnswer& fit, const TextStyle& style);
std::string fit_json(const FitAnswer& fit);
std::string fit_markdown(const FitAnswer& fit);

}  // namespace roofline::report
