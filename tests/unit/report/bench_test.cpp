// A measurement made up by hand -> device file, JSON, table, drawing.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <tuple>

#include "roofline/core/estimate.hpp"
#include "roofline/core/known_gpu.hpp"
#include "roofline/core/survey.hpp"
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

// 8 units at 1 GHz; the fastest samples are 1.02 times the medians.
void add_gpu(BenchResult& r, bool unified, const char* name) {
  BenchGpu gpu;
  gpu.id = "gpu0";
  gpu.name = name;
  gpu.driver = "CUDA 12.6";
  gpu.compute_units = 8;
  gpu.clock = 1e9;
  gpu.memory = unified ? r.topology.memory : 16 * unit::GiB;
  gpu.free = unified ? Bytes{} : 15 * unit::GiB;
  gpu.unified = unified;
  r.topology.gpus.push_back(gpu);
  const auto add = [&](NumberFormat format, Accumulate accumulate, double median, bool lower_bound) {
    BenchFlops f;
    f.format = format;
    f.accumulate = accumulate;
    f.instruction = "mma";
    f.unit = "gpu0";
    f.threads = 0;
    f.rate = about(median);
    f.lower_bound = lower_bound;
    r.flops.push_back(f);
  };
  add(NumberFormat::fp32, Accumulate::fp32, 2e12, false);
  add(NumberFormat::fp16, Accumulate::fp16, 4e12, false);   // ordinary instructions
  add(NumberFormat::fp16, Accumulate::fp16, 16e12, false);  // tensor cores
  add(NumberFormat::fp16, Accumulate::fp32, 8e12, false);
  add(NumberFormat::int8, Accumulate::int32, 32e12, false);
  add(NumberFormat::bf16, Accumulate::fp32, 8e12, true);
  BenchBandwidth b;
  b.kernel = "read";
  b.level = "DRAM";
  b.instruction = "float4";
  b.unit = "gpu0";
  b.threads = 0;
  b.rate = about(unified ? 50e9 : 300e9);
  r.bandwidth.push_back(b);
}

