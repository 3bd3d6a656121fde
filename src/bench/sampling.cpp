#include "bench/sampling.hpp"

#include <pthread.h>
#include <sched.h>
#include <time.h>

#include <algorithm>
#include <barrier>
#include <cmath>
#include <thread>

#include "roofline/bench/memory_kernels.hpp"
#include "roofline/bench/topology.hpp"

namespace roofline::bench {
namespace {

// Below it a thread shared its CPU with something else, and the wall clock says nothing about the machine.
constexpr double least_cpu_per_wall = 0.98;
// A sample during which the clock moved by more has no operations per cycle.
constexpr double most_clock_drift = 0.02;
constexpr double shortest_sample = 2e-4, longest_sample = 3e-3;
constexpr int least_samples = 5;
// One call of the work is this part of a sample, so that samples end on time.
constexpr double call_share = 1.0 / 16;

struct Sample {
  double wall = 0, cpu = 0, work = 0, clock_before = 0, clock_after = 0;
  [[nodiscard]] double clock() const { return (clock_before + clock_after) / 2; }
};

Sample take(const Work& work, std::uint64_t repetitions, double seconds, const ClockChain& chain) {
  Sample s;
  s.clock_before = clock_now(chain);
  const double cpu = thread_cpu_seconds();
  const double begin = wall_seconds();
  do {
    s.work += work(repetitions);
    s.wall = wall_seconds() - begin;
  } while (s.wall < seconds);
  s.cpu = thread_cpu_seconds() - cpu;
  s.clock_after = clock_now(chain);
  return s;
}

// Doubles until one call takes its share of a sample: also the warm-up.
std::uint64_t repetitions_for(const Work& work, double seconds) {
  std::uint64_t repetitions = 1;
  while (true) {
    const double begin = wall_seconds();
    work(repetitions);
    const double taken = wall_seconds() - begin;
    if (taken >= seconds * call_share / 2 || repetitions >= std::uint64_t{1} << 40) return repetitions;
    repetitions *= 2;
  }
}

struct Samples {
  std::vector<double> rates, per_cycle, clocks, shares;
  std::vector<std::vector<double>> thread_clocks;
  int rejected = 0;
  double clock_low = 0, clock_high = 0;
};

// All threads' samples of one round count together, or not at all.
// `by_cpu_time`: the round counts whatever share of their CPUs the threads had, over the time they had.
void add(Samples& all, const std::vector<Sample>& round, bool anyway, bool by_cpu_time) {
  double rate = 0, per_cycle = 0, clock = 0, share = 1;
  bool steady = true;
  for (const Sample& s : round) {
    const double seconds = by_cpu_time && s.cpu > 0 ? s.cpu : s.wall;
    rate += s.work / seconds;
    per_cycle += s.work / seconds / s.clock() / static_cast<double>(round.size());
    clock += s.clock() / static_cast<double>(round.size());
    share = std::min(share, s.cpu / s.wall);
    steady = steady && std::abs(s.clock_after - s.clock_before) <= most_clock_drift * s.clock();
    if (all.clock_low == 0 || s.clock() < all.clock_low) all.clock_low = s.clock();
    all.clock_high = std::max(all.clock_high, s.clock());
  }
  all.shares.push_back(share);
  if (!anyway && (share < least_cpu_per_wall || !steady)) {
    ++all.rejected;
    return;
  }
  all.rates.push_back(rate);
  all.per_cycle.push_back(per_cycle);
  all.clocks.push_back(clock);
  all.thread_clocks.resize(round.size());
  for (std::size_t i = 0; i < round.size(); ++i) all.thread_clocks[i].push_back(round[i].clock());
}

// When the CPUs were never free: the rounds that had most of them, and a word about it.
void take_the_least_disturbed(Samples& all, const std::vector<std::vector<Sample>>& rounds, std::size_t wanted, bool by_cpu_time) {
  std::vector<std::size_t> order(rounds.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return all.shares[a] > all.shares[b]; });
  order.resize(std::min(order.size(), wanted));
  Samples chosen;
  for (const std::size_t i : order) add(chosen, rounds[i], true, by_cpu_time);
  all.rates = chosen.rates;
  all.per_cycle = chosen.per_cycle;
  all.clocks = chosen.clocks;
  all.thread_clocks = chosen.thread_clocks;
}

double median_of(std::vector<double> values) { return summarize(std::move(values), 0).median; }

}  // namespace

