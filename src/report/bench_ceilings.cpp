#include "report/bench_ceilings.hpp"

#include <algorithm>
#include <utility>

namespace roofline::report {
namespace {

void raise(std::optional<MeasuredRate>& best, const SampleSummary& rate, int threads, std::string what) {
  if (rate.samples == 0) return;
  if (!best) best.emplace();
  if (rate.median > best->median) {
    best->median = rate.median;
    best->threads = threads;
    best->what = std::move(what);
  }
  best->high = std::max(best->high, rate.high);
}

void sort(std::vector<MeasuredFormat>& all) {
  std::stable_sort(all.begin(), all.end(), [](const MeasuredFormat& a, const MeasuredFormat& b) {
    return std::pair(a.format, a.accumulate) < std::pair(b.format, b.accumulate);
  });
}

}  // namespace

bool is_gpu(const BenchResult& result, const std::string& unit) {
  const bool cpu = unit == "all" || std::any_of(result.topology.clusters.begin(), result.topology.clusters.end(),
                                                [&](const BenchCluster& cluster) { return cluster.id == unit; });
  return !cpu;
}

std::optional<MeasuredRate> level_rate(const BenchResult& result, const std::string& level, const std::string& unit) {
  std::optional<MeasuredRate> best;
  const auto counts = [&](const std::string& at) { return unit.empty() ? !is_gpu(result, at) : at == unit; };
  for (const BenchBandwidth& b : result.bandwidth) {
    // What stores move is no rate at which weights can be read.
    const bool reads = b.kernel == "read" || b.kernel == "copy" || b.kernel == "copy_nt" || b.kernel == "triad";
    if (b.level == level && reads && counts(b.unit) && b.quality != BenchQuality::refused) raise(best, b.rate, b.threads, b.kernel + ", " + b.instruction + ", " + b.pattern);
  }
  for (const BenchGemv& g : result.gemv) {
    if (g.level == level && counts(g.unit)) raise(best, g.rate, g.threads, "product with " + g.format + " weights, " + g.instruction);
  }
  return best;
}

std::vector<MeasuredFormat> measured_formats(const BenchResult& result, const BenchCluster& cluster) {
  std::vector<MeasuredFormat> all;
  for (const BenchFlops& f : result.flops) {
    if (f.unit != cluster.id || f.quality == BenchQuality::refused || !f.ops_per_cycle || !f.clock) continue;
    auto known = std::find_if(all.begin(), all.end(), [&](const MeasuredFormat& m) { return m.format == f.format && m.matrix == f.matrix; });
    if (known == all.end()) {
      known = all.insert(all.end(), MeasuredFormat{f.format, f.matrix});
      known->accumulate = f.format == NumberFormat::int8   ? Accumulate::int32
                          : f.format == NumberFormat::fp16 ? Accumulate::fp16
                          : f.format == NumberFormat::fp64 ? Accumulate::unspecified
                                                           : Accumulate::fp32;
    }
    // The median rate over the cycles it took, scaled to the best sample.
    const double best = f.rate.median > 0 ? *f.ops_per_cycle * f.rate.high / f.rate.median : 0;
    // Theory, where it is known, is what noise can not exceed.
    const double bounded = f.theory_ops_per_cycle ? std::min(best, *f.theory_ops_per_cycle) : *f.ops_per_cycle;
    if (bounded > known->ops_per_cycle) {
      known->ops_per_cycle = bounded;
      known->instruction = f.instruction;
    }
    if (f.threads >= known->threads && (f.threads > known->threads || f.rate.median > known->median)) {
      known->median = f.rate.median;
      known->high = f.rate.high;
      known->threads = f.threads;
    }
  }
  sort(all);
  return all;
}

std::vector<MeasuredFormat> measured_formats(const BenchResult& result, const BenchGpu& gpu) {
  std::vector<MeasuredFormat> all;
  if (!gpu.clock || !(*gpu.clock > 0) || gpu.compute_units < 1) return all;
  for (const BenchFlops& f : result.flops) {
    if (f.unit != gpu.id || f.rate.samples == 0) continue;
    auto known = std::find_if(all.begin(), all.end(), [&](const MeasuredFormat& m) { return m.format == f.format && m.accumulate == f.accumulate; });
    if (known == all.end()) {
      known = all.insert(all.end(), MeasuredFormat{f.format, false, f.accumulate});
      known->threads = 0;
    }
    const bool refused = f.quality == BenchQuality::refused;
    known->lower_bound = known->lower_bound || f.lower_bound || refused;
    if (refused || f.rate.high <= known->high) continue;
    known->high = f.rate.high;
    known->median = f.rate.median;
    known->ops_per_cycle = f.rate.high / (gpu.compute_units * *gpu.clock);
    known->instruction = f.instruction;
  }
  // Where one kind of sum hides what the unit can do with a format, the other kinds say nothing either.
  for (MeasuredFormat& m : all) {
    m.lower_bound = std::any_of(all.begin(), all.end(), [&](const MeasuredFormat& other) { return other.format == m.format && other.lower_bound; });
  }
  std::erase_if(all, [](const MeasuredFormat& m) { return !(m.high > 0); });
  sort(all);
  return all;
}

std::vector<BenchGpu> described_gpus(const BenchResult& result) {
  std::vector<BenchGpu> gpus;
  for (const BenchGpu& gpu : result.topology.gpus) {
    const bool own_memory = !gpu.unified && !(gpu.memory > Bytes{});
    if (!gpu.is_cpu && !own_memory && !measured_formats(result, gpu).empty() && level_rate(result, "DRAM", gpu.id)) gpus.push_back(gpu);
  }
  return gpus;
}

double highest_clock(const BenchResult& result, const BenchCluster& cluster) {
  double most = cluster.measured_clock.value_or(0);
  for (const BenchFlops& f : result.flops) {
    if (f.unit == cluster.id && f.clock) most = std::max(most, *f.clock);
  }
  return most;
}

}  // namespace roofline::report
