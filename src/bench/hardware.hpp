// Cores and caches behind the CPUs' numbers: from hwloc where the program is built with it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "roofline/core/bench_result.hpp"

namespace roofline::bench {

struct HardwareCpu {
  int number = 0;
  bool first_of_core = true;  // else an SMT sibling of one that comes before it
  int kind = 0;               // of core, where the machine has several
  std::vector<BenchCache> caches;  // level 1 is the data cache
};
struct Hardware {
  std::vector<HardwareCpu> cpus;
  int numa_nodes = 1;
  std::string source;
};
Hardware read_hardware(const std::vector<int>& allowed, const std::filesystem::path& root);

}  // namespace roofline::bench
