// One run of the benchmark: the parts put their measurements on a list, the session gives each its share of the time.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bench/buffer.hpp"
#include "bench/sampling.hpp"
#include "roofline/bench/bench.hpp"
#include "roofline/bench/topology.hpp"

namespace roofline::bench {

struct Task {
  std::string what;
  double weight = 1;
  std::function<void(double seconds)> run;
};

struct Session {
  const BenchOptions* options = nullptr;
  Processor processor;
  BenchResult result;
  std::unique_ptr<Buffer> memory;  // larger than every cache, shared by all parts
  std::vector<Task> tasks;
  std::vector<double> clocks;      // of every measurement

  // CPUs of a cluster, or of all together ("all"), as many as may be used.
  [[nodiscard]] std::vector<int> cpus_of(const std::string& unit) const;
  // One or more units: each cluster, and all of them together where there are several.
  [[nodiscard]] std::vector<std::string> units() const;
  [[nodiscard]] const BenchCluster& cluster_of(const std::string& unit) const;  // of "all": the first
  [[nodiscard]] const CpuCore* core_of(const BenchCluster& cluster) const;
  // Size of one thread's share of a cache level; nothing where the level is not known.
  [[nodiscard]] Bytes cache_share(const std::string& unit, int level, int threads) const;
  [[nodiscard]] Bytes last_level_cache() const;
  void add(std::string what, double weight, std::function<void(double)> run) { tasks.push_back({std::move(what), weight, std::move(run)}); }
  Reading read(const std::vector<int>& cpus, const MakeWork& make, double seconds, bool registers_only = false, const ClockChain& chain = {});
};

// Keeps the better of two figures of the same thing, or adds the first.
template <class Figure, class Same>
void keep_better(std::vector<Figure>& all, Figure figure, const Same& same) {
  const auto rank = [](const Figure& f) { return std::pair(f.quality == BenchQuality::good ? 2 : f.quality == BenchQuality::noisy ? 1 : 0, f.rate.median); };
  for (Figure& known : all) {
    if (!same(known)) continue;
    if (rank(figure) > rank(known)) known = std::move(figure);
    return;
  }
  all.push_back(std::move(figure));
}

void plan_flops(Session& session);
void plan_gemv(Session& session);
void plan_reads(Session& session);    // before the stores, which leave other data behind
void plan_stores(Session& session);
void plan_latency(Session& session);  // writes its links
void add_gpu(Session& session);

// "L1", "L2", "L3" or "DRAM" by what a working set of one thread fits in; empty where caches are not known.
std::string level_of(const Session& session, const std::string& unit, Bytes working_set, int threads);
// Powers of two (or of eight, when in a hurry) from 4 KiB up.
std::vector<std::size_t> ladder_sizes(const Session& session, std::size_t most);

}  // namespace roofline::bench
