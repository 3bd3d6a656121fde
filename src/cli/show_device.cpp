#include <fmt/core.h>

#include <algorithm>

#include "cli/show.hpp"
#include "roofline/report/units.hpp"

namespace roofline::cli {
namespace {

using report::Cell;
using report::Table;
using report::text_cell;
using report::value_cell;

template <class Q>
Cell figure_cell(const std::optional<Figure<Q>>& figure, std::string (*print)(Q)) {
  return figure ? value_cell(print(figure->value), figure->value.base()) : Cell{};
}

void memory_facts(report::Sheet& sheet, const MemoryPoint& memory) {
  sheet.facts.push_back({"memory_type", "memory", text_cell(memory.memory->type)});
  sheet.facts.push_back(
      {"memory_capacity_bytes", "capacity", value_cell(report::binary_size(memory.capacity.value), memory.capacity.value.base())});
  Cell usable = value_cell(report::binary_size(memory.usable.value), memory.usable.value.base());
  usable.text += fmt::format(" ({})", cite_text(memory.usable.cite));
  sheet.facts.push_back({"memory_usable_bytes", "usable", usable});
  if (const auto& ecc = memory.memory->ecc) {
    std::string text = ecc->state == "none" ? "none" : ecc->state + " as delivered";
    if (ecc->cost) text += fmt::format(", takes {}", report::binary_size(ecc->cost->value));
    text += fmt::format(" ({})", cite_text(ecc->cite));
    if (ecc->cite.basis != Basis::assumed && !ecc->cite.note.empty()) text += "; " + ecc->cite.note;
    sheet.facts.push_back({"memory_ecc", "error correction", text_cell(text)});
  }
  Cell bandwidth = value_cell(report::rate(memory.bandwidth.value), memory.bandwidth.value.base());
  if (memory.memory->bandwidth) {
    bandwidth.text += fmt::format(" ({})", cite_text(memory.bandwidth.cite));
  } else {
    bandwidth.text += fmt::format(" = {} bit / 8 x {} MT/s", report::whole(memory.memory->bus_bits.value),
                                  report::whole(memory.data_rate.value.in(unit::MHz)));
  }
  sheet.facts.push_back({"memory_bandwidth_bytes_per_second", "bandwidth", bandwidth});
  const auto add = [&](const char* key, const char* label, const std::optional<Figure<Bytes>>& figure) {
    if (!figure) return;
    Cell cell = value_cell(report::binary_size(figure->value), figure->value.base());
    if (!figure->cite.note.empty()) cell.text += ": " + figure->cite.note;
    sheet.facts.push_back({key, label, cell});
  };
  add("refused_allocation_bytes", "refused allocation", memory.memory->refused_allocation);
  add("largest_allocation_bytes", "largest allocation", memory.memory->largest_allocation);
  add("desktop_bytes", "a desktop takes", memory.memory->desktop);
}

Table usable_table(const MemorySystem& memory) {
  Table table{"usable_releases", "Usable memory under other releases",
              {{"release", "release"}, {"usable_bytes", "usable", true}, {"source", "source"}}, {}};
  for (const UsableAtRelease& at : memory.usable_releases) {
    table.rows.push_back({text_cell(at.release), value_cell(report::binary_size(at.usable.value), at.usable.value.base()),
                          text_cell(cite_text(at.usable.cite))});
  }
  return table;
}

Table units_table(const OperatingPoint& point) {
  Table table{"units", "Units", {{"id", "id"}, {"kind", "kind"}, {"cores", "cores", true}, {"clock_hertz", "clock", true},
                                 {"bandwidth_bytes_per_second", "bandwidth", true}, {"name", "name"}}, {}};
  for (const UnitPoint& u : point.units) {
    table.rows.push_back({text_cell(u.unit->id), text_cell(std::string(to_string(u.unit->kind))),
                          value_cell(report::whole(u.cores.value), u.cores.value),
                          value_cell(report::clock(u.clock.value), u.clock.value.base()),
                          value_cell(report::rate(u.bandwidth.value), u.bandwidth.value.base()), text_cell(u.unit->name)});
  }
  return table;
}

// The best of all cores; what fewer cores reach is in a table of its own.
Cell measured_cell(const ComputeUnit& unit, NumberFormat format) {
  const MeasuredPeak* best = nullptr;
  for (const MeasuredPeak& m : unit.measured) {
    if (m.format == format && m.cores == 0 && (best == nullptr || m.peak.value > best->peak.value)) best = &m;
  }
  return best != nullptr ? value_cell(report::rate(best->peak.value, is_floating_point(format)), best->peak.value.base()) : Cell{};
}

Cell cores_cell(int cores) { return cores > 0 ? value_cell(report::whole(cores), cores) : Cell{"all", {}, {}, {}}; }

Table measured_table(const Device& device) {
  Table table{"measured", "Measured arithmetic",
              {{"unit", "unit"}, {"format", "format"}, {"cores", "cores", true}, {"ops_per_second", "rate", true}, {"source", "source"}}, {}};
  for (const ComputeUnit& unit : device.units) {
    for (const MeasuredPeak& m : unit.measured) {
      table.rows.push_back({text_cell(unit.id), text_cell(std::string(to_string(m.format))), cores_cell(m.cores),
                            value_cell(report::rate(m.peak.value, is_floating_point(m.format)), m.peak.value.base()),
                            text_cell(cite_text(m.peak.cite))});
    }
  }
  return table;
}

Table sparse_table(const OperatingPoint& point) {
  Table table{"sparse_peaks", "Advertised peaks with structured sparsity, never a ceiling here",
              {{"unit", "unit"}, {"format", "format"}, {"peak_ops_per_second", "peak", true}, {"of_dense", "of dense", true}}, {}};
  for (const UnitPoint& u : point.units) {
    for (const NumberFormat format : all_number_formats) {
      OpsPerSecond most{};
      for (const Rate& rate : u.unit->sparse) {
        const OpsPerSecond one = u.cores.value * rate.ops_per_cycle.value * u.clock.value;
        if (rate.format == format && one > most) most = one;
      }
      const auto dense = peak(u, format);
      if (!(most > OpsPerSecond{})) continue;
      const double ratio = dense ? most / dense->value : 0.0;
      table.rows.push_back({text_cell(u.unit->id), text_cell(std::string(to_string(format))),
                            value_cell(report::rate(most, is_floating_point(format)), most.base()),
                            dense ? value_cell(report::factor(ratio), ratio) : Cell{}});
    }
  }
  return table;
}

Table caches_table(const Device& device) {
  Table table{"caches", "Caches", {{"level", "level"}, {"size_bytes", "size", true}, {"instances", "how many", true}, {"units", "of"},
                                   {"source", "source"}}, {}};
  for (const Cache& cache : device.caches) {
    table.rows.push_back({text_cell(cache.level), value_cell(report::binary_size(cache.size.value), cache.size.value.base()),
                          value_cell(report::whole(cache.instances), cache.instances), report::list_cell(cache.units),
                          text_cell(cite_text(cache.size.cite))});
  }
  return table;
}

Table peaks_table(const OperatingPoint& point) {
  Table table{"peaks", "Dense peaks, and the ops per byte above which they bind (ridge point)",
              {{"unit", "unit"}, {"format", "format"}, {"peak_ops_per_second", "peak", true}, {"measured_ops_per_second", "measured", true},
               {"ridge_point_ops_per_byte", "ridge point", true}}, {}};
  for (const UnitPoint& u : point.units) {
    for (const NumberFormat format : all_number_formats) {
      const auto top = peak(u, format);
      if (!top) continue;
      const double ridge = (top->value / u.bandwidth.value).base();
      table.rows.push_back({text_cell(u.unit->id), text_cell(std::string(to_string(format))),
                            value_cell(report::rate(top->value, is_floating_point(format)), top->value.base()),
                            measured_cell(*u.unit, format), value_cell(report::number(ridge), ridge)});
    }
  }
  return table;
}

Table sustained_table(const Device& device) {
  Table table{"sustained", "Measured bandwidth",
              {{"unit", "unit"}, {"cores", "cores", true}, {"test", "test"}, {"bytes_per_second", "rate", true}, {"source", "source"}}, {}};
  for (const MemorySystem& memory : device.memories) {
    for (const SustainedBandwidth& s : memory.sustained) {
      table.rows.push_back({text_cell(s.of.empty() ? std::string(to_string(s.unit)) : s.of), cores_cell(s.cores), text_cell(s.test), value_cell(report::rate(s.rate.value), s.rate.value.base()),
                            text_cell(cite_text(s.rate.cite))});
    }
  }
  return table;
}

std::string states_text(const PowerMode& mode) {
  std::string text;
  for (const UnitState& state : mode.units) {
    text += fmt::format("{}{} {} x {}", text.empty() ? "" : ", ", state.unit, report::whole(state.cores.value),
                        report::clock(state.clock.value));
  }
  return mode.unknown.empty() ? text : "can not be estimated: " + mode.unknown;
}

Table modes_table(const Device& device) {
  Table table{"modes", "Power modes", {{"id", "id"}, {"name", "name"}, {"firmware", "firmware"}, {"factory_default", "default"},
                                       {"budget_watts", "budget", true}, {"memory_clock_hertz", "memory", true}, {"units", "units"}}, {}};
  for (const PowerMode& mode : device.modes) {
    const Cell budget = mode.budget ? value_cell(report::number(mode.budget->value.base(), 2) + " W", mode.budget->value.base()) : Cell{};
    table.rows.push_back({text_cell(mode.id), text_cell(mode.name), text_cell(mode.firmware), report::flag_cell(mode.factory_default),
                          budget, figure_cell(mode.memory_clock, report::clock), text_cell(states_text(mode))});
  }
  return table;
}

Table storage_table(const Device& device) {
  Table table{"storage", "Storage", {{"id", "id"}, {"capacity_bytes", "capacity", true}, {"interface_limit_bytes_per_second", "interface", true},
                                     {"sequential_read_bytes_per_second", "read", true}, {"name", "name"}}, {}};
  for (const Storage& s : device.storages) {
    Cell read;
    if (s.sequential_read) read = value_cell(report::rate(s.sequential_read->value), s.sequential_read->value.base());
    table.rows.push_back(
        {text_cell(s.id), s.capacity ? value_cell(report::decimal_size(s.capacity->value), s.capacity->value.base()) : Cell{}, value_cell(report::rate(s.interface_limit.value), s.interface_limit.value.base()), read, text_cell(s.name)});
  }
  return table;
}

Table headlines_table(const Device& device) {
  Table table{"headlines", "What the advertisement says, and what it is",
              {{"text", "claim"}, {"derived", "from the facts", true}, {"ratio", "of claim", true}, {"arithmetic", "arithmetic"},
               {"note", "note", false, true}}, {}};
  for (const Headline& h : device.headlines) {
    const auto here = reproduced(device, h);
    const double ratio = here ? here->base / h.value.value.base : 0.0;
    table.rows.push_back({text_cell(h.text), here ? value_cell(report::any(*here, h.value.value.dimension.byte != 0 ? "GB/s" : "TOP/s"), here->base) : Cell{},
                          here ? value_cell(report::number(ratio, 4), ratio) : Cell{},
                          text_cell(h.note.empty() ? h.arithmetic : h.arithmetic + ". " + h.note), text_cell(h.note)});
  }
  return table;
}

Table conflicts_table(const Device& device) {
  Table table{"conflicts", "Where sources disagree", {{"what", "what"}, {"used", "used", false, true}, {"note", "note", false, true},
                                                      {"sources", "sources", false, true}, {"text", "used, and why"}}, {}};
  for (const Conflict& c : device.conflicts) {
    table.rows.push_back(
        {text_cell(c.what), text_cell(c.used), text_cell(c.note), report::list_cell(c.sources), text_cell(c.used + ": " + c.note)});
  }
  return table;
}

void power_facts(report::Sheet& sheet, const Device& device) {
  if (device.pcie) {
    const PcieLink& link = *device.pcie;
    sheet.facts.push_back(
        {"pcie_bandwidth_bytes_per_second", "PCIe",
         value_cell(fmt::format("gen {} x{}, {} each way", link.generation, link.lanes, report::rate(link.bandwidth.value)),
                    link.bandwidth.value.base())});
  }
  if (device.tdp)
    sheet.facts.push_back({"tdp_watts", "TDP", value_cell(report::number(device.tdp->value.base()) + " W", device.tdp->value.base())});
  if (device.price) {
    const double usd = device.price->list_usd.value;
    sheet.facts.push_back(
        {"list_price_usd", "list price", value_cell(fmt::format("{} USD ({})", report::whole(usd), device.price->date), usd)});
  }
}

}  // namespace

report::Sheet device_sheet(const Device& device, const std::vector<std::string>& names) {
  const PowerMode* mode = fastest_mode(device);
  const OperatingPoint point = operating_point(device, mode);
  report::Sheet sheet;
  sheet.title = device.name;
  sheet.facts = {{"id", "id", text_cell(device.id)},
                 {"name", "name", text_cell(device.name)},
                 {"vendor", "vendor", text_cell(device.vendor)},
                 {"chip", "chip", text_cell(device.chip)},
                 {"family", "family", text_cell(device.family)},
                 {"placement", "placement", text_cell(device.placement == Placement::unified ? "unified" : "discrete")},
                 {"aliases", "also known as", report::list_cell(names)}};
  memory_facts(sheet, point.memories.front());
  sheet.facts.push_back({"mode", "figures at mode", text_cell(mode != nullptr ? mode->id : "")});
  power_facts(sheet, device);
  sheet.tables = {usable_table(*point.memories.front().memory), units_table(point), peaks_table(point), sparse_table(point),
                  caches_table(device), measured_table(device), sustained_table(device), modes_table(device), storage_table(device),
                  headlines_table(device), conflicts_table(device)};
  sheet.notes = device.notes;
  return sheet;
}

}  // namespace roofline::cli
