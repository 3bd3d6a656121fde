// Which CPUs, clusters, caches and memory the machine has, as far as it says: everything but the affinity mask is optional.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "roofline/bench/features.hpp"
#include "roofline/core/bench_result.hpp"
#include "roofline/core/cpu_core.hpp"

namespace roofline::bench {

// `root` stands in front of /proc and /sys, so that recorded trees can be read; `allowed` are the CPUs to look at.
BenchTopology read_topology(const Processor& processor, const std::vector<CpuCore>& cores, const std::vector<int>& allowed,
                            const std::filesystem::path& root = "/");
std::vector<int> allowed_cpus();  // of this process

CoreSighting sighting(const CoreId& id, FeatureSet features);

// What changes from moment to moment. Empty where the system does not say.
struct Moment {
  std::optional<double> load;         // load average of one minute
  std::optional<double> temperature;  // degrees Celsius of the hottest zone
  double busy_ticks = 0, steal_ticks = 0;
};
Moment read_moment(const std::filesystem::path& root = "/");
// CPUs' worth of time a container may use; empty where not limited.
std::optional<double> cpu_quota(const std::filesystem::path& root = "/");
std::string kernel_release();

}  // namespace roofline::bench
