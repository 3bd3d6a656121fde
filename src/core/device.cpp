#include "roofline/core/device.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <tuple>

#include "core/text.hpp"

namespace roofline {
namespace {

// What is calculated from a guess is a guess.
Citation derived(std::string formula, std::initializer_list<const Citation*> from) {
  const bool guessed = std::any_of(from.begin(), from.end(), [](const Citation* c) { return c->basis == Basis::assumed; });
  return {guessed ? Basis::assumed : Basis::derived, "derived", std::move(formula), {}};
}

MemoryPoint memory_point(const MemorySystem& memory, const PowerMode* mode) {
  MemoryPoint point;
  point.memory = &memory;
  if (memory.clock) {
    point.clock = mode != nullptr && mode->memory_clock ? *mode->memory_clock : *memory.clock;
    const double per_clock = memory.transfers_per_clock ? memory.transfers_per_clock->value : 1.0;
    point.data_rate = {per_clock * point.clock->value, derived("clock x transfers per clock", {&point.clock->cite})};
  } else if (memory.data_rate) {
    point.data_rate = *memory.data_rate;
    // A mode may lower the clock of a memory whose rate was given directly; the rate scales with it.
    if (mode != nullptr && mode->memory_clock && memory.transfers_per_clock) {
      point.clock = mode->memory_clock;
      point.data_rate = {memory.transfers_per_clock->value * mode->memory_clock->value, derived("clock x transfers per clock", {&mode->memory_clock->cite})};
    }
  }
  point.bandwidth = {memory.bus_bits.value / 8.0 * unit::B * point.data_rate.value, derived("bus width / 8 x data rate", {&memory.bus_bits.cite, &point.data_rate.cite})};
  if (memory.bandwidth) point.bandwidth = *memory.bandwidth;
  point.capacity = memory.capacity;
  if (memory.usable) {
    point.usable = *memory.usable;
  } else {
    point.usable = {memory.capacity.value,
                    {Basis::assumed, "assumed", "", "usable memory is not known; the whole capacity is taken, an upper limit"}};
  }
  return point;
}

const UnitState* state_of(const PowerMode* mode, const std::string& id) {
  if (mode == nullptr) return nullptr;
  for (const UnitState& state : mode->units) {
    if (state.unit == id) return &state;
  }
  return nullptr;
}

const MemoryPoint* find_memory(const std::vector<MemoryPoint>& memories, const std::string& id) {
  for (const MemoryPoint& memory : memories) {
    if (memory.memory->id == id) return &memory;
  }
  return nullptr;
}

Figure<BytesPerSecond> unit_bandwidth(const ComputeUnit& unit, const MemoryPoint& memory) {
  if (unit.bandwidth_cap && unit.bandwidth_cap->value < memory.bandwidth.value) return *unit.bandwidth_cap;
  return memory.bandwidth;
}

// What all of a unit reached in a test that streams as decode does: reading suits best, what writes as well comes close.
const SustainedBandwidth* streaming_test(const ComputeUnit& unit, const MemorySystem& memory) {
  for (const std::string_view test : {"read", "triad", "copy"}) {
    for (const SustainedBandwidth& s : memory.sustained) {
      if (s.unit == unit.kind && (s.of.empty() || s.of == unit.id) && s.cores == 0 && s.test == test) return &s;
    }
  }
  return nullptr;
}

double mode_speed(const Device& device, const PowerMode& mode, UnitKind kind) {
  double speed = 0;
  for (const ComputeUnit& unit : device.units) {
    if (unit.kind != kind) continue;
    const UnitState* state = state_of(&mode, unit.id);
    speed += state != nullptr ? state->cores.value * state->clock.value.base() : unit.cores.value * unit.clock.value.base();
  }
  return speed;
}

double mode_memory(const Device& device, const PowerMode& mode) {
  return memory_point(device.memories.front(), &mode).bandwidth.value.base();
}

bool names(const PowerMode& mode, std::string_view text) {
  return text::equal_ignoring_case(mode.id, text) || text::equal_ignoring_case(mode.name, text);
}

// What an NPU does not do itself is done by its host.
void set_hosts(OperatingPoint& point) {
  std::optional<OpsPerSecond> fastest;
  for (const UnitPoint& unit : point.units) {
    if (unit.unit->kind != UnitKind::cpu) continue;
    const auto all = vector_peak(unit, NumberFormat::fp32);
    if (all && (!fastest || all->value / unit.cores.value > *fastest)) fastest = all->value / unit.cores.value;
  }
  for (UnitPoint& unit : point.units) {
    if (unit.unit->kind == UnitKind::npu) unit.host_core = fastest;
  }
}

}  // namespace

std::string_view to_string(UnitKind kind) {
  switch (kind) {
    case UnitKind::cpu: return "cpu";
    case UnitKind::gpu: return "gpu";
    case UnitKind::npu: return "npu";
    case UnitKind::dla: return "dla";
  }
  return "?";
}

std::optional<UnitKind> unit_kind_from(std::string_view text) {
  for (const UnitKind kind : {UnitKind::cpu, UnitKind::gpu, UnitKind::npu, UnitKind::dla}) {
    if (to_string(kind) == text) return kind;
  }
  return std::nullopt;
}

const PowerMode* find_mode(const Device& device, std::string_view text, std::string_view firmware) {
  const PowerMode* found = nullptr;
  for (const PowerMode& mode : device.modes) {
    // "15w" also names the firmware's own "15w-super" when an alias has selected that firmware.
    const bool own = !firmware.empty() && mode.firmware == firmware &&
                     (names(mode, text) || text::equal_ignoring_case(mode.id, std::string(text) + "-" + std::string(firmware)));
    if (own) return &mode;
    if (found == nullptr && names(mode, text)) found = &mode;
  }
  return found;
}

const PowerMode* fastest_mode(const Device& device, std::string_view firmware) {
  const PowerMode* best = nullptr;
  const auto key = [&](const PowerMode& mode) {
    return std::tuple(!firmware.empty() && mode.firmware == firmware, mode_memory(device, mode), mode_speed(device, mode, UnitKind::gpu),
                      mode_speed(device, mode, UnitKind::npu), mode_speed(device, mode, UnitKind::cpu));
  };
  for (const PowerMode& mode : device.modes) {
    if (!mode.unknown.empty()) continue;
    if (best == nullptr || key(mode) > key(*best)) best = &mode;
  }
  return best;
}

const PowerMode* fastest_original_mode(const Device& device) {
  Device sold = device;
  std::erase_if(sold.modes, [](const PowerMode& mode) { return !mode.firmware.empty(); });
  const PowerMode* fastest = fastest_mode(sold);
  return fastest != nullptr ? find_mode(device, fastest->id) : fastest_mode(device);
}

OperatingPoint operating_point(const Device& device, const PowerMode* mode) {
  assert(mode == nullptr || mode->unknown.empty());
  OperatingPoint point;
  point.device = &device;
  point.mode = mode;
  for (const MemorySystem& memory : device.memories) point.memories.push_back(memory_point(memory, mode));
  for (const ComputeUnit& unit : device.units) {
    const MemoryPoint* memory = find_memory(point.memories, unit.memory);
    if (memory == nullptr) memory = &point.memories.front();
    UnitPoint at;
    at.unit = &unit;
    at.memory = memory->memory->id;
    const UnitState* state = state_of(mode, unit.id);
    at.cores = state != nullptr ? state->cores : unit.cores;
    at.clock = state != nullptr ? state->clock : unit.clock;
    at.bandwidth = unit_bandwidth(unit, *memory);
    at.streamed = streaming_test(unit, *memory->memory);
    at.streamed_of = unit_bandwidth(unit, memory_point(*memory->memory, nullptr));
    point.units.push_back(std::move(at));
  }
  set_hosts(point);
  return point;
}

std::string apply_override(OperatingPoint& point, const Override& change) {
  static constexpr std::string_view known =
      "known keys: memory.bandwidth, memory.capacity, memory.usable, <unit>.clock, <unit>.cores, <unit>.bandwidth";
  const Citation cite{Basis::assumed, "assumed", "", "set by hand: " + change.text};
  const auto dot = change.key.rfind('.');
  if (dot == std::string::npos) return "'" + change.key + "' is not a figure that can be set; " + std::string(known);
  const std::string owner = change.key.substr(0, dot);
  const std::string field = change.key.substr(dot + 1);
  const auto wrong = [&](const char* wanted) { return "'" + change.text + "' is not " + wanted; };
  if (!(change.value.base > 0)) return wrong("above zero");
  const double value = change.value.base;
  constexpr Dimension rate{.byte = 1, .second = -1};
  constexpr Dimension size{.byte = 1};
  constexpr Dimension frequency{.second = -1};

  if (owner == "memory") {
    MemoryPoint& memory = point.memories.front();
    if (field == "bandwidth") {
      if (change.value.dimension != rate) return wrong("a rate in bytes per second (29GB/s)");
      memory.bandwidth = {BytesPerSecond::from_base(value), cite};
      for (UnitPoint& unit : point.units) {
        if (unit.memory != memory.memory->id) continue;
        unit.bandwidth = unit_bandwidth(*unit.unit, memory);
        unit.given_bandwidth = true;
      }
    } else if (field == "capacity" || field == "usable") {
      if (change.value.dimension != size) return wrong("a size in bytes (8GiB)");
      (field == "capacity" ? memory.capacity : memory.usable) = {Bytes::from_base(value), cite};
      if (field == "capacity" && memory.usable.value > memory.capacity.value) memory.usable = memory.capacity;
    } else {
      return "memory has no figure '" + field + "'; " + std::string(known);
    }
  } else {
    bool found = false;
    for (UnitPoint& unit : point.units) {
      if (unit.unit->id != owner && to_string(unit.unit->kind) != owner) continue;
      found = true;
      if (field == "clock") {
        if (change.value.dimension != frequency) return wrong("a frequency (1.3GHz)");
        unit.clock = {Hertz::from_base(value), cite};
      } else if (field == "cores") {
        if (change.value.dimension != Dimension{}) return wrong("a plain number of cores");
        unit.cores = {value, cite};
      } else if (field == "bandwidth") {
        if (change.value.dimension != rate) return wrong("a rate in bytes per second (29GB/s)");
        unit.bandwidth = {BytesPerSecond::from_base(value), cite};
        unit.given_bandwidth = true;
      } else {
        return "'" + owner + "' has no figure '" + field + "'; " + std::string(known);
      }
    }
    if (!found) {
      std::string units;
      for (const UnitPoint& unit : point.units) units += (units.empty() ? "" : ", ") + unit.unit->id;
      return "this device has no unit '" + owner + "' (it has " + units + "); " + std::string(known);
    }
  }
  set_hosts(point);
  point.overrides.push_back(change.text);
  return {};
}

const UnitPoint* find_unit(const OperatingPoint& point, std::string_view id) {
  for (const UnitPoint& unit : point.units) {
    if (unit.unit->id == id) return &unit;
  }
  return nullptr;
}

const MemoryPoint& memory_of(const OperatingPoint& point, const UnitPoint& unit) {
  const MemoryPoint* memory = find_memory(point.memories, unit.memory);
  return memory != nullptr ? *memory : point.memories.front();
}

std::optional<AnyQuantity> reproduced(const Device& device, const Headline& headline) {
  const PowerMode* mode = headline.mode.empty() ? fastest_mode(device) : find_mode(device, headline.mode);
  if (!headline.mode.empty() && (mode == nullptr || !mode->unknown.empty())) return std::nullopt;
  const OperatingPoint point = operating_point(device, mode);
  constexpr Dimension rate{.byte = 1, .second = -1};
  if (headline.parts.empty()) {
    if (!(headline.value.value.dimension == rate)) return std::nullopt;
    return AnyQuantity{point.memories.front().bandwidth.value};
  }
  OpsPerSecond sum{};
  for (const HeadlinePart& part : headline.parts) {
    const UnitPoint* unit = find_unit(point, part.unit);
    if (unit == nullptr) return std::nullopt;
    Ops most{};
    for (const Rate& one : part.sparse ? unit->unit->sparse : unit->unit->rates) {
      const bool wanted = part.accumulate == Accumulate::unspecified || one.accumulate == part.accumulate;
      if (one.format == part.format && wanted && one.ops_per_cycle.value > most) most = one.ops_per_cycle.value;
    }
    if (!(most > Ops{})) return std::nullopt;
    sum += unit->cores.value * most * unit->clock.value;
  }
  return AnyQuantity{sum};
}

BytesPerSecond streaming_bandwidth(const UnitPoint& unit, Bytes traffic) {
  const BytesPerSecond memory = unit.bandwidth.value;
  if (!unit.unit->cache || !(traffic > Bytes{}) || unit.unit->cache->bandwidth.value <= memory) return memory;
  const Bytes cached = std::min(traffic, unit.unit->cache->capacity.value);
  return traffic / (cached / unit.unit->cache->bandwidth.value + (traffic - cached) / memory);
}

namespace {

std::optional<Figure<OpsPerSecond>> highest(const UnitPoint& unit, NumberFormat format, bool vectors_only) {
  const Rate* best = nullptr;
  for (const Rate& rate : unit.unit->rates) {
    if (rate.format != format || (vectors_only && rate.matrix)) continue;
    if (best == nullptr || rate.ops_per_cycle.value > best->ops_per_cycle.value) best = &rate;
  }
  if (best == nullptr) return std::nullopt;
  const OpsPerSecond value = unit.cores.value * best->ops_per_cycle.value * unit.clock.value;
  Citation cite = derived("cores x clock x ops per cycle and core", {&unit.cores.cite, &unit.clock.cite, &best->ops_per_cycle.cite});
  cite.note = best->ops_per_cycle.cite.source;
  return Figure<OpsPerSecond>{value, std::move(cite)};
}

}  // namespace

std::optional<Figure<OpsPerSecond>> peak(const UnitPoint& unit, NumberFormat format) { return highest(unit, format, false); }
std::optional<Figure<OpsPerSecond>> vector_peak(const UnitPoint& unit, NumberFormat format) { return highest(unit, format, true); }

std::optional<Figure<OpsPerSecond>> issue_rate(const UnitPoint& unit) {
  const auto& lanes = unit.unit->issue_lanes;
  if (!lanes) return std::nullopt;
  return Figure<OpsPerSecond>{2.0 * lanes->value * unit.cores.value * unit::op * unit.clock.value,
                              derived("cores x clock x lanes x 2", {&unit.cores.cite, &unit.clock.cite, &lanes->cite})};
}

}  // namespace roofline