const UnitPoint& gpu_of(const OperatingPoint& point) {
  for (const UnitPoint& unit : point.units) {
    if (unit.unit->kind == UnitKind::gpu) return unit;
  }
  BOOST_FAIL("no GPU");
  throw 0;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(bench)

// As a Jetson: the pool's ceiling is what its GPU read, 50 GB/s x 1.02; the processors' own is what they read, 20 x 1.02.
BOOST_AUTO_TEST_CASE(a_gpu_that_shares_the_memory) {
  BenchResult r = machine();
  add_gpu(r, true, "Orin");
  const Device device = device_of(r);
  BOOST_TEST((device.placement == Placement::unified));
  BOOST_REQUIRE(device.memories.size() == 1u);
  const OperatingPoint point = operating_point(device, nullptr);
  BOOST_REQUIRE(point.units.size() == 2u);
  const UnitPoint& gpu = gpu_of(point);
  BOOST_TEST(gpu.unit->id == "gpu0");
  BOOST_TEST(gpu.bandwidth.value.base() == 51e9, boost::test_tools::tolerance(1e-4));
  BOOST_TEST(find_unit(point, "cpu")->bandwidth.value.base() == 20.4e9, boost::test_tools::tolerance(1e-4));
  BOOST_TEST(point.memories[0].capacity.value.in(unit::GiB) == 8.0);
  // The fastest kind of sum, its fastest sample: 16 TFLOP/s x 1.02 and no less.
  BOOST_TEST(peak(gpu, NumberFormat::fp16)->value.base() == 16.32e12, boost::test_tools::tolerance(1e-3));
  BOOST_TEST(peak(gpu, NumberFormat::fp16)->value.base() >= 16.32e12);
  BOOST_TEST(peak(gpu, NumberFormat::int8)->value.base() >= 32.64e12);
  BOOST_TEST(gpu.unit->rates.at(1).ops_per_cycle.value.base() == 2040.0, boost::test_tools::tolerance(1e-3));  // fp16: 16.32e12 / (8 x 1e9)
  BOOST_TEST((gpu.unit->rates.at(1).ops_per_cycle.cite.basis == Basis::measured));
  // No ceiling, as faster ways were not tried; seen all the same.
  BOOST_TEST(!peak(gpu, NumberFormat::bf16).has_value());
  BOOST_TEST(std::any_of(gpu.unit->measured.begin(), gpu.unit->measured.end(), [](const MeasuredPeak& m) { return m.format == NumberFormat::bf16; }));
}

BOOST_AUTO_TEST_CASE(a_card_with_its_own_memory) {
  BenchResult r = machine();
  add_gpu(r, false, "NVIDIA GeForce RTX 4060");
  const Device device = device_of(r);
  BOOST_TEST((device.placement == Placement::discrete));
  BOOST_REQUIRE(device.memories.size() == 2u);
  BOOST_TEST(device.memories.front().id == "gpu0");  // where models go
  const OperatingPoint point = operating_point(device, nullptr);
  const UnitPoint& gpu = gpu_of(point);
  BOOST_TEST(gpu.bandwidth.value.base() == 306e9, boost::test_tools::tolerance(1e-4));
  BOOST_TEST(memory_of(point, gpu).capacity.value.in(unit::GiB) == 16.0);
  BOOST_TEST(memory_of(point, gpu).usable.value.in(unit::GiB) == 15.0);
  BOOST_TEST(memory_of(point, *find_unit(point, "cpu")).capacity.value.in(unit::GiB) == 8.0);
  BOOST_TEST(find_unit(point, "cpu")->bandwidth.value.base() == 20.4e9, boost::test_tools::tolerance(1e-4));
}

// The processors again, through OpenCL: nothing that the file should say twice, and slower.
BOOST_AUTO_TEST_CASE(processors_are_described_once) {
  BenchResult r = machine();
  add_gpu(r, true, "the processors");
  r.topology.gpus.front().is_cpu = true;
  const Device device = device_of(r);
  BOOST_TEST(device.units.size() == 1u);
  BOOST_TEST(device.memories.front().bandwidth->value.base() == 20.4e9, boost::test_tools::tolerance(1e-4));
  r.topology.gpus.front().is_cpu = false;
  r.topology.gpus.front().clock.reset();  // the driver does not say
  BOOST_TEST(device_of(r).units.size() == 1u);
}

// A measured GPU of a known kind is answered about: decode of 1.24e9 weights as q4_0 from 51 GB/s, of which the GPU alone reads that much.
BOOST_AUTO_TEST_CASE(an_answer_for_a_measured_gpu) {
  BenchResult r = machine();
  add_gpu(r, true, "Orin");
  db::Catalog catalog;
  std::vector<const Device*> devices;
  for (const db::Entry& entry : catalog.entries(db::Kind::device)) devices.push_back(catalog.device(entry.id).value);
  const Device* like = known_gpu(devices, r.topology.gpus.front());
  BOOST_REQUIRE(like != nullptr);
  BOOST_TEST(like->chip == "orin");
  const auto loaded = db::load_device(bench_device_toml(r, "box", like), "box.toml");
  BOOST_REQUIRE(loaded.value);
  const Device& device = loaded.value->devices.front();
  BOOST_TEST(device.chip == "orin");
  BOOST_TEST(device.family == "jetson-orin");
  const OperatingPoint point = operating_point(device, nullptr);
  Question q;
  q.point = &point;
  q.model = catalog.model("llama-3.2-1b").value;
  q.engines = {catalog.engine("llama.cpp").value};
  q.unit = UnitKind::gpu;
  q.quantization = "q4_0";
  q.workload.kv_k = q.workload.kv_v = *catalog.format("f16").value;
  q.find_quantization = [&](const std::string& name) { return catalog.quantization(name).value; };
  q.find_calibration = [&](const std::string& name) { return catalog.calibration(name).value; };
  const Survey answered = survey(q);
  BOOST_REQUIRE(!answered.estimates.empty());
  const Estimate& e = answered.estimates.front();
  BOOST_REQUIRE(e.supported);
  // Seconds for a token = bytes read / 51 GB/s, where nothing else takes longer.
  BOOST_TEST(e.decode.time.base() == e.decode.traffic.base() / 51e9, boost::test_tools::tolerance(1e-3));
  BOOST_TEST(e.prefill.compute_known);
  // Products of q4_0 weights run in int8: 32 TOP/s x 1.02, nothing is faster.
  BOOST_TEST(e.prefill.time.base() >= e.prefill.work.base() / 32.7e12);
  BOOST_TEST(e.expected_decode.has_value());
}

BOOST_AUTO_TEST_CASE(gpus_are_known_by_their_names) {
  db::Catalog catalog;
  std::vector<const Device*> devices;
  for (const db::Entry& entry : catalog.entries(db::Kind::device)) devices.push_back(catalog.device(entry.id).value);
  const auto known = [&](const char* name, int units, double gib) {
    BenchGpu gpu;
    gpu.name = name;
    gpu.compute_units = units;
    gpu.memory = gib * unit::GiB;
    const Device* device = known_gpu(devices, gpu);
    return device != nullptr ? device->id : "";
  };
  BOOST_TEST(known("Orin", 16, 61.4) == "jetson-agx-orin-64gb");
  BOOST_TEST(known("Orin", 8, 7.4).starts_with("jetson-orin-n"));  // an Orin Nano and an Orin NX have the same GPU
  BOOST_TEST(known("NVIDIA GeForce RTX 4060", 24, 7.6) == "rtx-4060");
  BOOST_TEST(known("NVIDIA GeForce RTX 4060 Ti", 34, 15.6) == "rtx-4060-ti-16gb");
  BOOST_TEST(known("NVIDIA RTX 2000 Ada Generation Laptop GPU", 24, 7.7) == "rtx-2000-ada-laptop");
  BOOST_TEST(known("NVIDIA GeForce", 1, 8) == "");  // of several generations
  BOOST_TEST(known("Mali-G52", 2, 4) == "");
  BOOST_TEST(known("", 8, 8) == "");
}

// Tiles multiply 16 times as fast as vectors do, and unpack nothing: 2 cores x 3 GHz x 2048 is the peak, x 128 unpacks.
BOOST_AUTO_TEST_CASE(tiles_do_not_unpack) {
  BenchResult r = machine();
  for (const auto& [instruction, per_cycle, matrix] : {std::tuple("vpdpbusd zmm", 128.0, false), std::tuple("tdpbusd", 2048.0, true)}) {
    BenchFlops f = r.flops.front();
    f.format = NumberFormat::int8;
    f.instruction = instruction;
    f.matrix = matrix;
    f.ops_per_cycle = f.theory_ops_per_cycle = per_cycle;
    f.rate = about(per_cycle * 3e9);
    r.flops.push_back(f);
  }
  const Device device = device_of(r);
  const OperatingPoint point = operating_point(device, nullptr);
  BOOST_TEST(peak(point.units[0], NumberFormat::int8)->value.base() == 12.288e12, boost::test_tools::tolerance(1e-3));
  BOOST_TEST(vector_peak(point.units[0], NumberFormat::int8)->value.base() == 768e9, boost::test_tools::tolerance(1e-3));
}

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
  // Measured itself, 2 x 30 GB/s, it is that and not the 163.2 of the level above.
  BenchResult r = machine();
  BenchBandwidth own = r.bandwidth.back();
  own.level = "L3";
  own.rate = about(60e9);
  r.bandwidth.push_back(own);
  BOOST_TEST(device_of(r).units[0].cache->bandwidth.value.base() == 61.2e9, boost::test_tools::tolerance(1e-4));
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

void no_line_is_too_long(const std::string& text) {
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = text.find('\n', begin);
    BOOST_TEST(end - begin <= 80u, text.substr(begin, end - begin));
    begin = end + 1;
  }
}

