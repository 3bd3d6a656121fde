#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "report/bench_ceilings.hpp"
#include "roofline/report/bench.hpp"
#include "roofline/report/units.hpp"

namespace roofline::report {
namespace {

constexpr const char* pool = "dram";  // of the processors, and of GPUs without a memory of their own

// Names come from firmware: what TOML or a terminal would not take is left out.
std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) >= ' ' && static_cast<unsigned char>(c) < 0x7f) out += c;
  }
  return out + "\"";
}

// Five digits, rounded up: a ceiling that is rounded down can be beaten by the very sample it came from.
std::string digits_up(double value) {
  if (!(value > 0)) return "0";
  const double step = std::pow(10, std::floor(std::log10(value)) - 4);
  return fmt::format("{:.5g}", std::ceil(value / step - 1e-9) * step);
}

std::string cited(const std::string& value, const char* unit_name, const std::string& at, const std::string& note = {}) {
  return fmt::format("value = {}, unit = \"{}\", source = \"estimate-bench\", at = {}, basis = \"measured\"{}", value, unit_name, quoted(at),
                     note.empty() ? "" : ", note = " + quoted(note));
}

std::string sustained(const char* kind, const std::string& of, const MeasuredRate& rate) {
  const std::string threads = rate.threads > 0 ? fmt::format("; {} thread{}", rate.threads, rate.threads == 1 ? "" : "s") : "";
  return fmt::format("  {{ unit_kind = \"{}\", of = \"{}\", test = \"read\", {} }},\n", kind, of, cited(fmt::format("{:.5g}", rate.median / 1e9), "GB/s", "median; " + rate.what + threads));
}

// Of the pool that processors and GPUs without a memory of their own share: whoever was fastest shows the most it can give.
std::string memory_table(const BenchResult& r, const std::string& when) {
  const auto dram = level_rate(r, "DRAM", "");
  double high = dram->high;
  std::string gpus;
  for (const BenchGpu& gpu : described_gpus(r)) {
    if (!gpu.unified) continue;
    const auto own = level_rate(r, "DRAM", gpu.id);
    high = std::max(high, own->high);
    gpus += sustained("gpu", gpu.id, *own);
  }
  std::string out = fmt::format("[[memory]]\nid = \"{}\"\ntype = \"measured\"\n", pool);
  out += fmt::format("capacity = {{ {} }}\n", cited(fmt::format("{:.0f}", r.topology.memory.in(unit::KiB)), "KiB", "MemTotal of /proc/meminfo, " + when));
  out += fmt::format("usable = {{ {} }}\n", cited(fmt::format("{:.0f}", r.topology.memory_allowed.in(unit::KiB)), "KiB",
                                                  r.topology.memory_allowed < r.topology.memory ? "limit of the control group, " + when : "MemTotal of /proc/meminfo, " + when,
                                                  "what else runs is not taken off"));
  out += fmt::format("bandwidth = {{ {} }}\n", cited(digits_up(high / 1e9), "GB/s", "highest of all samples, " + when, "bus and memory rate can not be asked for"));
  out += fmt::format("sustained = [\n  {{ unit_kind = \"cpu\", test = \"read\", {} }},\n{}]\n\n",
                     cited(fmt::format("{:.5g}", dram->median / 1e9), "GB/s", fmt::format("median; {}; {} thread{}", dram->what, dram->threads, dram->threads == 1 ? "" : "s")), gpus);
  return out;
}

// A card's own memory.
std::string memory_table(const BenchResult& r, const BenchGpu& gpu, const std::string& when) {
  const auto rate = level_rate(r, "DRAM", gpu.id);
  std::string out = fmt::format("[[memory]]\nid = \"{}\"\ntype = \"measured\"\n", gpu.id);
  out += fmt::format("capacity = {{ {} }}\n", cited(fmt::format("{:.0f}", gpu.memory.in(unit::KiB)), "KiB", "what the driver states, " + when, "without what it keeps for itself"));
  if (gpu.free > Bytes{} && gpu.free <= gpu.memory) {
    out += fmt::format("usable = {{ {} }}\n", cited(fmt::format("{:.0f}", gpu.free.in(unit::KiB)), "KiB", "free before the measurement, " + when, "less what else used the card then"));
  }
  out += fmt::format("bandwidth = {{ {} }}\n", cited(digits_up(rate->high / 1e9), "GB/s", "highest of all samples, " + when, "bus and memory rate can not be asked for"));
  return out + "sustained = [\n" + sustained("gpu", gpu.id, *rate) + "]\n\n";
}

