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
  Cell bandwidth = value_cell(report::rate(memory.bandwidth.value), memory.bandwidth.value.base());
  bandwidth.text += fmt::format(" = {} bit / 8 x {} MT/s", report::whole(memory.memory->bus_bits.value),
                                report::whole(memory.data_rate.value.in(unit::MHz)));
  sheet.facts.push_back({"memory_bandwidth_bytes_per_second", "bandwidth", bandwidth});
  if (const auto& limit = memory.memory->allocation_limit) {
    Cell cell = value_cell(report::binary_size(limit->value), limit->value.base());
    if (!limit->cite.note.empty()) cell.text += ": " + limit->cite.note;
    sheet.facts.push_back({"allocation_limit_bytes", "largest allocation", cell});
  }
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

Cell measured_cell(const ComputeUnit& unit, NumberFormat format) {
  for (const MeasuredPeak& m : unit.measured) {
    if (m.format == format) return value_cell(report::rate(m.peak.value, is_floating_point(format)), m.peak.value.base());
  }
  return {};
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
  Table table{"sustained", "Measured bandwidth", {{"unit", "unit"}, {"bytes_per_second", "rate", true}, {"source", "source"}}, {}};
  for (const MemorySystem& memory : device.memories) {
    for (const SustainedBandwidth& s : memory.sustained) {
      table.rows.push_back({text_cell(std::string(to_string(s.unit))), value_cell(report::rate(s.rate.value), s.rate.value.base()),
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
  Table table{"storage", "Storage", {{"id", "id"}, {"interface_limit_bytes_per_second", "interface", true},
                                     {"sequential_read_bytes_per_second", "read", true}, {"name", "name"}}, {}};
  for (const Storage& s : device.storages) {
    Cell read;
    if (s.sequential_read) read = value_cell(report::rate(s.sequential_read->value), s.sequential_read->value.base());
    table.rows.push_back(
        {text_cell(s.id), value_cell(report::rate(s.interface_limit.value), s.interface_limit.value.base()), read, text_cell(s.name)});
  }
  return table;
}

Table headlines_table(const Device& device) {
  Table table{"headlines", "What the advertisement says, and what it is", {{"text", "claim"}, {"arithmetic", "arithmetic"}}, {}};
  for (const Headline& h : device.headlines) table.rows.push_back({text_cell(h.text), text_cell(h.arithmetic)});
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
  sheet.tables = {units_table(point), peaks_table(point),     sustained_table(device),  modes_table(device),
                  storage_table(device), headlines_table(device), conflicts_table(device)};
  sheet.notes = device.notes;
  return sheet;
}

}  // namespace roofline::cli
