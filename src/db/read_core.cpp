#include "db/loaders.hpp"
#include "db/words.hpp"

namespace roofline::db {
namespace {

constexpr std::string_view top_keys[] = {"schema", "id", "name", "notes", "identity", "rates"};
constexpr std::string_view identity_keys[] = {"implementer", "part", "vendor", "family", "models", "features", "source", "at", "note", "basis"};
constexpr std::string_view rate_keys[] = {"instruction", "format", "value", "unit", "source", "at", "note", "basis"};

// Fields of MIDR_EL1 and of CPUID.
constexpr int largest_implementer = 0xff, largest_part = 0xfff, largest_family = 0x10e, largest_model = 0xff;

CoreIdentity identity(Table& table) {
  CoreIdentity identity;
  const auto small = [&](std::string_view key, int most) -> std::optional<int> {
    const auto value = table.optional_integer(key, 0, most);
    return value ? std::optional(static_cast<int>(*value)) : std::nullopt;
  };
  identity.implementer = small("implementer", largest_implementer);
  identity.part = small("part", largest_part);
  identity.vendor = table.text_or("vendor", "");
  identity.family = small("family", largest_family);
  for (const std::int64_t model : table.integers("models", 0, largest_model)) identity.models.push_back(static_cast<int>(model));
  identity.features = table.strings("features");
  table.own_citation();
  const bool arm = identity.implementer && identity.part;
  if (!arm && identity.vendor.empty()) table.error("implementer", table.name() + " states 'implementer' and 'part', or 'vendor'");
  if (!arm && !identity.family && identity.features.empty()) table.error("vendor", table.name() + ": every processor of a vendor is no core; state 'family' or 'features'");
  return identity;
}

}  // namespace

CpuCore read_core(const toml::table& root, File& file) {
  Table top(root, "core", top_keys, file);
  check_schema(top);
  CpuCore core;
  core.id = checked_id(top, "id");
  core.name = top.text("name");
  core.notes = top.strings("notes");
  for (Table& entry : top.tables("identity", identity_keys)) core.identities.push_back(identity(entry));
  if (core.identities.empty()) top.error("identity", "a core has at least one [[identity]]");
  for (Table& entry : top.tables("rates", rate_keys)) {
    InstructionRate rate;
    rate.instruction = entry.text("instruction");
    const std::string format = entry.text("format");
    const auto known = number_format_from(format);
    if (!known && !format.empty()) entry.error("format", "unknown number format " + in_quotes(format) + " in " + entry.name());
    rate.format = known.value_or(NumberFormat::fp32);
    rate.ops_per_cycle = entry.own_figure<Ops>();
    if (find_rate(core, rate.instruction) != nullptr) entry.error("instruction", "the rate of " + in_quotes(rate.instruction) + " is stated twice");
    core.rates.push_back(std::move(rate));
  }
  return core;
}

std::vector<KnownTable> core_tables() { return {{"", top_keys}, {"identity[]", identity_keys}, {"rates[]", rate_keys}}; }

}  // namespace roofline::db
