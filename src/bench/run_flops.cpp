#include <algorithm>
#include <map>

#include "bench/session.hpp"
#include "roofline/bench/compute_kernels.hpp"

namespace roofline::bench {
namespace {

// What is known about an instruction on a cluster before all its CPUs run it together.
struct Winner {
  const ComputeKernel* kernel = nullptr;
  const ComputeVariant* variant = nullptr;
  double rate = 0;
  std::optional<double> latency;
};
using Winners = std::map<std::string, Winner>;  // by instruction

Reading measure(Session& session, const ComputeKernel& kernel, const ComputeVariant& variant, const std::vector<int>& cpus, double seconds) {
  const double ops = ops_per_instruction(kernel, session.processor.sve_bytes) * kernel.instructions_per_loop;
  const auto make = [&](int) -> Work {
    return [operands = compute_operands(kernel), accumulators = std::vector<std::byte>(accumulator_bytes), run = variant.run, ops](std::uint64_t repetitions) mutable {
      constexpr std::uint64_t loops = 256;
      run(loops * repetitions, operands.data(), accumulators.data());
      return static_cast<double>(loops * repetitions) * ops;
    };
  };
  return session.read(cpus, make, seconds, true, {kernel.clock.run, kernel.clock.adds});
}

void judge(const Session& session, BenchFlops& f) {
  const CpuCore* core = session.core_of(session.cluster_of(f.unit));
  const InstructionRate* rate = core != nullptr ? find_rate(*core, f.instruction) : nullptr;
  if (rate == nullptr || session.cluster_of(f.unit).id != f.unit) return;  // clusters together have no common cycle
  f.theory_ops_per_cycle = rate->ops_per_cycle.value.base();
  f.theory_source = rate->ops_per_cycle.cite.source;
  if (!f.ops_per_cycle) return;
  const std::string why = implausible_rate(*f.ops_per_cycle, *f.theory_ops_per_cycle);
  if (why.empty()) return;
  f.quality = BenchQuality::refused;
  f.note = why;
}

BenchFlops entry(const Session& session, const ComputeKernel& kernel, const ComputeVariant& variant, const std::string& unit, int threads, const Reading& reading) {
  BenchFlops f;
  f.format = kernel.format;
  f.instruction = kernel.instruction;
  f.form = kernel.form;
  f.unit = unit;
  f.threads = threads;
  f.accumulators = variant.accumulators;
  f.rate = reading.rate;
  f.matrix = kernel.arithmetic == Arithmetic::tile;
  f.clock = reading.clock;
  if (threads > 1 && reading.clock) {
    f.slowest_clock = reading.slowest_thread;
    f.fastest_clock = reading.fastest_thread;
  }
  if (reading.per_cycle.samples > 0) f.ops_per_cycle = reading.per_cycle.median;
  f.quality = reading.quality;
  f.note = reading.note;
  judge(session, f);
  return f;
}

void one_thread(Session& session, Winners& winners, const ComputeKernel& kernel, const ComputeVariant& variant, const std::string& unit, double seconds) {
  const Reading reading = measure(session, kernel, variant, {session.cpus_of(unit).front()}, seconds);
  Winner& winner = winners[std::string(kernel.instruction)];
  BenchFlops f = entry(session, kernel, variant, unit, 1, reading);
  if (variant.accumulators == 1 && f.ops_per_cycle && *f.ops_per_cycle > 0) {
    const double cycles = ops_per_instruction(kernel, session.processor.sve_bytes) / *f.ops_per_cycle;
    winner.latency = std::min(winner.latency.value_or(cycles), cycles);
  }
  f.latency_cycles = winner.latency;
  if (f.quality != BenchQuality::refused && f.rate.median > winner.rate) {
    winner.kernel = &kernel;
    winner.variant = &variant;
    winner.rate = f.rate.median;
  }
  // One line for each instruction: the best of its forms and numbers of accumulators.
  const std::string instruction = f.instruction;
  auto& all = session.result.flops;
  keep_better(all, std::move(f), [&](const BenchFlops& other) { return other.unit == unit && other.threads == 1 && other.instruction == instruction; });
  for (BenchFlops& other : all) {
    if (other.unit == unit && other.instruction == instruction) other.latency_cycles = winner.latency;
  }
}

void many_threads(Session& session, const Winners& winners, const std::string& instruction, const std::string& unit, int threads, double seconds) {
  const auto found = winners.find(instruction);
  if (found == winners.end() || found->second.variant == nullptr) return;
  const Winner& winner = found->second;
  std::vector<int> cpus = session.cpus_of(unit);
  cpus.resize(static_cast<std::size_t>(threads));
  BenchFlops f = entry(session, *winner.kernel, *winner.variant, unit, threads, measure(session, *winner.kernel, *winner.variant, cpus, seconds));
  f.latency_cycles = winner.latency;
  keep_better(session.result.flops, std::move(f), [&](const BenchFlops& other) { return other.unit == unit && other.threads == threads && other.instruction == instruction; });
}

}  // namespace

void plan_flops(Session& session) {
  const auto units = session.units();
  // By unit; all clusters together run what won on the first.
  auto winners = std::make_shared<std::map<std::string, Winners>>();
  for (const std::string& unit : units) {
    const bool together = session.cluster_of(unit).id != unit;
    std::vector<std::string> instructions;
    for (const ComputeKernel& kernel : compute_kernels()) {
      if (!session.processor.features.has(kernel.needs)) continue;
      const std::string instruction(kernel.instruction);
      if (std::find(instructions.begin(), instructions.end(), instruction) == instructions.end()) instructions.push_back(instruction);
      if (together) continue;
      for (const ComputeVariant& variant : kernel.variants) {
        // In a hurry: latency, and the most accumulators; the sweep between is for the last few percent.
        const bool ends = variant.accumulators == 1 || &variant == &kernel.variants.back();
        if (!session.options->thorough && !ends) continue;
        session.add(instruction + ", " + unit, 1, [&session, winners, &kernel, &variant, unit](double seconds) { one_thread(session, (*winners)[unit], kernel, variant, unit, seconds); });
      }
    }
    const int most = static_cast<int>(session.cpus_of(unit).size());
    if (most < 2) continue;
    // Powers of two between one and all show where clocks begin to fall.
    std::vector<int> counts;
    for (int n = 2; n < most && session.options->thorough && !together; n *= 2) counts.push_back(n);
    counts.push_back(most);
    for (const std::string& instruction : instructions) {
      const std::string from = together ? units.front() : unit;
      for (const int threads : counts) {
        session.add(instruction + ", " + unit + ", " + std::to_string(threads) + " threads", threads == most ? 2 : 1, [&session, winners, instruction, unit, from, threads](double seconds) {
          many_threads(session, (*winners)[from], instruction, unit, threads, seconds);
        });
      }
    }
  }
}

}  // namespace roofline::bench
