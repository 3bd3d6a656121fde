#include <algorithm>

#include "cli/list_tables.hpp"
#include "roofline/report/units.hpp"

namespace roofline::cli {
namespace {

using report::Cell;
using report::list_cell;
using report::Table;
using report::text_cell;
using report::value_cell;

const Device& device_of(Context& context, const db::Entry& entry) {
  return found(context.catalog().device(entry.id), "the device", entry.id, "estimate list devices");
}

OperatingPoint fastest_point(const Device& device) { return operating_point(device, fastest_mode(device)); }

// The unit with the highest peak in any format: what one buys the device for.
const UnitPoint& strongest(const OperatingPoint& point) {
  const auto best = [](const UnitPoint& unit) {
    OpsPerSecond most{};
    for (const NumberFormat format : all_number_formats) {
      if (const auto top = peak(unit, format)) most = std::max(most, top->value);
    }
    return most;
  };
  return *std::max_element(point.units.begin(), point.units.end(),
                           [&](const UnitPoint& a, const UnitPoint& b) { return best(a) < best(b); });
}

Cell peak_cell(const UnitPoint& unit, NumberFormat format) {
  const auto top = peak(unit, format);
  return top ? value_cell(report::rate(top->value, is_floating_point(format)), top->value.base()) : Cell{};
}

Cell ridge_cell(const UnitPoint& unit, NumberFormat format) {
  const auto top = peak(unit, format);
  if (!top) return {};
  const double ridge = (top->value / unit.bandwidth.value).base();
  return value_cell(report::number(ridge), ridge);
}

Cell price_cell(const Device& device) {
  return device.price ? value_cell(report::whole(device.price->list_usd.value) + " USD", device.price->list_usd.value) : Cell{};
}

}  // namespace

Table devices_table(Context& context, const ListAsked&) {
  Table table{"devices",
              "",
              {{"id", "id"},
               {"memory_capacity_bytes", "memory", true},
               {"memory_bandwidth_bytes_per_second", "bandwidth", true},
               {"fp16_ops_per_second", "fp16", true},
               {"fp16_ridge_point_ops_per_byte", "ridge point", true},
               {"strongest_unit", "unit", false, false, true},
               {"int8_ops_per_second", "int8", true, false, true},
               {"fp8_ops_per_second", "fp8", true, false, true},
               {"fp4_ops_per_second", "fp4", true, false, true},
               {"list_price_usd", "list price", true, false, true},
               {"units", "units", false, true},
               {"name", "name", false, true},
               {"chip", "chip", false, true},
               {"vendor", "vendor", false, true},
               {"aliases", "also known as", false, false, true}},
              {}};
  for (const db::Entry& entry : context.catalog().entries(db::Kind::device)) {
    const Device& device = device_of(context, entry);
    const OperatingPoint point = fastest_point(device);
    const MemoryPoint& memory = point.memories.front();
    const UnitPoint& unit = strongest(point);
    std::vector<std::string> kinds;
    for (const ComputeUnit& one : device.units) {
      const std::string kind(to_string(one.kind));
      if (kinds.empty() || kinds.back() != kind) kinds.push_back(kind);
    }
    table.rows.push_back({text_cell(device.id), value_cell(report::binary_size(memory.capacity.value), memory.capacity.value.base()),
                          value_cell(report::rate(memory.bandwidth.value), memory.bandwidth.value.base()),
                          peak_cell(unit, NumberFormat::fp16), ridge_cell(unit, NumberFormat::fp16), text_cell(unit.unit->id),
                          peak_cell(unit, NumberFormat::int8), peak_cell(unit, NumberFormat::fp8), peak_cell(unit, NumberFormat::fp4),
                          price_cell(device), list_cell(kinds), text_cell(device.name), text_cell(device.chip), text_cell(device.vendor),
                          alias_cell(entry.aliases)});
  }
  return table;
}

Table ceilings_table(Context& context, const ListAsked&) {
  Table table{"ceilings",
              "",
              {{"device", "device"},
               {"unit", "unit"},
               {"format", "format"},
               {"peak_ops_per_second", "peak", true},
               {"bandwidth_bytes_per_second", "bandwidth", true},
               {"ridge_point_ops_per_byte", "ridge point", true},
               {"mode", "mode", false, false, true},
               {"unit_name", "what", false, false, true}},
              {}};
  for (const db::Entry& entry : context.catalog().entries(db::Kind::device)) {
    const Device& device = device_of(context, entry);
    const OperatingPoint point = fastest_point(device);
    for (const UnitPoint& unit : point.units) {
      for (const NumberFormat format : all_number_formats) {
        if (!peak(unit, format)) continue;
        table.rows.push_back({text_cell(device.id), text_cell(unit.unit->id), text_cell(std::string(to_string(format))),
                              peak_cell(unit, format), value_cell(report::rate(unit.bandwidth.value), unit.bandwidth.value.base()),
                              ridge_cell(unit, format), text_cell(point.mode != nullptr ? point.mode->id : ""), text_cell(unit.unit->name)});
      }
    }
  }
  return table;
}

}  // namespace roofline::cli
