// A measurement made up by hand -> device file, JSON, table, drawing.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "roofline/core/estimate.hpp"
#include "roofline/db/catalog.hpp"
#include "roofline/report/bench.hpp"

using namespace roofline;
using namespace roofline::report;

namespace {

SampleSummary about(double median) { return summarize({0.98 * median, median, 1.02 * median}, 0); }

BenchResult machine() {
  BenchResult r;
  r.topology.architecture = "x86_64";
  r.topology.processor = "A \"processor\" with <odd> name\n";
  r.topology.memory = r.topology.memory_allowed = 8 * unit::GiB;
  r.topology.page = 4 * unit::KiB;
  BenchCluster cluster;
  cluster.id = "cpu";
  cluster.cpus = {0, 1};
  cluster.cores = 2;
  cluster.measured_clock = 3e9;
  cluster.caches = {{1, 32 * unit::KiB, 1}, {2, 1 * unit::MiB, 1}, {3, 16 * unit::MiB, 2}};
  r.topology.clusters = {cluster};
  r.context.date = "2026-01-31";
  r.context.program = "estimate 0.0";
  r.context.compiler = "g++ 12";
  r.context.kernel = "Linux 6";
  for (const int threads : {1, 2}) {
    BenchFlops f;
    f.format = NumberFormat::fp32;
    f.instruction = "vfmadd231ps ymm";
    f.unit = "cpu";
    f.threads = threads;
    f.rate = about(threads * 96e9);
    f.clock = 3e9;
    f.ops_per_cycle = 32;
    f.theory_ops_per_cycle = 32;
    r.flops.push_back(f);
    BenchBandwidth b;
    b.kernel = "read";
    b.level = "DRAM";
    b.unit = "cpu";
    b.threads = threads;
    b.working_set = unit::GiB;
    b.rate = about(threads * 10e9);
    r.bandwidth.push_back(b);
    b.level = "L2";
    b.rate = about(threads * 80e9);
    r.bandwidth.push_back(b);
    BenchGemv g;
    g.format = "q4_0";
    g.level = "L2";
    g.unit = "cpu";
    g.threads = threads;
    g.block_weights = 32;
    g.block_bytes = 18;
    g.rate = about(threads * 12e9);
    g.weights_per_cycle = 7.1;
    r.gemv.push_back(g);
  }
  BenchFlops wrong = r.flops.front();
  wrong.format = NumberFormat::fp64;
  wrong.quality = BenchQuality::refused;
  wrong.note = "more than it can do";
  r.flops.push_back(wrong);
  return r;
}

Device device_of(const BenchResult& r) {
  const auto loaded = db::load_device(bench_device_toml(r, "box"), "box.toml");
  for (const db::Diagnostic& d : loaded.diagnostics) BOOST_ERROR(db::to_string(d));
  BOOST_REQUIRE(loaded.value);
  return loaded.value->devices.front();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(bench)

BOOST_AUTO_TEST_CASE(a_device_file_that_loads) {
  const BenchResult r = machine();
  BOOST_TEST(bench_refusal(r).empty());
  const Device device = device_of(r);
  BOOST_TEST(device.id == "box");
  const OperatingPoint point = operating_point(device, nullptr);
  BOOST_REQUIRE(point.units.size() == 1u);
  // Ceilings are the highest samples: 2 threads x 10 GB/s x 1.02; 2 cores x 3 GHz x 32.
  BOOST_TEST(point.memories[0].bandwidth.value.base() == 20.4e9, boost::test_tools::tolerance(1e-4));
  BOOST_TEST(point.memories[0].bandwidth.value.base() >= 20.4e9 * (1 - 1e-12));
  BOOST_TEST(peak(point.units[0], NumberFormat::fp32)->value.base() == 192e9, boost::test_tools::tolerance(1e-3));
  BOOST_TEST(!peak(point.units[0], NumberFormat::fp64).has_value());  // refused, so not known
  BOOST_TEST(device.memories[0].sustained.at(0).rate.value.base() == 20e9, boost::test_tools::tolerance(1e-4));
  BOOST_TEST((point.memories[0].bandwidth.cite.basis == Basis::measured));
  BOOST_TEST(device.units[0].unpack.at(0).format == "q4_0");
  BOOST_TEST(device.units[0].unpack.at(0).rate.value.base() == 24e9, boost::test_tools::tolerance(1e-4));
  BOOST_TEST(device.units[0].cache->capacity.value.in(unit::MiB) == 16.0);
}

// Whatever was streamed faster than the reads, the ceiling is above it.
BOOST_AUTO_TEST_CASE(nothing_measured_beats_the_ceiling) {
  BenchResult r = machine();
  BenchGemv faster = r.gemv.front();
  faster.level = "DRAM";
  faster.rate = about(23e9);
  r.gemv.push_back(faster);
  const OperatingPoint point = operating_point(device_of(r), nullptr);
  BOOST_TEST(point.memories[0].bandwidth.value.base() >= faster.rate.high);
  for (const BenchBandwidth& b : r.bandwidth) {
    if (b.level == "DRAM") BOOST_TEST(point.memories[0].bandwidth.value.base() >= b.rate.high);
  }
}

// 32 MiB over 16 MiB of cache at 163.2 GB/s (2 x 80 x 1.02) and 20.4 GB/s of memory: 16 MiB of each.
BOOST_AUTO_TEST_CASE(what_stays_in_the_cache_streams_from_it) {
  const Device device = device_of(machine());
  const OperatingPoint point = operating_point(device, nullptr);
  const double half = 16 * 1024 * 1024;
  const double expected = 2 * half / (half / 163.2e9 + half / 20.4e9);
  BOOST_TEST(streaming_bandwidth(point.units[0], 32 * unit::MiB).base() == expected, boost::test_tools::tolerance(1e-3));
  BOOST_TEST(streaming_bandwidth(point.units[0], 8 * unit::MiB).base() == 163.2e9, boost::test_tools::tolerance(1e-3));
  UnitPoint without = point.units[0];
  ComputeUnit plain = *without.unit;
  plain.cache.reset();
  without.unit = &plain;
  BOOST_TEST(streaming_bandwidth(without, 8 * unit::MiB).base() == point.units[0].bandwidth.value.base());
}

BOOST_AUTO_TEST_CASE(what_can_not_be_described) {
  BenchResult r = machine();
  r.context.emulated = true;
  BOOST_TEST(!bench_refusal(r).empty());
  r = machine();
  r.bandwidth.clear();
  BOOST_TEST(!bench_refusal(r).empty());
  r = machine();
  for (BenchFlops& f : r.flops) f.quality = BenchQuality::refused;
  BOOST_TEST(!bench_refusal(r).empty());
}

BOOST_AUTO_TEST_CASE(the_json_contract) {
  const auto j = nlohmann::json::parse(bench_json(machine()));
  for (const char* key : {"format", "instruction", "unit", "threads", "ops_per_second", "ops_per_cycle", "percent_of_theory", "spread"}) BOOST_TEST(j["flops"][0].contains(key), key);
  for (const char* key : {"kernel", "level", "threads", "bytes_per_second", "working_set_bytes"}) BOOST_TEST(j["bandwidth"][0].contains(key), key);
  for (const char* key : {"format", "level", "threads", "bytes_per_second", "weights_per_cycle"}) BOOST_TEST(j["gemv"][0].contains(key), key);
  BOOST_TEST(j["latency"].is_array());
  for (const char* key : {"clock_hertz", "load_before", "steal", "cpu_time_per_wall_time", "emulated"}) BOOST_TEST(j["context"].contains(key), key);
  BOOST_TEST(j["topology"]["clusters"][0]["cpus"].size() == 2u);
  BOOST_TEST(j["flops"][0]["percent_of_theory"].get<double>() == 100.0);
  BOOST_TEST(j["flops"].back()["ops_per_second"].is_null());  // refused
  BOOST_TEST(j["context"]["load_before"].is_null());          // not known
}

BOOST_AUTO_TEST_CASE(the_table_stays_within_its_width) {
  const std::string text = bench_text(machine(), {});
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = text.find('\n', begin);
    BOOST_TEST(end - begin <= 80u, text.substr(begin, end - begin));
    begin = end + 1;
  }
  BOOST_TEST(text.find("refused") != std::string::npos);
  BOOST_TEST(text.find("100 %") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_drawing) {
  const RooflineMark mark{"decode of <a model>", 4, 40e9, 20e9, false};
  const std::string svg = roofline_svg(machine(), {mark}, "Roofline of \"this\"");
  BOOST_TEST(svg.find("<svg") == 0u);
  BOOST_TEST(svg.find("decode of &lt;a model&gt;") != std::string::npos);
  BOOST_TEST(svg.find("DRAM 20.0 GB/s") != std::string::npos);
  // 192 GFLOP/s / 20 GB/s
  BOOST_TEST(svg.find("9.60 op/B") != std::string::npos);
  BOOST_TEST(svg.find("nan") == std::string::npos);
  BOOST_TEST(svg.find("inf") == std::string::npos);
  BOOST_TEST(std::count(svg.begin(), svg.end(), '<') == std::count(svg.begin(), svg.end(), '>'));
  BOOST_TEST(roofline_svg(BenchResult{}, {}, "nothing").find("nan") == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
