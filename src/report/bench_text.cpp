#include <fmt/core.h>

#include <algorithm>

#include "report/layout.hpp"
#include "roofline/report/bench.hpp"
#include "roofline/report/sheet.hpp"
#include "roofline/report/units.hpp"

namespace roofline::report {
namespace {

std::string cpu_list(const std::vector<int>& cpus) {
  std::string text;
  for (std::size_t i = 0; i < cpus.size(); ++i) {
    std::size_t last = i;
    while (last + 1 < cpus.size() && cpus[last + 1] == cpus[last] + 1) ++last;
    text += (text.empty() ? "" : ",") + std::to_string(cpus[i]);
    if (last > i) text += fmt::format("-{}", cpus[last]);
    i = last;
  }
  return text;
}

std::string caches(const BenchCluster& cluster) {
  std::vector<std::string> parts;
  for (const BenchCache& c : cluster.caches) {
    parts.push_back(fmt::format("L{} {}{}", c.level, binary_size(c.size), c.cpus > 1 ? fmt::format(" for {} CPUs", c.cpus) : ""));
  }
  return join(parts, ", ");
}

std::string head(const BenchResult& r, const TextStyle& style) {
  const BenchTopology& t = r.topology;
  const std::size_t width = columns(style);
  std::string out = paint(t.processor.empty() ? t.architecture : t.processor, Emphasis::strong, style);
  if (!t.machine.empty()) out += ", " + t.machine;
  out += "\n";
  for (const BenchCluster& c : t.clusters) {
    std::string text = fmt::format("{} core{}, CPU{} {}", c.cores, c.cores == 1 ? "" : "s", c.cpus.size() == 1 ? "" : "s", cpu_list(c.cpus));
    if (!c.core.empty()) text += ": " + c.core;
    if (!c.identity.empty()) text += fmt::format(" ({})", c.identity);
    if (c.measured_clock) text += fmt::format("; measured clock {}", clock(Hertz::from_base(*c.measured_clock)));
    if (c.nominal_clock) text += fmt::format(" of {}", clock(Hertz::from_base(*c.nominal_clock)));
    if (!c.governor.empty()) text += ", governor " + c.governor;
    if (!c.caches.empty()) text += "; " + caches(c);
    out += hanging("  " + pad_right(c.id, 6), text, width);
  }
  for (const BenchGpu& g : t.gpus) {
    std::string text = fmt::format("{}: {} compute units", g.name, g.compute_units);
    if (g.clock) text += fmt::format(" at {}", clock(Hertz::from_base(*g.clock)));
    if (g.unified) text += ", shares the memory";
    if (!g.unified && g.memory > Bytes{}) text += ", " + binary_size(g.memory);
    text += "; " + g.driver;
    if (!g.note.empty()) text += "; " + g.note;
    out += hanging("  " + pad_right(g.id, 6), text, width);
  }
  if (t.memory > Bytes{}) {
    std::string memory = binary_size(t.memory);
    if (t.memory_allowed < t.memory) memory += fmt::format(", {} allowed", binary_size(t.memory_allowed));
    memory += fmt::format("; {} NUMA node{}; pages {}", t.numa_nodes, t.numa_nodes == 1 ? "" : "s", binary_size(t.page));
    if (!t.huge_pages.empty()) memory += ", huge pages " + t.huge_pages;
    out += hanging("  " + pad_right("memory", 6) + " ", memory, width);
  }
  if (!t.features.empty()) out += hanging("  has    ", join(t.features, " "), width);
  return out + "\n";
}

int level_rank(const std::string& level) { return level == "DRAM" ? 9 : level.size() == 2 && level[0] == 'L' ? level[1] - '0' : 10; }

Cell percent_cell(const std::optional<double>& part, const std::optional<double>& whole_value) {
  return part && whole_value && *whole_value > 0 ? text_cell(percent(*part / *whole_value)) : Cell{};
}

// What is wrong with a figure is said once below its table; the figure carries a sign.
struct Notes {
  std::vector<std::string> all;
  Cell rate(const std::string& shown, BenchQuality quality, const std::string& note) {
    if (quality == BenchQuality::good && note.empty()) return text_cell(shown);
    const std::string sign = quality == BenchQuality::refused ? "!" : "~";
    const std::string text = fmt::format("{} {}: {}", sign, to_string(quality), note);
    if (std::find(all.begin(), all.end(), text) == all.end()) all.push_back(text);
    return text_cell(quality == BenchQuality::refused ? "! refused" : sign + " " + shown);
  }
};

std::string how(const std::string& instruction, const std::string& form) {
  const bool usual = form.empty() || form == "vector" || form == "tile" || form == "one stream";
  return usual ? instruction : instruction + ", " + form;
}

// "vmovaps zmm" -> "zmm": what moves bytes is in the JSON.
std::string registers(const std::string& instruction) { return instruction.substr(instruction.rfind(' ') + 1); }

Table arithmetic(const BenchResult& r, Notes& notes) {
  Table table{"flops", "Arithmetic out of registers (/cycle: of one thread; theory: what part of what the core can do that is)",
              {{"format", "format"}, {"unit", "unit"}, {"threads", "thr", true}, {"rate", "rate", true}, {"spread", "spread", true}, {"cycle", "/cycle", true},
               {"theory", "theory", true}, {"latency", "latency", true}, {"instruction", "instruction"}}, {}};
  for (const BenchFlops& f : r.flops) {
    // One thread and all of them; what lies between is in the JSON.
    const bool more = std::any_of(r.flops.begin(), r.flops.end(), [&](const BenchFlops& o) { return o.unit == f.unit && o.instruction == f.instruction && o.threads > f.threads; });
    if (f.threads > 1 && more) continue;
    table.rows.push_back({text_cell(std::string(to_string(f.format))), text_cell(f.unit), text_cell(f.threads > 0 ? std::to_string(f.threads) : ""),
                          notes.rate(rate(OpsPerSecond::from_base(f.rate.median), is_floating_point(f.format)), f.quality, f.note), text_cell(percent(f.rate.spread)),
                          f.ops_per_cycle ? text_cell(number(*f.ops_per_cycle)) : Cell{}, percent_cell(f.ops_per_cycle, f.theory_ops_per_cycle),
                          f.latency_cycles ? text_cell(fmt::format("{:.1f}", *f.latency_cycles)) : Cell{}, text_cell(how(f.instruction, f.form))});
  }
  return table;
}

Table bandwidth(const BenchResult& r, Notes& notes) {
  Table table{"bandwidth", "Moving bytes (as the program counts them; bus: with the lines fetched before stores to them)",
              {{"level", "level"}, {"kernel", "what"}, {"unit", "unit"}, {"threads", "thr", true}, {"rate", "rate", true}, {"spread", "spread", true}, {"bus", "bus", true},
               {"set", "of", true}, {"how", "how"}}, {}};
  for (const BenchBandwidth& b : r.bandwidth) {
    if (b.ladder) continue;
    const auto shown = [](double bytes) { return rate(BytesPerSecond::from_base(bytes)); };
    table.rows.push_back({text_cell(b.level), text_cell(b.kernel), text_cell(b.unit), text_cell(b.threads > 0 ? std::to_string(b.threads) : ""), notes.rate(shown(b.rate.median), b.quality, b.note),
                          text_cell(percent(b.rate.spread)), b.ownership > 1 && b.level == "DRAM" ? text_cell(shown(b.ownership * b.rate.median)) : Cell{}, text_cell(binary_size(b.working_set)),
                          text_cell(how(registers(b.instruction), b.pattern))});
  }
  std::stable_sort(table.rows.begin(), table.rows.end(), [](const auto& a, const auto& b) { return level_rank(a[0].text) < level_rank(b[0].text); });
  return table;
}

Table products(const BenchResult& r, Notes& notes) {
  Table table{"gemv", "Matrix times vector from quantized weights (/cycle: weights, of one thread)",
              {{"format", "weights"}, {"level", "from"}, {"unit", "unit"}, {"threads", "thr", true}, {"rate", "rate", true}, {"spread", "spread", true}, {"weights", "weights/s", true},
               {"cycle", "/cycle", true}, {"instruction", "kernel"}}, {}};
  for (const BenchGemv& g : r.gemv) {
    table.rows.push_back({text_cell(g.format), text_cell(g.level), text_cell(g.unit), text_cell(std::to_string(g.threads)), notes.rate(rate(BytesPerSecond::from_base(g.rate.median)), g.quality, g.note),
                          text_cell(percent(g.rate.spread)), text_cell(count(g.rate.median * g.block_weights / g.block_bytes)),
                          g.weights_per_cycle ? text_cell(number(*g.weights_per_cycle)) : Cell{}, text_cell(g.instruction)});
  }
  return table;
}

// Reading rate and latency over the same working sets.
Table ladder(const BenchResult& r) {
  Table table{"ladder", "Over the working set, one thread",
              {{"set", "working set", true}, {"level", "fits"}, {"read", "read", true}, {"latency", "latency", true}, {"cycles", "cycles", true}}, {}};
  std::vector<Bytes> sizes;
  for (const BenchBandwidth& b : r.bandwidth) {
    if (b.ladder) sizes.push_back(b.working_set);
  }
  for (const BenchLatency& l : r.latency) sizes.push_back(l.working_set);
  std::sort(sizes.begin(), sizes.end());
  sizes.erase(std::unique(sizes.begin(), sizes.end()), sizes.end());
  for (const Bytes size : sizes) {
    std::vector<Cell> row(5);
    row[0] = text_cell(binary_size(size));
    for (const BenchBandwidth& b : r.bandwidth) {
      if (!b.ladder || b.working_set != size) continue;
      row[1] = text_cell(b.level);
      row[2] = text_cell(rate(BytesPerSecond::from_base(b.rate.median)));
    }
    for (const BenchLatency& l : r.latency) {
      if (l.working_set != size) continue;
      row[1] = text_cell(l.level);
      row[3] = text_cell(fmt::format("{} ns", number(l.nanoseconds.median)));
      if (l.cycles) row[4] = text_cell(number(*l.cycles));
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

// Columns that say nothing, or the same in every row, are left out.
std::string shown(Table table, const Notes& notes, const TextStyle& style) {
  if (table.rows.empty()) return {};
  for (std::size_t i = table.columns.size(); i-- > 0;) {
    const std::string& first = table.rows.front()[i].text;
    const bool same = std::all_of(table.rows.begin(), table.rows.end(), [&](const auto& row) { return row[i].text == first; });
    // The one unit of a machine with one cluster has been named above.
    if (!same || (first != "-" && table.columns[i].key != "unit")) continue;
    table.columns.erase(table.columns.begin() + static_cast<std::ptrdiff_t>(i));
    for (auto& row : table.rows) row.erase(row.begin() + static_cast<std::ptrdiff_t>(i));
  }
  std::string out = table_text(table, style);
  for (const std::string& note : notes.all) out += hanging("  ", note, columns(style));
  return out + "\n";
}

// Clusters and GPUs one after the other: side by side they need a column that rows have no room for.
std::string by_unit(const Table& table, const Notes& notes, const TextStyle& style) {
  const auto unit = std::find_if(table.columns.begin(), table.columns.end(), [](const Column& column) { return column.key == "unit"; });
  const auto at = static_cast<std::size_t>(unit - table.columns.begin());
  std::vector<std::string> units;
  for (const auto& row : table.rows) {
    if (std::find(units.begin(), units.end(), row[at].text) == units.end()) units.push_back(row[at].text);
  }
  if (units.size() < 2) return shown(table, notes, style);
  std::string out;
  for (const std::string& name : units) {
    Table part = table;
    std::erase_if(part.rows, [&](const auto& row) { return row[at].text != name; });
    part.title = name == units.front() ? name + ": " + table.title : name + ":";
    out += shown(part, name == units.back() ? notes : Notes{}, style);
  }
  return out;
}

std::string tail(const BenchResult& r, const TextStyle& style) {
  const BenchContext& c = r.context;
  std::string facts = fmt::format("{}, {} s, built with {}", c.date, number(c.seconds, 2), c.compiler);
  if (!c.kernel.empty()) facts += ", " + c.kernel;
  if (c.load_before) facts += fmt::format("; load average {:.2f}", *c.load_before);
  facts += fmt::format("; least CPU time per wall time {}", percent(c.cpu_per_wall));
  if (c.clock_low && c.clock_high) {
    facts += fmt::format("; clock {} to {}", clock(Hertz::from_base(*c.clock_low)), clock(Hertz::from_base(*c.clock_high)));
  }
  if (c.slowest_thread && c.fastest_thread && number(*c.slowest_thread / 1e9) != number(*c.fastest_thread / 1e9)) {
    facts += fmt::format("; of threads together {} to {}", clock(Hertz::from_base(*c.slowest_thread)), clock(Hertz::from_base(*c.fastest_thread)));
  }
  if (c.temperature_after) facts += fmt::format("; {:.0f} degrees C", *c.temperature_after);
  std::string out = hanging("Measured ", facts, columns(style));
  for (const std::string& note : c.notes) out += hanging("Note: ", note, columns(style));
  return out;
}

}  // namespace

std::string bench_text(const BenchResult& result, const TextStyle& style) {
  std::string out = head(result, style);
  for (const auto make : {arithmetic, bandwidth, products}) {
    Notes notes;
    const Table table = make(result, notes);
    out += by_unit(table, notes, style);
  }
  return out + shown(ladder(result), {}, style) + tail(result, style);
}

}  // namespace roofline::report