std::string cache_table(const BenchResult& r, const BenchCluster& cluster) {
  const auto last = std::max_element(cluster.caches.begin(), cluster.caches.end(), [](const BenchCache& a, const BenchCache& b) { return a.level < b.level; });
  if (last == cluster.caches.end()) return {};
  // The size of all caches of the last level that the cluster's cores have. Where it could not be measured (no working set fits it and
  // not the level above), it streams no faster than the level above was seen to.
  const double copies = std::max(1.0, std::ceil(static_cast<double>(cluster.cpus.size()) / last->cpus));
  for (int level = last->level; level >= 2; --level) {
    const auto rate = level_rate(r, fmt::format("L{}", level), cluster.id);
    if (!rate) continue;
    return fmt::format("last_level = {{ capacity = {{ {} }}, bandwidth = {{ {} }} }}\n",
                       cited(fmt::format("{:.0f}", copies * last->size.in(unit::KiB)), "KiB", "what the system reports, all of the last level"),
                       cited(digits_up(rate->high / 1e9), "GB/s", fmt::format("highest of all samples from L{}", level), level == last->level ? "" : "an upper bound for what the last level gives"));
  }
  return {};
}

std::string unpack_table(const BenchResult& r, const BenchCluster& cluster) {
  std::string rows;
  for (const BenchGemv& g : r.gemv) {
    const bool all = std::none_of(r.gemv.begin(), r.gemv.end(), [&](const BenchGemv& o) { return o.unit == g.unit && o.format == g.format && o.level == g.level && o.threads > g.threads; });
    if (g.unit != cluster.id || g.level != "L2" || !all || g.rate.samples == 0) continue;
    const double scale = static_cast<double>(cluster.cores) / std::min(g.threads, cluster.cores);
    const std::string at = fmt::format("out of L2, {} kernel, {} thread{}{}", g.instruction, g.threads, g.threads == 1 ? "" : "s", scale > 1 ? ", times the cores" : "");
    rows += fmt::format("  {{ format = \"{}\", {} }},\n", g.format, cited(fmt::format("{:.5g}", scale * g.rate.median / 1e9), "GB/s", at));
  }
  return rows.empty() ? "" : "unpack = [\n" + rows + "]\n";
}

// What is known to be no ceiling is a measured peak and no rate: ceilings are made of rates.
std::string rates_and_peaks(const std::vector<MeasuredFormat>& formats) {
  std::string rates, peaks;
  for (const MeasuredFormat& f : formats) {
    const std::string accumulate = f.accumulate != Accumulate::unspecified ? fmt::format("accumulate = \"{}\", ", to_string(f.accumulate)) : "";
    const bool cpu = f.threads > 0;
    if (!f.lower_bound) {
      rates += fmt::format("  {{ format = \"{}\", {}{}{} }},\n", to_string(f.format), accumulate, f.matrix ? "matrix = true, " : "",
                           cited(digits_up(f.ops_per_cycle), "op", f.instruction + (cpu ? ", most per cycle of one core" : ", highest rate over units x clock")));
    }
    // Threads that share a core add nothing: the peak is of the cores.
    const std::string how = cpu ? fmt::format("median, {} thread{}", f.threads, f.threads == 1 ? "" : "s") : "median";
    peaks += fmt::format("  {{ format = \"{}\", {} }},\n", to_string(f.format),
                         cited(fmt::format("{:.5g}", f.median / 1e9), is_floating_point(f.format) ? "GFLOP/s" : "GOP/s", how + ", " + f.instruction,
                               f.lower_bound ? "no ceiling: the unit has faster ways that were not tried" : ""));
  }
  return "rates = [\n" + rates + "]\nmeasured = [\n" + peaks + "]\n";
}

std::string compute_table(const BenchResult& r, const BenchCluster& cluster, const std::string& when) {
  const auto formats = measured_formats(r, cluster);
  const std::string name = fmt::format("{}x {}", cluster.cores, !cluster.core.empty() ? cluster.core : cluster.identity.empty() ? r.topology.architecture : cluster.identity);
  std::string out = fmt::format("[[compute]]\nid = \"{}\"\nkind = \"cpu\"\nname = {}\nmemory = \"{}\"\n", cluster.id, quoted(name), pool);
  out += fmt::format("cores = {{ {} }}\n", cited(std::to_string(cluster.cores), "1", "cores this process may use, " + r.topology.source));
  out += fmt::format("clock = {{ {} }}\n", cited(digits_up(highest_clock(r, cluster) / 1e6), "MHz", "highest, by a chain of dependent additions, " + when));
  const bool shared = r.topology.clusters.size() > 1 || std::any_of(r.topology.gpus.begin(), r.topology.gpus.end(), [](const BenchGpu& gpu) { return gpu.unified && !gpu.is_cpu; });
  // An engine may use all clusters, and what they read together is the ceiling no run beats.
  if (const auto together = level_rate(r, "DRAM", ""); together && shared) {
    out += fmt::format("bandwidth_cap = {{ {} }}\n", cited(digits_up(together->high / 1e9), "GB/s", "highest of all samples on any of the processors"));
  }
  out += cache_table(r, cluster);
  return out + rates_and_peaks(formats) + unpack_table(r, cluster) + "\n";
}

