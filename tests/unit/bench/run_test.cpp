// The whole measurement in a fraction of a second: what is there and how it hangs together, never how fast anything was.
#include <boost/test/unit_test.hpp>

#include "bench/sampling.hpp"
#include "roofline/bench/bench.hpp"
#include "roofline/bench/topology.hpp"

using namespace roofline;
using namespace roofline::bench;

namespace {

BenchOptions hasty() {
  BenchOptions options;
  options.seconds = 0.3;
  options.thorough = false;
  options.gpu = false;
  return options;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(run)

BOOST_AUTO_TEST_CASE(everything_is_measured) {
  double last = 0;
  BenchOptions options = hasty();
  options.progress = [&](double done, const std::string&) {
    BOOST_TEST(done >= last);
    last = done;
  };
  const BenchResult result = run_bench(options);
  BOOST_TEST(last == 1.0);
  BOOST_TEST(!result.topology.clusters.empty());
  BOOST_TEST(!result.flops.empty());
  BOOST_TEST(!result.bandwidth.empty());
  BOOST_TEST(result.gemv.size() >= 4u);  // the formats, from the memory
  BOOST_TEST(!result.latency.empty());
  for (const BenchFlops& f : result.flops) {
    BOOST_TEST(f.rate.median > 0);
    BOOST_TEST(f.rate.low <= f.rate.median);
    BOOST_TEST(f.rate.median <= f.rate.high);
    BOOST_TEST(f.rate.samples > 0);
    BOOST_TEST(f.threads >= 1);
  }
  for (const BenchBandwidth& b : result.bandwidth) {
    BOOST_TEST(b.rate.median > 0);
    BOOST_TEST(b.working_set.base() > 0);
  }
  for (const BenchLatency& l : result.latency) BOOST_TEST(l.nanoseconds.median > 0);
  BOOST_TEST(result.context.date.size() == 10u);
  BOOST_TEST(!result.context.compiler.empty());
  BOOST_TEST(result.context.cpu_per_wall > 0);
}

BOOST_AUTO_TEST_CASE(one_thread_only) {
  BenchOptions options = hasty();
  options.threads = 1;
  options.gemv = options.latency = false;
  const BenchResult result = run_bench(options);
  for (const BenchFlops& f : result.flops) BOOST_TEST(f.threads == 1);
  for (const BenchBandwidth& b : result.bandwidth) BOOST_TEST(b.threads == 1);
  for (const BenchCluster& c : result.topology.clusters) BOOST_TEST(c.cores == 1);
  BOOST_TEST(result.gemv.empty());
  BOOST_TEST(result.latency.empty());
}

// Under a core that could do nothing everything is refused; under one that could do anything nothing is.
BOOST_AUTO_TEST_CASE(above_theory_is_refused) {
  BenchOptions options = hasty();
  options.bandwidth = options.gemv = options.latency = false;
  const Processor here = detect_processor();
  CpuCore core;
  core.id = core.name = "this";
  CoreIdentity identity;
  identity.features = names(here.features);
  if (here.core.implementer != 0) identity.implementer = here.core.implementer;
  if (!here.core.vendor.empty()) identity.vendor = here.core.vendor;
  core.identities = {identity};
  const BenchResult plain = run_bench(options);
  BOOST_REQUIRE(!plain.flops.empty());
  if (identity.features.empty() && identity.vendor.empty() && !identity.implementer) return;  // nothing to know this core by
  for (const BenchFlops& f : plain.flops) {
    if (f.threads == 1) core.rates.push_back({f.instruction, f.format, {1e-3 * unit::op, {}}});
  }
  options.cores = {core};
  const BenchResult refused = run_bench(options);
  for (const BenchFlops& f : refused.flops) {
    BOOST_TEST((f.quality == BenchQuality::refused), f.instruction);
    BOOST_TEST(!f.note.empty());
  }
  for (InstructionRate& rate : core.rates) rate.ops_per_cycle.value = 1e9 * unit::op;
  options.cores = {core};
  for (const BenchFlops& f : run_bench(options).flops) BOOST_TEST((f.quality != BenchQuality::refused));
}

// Work that counts ones: as many as were asked for, from as many threads as there are.
BOOST_AUTO_TEST_CASE(samples_add_up_over_threads) {
  const auto cpus = allowed_cpus();
  BOOST_REQUIRE(!cpus.empty());
  int threads = 0;
  const Reading reading = take_samples(
      {cpus.front()},
      [&](int) -> Work {
        ++threads;
        return [](std::uint64_t n) {
          volatile std::uint64_t sum = 0;
          for (std::uint64_t i = 0; i < n; ++i) sum = sum + 1;
          return static_cast<double>(n);
        };
      },
      {0.02});
  BOOST_TEST(threads == 1);
  BOOST_TEST(reading.rate.samples >= 3);
  BOOST_TEST(reading.clock.has_value());
  BOOST_TEST(reading.cpu_per_wall <= 1.1);
}

BOOST_AUTO_TEST_SUITE_END()