double wall_seconds() {
  timespec t{};
  clock_gettime(CLOCK_MONOTONIC, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

double thread_cpu_seconds() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

bool pin_to(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<std::size_t>(cpu), &set);
  return sched_setaffinity(0, sizeof set, &set) == 0;
}

std::vector<int> allowed_cpus() {
  std::vector<int> cpus;
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) == 0) {
    for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
      if (CPU_ISSET(static_cast<std::size_t>(cpu), &set)) cpus.push_back(cpu);
    }
  }
  if (cpus.empty()) cpus.push_back(0);
  return cpus;
}

double clock_now(const ClockChain& chain) {
  constexpr std::uint64_t cycles = 64 * 1024;
  constexpr int tries = 3;
  double best = 0;
  for (int i = 0; i < tries; ++i) {
    const std::uint64_t loops = chain.run != nullptr ? cycles / static_cast<std::uint64_t>(chain.cycles) : cycles;
    const double begin = wall_seconds();
    if (chain.run != nullptr) {
      chain.run(loops);
    } else {
      add_chain(loops);
    }
    const double taken = wall_seconds() - begin;
    const double done = chain.run != nullptr ? static_cast<double>(loops) * chain.cycles : static_cast<double>(cycles);
    if (taken > 0) best = std::max(best, done / taken);
  }
  return best;
}

Reading take_samples(const std::vector<int>& cpus, const MakeWork& make, const Pace& pace, const ClockChain& chain) {
  const std::size_t threads = cpus.size();
  // Many short samples rather than few long ones: where the CPU is shared, a scheduler's slice of a few milliseconds is what a thread has
  // to itself. A third of the time may go to samples that are repeated.
  const double sample_seconds = std::clamp(pace.seconds / 12, shortest_sample, longest_sample);
  const int wanted = std::max(least_samples, static_cast<int>(pace.seconds / (1.5 * sample_seconds)));
  std::vector<Sample> round(threads);
  std::vector<std::vector<Sample>> rounds;
  Samples all;
  bool stop = false;
  bool pinned = true;
  std::barrier sync(static_cast<std::ptrdiff_t>(threads));
  const double begin = wall_seconds();

  const auto body = [&](std::size_t thread) {
    if (!pin_to(cpus[thread])) pinned = false;
    const Work work = make(static_cast<int>(thread));
    sync.arrive_and_wait();
    const std::uint64_t repetitions = repetitions_for(work, sample_seconds);
    while (true) {
      sync.arrive_and_wait();
      if (stop) return;
      round[thread] = take(work, repetitions, sample_seconds, chain);
      sync.arrive_and_wait();
      if (thread != 0) continue;
      add(all, round, false, false);
      rounds.push_back(round);
      const bool enough = static_cast<int>(all.rates.size()) >= wanted;
      const bool late = wall_seconds() - begin > pace.seconds;
      stop = enough || (late && static_cast<int>(rounds.size()) >= least_samples);
    }
  };
  std::vector<std::jthread> workers;
  workers.reserve(threads);
  for (std::size_t i = 0; i < threads; ++i) workers.emplace_back(body, i);
  workers.clear();  // joins

  Reading reading;
  reading.cpu_per_wall = median_of(all.shares);
  // A few undisturbed samples are enough for a median.
  if (static_cast<int>(all.rates.size()) < (least_samples + 1) / 2) {
    take_the_least_disturbed(all, rounds, static_cast<std::size_t>((least_samples + 1) / 2), pace.cpu_time);
    reading.quality = BenchQuality::noisy;
    reading.note = reading.cpu_per_wall < least_cpu_per_wall ? (pace.cpu_time ? "the CPU was shared with other work: the rate is over the time the threads had it" : "the CPU was shared with other work")
                                                                   : "the clock kept changing";
  }
  reading.rate = summarize(all.rates, all.rejected);
  reading.per_cycle = summarize(all.per_cycle, all.rejected);
  if (const double clock = median_of(all.clocks); clock > 0) reading.clock = clock;
  reading.clock_low = all.clock_low;
  reading.clock_high = all.clock_high;
  for (const std::vector<double>& of_thread : all.thread_clocks) {
    const double clock = median_of(of_thread);
    if (reading.slowest_thread == 0 || clock < reading.slowest_thread) reading.slowest_thread = clock;
    reading.fastest_thread = std::max(reading.fastest_thread, clock);
  }
  if (!pinned) reading.note += std::string(reading.note.empty() ? "" : "; ") + "threads could not be pinned";
  return reading;
}

}  // namespace roofline::bench
