#include "db/device_rules.hpp"

#include <cmath>
#include <map>

#include "roofline/core/device.hpp"

namespace roofline::db {
namespace {

// A measured peak may pass the derived one by the clock's tolerance, no more.
constexpr double measured_tolerance = 1.02;
// A marketing number further from the stored facts than its rounding has to be explained.
constexpr double headline_tolerance = 0.005;
// Outside this range a peak or a bandwidth is off by a unit.
constexpr double least_ridge_point = 0.05;
constexpr double largest_ridge_point = 1e4;

using Messages = std::vector<std::string>;

void check_unit(const Device& device, const OperatingPoint& point, const UnitPoint& unit, Messages& out) {
  const std::string who = device.id + ": unit '" + unit.unit->id + "'";
  for (const MeasuredPeak& measured : unit.unit->measured) {
    const auto derived = peak(unit, measured.format);
    const double share = measured.cores > 0 ? measured.cores / unit.unit->cores.value : 1.0;
    if (derived && measured.peak.value > measured_tolerance * share * derived->value) {
      out.push_back(who + " measured a higher " + std::string(to_string(measured.format)) + " peak than cores x clock x rate gives");
    }
  }
  for (const Rate& rate : unit.unit->rates) {
    const auto top = peak(unit, rate.format);
    const double ridge = (top->value / memory_of(point, unit).bandwidth.value).base();
    if (ridge < least_ridge_point || ridge > largest_ridge_point) {
      out.push_back(who + " has a ridge point of " + std::to_string(ridge) + " op/B in " + std::string(to_string(rate.format)) + ": a unit is wrong");
    }
  }
}

void check_memory(const Device& device, const MemoryPoint& memory, Messages& out) {
  for (const SustainedBandwidth& sustained : memory.memory->sustained) {
    if (!(sustained.rate.value > memory.bandwidth.value)) continue;
    out.push_back(device.id + ": sustained bandwidth of the " + std::string(to_string(sustained.unit)) + " is above the specified peak of memory '" +
                  memory.memory->id + "'");
  }
}

void check_modes(const Device& device, Messages& out) {
  std::map<std::string, int> defaults;
  for (const PowerMode& mode : device.modes) {
    if (mode.factory_default && ++defaults[mode.firmware] > 1) out.push_back(device.id + ": two modes of one firmware are the default");
  }
}

void check_headlines(const Device& device, Messages& out) {
  for (const Headline& headline : device.headlines) {
    const auto here = reproduced(device, headline);
    if (!here) {
      if (!headline.parts.empty()) out.push_back(device.id + ": headline '" + headline.text + "' has a part whose rate the file does not have");
      continue;
    }
    const double off = here->base / headline.value.value.base - 1;
    if (std::abs(off) > headline_tolerance && headline.note.empty()) {
      out.push_back(device.id + ": headline '" + headline.text + "' is " + std::to_string(100 * off) + " % off the stored facts and has no 'note' that says why");
    }
  }
}

}  // namespace

std::vector<std::string> contradictions(const DeviceFile& file) {
  Messages out;
  for (const Device& device : file.devices) {
    const OperatingPoint point = operating_point(device, nullptr);
    for (const UnitPoint& unit : point.units) check_unit(device, point, unit, out);
    for (const MemoryPoint& memory : point.memories) check_memory(device, memory, out);
    check_modes(device, out);
  }
  if (!file.devices.empty()) check_headlines(file.devices.front(), out);  // variants of a chip share them
  return out;
}

}  // namespace roofline::db
