// What several suites need: the compiled-in database by id, small CSV files, one relative comparison.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "roofline/core/estimate.hpp"
#include "roofline/core/survey.hpp"
#include "roofline/db/catalog.hpp"

namespace roofline::testing {

db::Catalog& catalog();
const Device& device(const std::string& name);
const ModelSpec& model(const std::string& name);
const Quantization& quantization(const std::string& name);
const Engine& engine(const std::string& name);
const WeightFormat& format(const std::string& id);

Workload workload(int prompt = 512, int generated = 128, int context = 4096, const std::string& kv = "f16");

// One estimate through the same path as the program: a survey restricted to one engine and unit.
struct Asked {
  std::string hw, model, quant, engine;
  UnitKind unit = UnitKind::gpu;
  std::string mode;  // empty: the fastest known
  Workload work = workload();
};
// The estimate owns what it points to through `point`.
struct Answer {
  std::unique_ptr<OperatingPoint> point;
  Survey survey;
  [[nodiscard]] const Estimate& first() const { return survey.estimates.front(); }
};
Answer ask(const Asked& asked);

using CsvRow = std::map<std::string, std::string>;
// RFC 4180 with a header row; quoted fields may hold commas.
std::vector<CsvRow> read_csv(const std::string& path_below_tests);

// |a / b - 1|
double relative_error(double a, double b);

}  // namespace roofline::testing
