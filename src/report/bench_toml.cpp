#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "report/bench_ceilings.hpp"
#include "roofline/report/bench.hpp"
#include "roofline/report/units.hpp"

namespace roofline::report {
namespace {

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

std::string memory_table(const BenchResult& r, const std::string& when) {
  const auto dram = level_rate(r, "DRAM", "");
  std::string out = "[[memory]]\nid = \"dram\"\ntype = \"measured\"\n";
  out += fmt::format("capacity = {{ {} }}\n", cited(fmt::format("{:.0f}", r.topology.memory.in(unit::KiB)), "KiB", "MemTotal of /proc/meminfo, " + when));
  out += fmt::format("usable = {{ {} }}\n", cited(fmt::format("{:.0f}", r.topology.memory_allowed.in(unit::KiB)), "KiB",
                                                  r.topology.memory_allowed < r.topology.memory ? "limit of the control group, " + when : "MemTotal of /proc/meminfo, " + when,
                                                  "what else runs is not taken off"));
  out += fmt::format("bandwidth = {{ {} }}\n", cited(digits_up(dram->high / 1e9), "GB/s", "highest of all samples, " + when, "bus and memory rate can not be asked for"));
  out += fmt::format("sustained = [\n  {{ unit_kind = \"cpu\", {} }},\n]\n\n",
                     cited(fmt::format("{:.5g}", dram->median / 1e9), "GB/s", fmt::format("median; {}; {} thread{}", dram->what, dram->threads, dram->threads == 1 ? "" : "s")));
  return out;
}

std::string cache_table(const BenchResult& r, const BenchCluster& cluster) {
  const auto last = std::max_element(cluster.caches.begin(), cluster.caches.end(), [](const BenchCache& a, const BenchCache& b) { return a.level < b.level; });
  if (last == cluster.caches.end()) return {};
  // The size of all caches of the last level that the cluster's cores have; what they hold streams no faster than the level above it was seen to.
  const double copies = std::max(1.0, std::ceil(static_cast<double>(cluster.cpus.size()) / last->cpus));
  double high = 0;
  std::string level;
  for (const BenchCache& c : cluster.caches) {
    if (c.level < 2) continue;
    const auto rate = level_rate(r, fmt::format("L{}", c.level), cluster.id);
    if (rate && rate->high > high) {
      high = rate->high;
      level = fmt::format("L{}", c.level);
    }
  }
  if (high <= 0) return {};
  return fmt::format("last_level = {{ capacity = {{ {} }}, bandwidth = {{ {} }} }}\n",
                     cited(fmt::format("{:.0f}", copies * last->size.in(unit::KiB)), "KiB", "what the system reports, all of the last level"),
                     cited(digits_up(high / 1e9), "GB/s", fmt::format("highest of all samples from {}", level), "an upper bound for what the last level gives"));
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

std::string compute_table(const BenchResult& r, const BenchCluster& cluster, const std::string& when) {
  const auto formats = measured_formats(r, cluster);
  const std::string name = fmt::format("{}x {}", cluster.cores, !cluster.core.empty() ? cluster.core : cluster.identity.empty() ? r.topology.architecture : cluster.identity);
  std::string out = fmt::format("[[compute]]\nid = \"{}\"\nkind = \"cpu\"\nname = {}\n", cluster.id, quoted(name));
  out += fmt::format("cores = {{ {} }}\n", cited(std::to_string(cluster.cores), "1", "cores this process may use, " + r.topology.source));
  out += fmt::format("clock = {{ {} }}\n", cited(digits_up(highest_clock(r, cluster) / 1e6), "MHz", "highest, by a chain of dependent additions, " + when));
  if (const auto own = level_rate(r, "DRAM", cluster.id); own && r.topology.clusters.size() > 1) {
    out += fmt::format("bandwidth_cap = {{ {} }}\n", cited(digits_up(own->high / 1e9), "GB/s", "highest of all samples on this cluster alone"));
  }
  out += cache_table(r, cluster);
  out += "rates = [\n";
  for (const MeasuredFormat& f : formats) {
    const char* accumulate = f.format == NumberFormat::int8 ? "int32" : f.format == NumberFormat::fp16 ? "fp16" : f.format == NumberFormat::fp64 ? nullptr : "fp32";
    out += fmt::format("  {{ format = \"{}\", {}{} }},\n", to_string(f.format), accumulate != nullptr ? fmt::format("accumulate = \"{}\", ", accumulate) : "",
                       cited(digits_up(f.ops_per_cycle), "op", f.instruction + ", most per cycle of one core"));
  }
  out += "]\nmeasured = [\n";
  for (const MeasuredFormat& f : formats) {
    // Threads that share a core add nothing: the peak is of the cores.
    out += fmt::format("  {{ format = \"{}\", {} }},\n", to_string(f.format),
                       cited(fmt::format("{:.5g}", f.median / 1e9), is_floating_point(f.format) ? "GFLOP/s" : "GOP/s", fmt::format("median, {} thread{}", f.threads, f.threads == 1 ? "" : "s")));
  }
  return out + "]\n" + unpack_table(r, cluster) + "\n";
}

}  // namespace

std::string bench_refusal(const BenchResult& r) {
  if (r.context.emulated) return "the processor is emulated: its times mean nothing";
  if (!level_rate(r, "DRAM", "")) return "no memory bandwidth was measured";
  if (!(r.topology.memory > Bytes{})) return "the size of the memory is not known";
  const bool any = std::any_of(r.topology.clusters.begin(), r.topology.clusters.end(), [&](const BenchCluster& c) { return !measured_formats(r, c).empty() && highest_clock(r, c) > 0; });
  return any ? "" : "no arithmetic was measured";
}

std::string bench_device_toml(const BenchResult& r, const std::string& id) {
  const BenchContext& c = r.context;
  const std::string when = c.date;
  std::string out = fmt::format("# Written by `estimate bench` on {}: what this machine was measured to do.\nschema = 1\nid = \"{}\"\n", c.date, id);
  std::string name = r.topology.processor.empty() ? r.topology.architecture : r.topology.processor;
  if (!r.topology.machine.empty()) name = r.topology.machine + ", " + name;
  out += fmt::format("name = {}\nvendor = \"this machine\"\nchip = {}\nfamily = {}\nplacement = \"unified\"\nnotes = [\n", quoted(name), quoted(r.topology.architecture + "-host"),
                     quoted(r.topology.architecture + "-host"));
  out += fmt::format("  {},\n", quoted(fmt::format("measured {} in {} s by {}, built with {}, {}", c.date, number(c.seconds, 2), c.program, c.compiler, c.kernel)));
  for (const std::string& note : c.notes) out += fmt::format("  {},\n", quoted(note));
  out += "]\n\n" + memory_table(r, when);
  for (const BenchCluster& cluster : r.topology.clusters) {
    if (!measured_formats(r, cluster).empty()) out += compute_table(r, cluster, when);
  }
  return out;
}

}  // namespace roofline::report