// Clusters and GPUs have tables of their own: one line for each figure, with the instruction in it.
BOOST_AUTO_TEST_CASE(units_stand_one_after_the_other) {
  BenchResult r = machine();
  BenchCluster little = r.topology.clusters.front();
  little.id = "cpu1";
  r.topology.clusters.push_back(little);
  for (int i = 0; i < 2; ++i) {
    BenchFlops f = r.flops[static_cast<std::size_t>(i)];
    f.unit = "cpu1";
    f.form = "rotating";
    f.slowest_clock = 2.7e9;
    f.fastest_clock = 3e9;
    r.flops.push_back(f);
  }
  r.context.slowest_thread = 2.7e9;
  r.context.fastest_thread = 3e9;
  add_gpu(r, true, "Orin");
  const std::string text = bench_text(r, {});
  no_line_is_too_long(text);
  BOOST_TEST(text.find("\ncpu: Arithmetic") != std::string::npos);
  BOOST_TEST(text.find("\ncpu1:\n") != std::string::npos);
  BOOST_TEST(text.find("\ngpu0:\n") != std::string::npos);
  BOOST_TEST(text.find("instruction:") == std::string::npos);
  BOOST_TEST(text.find("shares the memory") != std::string::npos);
  const auto j = nlohmann::json::parse(bench_json(r));
  BOOST_TEST(j["context"]["slowest_thread_clock_hertz"].get<double>() == 2.7e9);
  BOOST_TEST(j["topology"]["gpus"][0]["unified"].get<bool>());
  // 16 TFLOP/s over the 50 GB/s that the GPU reads.
  BOOST_TEST(roofline_svg(r, {}, "both").find("320 op/B") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_table_stays_within_its_width) {
  const std::string text = bench_text(machine(), {});
  no_line_is_too_long(text);
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
