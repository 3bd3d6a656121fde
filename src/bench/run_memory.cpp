#include <algorithm>

#include "bench/session.hpp"
#include "roofline/bench/memory_kernels.hpp"

namespace roofline::bench {
namespace {

// A call on memory larger than the caches works through a window of this size and goes on from there.
constexpr std::size_t window = 1u << 20;

struct Placement {
  std::string level;
  std::size_t per_thread = 0;  // bytes, all arrays together; 0: not to be measured
};

std::size_t blocks_of(double bytes, int arrays) {
  return static_cast<std::size_t>(bytes / arrays / memory_block) * memory_block * static_cast<std::size_t>(arrays);
}

// Half of the level's share for L1 and L2; of L3 four times the L2, as it is often shared with what can not be seen.
Placement place(const Session& session, const std::string& unit, const std::string& level, int threads, int arrays) {
  const double all = static_cast<double>(session.memory->size()) / threads;
  const auto share = [&](int n) { return session.cache_share(unit, n, threads).base(); };
  double bytes = 0;
  if (level == "L1") bytes = share(1) / 2;
  if (level == "L2") bytes = share(2) / 2;
  if (level == "L3") bytes = std::min(4 * share(2), share(3) / 2);
  if (level == "L3" && bytes < 1.5 * share(2)) bytes = 0;  // no size fits L3 and not L2
  if (level == "DRAM") bytes = all;
  return {level, blocks_of(std::min(bytes, all), arrays)};
}

// A thread's part of the buffer in whole windows, or as much of it as stays in a cache.
Work make_work(const Session& session, const MemoryKernel& kernel, std::size_t per_thread, int thread, int threads) {
  const auto arrays = static_cast<std::size_t>(array_count(kernel.op));
  const std::size_t part = session.memory->size() / static_cast<std::size_t>(threads) / memory_block * memory_block;
  std::byte* base = session.memory->data() + static_cast<std::size_t>(thread) * part;
  // Arrays do not begin at the same place in a page: their lines would fall into the same sets of the caches.
  const std::size_t array = per_thread / arrays / memory_block * memory_block;
  const double moved = static_cast<double>(arrays);
  if (array <= window) {
    return [=, run = kernel.run, prefetch = kernel.prefetch](std::uint64_t repetitions) {
      run({base, base + (arrays > 1 ? array : 0), base + (arrays > 2 ? 2 * array : 0), array, repetitions, prefetch});
      return moved * static_cast<double>(array) * static_cast<double>(repetitions);
    };
  }
  const std::size_t windows = array / window;
  return [=, run = kernel.run, prefetch = kernel.prefetch, at = std::size_t{0}](std::uint64_t repetitions) mutable {
    for (std::uint64_t i = 0; i < repetitions; ++i) {
      std::byte* a = base + at * window;
      run({a, a + (arrays > 1 ? array : 0), a + (arrays > 2 ? 2 * array : 0), window, 1, prefetch});
      at = (at + 1) % windows;
    }
    return moved * static_cast<double>(window) * static_cast<double>(repetitions);
  };
}

// Widths and patterns to try; in a hurry the widest with the patterns that usually win.
std::vector<const MemoryKernel*> candidates(const Session& session, MemoryOp op, const std::string& level) {
  std::vector<const MemoryKernel*> all;
  std::string_view widest;
  for (const MemoryKernel& kernel : memory_kernels()) {
    if (kernel.op != op || !session.processor.features.has(kernel.needs)) continue;
    const bool far = level == "DRAM" || level == "L3";
    if (kernel.pattern.starts_with("ahead") && !far) continue;
    all.push_back(&kernel);
    widest = kernel.instruction;
  }
  if (session.options->thorough) return all;
  std::erase_if(all, [&](const MemoryKernel* kernel) { return kernel->instruction != widest || (kernel->pattern.starts_with("ahead") && kernel->pattern != "ahead 2048"); });
  return all;
}

BenchBandwidth measure(Session& session, const MemoryKernel& kernel, const std::string& unit, int threads, const Placement& placement, double seconds) {
  std::vector<int> cpus = session.cpus_of(unit);
  cpus.resize(static_cast<std::size_t>(threads));
  const Reading reading = session.read(cpus, [&](int thread) { return make_work(session, kernel, placement.per_thread, thread, threads); }, seconds);
  BenchBandwidth b;
  b.kernel = to_string(kernel.op);
  b.level = placement.level;
  b.instruction = kernel.instruction;
  b.pattern = kernel.pattern;
  b.unit = unit;
  b.threads = threads;
  b.working_set = static_cast<double>(placement.per_thread) * threads * unit::B;
  b.rate = reading.rate;
  b.ownership = ownership_factor(kernel.op);
  b.quality = reading.quality;
  b.note = reading.note;
  return b;
}

// One line for the best way of doing one thing, and for each step of the ladder.
void keep(std::vector<BenchBandwidth>& all, BenchBandwidth b) {
  const auto same = [kernel = b.kernel, level = b.level, unit = b.unit, threads = b.threads, ladder = b.ladder, size = b.working_set](const BenchBandwidth& other) {
    return other.ladder == ladder && other.kernel == kernel && other.level == level && other.unit == unit && other.threads == threads && (!ladder || other.working_set == size);
  };
  keep_better(all, std::move(b), same);
}

std::vector<int> thread_counts(const Session& session, const std::string& unit, MemoryOp op, const std::string& level) {
  const int most = static_cast<int>(session.cpus_of(unit).size());
  std::vector<int> counts;
  const bool curve = level == "DRAM" && op == MemoryOp::read;
  constexpr int every = 8;  // then powers of two
  if (curve && session.options->thorough) {
    for (int n = 1; n < most; n += n < every ? 1 : n) counts.push_back(n);
  } else if (most > 1) {
    counts.push_back(1);
  }
  counts.push_back(most);
  return counts;
}

void plan(Session& session, MemoryOp op) {
  for (const std::string& unit : session.units()) {
    const bool together = session.cluster_of(unit).id != unit;
    for (const char* level : {"L1", "L2", "L3", "DRAM"}) {
      if (together && level != std::string_view("DRAM")) continue;
      // Stores around the caches say nothing about a cache.
      const bool around = op == MemoryOp::write_nontemporal || op == MemoryOp::copy_nontemporal;
      if (around && level != std::string_view("DRAM")) continue;
      for (const int threads : thread_counts(session, unit, op, level)) {
        if (together && threads == 1) continue;
        const Placement placement = place(session, unit, level, threads, array_count(op));
        if (placement.per_thread == 0) continue;
        for (const MemoryKernel* kernel : candidates(session, op, level)) {
          const double weight = level == std::string_view("DRAM") ? 3 : 1;
          session.add(std::string(to_string(op)) + " " + level + ", " + unit, weight, [&session, kernel, unit, threads, placement](double seconds) {
            keep(session.result.bandwidth, measure(session, *kernel, unit, threads, placement, seconds));
          });
        }
      }
    }
  }
}

void plan_ladder(Session& session) {
  const std::string unit = session.units().front();
  const MemoryKernel* widest = nullptr;
  for (const MemoryKernel& kernel : memory_kernels()) {
    if (kernel.op == MemoryOp::read && kernel.pattern == "one stream" && session.processor.features.has(kernel.needs)) widest = &kernel;
  }
  for (const std::size_t size : ladder_sizes(session, session.memory->size())) {
    const Placement placement{level_of(session, unit, static_cast<double>(size) * unit::B, 1), size};
    session.add("reading ladder", 1, [&session, widest, unit, placement](double seconds) {
      BenchBandwidth step = measure(session, *widest, unit, 1, placement, seconds);
      step.ladder = true;
      keep(session.result.bandwidth, std::move(step));
    });
  }
}

}  // namespace

void plan_reads(Session& session) {
  plan(session, MemoryOp::read);
  plan_ladder(session);
}

void plan_stores(Session& session) {
  for (const MemoryOp op : {MemoryOp::copy, MemoryOp::copy_nontemporal, MemoryOp::write, MemoryOp::write_nontemporal, MemoryOp::triad}) plan(session, op);
}

void plan_latency(Session& session) {
  const std::string unit = session.units().front();
  constexpr std::size_t line = 64;
  // Half of the buffer at most: the links are written first, and the time for that is not measured.
  for (const std::size_t size : ladder_sizes(session, session.memory->size() / 2)) {
    session.add("latency ladder", 1, [&session, unit, size](double seconds) {
      const auto make = [&](int) -> Work {
        std::byte* base = session.memory->data();
        link_lines(base, size / line, line);
        return [at = static_cast<const void*>(base)](std::uint64_t repetitions) mutable {
          constexpr std::uint64_t steps = 64;
          at = chase(at, steps * repetitions);
          return static_cast<double>(steps * repetitions);
        };
      };
      const Reading reading = session.read({session.cpus_of(unit).front()}, make, seconds);
      BenchLatency latency;
      latency.working_set = static_cast<double>(size) * unit::B;
      latency.level = level_of(session, unit, latency.working_set, 1);
      latency.unit = unit;
      // Steps per second -> nanoseconds for a step; the slowest rate is the longest time.
      const auto turned = [](double rate) { return rate > 0 ? 1e9 / rate : 0; };
      latency.nanoseconds = reading.rate;
      latency.nanoseconds.median = turned(reading.rate.median);
      latency.nanoseconds.low = turned(reading.rate.high);
      latency.nanoseconds.high = turned(reading.rate.low);
      if (reading.per_cycle.median > 0) latency.cycles = 1 / reading.per_cycle.median;
      for (BenchLatency& known : session.result.latency) {
        if (known.working_set != latency.working_set) continue;
        if (latency.nanoseconds.median < known.nanoseconds.median) known = latency;
        return;
      }
      session.result.latency.push_back(std::move(latency));
    });
  }
}

}  // namespace roofline::bench
