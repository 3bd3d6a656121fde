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
// Of one format on one cluster or GPU: the most operations a cycle any instruction did, with all cores and with one.
struct MeasuredFormat {
  NumberFormat format = NumberFormat::fp32;
  bool matrix = false;  // vectors and a CPU's tiles are kept apart: weights are unpacked by vectors
  Accumulate accumulate = Accumulate::unspecified;
  bool lower_bound = false;
  double ops_per_cycle = 0;  // highest, of one core
  double median = 0;         // op/s, all threads
  double high = 0;
  int threads = 1;
  std::string instruction;
};
std::vector<MeasuredFormat> measured_formats(const BenchResult& result, const BenchCluster& cluster);
// The same of a GPU, per cycle of one of its units at the clock the driver states; nothing where it states none.
std::vector<MeasuredFormat> measured_formats(const BenchResult& result, const BenchGpu& gpu);
// Those to be described beside the processors: not the processors themselves through OpenCL, nor what has no clock or no memory rate.
std::vector<BenchGpu> described_gpus(const BenchResult& result);
// Hz: highest seen on the cluster.
double highest_clock(const BenchResult& result, const BenchCluster& cluster);
bool is_gpu(const BenchResult& result, const std::string& unit);

}  // namespace roofline::report