std::string compute_table(const BenchResult& r, const BenchGpu& gpu, const std::string& when) {
  std::string out = fmt::format("[[compute]]\nid = \"{}\"\nkind = \"gpu\"\nname = {}\n", gpu.id, quoted(gpu.name));
  out += fmt::format("memory = \"{}\"\n", gpu.unified ? pool : gpu.id);
  out += fmt::format("cores = {{ {} }}\n", cited(std::to_string(gpu.compute_units), "1", "compute units, " + gpu.driver));
  out += fmt::format("clock = {{ {} }}\n", cited(digits_up(*gpu.clock / 1e6), "MHz", "what the driver states, " + when, "not measured; rates per cycle are peaks over it"));
  if (gpu.unified) out += fmt::format("bandwidth_cap = {{ {} }}\n", cited(digits_up(level_rate(r, "DRAM", gpu.id)->high / 1e9), "GB/s", "highest of all samples of this GPU"));
  return out + rates_and_peaks(measured_formats(r, gpu)) + "\n";
}

}  // namespace

std::string bench_refusal(const BenchResult& r) {
  if (r.context.emulated) return "the processor is emulated: its times mean nothing";
  if (!level_rate(r, "DRAM", "")) return "no memory bandwidth was measured";
  if (!(r.topology.memory > Bytes{})) return "the size of the memory is not known";
  const bool any = std::any_of(r.topology.clusters.begin(), r.topology.clusters.end(), [&](const BenchCluster& c) { return !measured_formats(r, c).empty() && highest_clock(r, c) > 0; });
  return any ? "" : "no arithmetic was measured";
}

std::string bench_device_toml(const BenchResult& r, const std::string& id, const Device* like) {
  const BenchContext& c = r.context;
  std::vector<BenchGpu> gpus = described_gpus(r);
  std::stable_sort(gpus.begin(), gpus.end(), [&](const BenchGpu& a, const BenchGpu& b) { return level_rate(r, "DRAM", a.id)->high > level_rate(r, "DRAM", b.id)->high; });
  const std::string when = c.date;
  std::string out = fmt::format("# Written by `estimate bench` on {}: what this machine was measured to do.\nschema = 1\nid = \"{}\"\n", c.date, id);
  std::string name = r.topology.processor.empty() ? r.topology.architecture : r.topology.processor;
  if (!r.topology.machine.empty()) name = r.topology.machine + ", " + name;
  // What an engine supports and what other devices' runs say goes by chip and family: of a GPU that is known, those.
  const std::string here = r.topology.architecture + "-host";
  const bool discrete = std::any_of(gpus.begin(), gpus.end(), [](const BenchGpu& gpu) { return !gpu.unified; });
  out += fmt::format("name = {}\nvendor = {}\nchip = {}\nfamily = {}\nplacement = \"{}\"\nnotes = [\n", quoted(name), quoted(like != nullptr ? like->vendor : "this machine"),
                     quoted(like != nullptr ? like->chip : here), quoted(like != nullptr ? like->family : here), discrete ? "discrete" : "unified");
  out += fmt::format("  {},\n", quoted(fmt::format("measured {} in {} s by {}, built with {}, {}", c.date, number(c.seconds, 2), c.program, c.compiler, c.kernel)));
  for (const std::string& note : c.notes) out += fmt::format("  {},\n", quoted(note));
  for (const BenchGpu& gpu : gpus) {
    if (!gpu.note.empty()) out += fmt::format("  {},\n", quoted(gpu.id + ": " + gpu.note));
  }
  if (like != nullptr) out += fmt::format("  {},\n", quoted(fmt::format("chip and family are those of {}, whose GPU has the same name", like->id)));
  out += "]\n\n";
  // The first memory is the one models go to: of a card, if there is one.
  for (const BenchGpu& gpu : gpus) {
    if (!gpu.unified) out += memory_table(r, gpu, when);
  }
  out += memory_table(r, when);
  for (const BenchGpu& gpu : gpus) out += compute_table(r, gpu, when);
  for (const BenchCluster& cluster : r.topology.clusters) {
    if (!measured_formats(r, cluster).empty()) out += compute_table(r, cluster, when);
  }
  return out;
}

}  // namespace roofline::report
