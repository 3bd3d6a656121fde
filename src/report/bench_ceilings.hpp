// The few figures of a measurement that bound everything else; shared by the device file and the drawing.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "roofline/core/bench_result.hpp"

namespace roofline::report {

// Highest rate anything read or moved a level at, bytes counted once; `what` names the winner.
struct MeasuredRate {
  double high = 0, median = 0;
  int threads = 1;
  std::string what;
};
// Over all of its kernels and thread counts. Empty where the level was not measured. `unit` may be empty: any CPU.
std::optional<MeasuredRate> level_rate(const BenchResult& result, const std::string& level, const std::string& unit);
// Of one format on one cluster: the most operations a cycle any instruction did, with all cores and with one.
struct MeasuredFormat {
  NumberFormat format = NumberFormat::fp32;
  double ops_per_cycle = 0;  // highest, of one core
  double median = 0;         // op/s, all threads
  double high = 0;
  int threads = 1;
  std::string instruction;
};
std::vector<MeasuredFormat> measured_formats(const BenchResult& result, const BenchCluster& cluster);
// Hz: highest seen on the cluster.
double highest_clock(const BenchResult& result, const BenchCluster& cluster);
bool is_gpu(const BenchResult& result, const std::string& unit);

}  // namespace roofline::report
