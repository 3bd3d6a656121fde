// Pinned threads that repeat one piece of work in samples of bounded time, each with its CPU time and the clock around it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "roofline/core/bench_result.hpp"

namespace roofline::bench {

// Cycles of one call: a chain that shows the clock while the work's own instructions run. Empty: a plain chain will do.
struct ClockChain {
  void (*run)(std::uint64_t loops) = nullptr;
  int cycles = 0;  // of one loop
};

// Does the work so many times and returns how much that was (operations, bytes, steps).
using Work = std::function<double(std::uint64_t repetitions)>;
// Called on each thread, pinned already; what it allocates is near that thread.
using MakeWork = std::function<Work(int thread)>;

struct Pace {
  double seconds = 0.1;   // for everything: warm-up, samples, repeated ones
  bool cpu_time = false;  // what is measured depends on nothing but its CPU: where that is shared, the time it had counts
};

struct Reading {
  SampleSummary rate;               // work per second, all threads together
  SampleSummary per_cycle;          // work per cycle, mean of the threads
  std::optional<double> clock;      // Hz
  double clock_low = 0, clock_high = 0;
  double slowest_thread = 0, fastest_thread = 0;  // Hz: least and largest median of any thread
  double cpu_per_wall = 1;          // median of the thread that had least
  BenchQuality quality = BenchQuality::good;
  std::string note;
};
Reading take_samples(const std::vector<int>& cpus, const MakeWork& make, const Pace& pace, const ClockChain& chain = {});

// Hz, of the CPU this thread is on, by a chain of additions; the best of a few short ones, as an interrupt only makes it slower.
double clock_now(const ClockChain& chain = {});
// The calling thread alone on this CPU; false where that is not allowed.
bool pin_to(int cpu);
double thread_cpu_seconds();
double wall_seconds();

}  // namespace roofline::bench
