#include <algorithm>
#include <array>
#include <set>

#include "db/loaders.hpp"
#include "db/ranges.hpp"
#include "db/words.hpp"

namespace roofline::db {
namespace {

constexpr std::string_view top_keys[] = {"schema", "id", "name", "vendor", "chip", "family", "placement", "aliases", "notes", "alias", "memory",
                                         "variant", "compute", "mode", "cache", "storage", "pcie", "power", "price", "headline", "conflict"};
constexpr std::string_view alias_keys[] = {"name", "firmware"};
constexpr std::string_view memory_keys[] = {"id", "type", "capacity", "usable", "usable_releases", "ecc", "bus_width", "clock", "transfers_per_clock", "data_rate",
                                            "bandwidth", "sustained", "refused_allocation", "largest_allocation", "desktop"};
constexpr std::string_view release_keys[] = {"release", "value", "unit", "source", "at", "note", "basis"};
constexpr std::string_view ecc_keys[] = {"state", "cost", "source", "at", "note", "basis"};
constexpr std::string_view sustained_keys[] = {"unit_kind", "of", "cores", "test", "value", "unit", "source", "at", "note", "basis"};
constexpr std::string_view variant_keys[] = {"id", "name", "aliases", "capacity", "usable", "usable_releases", "memory", "default"};
constexpr std::string_view compute_keys[] = {"id", "kind", "name", "cores", "clock", "issue_lanes", "memory", "bandwidth_cap", "rates", "measured", "sparse", "last_level", "unpack"};
constexpr std::string_view last_level_keys[] = {"capacity", "bandwidth"};
constexpr std::string_view unpack_keys[] = {"format", "value", "unit", "source", "at", "note", "basis"};
constexpr std::string_view rate_keys[] = {"format", "accumulate", "matrix", "value", "unit", "source", "at", "note", "basis"};
constexpr std::string_view measured_keys[] = {"format", "cores", "value", "unit", "source", "at", "note", "basis"};
constexpr std::string_view mode_keys[] = {"id", "name", "firmware", "default", "budget", "memory_clock", "unknown", "units"};
constexpr std::string_view mode_unit_keys[] = {"unit", "cores", "clock", "clock_unit", "source", "at", "note", "basis"};
constexpr std::string_view cache_keys[] = {"level", "units", "instances", "size"};
constexpr std::string_view storage_keys[] = {"id", "name", "capacity", "interface_limit", "sequential_read"};
constexpr std::string_view pcie_keys[] = {"generation", "lanes", "bandwidth"};
constexpr std::string_view power_keys[] = {"tdp"};
constexpr std::string_view price_keys[] = {"list", "date"};
constexpr std::string_view headline_keys[] = {"text", "value", "arithmetic", "parts", "mode", "note"};
constexpr std::string_view part_keys[] = {"unit", "format", "accumulate", "sparse"};
constexpr std::string_view conflict_keys[] = {"what", "used", "note", "values", "sources"};

constexpr double most_cores = 1e6;
constexpr int most_caches = 100000;

NumberFormat number_format(Table& table) {
  const std::string text = table.text("format");
  const auto format = number_format_from(text);
  if (!format && !text.empty()) {
    std::string all;
    for (const NumberFormat known : all_number_formats) all += (all.empty() ? "" : ", ") + std::string(to_string(known));
    table.error("format", "unknown number format " + in_quotes(text) + " in " + table.name() + "; known: " + all);
  }
  return format.value_or(NumberFormat::fp32);
}

UnitKind unit_kind(Table& table, std::string_view key) {
  return unit_kind_from(table.one_of(key, {"cpu", "gpu", "npu", "dla"})).value_or(UnitKind::cpu);
}

Accumulate accumulate(Table& table) {
  if (!table.has("accumulate")) return Accumulate::unspecified;
  return accumulate_from(table.one_of("accumulate", {"fp16", "fp32", "int32"})).value_or(Accumulate::unspecified);
}

std::vector<Rate> rates(Table& unit, std::string_view key) {
  std::vector<Rate> all;
  for (Table& entry : unit.tables(key, rate_keys)) {
    Rate rate;
    rate.format = number_format(entry);
    rate.accumulate = accumulate(entry);
    rate.matrix = entry.flag_or("matrix", false);
    rate.ops_per_cycle = entry.own_figure<Ops>();
    all.push_back(std::move(rate));
  }
  return all;
}

void check_sizes(Table& table, const MemorySystem& memory) {
  // Bytes in general may be few (what a buffer takes per element); what is called a memory is not.
  const auto too_small = [&](std::string_view key, const Figure<Bytes>& size) {
    if (size.value > Bytes{} && size.value < unit::MB) table.error(key, table.name() + ": " + in_quotes(key) + " is below 1 MB: is the unit right?");
  };
  too_small("capacity", memory.capacity);
  for (const UsableAtRelease& at : memory.usable_releases) {
    too_small("usable_releases", at.usable);
    if (memory.capacity.value > Bytes{} && at.usable.value > memory.capacity.value) {
      table.error("usable_releases", table.name() + ": more usable memory than capacity under " + in_quotes(at.release));
    }
  }
  if (memory.usable) too_small("usable", *memory.usable);
  if (memory.refused_allocation) too_small("refused_allocation", *memory.refused_allocation);
  if (memory.largest_allocation) too_small("largest_allocation", *memory.largest_allocation);
  if (memory.refused_allocation && memory.largest_allocation && memory.largest_allocation->value >= memory.refused_allocation->value) {
    table.error("largest_allocation", table.name() + ": an allocation that succeeded is not smaller than one that was refused; state the release they hold for");
  }
  if (memory.usable && memory.desktop && memory.desktop->value >= memory.usable->value) table.error("desktop", table.name() + ": a desktop takes all of the usable memory");
  if (memory.usable && memory.capacity.value > Bytes{} && memory.usable->value > memory.capacity.value) {
    table.error("usable", table.name() + ": more usable memory than capacity");
  }
}

std::vector<UsableAtRelease> usable_releases(Table& table) {
  std::vector<UsableAtRelease> all;
  for (Table& entry : table.tables("usable_releases", release_keys)) all.push_back({entry.text("release"), entry.own_figure<Bytes>()});
  return all;
}

std::optional<Ecc> ecc_of(Table& memory) {
  auto table = memory.table("ecc", ecc_keys);
  if (!table) return std::nullopt;
  return Ecc{table->one_of("state", {"none", "off", "on"}), table->optional_figure<Bytes>("cost"), table->own_citation()};
}

int cores_that_ran(Table& entry) { return static_cast<int>(entry.integer_or("cores", 1, static_cast<std::int64_t>(most_cores), 0)); }

MemorySystem memory_system(Table table, bool variants_give_capacity) {
  MemorySystem memory;
  memory.id = checked_id(table, "id");
  memory.type = table.text("type");
  if (table.has("capacity") || !variants_give_capacity) memory.capacity = table.figure<Bytes>("capacity");
  memory.usable = table.optional_figure<Bytes>("usable");
  memory.usable_releases = usable_releases(table);
  memory.ecc = ecc_of(table);
  memory.bandwidth = table.optional_figure<BytesPerSecond>("bandwidth");
  if (memory.bandwidth && memory.bandwidth->cite.basis != Basis::measured) {
    table.error("bandwidth", table.name() + ": only a measured bandwidth is stated; a specified one follows from 'bus_width' and 'data_rate'");
  }
  if (!memory.bandwidth || table.has("bus_width")) memory.bus_bits = table.count("bus_width", "bit");
  memory.clock = table.optional_figure<Hertz>("clock");
  memory.transfers_per_clock = table.optional_count("transfers_per_clock", "1");
  memory.data_rate = table.optional_figure<Hertz>("data_rate");
  if (memory.bandwidth && (table.has("bus_width") || memory.clock || memory.data_rate)) {
    table.error("bandwidth", table.name() + " states either a measured 'bandwidth', or the 'bus_width' and rate it follows from");
  } else if (!memory.bandwidth && memory.clock.has_value() == memory.data_rate.has_value()) {
    table.error(memory.clock ? "data_rate" : "id", table.name() + " states either 'clock' with 'transfers_per_clock', or 'data_rate'");
  }
  if (memory.clock && !memory.transfers_per_clock) table.error("clock", table.name() + ": 'clock' needs 'transfers_per_clock'");
  for (Table& entry : table.tables("sustained", sustained_keys)) {
    memory.sustained.push_back({unit_kind(entry, "unit_kind"), entry.text_or("of", ""), cores_that_ran(entry), entry.text_or("test", ""),
                                entry.own_figure<BytesPerSecond>(Basis::measured)});
  }
  memory.refused_allocation = table.optional_figure<Bytes>("refused_allocation");
  memory.largest_allocation = table.optional_figure<Bytes>("largest_allocation");
  memory.desktop = table.optional_figure<Bytes>("desktop");
  check_sizes(table, memory);
  return memory;
}

ComputeUnit compute_unit(Table table) {
  ComputeUnit unit;
  unit.id = checked_id(table, "id");
  unit.kind = unit_kind(table, "kind");
  unit.name = table.text("name");
  unit.cores = table.count("cores", "1");
  if (unit.cores.value > most_cores) table.error("cores", table.name() + ": more cores than any chip has");
  if (unit.cores.value > 0 && unit.cores.value < 1) table.error("cores", table.name() + ": less than one core");
  unit.clock = table.figure<Hertz>("clock");
  unit.issue_lanes = table.optional_count("issue_lanes", "1");
  if (unit.issue_lanes && unit.kind != UnitKind::gpu) table.error("issue_lanes", table.name() + ": 'issue_lanes' is said of GPUs; other units state the rates of their instructions");
  if (unit.issue_lanes && unit.issue_lanes->value < 1) table.error("issue_lanes", table.name() + ": less than one lane");
  unit.memory = table.text_or("memory", "");
  unit.bandwidth_cap = table.optional_figure<BytesPerSecond>("bandwidth_cap");
  if (!table.has("rates")) table.error("rates", "missing key 'rates' in " + table.name() + " (may be empty: [])");
  if (auto cache = table.table("last_level", last_level_keys)) unit.cache = UnitCache{cache->figure<Bytes>("capacity"), cache->figure<BytesPerSecond>("bandwidth")};
  for (Table& entry : table.tables("unpack", unpack_keys)) {
    std::string format = entry.reference("format", Kind::format);
    unit.unpack.push_back({std::move(format), entry.own_figure<BytesPerSecond>(Basis::measured)});
  }
  unit.rates = rates(table, "rates");
  unit.sparse = rates(table, "sparse");
  for (Table& entry : table.tables("measured", measured_keys)) {
    const NumberFormat format = number_format(entry);
    unit.measured.push_back({format, cores_that_ran(entry), entry.own_figure<OpsPerSecond>(Basis::measured)});
  }
  return unit;
}

PowerMode power_mode(Table& table) {
  PowerMode mode;
  mode.id = checked_id(table, "id");
  mode.name = table.text("name");
  mode.firmware = table.text_or("firmware", "");
  mode.factory_default = table.flag_or("default", false);
  mode.budget = table.optional_figure<Watts>("budget");
  mode.memory_clock = table.optional_figure<Hertz>("memory_clock");
  mode.unknown = table.text_or("unknown", "");
  for (Table& entry : table.tables("units", mode_unit_keys)) {
    UnitState state;
    state.unit = entry.text("unit");
    const double cores = entry.number("cores", 0, most_cores);
    const double clock = entry.number("clock", 0, 1e12);
    const std::string clock_unit = entry.one_of("clock_unit", {"Hz", "kHz", "MHz", "GHz"});
    const double scale = clock_unit == "GHz" ? 1e9 : clock_unit == "MHz" ? 1e6 : clock_unit == "kHz" ? 1e3 : 1.0;
    const Citation cite = entry.own_citation();
    state.cores = {cores, cite};
    state.clock = {clock * scale * unit::Hz, cite};
    if (!(cores > 0) || !(clock > 0)) {
      entry.error("cores", entry.name() + ": cores and clock are above zero; leave a unit that is off out of the file's engines");
    } else if (const std::string why = implausible(state.clock.value, clock_unit); !why.empty()) {
      entry.error("clock", "'clock' in " + entry.name() + " " + why);
    }
    mode.units.push_back(std::move(state));
  }
  if (!mode.unknown.empty() && !mode.units.empty()) table.error("unknown", table.name() + " has clocks and says they are unknown");
  // Without either it would pass for the fastest mode in silence.
  if (mode.unknown.empty() && mode.units.empty()) table.error("units", table.name() + " has neither 'units' nor 'unknown' (why its clocks are not known)");
  return mode;
}

// A memory given by its data rate alone runs at that rate whatever the mode says: the clock would be ignored in silence.
void check_memory_clock(Table& mode, const Device& device) {
  if (!mode.has("memory_clock")) return;
  for (const MemorySystem& memory : device.memories) {
    if (!memory.transfers_per_clock) {
      mode.error("memory_clock", mode.name() + " sets a memory clock, but memory " + in_quotes(memory.id) + " has no 'transfers_per_clock' to make a rate of it");
    }
  }
}

Headline headline(Table& entry) {
  Headline headline{entry.text("text"), entry.any_figure("value"), entry.text("arithmetic"), {}, entry.text_or("mode", ""), entry.text_or("note", "")};
  for (Table& part : entry.tables("parts", part_keys)) {
    headline.parts.push_back({part.text("unit"), number_format(part), accumulate(part), part.flag_or("sparse", false)});
  }
  return headline;
}

void read_rest(Table& top, Device& device) {
  for (Table& entry : top.tables("cache", cache_keys)) {
    Cache cache;
    cache.level = entry.one_of("level", {"L1", "L2", "L3", "system"});
    cache.units = entry.strings("units");
    cache.instances = static_cast<int>(entry.integer_or("instances", 1, most_caches, 1));
    cache.size = entry.figure<Bytes>("size");
    device.caches.push_back(std::move(cache));
  }
  for (Table& entry : top.tables("storage", storage_keys)) {
    Storage storage;
    storage.id = checked_id(entry, "id");
    storage.name = entry.text("name");
    storage.capacity = entry.optional_figure<Bytes>("capacity");
    storage.interface_limit = entry.figure<BytesPerSecond>("interface_limit");
    storage.sequential_read = entry.optional_figure<BytesPerSecond>("sequential_read");
    device.storages.push_back(std::move(storage));
  }
  if (auto pcie = top.table("pcie", pcie_keys)) {
    PcieLink link;
    link.generation = static_cast<int>(pcie->integer("generation", 1, 10));
    link.lanes = static_cast<int>(pcie->integer("lanes", 1, 64));
    link.bandwidth = pcie->figure<BytesPerSecond>("bandwidth");
    device.pcie = link;
  }
  if (auto power = top.table("power", power_keys)) device.tdp = power->figure<Watts>("tdp");
  if (auto price = top.table("price", price_keys)) device.price = Price{price->count("list", "USD"), price->date_or("date", "")};
  for (Table& entry : top.tables("headline", headline_keys)) {
    device.headlines.push_back(headline(entry));
  }
  for (Table& entry : top.tables("conflict", conflict_keys)) {
    Conflict conflict{entry.text("what"), entry.text("used"), entry.text("note"), {}, entry.references("sources", Kind::source)};
    for (Table& value : entry.tables("values", figure_keys)) conflict.values.push_back(value.own_any_figure());
    device.conflicts.push_back(std::move(conflict));
  }
}

void check_references(Table& top, const Device& device) {
  std::set<std::string> units;
  for (const ComputeUnit& unit : device.units) {
    if (!units.insert(unit.id).second) top.error("compute", "two compute units are called " + in_quotes(unit.id));
    const bool known = unit.memory.empty() || std::any_of(device.memories.begin(), device.memories.end(), [&](const MemorySystem& m) { return m.id == unit.memory; });
    if (!known) top.error("compute", "unit " + in_quotes(unit.id) + " streams from memory " + in_quotes(unit.memory) + ", which the file does not have");
  }
  const auto need = [&](const char* table, const std::string& what, const std::string& unit) {
    if (!unit.empty() && !units.contains(unit)) top.error(table, what + " names unit " + in_quotes(unit) + ", which the file does not have");
  };
  for (const Cache& cache : device.caches) {
    for (const std::string& unit : cache.units) need("cache", "a cache", unit);
  }
  for (const MemorySystem& memory : device.memories) {
    for (const SustainedBandwidth& one : memory.sustained) need("memory", "a sustained bandwidth", one.of);
  }
  for (const Headline& one : device.headlines) {
    for (const HeadlinePart& part : one.parts) need("headline", "headline " + in_quotes(one.text), part.unit);
    if (!one.mode.empty() && find_mode(device, one.mode) == nullptr) {
      top.error("headline", "headline " + in_quotes(one.text) + " names mode " + in_quotes(one.mode) + ", which the file does not have");
    }
  }
  std::set<std::string> modes;
  for (const PowerMode& mode : device.modes) {
    if (!modes.insert(mode.id).second) top.error("mode", "two power modes are called " + in_quotes(mode.id));
    for (const UnitState& state : mode.units) {
      if (!units.contains(state.unit)) top.error("mode", "mode " + in_quotes(mode.id) + " sets unit " + in_quotes(state.unit) + ", which the file does not have");
    }
  }
}

Device variant_of(const Device& chip, Table& table) {
  Device device = chip;
  device.id = checked_id(table, "id");
  device.name = table.text("name");
  device.aliases = table.strings("aliases");
  const std::string memory_id = table.text("memory");
  std::erase_if(device.memories, [&](const MemorySystem& memory) { return memory.id != memory_id; });
  if (device.memories.empty()) {
    table.error("memory", table.name() + " carries memory " + in_quotes(memory_id) + ", which the file does not have");
    device.memories.emplace_back();
  }
  device.memories.front().capacity = table.figure<Bytes>("capacity");
  device.memories.front().usable = table.optional_figure<Bytes>("usable");
  device.memories.front().usable_releases = usable_releases(table);
  check_sizes(table, device.memories.front());
  for (ComputeUnit& unit : device.units) unit.memory = device.memories.front().id;
  return device;
}

// The id of the default variant, empty if there is none.
std::string add_variants(const Device& chip, std::vector<Table>& variants, DeviceFile& result) {
  std::string main_id;
  for (Table& variant : variants) {
    result.devices.push_back(variant_of(chip, variant));
    const Device& device = result.devices.back();
    for (const std::string& alias : device.aliases) result.aliases.push_back({alias, device.id, ""});
    if (!variant.flag_or("default", false)) continue;
    if (!main_id.empty()) variant.error("default", "two variants are the default");
    main_id = device.id;
    result.aliases.push_back({chip.id, main_id, ""});
  }
  return main_id;
}

}  // namespace

DeviceFile read_device(const toml::table& root, File& file) {
  Table top(root, "device", top_keys, file);
  check_schema(top);
  Device device;
  device.id = checked_id(top, "id");
  device.name = top.text("name");
  // Both are columns of the rows that fitted constants are written in.
  const auto column = [&](const char* key) {
    std::string text = top.text(key);
    if (text.find_first_of("|\"\\") != std::string::npos) top.error(key, "may hold no bar, quotation mark or backslash");
    return text;
  };
  device.vendor = column("vendor");
  device.chip = top.text("chip");
  device.family = column("family");
  device.placement = top.one_of("placement", {"unified", "discrete"}) == "discrete" ? Placement::discrete : Placement::unified;
  device.aliases = top.strings("aliases");
  device.notes = top.strings("notes");
  auto variants = top.tables("variant", variant_keys);
  for (Table& memory : top.tables("memory", memory_keys)) device.memories.push_back(memory_system(std::move(memory), !variants.empty()));
  if (device.memories.empty()) {
    top.error("memory", "a device has at least one [[memory]]");
    return {};
  }
  for (Table& unit : top.tables("compute", compute_keys)) device.units.push_back(compute_unit(std::move(unit)));
  if (device.units.empty()) top.error("compute", "a device has at least one [[compute]]");
  for (ComputeUnit& unit : device.units) {
    if (unit.memory.empty()) unit.memory = device.memories.front().id;
  }
  for (Table& mode : top.tables("mode", mode_keys)) {
    device.modes.push_back(power_mode(mode));
    check_memory_clock(mode, device);
  }
  read_rest(top, device);
  check_references(top, device);

  DeviceFile result;
  const std::string main_id = variants.empty() ? device.id : add_variants(device, variants, result);
  if (variants.empty()) result.devices.push_back(device);
  if (!variants.empty() && main_id.empty()) top.error("variant", "one variant carries default = true");
  for (const std::string& alias : device.aliases) result.aliases.push_back({alias, main_id, ""});
  for (Table& alias : top.tables("alias", alias_keys)) result.aliases.push_back({alias.text("name"), main_id, alias.text("firmware")});
  return result;
}

std::vector<KnownTable> device_tables() {
  return {{"", top_keys}, {"alias[]", alias_keys}, {"memory[]", memory_keys}, {"memory[].sustained[]", sustained_keys},
          {"memory[].usable_releases[]", release_keys}, {"memory[].ecc[]", ecc_keys}, {"cache[]", cache_keys}, {"headline[].parts[]", part_keys}, {"variant[]", variant_keys},
          {"compute[]", compute_keys}, {"compute[].rates[]", rate_keys}, {"compute[].measured[]", measured_keys}, {"compute[].last_level[]", last_level_keys}, {"compute[].unpack[]", unpack_keys}, {"mode[]", mode_keys},
          {"mode[].units[]", mode_unit_keys}, {"storage[]", storage_keys}, {"pcie", pcie_keys}, {"power", power_keys}, {"price", price_keys},
          {"headline[]", headline_keys}, {"conflict[]", conflict_keys}};
}

}  // namespace roofline::db
