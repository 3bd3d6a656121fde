// Devices as stored: units, memories, power modes. OperatingPoint is a device at one power mode, with every
// derived rate (peak = cores x clock x ops per cycle, bandwidth = bus width / 8 x data rate) as a cited figure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "roofline/core/figure.hpp"
#include "roofline/core/number_format.hpp"
#include "roofline/core/quantity.hpp"

namespace roofline {

enum class UnitKind { cpu, gpu, npu, dla };
std::string_view to_string(UnitKind kind);
std::optional<UnitKind> unit_kind_from(std::string_view text);

// Dense operations per cycle and core; sparse marketing rates live in ComputeUnit::sparse and feed no ceiling.
struct Rate {
  NumberFormat format = NumberFormat::fp32;
  Accumulate accumulate = Accumulate::unspecified;
  Figure<Ops> ops_per_cycle;
  bool matrix = false;  // of a CPU's matrix unit (AMX tiles): multiplies, and unpacks nothing
};
struct MeasuredPeak {
  NumberFormat format = NumberFormat::fp32;
  int cores = 0;  // how many ran; 0: all of the unit
  Figure<OpsPerSecond> peak;
};

// The last level of cache, measured: what fits streams at its rate, the rest at the memory's.
struct UnitCache {
  Figure<Bytes> capacity;
  Figure<BytesPerSecond> bandwidth;
};
// How fast weights of one storage format can be unpacked and multiplied by a vector, all cores together, out of a cache.
struct UnpackRate {
  std::string format;  // id of a storage format
  Figure<BytesPerSecond> rate;
};

struct ComputeUnit {
  std::string id;
  UnitKind kind = UnitKind::cpu;
  std::string name;
  std::string memory;  // id of the memory it streams from
  Figure<double> cores;
  Figure<Hertz> clock;
  std::optional<Figure<double>> issue_lanes;  // a core's instructions per cycle x their lanes, where fp32 is not done in all of them
  std::vector<Rate> rates;
  std::vector<Rate> sparse;
  std::vector<MeasuredPeak> measured;
  std::optional<Figure<BytesPerSecond>> bandwidth_cap;
  std::optional<UnitCache> cache;
  std::vector<UnpackRate> unpack;
};

struct SustainedBandwidth {
  UnitKind unit = UnitKind::cpu;
  std::string of;    // id of the compute unit, where a kind has several; often empty
  int cores = 0;     // how many ran; 0: all of the unit
  std::string test;  // "read", "copy" ...; empty: what the source calls bandwidth
  Figure<BytesPerSecond> rate;
};

// What error correction the memory has as delivered, and the capacity it takes when it is on.
struct Ecc {
  std::string state;  // none, off, on
  std::optional<Figure<Bytes>> cost;
  Citation cite;
};
struct UsableAtRelease {
  std::string release;  // of the operating system
  Figure<Bytes> usable;
};

struct MemorySystem {
  std::string id;
  std::string type;
  Figure<Bytes> capacity;
  std::optional<Figure<Bytes>> usable;
  std::vector<UsableAtRelease> usable_releases;  // other releases than the one `usable` stands for
  std::optional<Ecc> ecc;
  Figure<double> bus_bits;
  // Either clock and transfers_per_clock, or data_rate (transfers per second and pin).
  std::optional<Figure<Hertz>> clock;
  std::optional<Figure<double>> transfers_per_clock;
  std::optional<Figure<Hertz>> data_rate;
  std::optional<Figure<BytesPerSecond>> bandwidth;  // highest ever measured; stands for bus and rate where those are not known
  std::vector<SustainedBandwidth> sustained;
  std::optional<Figure<Bytes>> refused_allocation;    // a single allocation that failed although memory was free
  std::optional<Figure<Bytes>> largest_allocation;    // the largest known to succeed
  std::optional<Figure<Bytes>> desktop;               // what a desktop session takes of the usable memory
};

struct UnitState {
  std::string unit;
  Figure<double> cores;
  Figure<Hertz> clock;
};
struct PowerMode {
  std::string id;
  std::string name;
  std::string firmware;
  bool factory_default = false;
  std::optional<Figure<Watts>> budget;
  std::optional<Figure<Hertz>> memory_clock;
  std::vector<UnitState> units;
  std::string unknown;  // not empty: why this mode can not be estimated
};

struct Cache {
  std::string level;               // L1, L2, L3, system
  std::vector<std::string> units;  // ids of the compute units that share it; empty: all
  int instances = 1;               // how many of this size
  Figure<Bytes> size;
};

struct Storage {
  std::string id;
  std::string name;
  Figure<BytesPerSecond> interface_limit;
  std::optional<Figure<BytesPerSecond>> sequential_read;
  std::optional<Figure<Bytes>> capacity;  // of what is built in
};
struct PcieLink {
  int generation = 0;
  int lanes = 0;
  Figure<BytesPerSecond> bandwidth;  // per direction
};

// One summand of a marketing number: the peak of a unit in one number format.
struct HeadlinePart {
  std::string unit;
  NumberFormat format = NumberFormat::int8;
  Accumulate accumulate = Accumulate::unspecified;  // unspecified: the fastest
  bool sparse = false;
};
struct Headline {
  std::string text;
  Figure<AnyQuantity> value;
  std::string arithmetic;
  std::vector<HeadlinePart> parts;
  std::string mode;  // power mode it is stated for; empty: the fastest
  std::string note;  // why stored facts give another number
};
struct Conflict {
  std::string what;
  std::string used;
  std::string note;
  std::vector<Figure<AnyQuantity>> values;
  std::vector<std::string> sources;
};
struct Price {
  Figure<double> list_usd;
  std::string date;
};

enum class Placement { unified, discrete };

struct Device {
  std::string id;
  std::string name;
  std::string vendor;
  std::string chip;
  std::string family;
  Placement placement = Placement::unified;
  std::vector<std::string> aliases;
  std::vector<std::string> notes;
  std::vector<MemorySystem> memories;  // never empty; the first is the default
  std::vector<ComputeUnit> units;
  std::vector<PowerMode> modes;
  std::vector<Cache> caches;
  std::vector<Storage> storages;
  std::optional<PcieLink> pcie;
  std::optional<Figure<Watts>> tdp;
  std::optional<Price> price;
  std::vector<Headline> headlines;
  std::vector<Conflict> conflicts;
};

// One unit at one power mode.
struct UnitPoint {
  const ComputeUnit* unit = nullptr;
  Figure<double> cores;
  Figure<Hertz> clock;
  Figure<BytesPerSecond> bandwidth;  // specified ceiling of this unit: min(memory peak, the unit's own cap)
  std::string memory;
  bool given_bandwidth = false;  // by the user, who knows it: no guess
  const SustainedBandwidth* streamed = nullptr;  // what a streaming test of all of the unit reached at full memory clock; null: none known
  Figure<BytesPerSecond> streamed_of;  // the specified bandwidth at that clock
  std::optional<OpsPerSecond> host_core;  // of an NPU: fp32 operations of one core of the fastest CPU beside it
};
struct MemoryPoint {
  const MemorySystem* memory = nullptr;
  std::optional<Figure<Hertz>> clock;
  Figure<Hertz> data_rate;
  Figure<BytesPerSecond> bandwidth;
  Figure<Bytes> capacity;
  Figure<Bytes> usable;  // capacity itself, basis assumed, where nothing better is known
};
// A figure replaced by the user (`--set memory.bandwidth=29GB/s`).
struct Override {
  std::string key;
  AnyQuantity value;
  std::string text;  // as typed
};
struct OperatingPoint {
  const Device* device = nullptr;
  const PowerMode* mode = nullptr;  // null where the device has none
  std::vector<UnitPoint> units;
  std::vector<MemoryPoint> memories;
  std::vector<std::string> overrides;  // as typed, for the assumptions
};

// Modes are found by id or printed name, case-insensitively; with `firmware` set, modes of that firmware win.
const PowerMode* find_mode(const Device& device, std::string_view text, std::string_view firmware = {});
// The fastest fully specified mode: highest memory clock, then highest total of cores x clock of GPU, NPU, CPU.
// With `firmware` set, among its modes if any is fully specified. Null if the device has no modes at all.
const PowerMode* fastest_mode(const Device& device, std::string_view firmware = {});
// The fastest that needs no firmware of its own: what a device was sold with. If there is none, the fastest of all.
const PowerMode* fastest_original_mode(const Device& device);

// Precondition: mode is null or one of device.modes with `unknown` empty.
OperatingPoint operating_point(const Device& device, const PowerMode* mode);

// Keys: memory.bandwidth, memory.capacity, memory.usable, <unit id or kind>.clock, .cores, .bandwidth.
// Returns an empty string, or what is wrong (unknown key with the known ones, wrong dimension, not positive).
std::string apply_override(OperatingPoint& point, const Override& change);

const UnitPoint* find_unit(const OperatingPoint& point, std::string_view id);
const MemoryPoint& memory_of(const OperatingPoint& point, const UnitPoint& unit);

// The marketing number from stored facts: the sum of its parts, or the memory bandwidth where it states a rate and has
// none. Empty where it has neither, or a part is not known.
std::optional<AnyQuantity> reproduced(const Device& device, const Headline& headline);

// Rate at which a unit streams `traffic` bytes again and again: what stays in its cache from one pass to the next at the cache's rate,
// the rest at the memory's. The memory's alone where no cache is known.   [model.md#cache-resident]
BytesPerSecond streaming_bandwidth(const UnitPoint& unit, Bytes traffic);

// Dense peak of one number format (cores x clock x ops per cycle), the fastest accumulate type; empty if unknown.
std::optional<Figure<OpsPerSecond>> peak(const UnitPoint& unit, NumberFormat format);
// The same without the rates of matrix units.
std::optional<Figure<OpsPerSecond>> vector_peak(const UnitPoint& unit, NumberFormat format);
// Two operations for each lane an instruction is issued for, whatever it does; empty where the device states no lanes.
std::optional<Figure<OpsPerSecond>> issue_rate(const UnitPoint& unit);

}  // namespace roofline
