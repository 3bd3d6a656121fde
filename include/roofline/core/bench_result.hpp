// What a machine was measured to do, with everything needed to judge the figures: the product of `bench`, rendered by `report`.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "roofline/core/number_format.hpp"
#include "roofline/core/quantity.hpp"

namespace roofline {

// Several samples of one rate. `spread` is the interquartile range over the median.
struct SampleSummary {
  double median = 0;
  double low = 0, high = 0;
  double spread = 0;
  int samples = 0;
  int rejected = 0;  // the thread did not have its CPU for the whole sample
  int outliers = 0;  // beyond 1.5 interquartile ranges from the quartiles
};
// noisy: too few samples had the CPU to themselves; refused: above what the hardware can do.
enum class BenchQuality { good, noisy, refused };
constexpr const char* to_string(BenchQuality quality) {
  switch (quality) {
    case BenchQuality::good: return "good";
    case BenchQuality::noisy: return "noisy";
    case BenchQuality::refused: return "refused";
  }
  return "?";
}

struct BenchFlops {
  NumberFormat format = NumberFormat::fp32;
  Accumulate accumulate = Accumulate::unspecified;
  std::string instruction, form;
  std::string unit;  // cluster ("cpu0"), "all" or a GPU
  bool matrix = false;  // by a unit that multiplies matrices and does nothing else (tiles, tensor cores)
  bool lower_bound = false;  // the unit has faster ways that were not tried: no ceiling
  int threads = 1;
  int accumulators = 0;
  SampleSummary rate;                    // op/s, all threads together
  std::optional<double> clock;           // Hz, mean of the threads, around the samples
  std::optional<double> slowest_clock, fastest_clock;  // Hz, medians of single threads, where there are several
  std::optional<double> ops_per_cycle;   // of one thread
  std::optional<double> latency_cycles;  // of the instruction, with one accumulator
  std::optional<double> theory_ops_per_cycle;
  std::string theory_source;
  BenchQuality quality = BenchQuality::good;
  std::string note;  // why refused or noisy
};
struct BenchBandwidth {
  std::string kernel;  // read, write, write_nt, copy, copy_nt, triad
  std::string level;   // L1, L2, L3, DRAM
  std::string instruction, pattern;
  std::string unit;
  int threads = 1;
  Bytes working_set;          // of all threads together
  SampleSummary rate;         // bytes per second the program moves
  double ownership = 1;       // what the bus moves for each of them where stores fetch their line first
  BenchQuality quality = BenchQuality::good;
  std::string note;
  bool ladder = false;  // a step of the working-set ladder, not a headline
};
struct BenchGemv {
  std::string format;  // f16, q8_0, q4_0, q4_k
  std::string level;   // L2, DRAM
  std::string instruction;
  std::string unit;
  int threads = 1;
  Bytes working_set;
  double block_weights = 1, block_bytes = 1;
  SampleSummary rate;  // bytes of weights per second
  std::optional<double> weights_per_cycle;  // of one thread
  BenchQuality quality = BenchQuality::good;
  std::string note;
};
struct BenchLatency {
  Bytes working_set;
  std::string level;
  std::string unit;
  SampleSummary nanoseconds;
  std::optional<double> cycles;
};

struct BenchCache {
  int level = 1;
  Bytes size;
  int cpus = 1;  // that share it
};
struct BenchCluster {
  std::string id;    // "cpu0", or "cpu0", "cpu1" ... where cores differ
  std::string core;  // name of the design, where it is known
  std::string identity;  // as the processor names it
  std::vector<int> cpus;     // one for each core first, then their SMT siblings
  int cores = 0;
  std::vector<BenchCache> caches;
  std::optional<double> nominal_clock, current_clock;  // Hz, as the operating system says
  std::string governor;
  std::optional<double> measured_clock;  // Hz, of a dependent chain on its first CPU
  std::optional<double> capacity;        // relative, of the scheduler
};
struct BenchGpu {
  std::string id, name, driver;  // id: "gpu0"
  int compute_units = 0;
  std::optional<double> clock;  // Hz, as the driver says
  Bytes memory;
  Bytes free;            // of it, when this began; zero: not known
  bool unified = false;  // shares the processors' memory
  bool is_cpu = false;   // the processors through OpenCL, measured better without it
  std::string note;      // what could not be measured
};
struct BenchTopology {
  std::string architecture;
  std::string processor;  // as the operating system names it
  std::string machine;    // board or product, where it says
  std::vector<std::string> features;
  std::vector<BenchCluster> clusters;
  std::vector<BenchGpu> gpus;
  int cpus_allowed = 0, cpus_online = 0;
  int numa_nodes = 1;
  Bytes memory, memory_allowed;  // physical; less where a container is limited
  std::string huge_pages;        // "madvise", "always", "never"
  Bytes page;
  int sve_bytes = 0;
  bool smt = false;
  std::string source;  // "hwloc 2.9" or "/proc alone"
};
struct BenchContext {
  std::string date, program, compiler, kernel, flags;
  double seconds = 0;
  bool emulated = false, virtualised = false;
  std::optional<double> load_before, load_after;  // load average of one minute
  std::optional<double> steal;                    // share of CPU time the hypervisor took meanwhile
  double cpu_per_wall = 1;                        // lowest median of any measurement
  std::optional<double> clock;                    // Hz, median of all samples of the first cluster
  std::optional<double> clock_low, clock_high;
  std::optional<double> slowest_thread, fastest_thread;  // Hz, of the one measurement whose threads differed most
  std::optional<double> temperature_before, temperature_after;  // degrees Celsius, hottest zone
  std::vector<std::string> notes;
};

struct BenchResult {
  BenchTopology topology;
  BenchContext context;
  std::vector<BenchFlops> flops;
  std::vector<BenchBandwidth> bandwidth;
  std::vector<BenchGemv> gemv;
  std::vector<BenchLatency> latency;
};

// Median, range, quartile spread and Tukey's outliers of samples that were accepted.
SampleSummary summarize(std::vector<double> accepted, int rejected);
// Above theory by more than the tolerance of the clock: not a measurement of this machine. Empty if plausible.
std::string implausible_rate(double ops_per_cycle, double theory_ops_per_cycle);
// The best good figure of a format on a unit, all its threads; null if there is none.
const BenchFlops* best_flops(const BenchResult& result, NumberFormat format, const std::string& unit, int threads);
// The fastest way of reading a level with any number of threads; null if not measured.
const BenchBandwidth* best_read(const BenchResult& result, const std::string& level, const std::string& unit);

}  // namespace roofline
