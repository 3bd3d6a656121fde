#include "bench/session.hpp"

#include <algorithm>
#include <cmath>
#include <ctime>

#include "roofline/bench/compute_kernels.hpp"
#include "roofline/bench/gemv.hpp"
#include "roofline/bench/memory_kernels.hpp"

namespace roofline::bench {
namespace {

constexpr const char* everything = "all";

std::string today() {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  localtime_r(&now, &local);
  char text[16];
  std::strftime(text, sizeof text, "%Y-%m-%d", &local);
  return text;
}

std::string compiler() {
#if defined(__clang__)
  return std::string("clang ") + __clang_version__;
#else
  return std::string("g++ ") + __VERSION__;
#endif
}

// Larger than all caches, so that a pass leaves nothing behind for the next; a quarter of the memory at most.
std::size_t memory_bytes(const Session& session) {
  constexpr double least = 256.0 * 1024 * 1024, most = 4.0 * 1024 * 1024 * 1024;
  const double factor = session.options->thorough ? 4 : 2;
  double bytes = std::clamp(factor * session.last_level_cache().base(), least, most);
  const double memory = session.result.topology.memory_allowed.base();
  if (memory > 0) bytes = std::min(bytes, memory / 4);
  // A buffer nobody reads from costs time to fill: the time given bounds it.
  constexpr double bytes_per_second = 0.5e9;
  if (session.options->seconds < 2) bytes = std::min(bytes, std::max(8.0 * 1024 * 1024, bytes_per_second * session.options->seconds));
  return static_cast<std::size_t>(bytes);
}

// Each half of the list twice over, the better of the two is kept: what disturbs a machine from outside (another guest on the same core,
// which no clock or counter here can see) rarely lasts as long as a round. What stores leave other data behind comes second.
void run_tasks(Session& session, std::size_t first_that_stores) {
  constexpr int rounds = 2;
  double total = 0;
  for (const Task& task : session.tasks) total += rounds * task.weight;
  double weight = total;
  const double end = wall_seconds() + session.options->seconds;
  const auto run = [&](std::size_t begin, std::size_t past) {
    for (std::size_t i = begin; i < past; ++i) {
      const Task& task = session.tasks[i];
      if (session.options->progress) session.options->progress(1 - weight / total, task.what);
      const double left = std::max(0.0, end - wall_seconds());
      task.run(left * task.weight / weight);
      weight -= task.weight;
    }
  };
  for (int round = 0; round < rounds; ++round) run(0, first_that_stores);
  for (int round = 0; round < rounds; ++round) run(first_that_stores, session.tasks.size());
  if (session.options->progress) session.options->progress(1, "");
}

void add_clock(BenchContext& context, const std::vector<double>& clocks) {
  const SampleSummary clock = summarize(clocks, 0);
  if (clock.samples == 0) return;
  context.clock = clock.median;
  context.clock_low = clock.low;
  context.clock_high = clock.high;
}

// Threads of one measurement side by side: cores of several kinds, or one that throttles, disappear in a mean.
void add_thread_clocks(BenchContext& context, const std::vector<BenchFlops>& all) {
  for (const BenchFlops& f : all) {
    if (!f.slowest_clock || !f.fastest_clock || !(*f.slowest_clock > 0)) continue;
    const bool wider = !context.slowest_thread || *f.fastest_clock / *f.slowest_clock > *context.fastest_thread / *context.slowest_thread;
    // Of clusters together the clocks differ by design.
    if (!wider || f.unit == everything) continue;
    context.slowest_thread = f.slowest_clock;
    context.fastest_thread = f.fastest_clock;
  }
}

std::string gigahertz(double clock) { return std::to_string(clock / 1e9).substr(0, 4) + " GHz"; }
std::string percent(double share) { return std::to_string(static_cast<int>(std::lround(100 * share))) + " %"; }

void add_notes(Session& session, const Moment& before, const Moment& after) {
  BenchContext& c = session.result.context;
  const BenchTopology& t = session.result.topology;
  c.load_before = before.load;
  c.load_after = after.load;
  c.temperature_before = before.temperature;
  c.temperature_after = after.temperature;
  if (after.busy_ticks > before.busy_ticks) c.steal = (after.steal_ticks - before.steal_ticks) / (after.busy_ticks - before.busy_ticks);
  constexpr double busy_load = 0.5, noticeable_steal = 0.02, least_share = 0.98, noticeable_drift = 0.03;
  if (c.load_before.value_or(0) > busy_load) c.notes.push_back("the machine was not idle when this began: load average " + std::to_string(*c.load_before).substr(0, 4));
  if (c.cpu_per_wall < least_share) c.notes.push_back("threads had their CPU for " + percent(c.cpu_per_wall) + " of the time at worst: something else ran");
  if (c.steal.value_or(0) > noticeable_steal) c.notes.push_back("the hypervisor took " + percent(*c.steal) + " of the busy time");
  if (c.clock_low && *c.clock_high > (1 + noticeable_drift) * *c.clock_low) {
    c.notes.push_back("the clock moved by " + percent(*c.clock_high / *c.clock_low - 1) + " between measurements: rates per cycle hold, rates per second may not");
  }
  if (c.slowest_thread && *c.fastest_thread > (1 + noticeable_drift) * *c.slowest_thread) {
    c.notes.push_back("of threads that ran together one had a clock of " + gigahertz(*c.slowest_thread) + ", another of " + gigahertz(*c.fastest_thread) +
                      ": a core throttles, or they are not alike");
  }
  const auto& nominal = t.clusters.front().nominal_clock;
  if (nominal && c.clock && *c.clock < (1 - noticeable_drift) * *nominal) c.notes.push_back("the clock stayed " + percent(1 - *c.clock / *nominal) + " below its maximum: throttled, or the governor holds it");
  const auto& governor = t.clusters.front().governor;
  if (!governor.empty() && governor != "performance") c.notes.push_back("governor " + governor + "; `performance` gives steadier figures");
  if (const auto quota = cpu_quota()) c.notes.push_back("a control group allows " + std::to_string(*quota).substr(0, 4) + " CPUs' worth of time");
  if (session.memory != nullptr && static_cast<double>(session.memory->size()) < 2 * session.last_level_cache().base()) {
    c.notes.push_back("the buffer is smaller than twice the last level of cache: what is called DRAM may come from there in part");
  }
  if (c.virtualised) c.notes.push_back("a virtual machine: caches and memory may be shared with others that can not be seen");
  if (c.emulated) c.notes.push_back("emulated: numbers are right, times mean nothing");
  if (t.smt) c.notes.push_back("CPUs that share a core are listed after the first of each core; threads take one core each before they share");
}

// Virtual CPUs may be two threads of one core, whatever the system says of them.
void check_independence(Session& session) {
  for (const std::string& unit : session.units()) {
    const int threads = static_cast<int>(session.cpus_of(unit).size());
    if (threads < 2 || unit == everything) continue;
    const BenchFlops* one = best_flops(session.result, NumberFormat::fp32, unit, 1);
    const BenchFlops* all = best_flops(session.result, NumberFormat::fp32, unit, threads);
    if (one == nullptr || all == nullptr || one->quality != BenchQuality::good || all->quality != BenchQuality::good) continue;
    const double scaling = *all->ops_per_cycle / *one->ops_per_cycle;
    constexpr double shared = 0.75;
    if (scaling < shared) {
      session.result.context.notes.push_back(unit + ": " + std::to_string(threads) + " threads together reach " + percent(scaling) +
                                             " of one alone per cycle: they share execution units");
    }
  }
}

}  // namespace

std::vector<int> Session::cpus_of(const std::string& unit) const {
  std::vector<int> cpus;
  for (const BenchCluster& cluster : result.topology.clusters) {
    if (unit == everything || cluster.id == unit) cpus.insert(cpus.end(), cluster.cpus.begin(), cluster.cpus.end());
  }
  return cpus;
}

std::vector<std::string> Session::units() const {
  std::vector<std::string> all;
  for (const BenchCluster& cluster : result.topology.clusters) all.push_back(cluster.id);
  if (all.size() > 1 && options->threads == 0) all.emplace_back(everything);
  return all;
}

const BenchCluster& Session::cluster_of(const std::string& unit) const {
  for (const BenchCluster& cluster : result.topology.clusters) {
    if (cluster.id == unit) return cluster;
  }
  return result.topology.clusters.front();
}

const CpuCore* Session::core_of(const BenchCluster& cluster) const {
  for (const CpuCore& core : options->cores) {
    if (core.name == cluster.core) return &core;
  }
  return nullptr;
}

Bytes Session::cache_share(const std::string& unit, int level, int threads) const {
  for (const BenchCache& cache : cluster_of(unit).caches) {
    if (cache.level == level) return cache.size / std::max(1, std::min(cache.cpus, threads));
  }
  return {};
}

Bytes Session::last_level_cache() const {
  Bytes most;
  for (const BenchCluster& cluster : result.topology.clusters) {
    for (const BenchCache& cache : cluster.caches) most = std::max(most, cache.size);
  }
  return most;
}

Reading Session::read(const std::vector<int>& cpus, const MakeWork& make, double seconds, bool registers_only, const ClockChain& chain) {
  const Reading reading = take_samples(cpus, make, {seconds, registers_only}, chain);
  // The clock of wide instructions may be lower by design: only the plain one tells whether it kept still.
  if (reading.clock && chain.run == nullptr) clocks.push_back(*reading.clock);
  result.context.cpu_per_wall = std::min(result.context.cpu_per_wall, reading.cpu_per_wall);
  return reading;
}

std::string level_of(const Session& session, const std::string& unit, Bytes working_set, int threads) {
  bool known = false;
  for (const int level : {1, 2, 3, 4}) {
    const Bytes share = session.cache_share(unit, level, threads);
    if (share == Bytes{}) continue;
    known = true;
    if (working_set <= share) return "L" + std::to_string(level);
  }
  return known ? "DRAM" : "";
}

std::vector<std::size_t> ladder_sizes(const Session& session, std::size_t most) {
  std::vector<std::size_t> sizes;
  for (std::size_t size = 4096; size <= most; size *= session.options->thorough ? 2 : 8) sizes.push_back(size);
  return sizes;
}

BenchResult run_bench(const BenchOptions& options) {
  Session session;
  session.options = &options;
  session.processor = detect_processor();
  session.result.topology = read_topology(session.processor, options.cores, allowed_cpus());
  for (BenchCluster& cluster : session.result.topology.clusters) {
    // As if the process were allowed no more: what is described is what was measured.
    if (options.threads > 0) cluster.cpus.resize(std::min(cluster.cpus.size(), static_cast<std::size_t>(options.threads)));
    cluster.cores = std::min(cluster.cores, static_cast<int>(cluster.cpus.size()));
  }
  BenchContext& context = session.result.context;
  context.date = today();
  context.compiler = compiler();
  context.kernel = kernel_release();
  context.emulated = session.processor.emulated;
  context.virtualised = session.processor.virtualised;
  const Moment before = read_moment();
  const double begin = wall_seconds();

  for (BenchCluster& cluster : session.result.topology.clusters) {
    const Reading clock = take_samples({cluster.cpus.front()}, [](int) { return [](std::uint64_t n) { return add_chain(64 * n) != 0 ? 64.0 * static_cast<double>(n) : 0.0; }; },
                                       {std::min(0.05, options.seconds / 50)});
    if (clock.clock_high > 0) cluster.measured_clock = clock.clock_high;
  }
  if (options.bandwidth || options.gemv || options.latency) {
    if (options.progress) options.progress(0, "filling memory");
    session.memory = std::make_unique<Buffer>(memory_bytes(session));
    if (session.memory->size() == 0) {
      context.notes.emplace_back("no memory to measure on");
    } else {
      fill(*session.memory, session.cpus_of(session.units().back()));
    }
  }
  if (options.flops) plan_flops(session);
  const bool memory = session.memory != nullptr && session.memory->size() > 0;
  if (memory && options.gemv) plan_gemv(session);
  if (memory && options.bandwidth) plan_reads(session);
  const std::size_t first_that_stores = session.tasks.size();
  if (memory && options.bandwidth) plan_stores(session);
  if (memory && options.latency) plan_latency(session);
  run_tasks(session, first_that_stores);
  if (options.gpu) add_gpu(session);
  add_clock(context, session.clocks);
  add_thread_clocks(context, session.result.flops);
  context.seconds = wall_seconds() - begin;
  add_notes(session, before, read_moment());
  check_independence(session);
  return session.result;
}

}  // namespace roofline::bench
