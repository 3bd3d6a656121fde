// A machine in, its ceilings out: the whole measurement, within the time it is given.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "roofline/bench/features.hpp"
#include "roofline/core/bench_result.hpp"
#include "roofline/core/cpu_core.hpp"

namespace roofline::bench {

struct BenchOptions {
  double seconds = 60;  // of measuring; filling memory comes on top
  bool thorough = true;  // sweeps accumulators, widths and access patterns; else only what usually wins
  int threads = 0;      // of each cluster, at most; 0: every CPU this process may use
  bool flops = true, bandwidth = true, gemv = true, latency = true, gpu = true;
  std::vector<CpuCore> cores;  // the theory
  // Part done (0 to 1) and what comes next; called between measurements.
  std::function<void(double, const std::string&)> progress;
};
BenchResult run_bench(const BenchOptions& options);

// Every kernel that can run here against plain arithmetic: what was checked, and what was wrong.
struct SelfTest {
  std::vector<std::string> passed, skipped, failed;
};
SelfTest self_test(const Processor& processor);

}  // namespace roofline::bench
