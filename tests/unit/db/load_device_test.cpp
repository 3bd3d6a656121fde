#include "unit/db/db_test.hpp"

using namespace roofline;
using namespace roofline::db;
using namespace roofline::testing;

namespace {

void refuse(std::string_view from, std::string_view to, std::string_view fragment, std::string_view message) {
  const std::string text = replaced(good_device, from, to);
  check_refused(load_device(text, "x.toml"), text, fragment, message);
}

const std::string capacity_line = "capacity = { value = 4, unit = \"GiB\", source = \"assumed\", note = \"a test\" }\n";
const std::string usable_line = "usable = { value = 3900, unit = \"MiB\", source = \"assumed\", note = \"a test\" }\n";
const std::string clock_line = "clock = { value = 1000, unit = \"MHz\", source = \"assumed\", note = \"a test\" }\n";
const std::string per_clock_line = "transfers_per_clock = { value = 2, unit = \"1\", source = \"derived\", at = \"double data rate\" }\n";

// The sample as a chip with two variants of its memory.
std::string with_variants() {
  std::string text = replaced(replaced(good_device, capacity_line, ""), usable_line, "");
  return text + R"(
[[variant]]
id = "test-board-2gb"
name = "Test Board, 2 GB"
aliases = ["two"]
capacity = { value = 2, unit = "GiB", source = "assumed", note = "a test" }
memory = "dram"

[[variant]]
id = "test-board-4gb"
name = "Test Board, 4 GB"
capacity = { value = 4, unit = "GiB", source = "assumed", note = "a test" }
usable = { value = 3, unit = "GiB", source = "assumed", note = "a test" }
memory = "dram"
default = true

[[alias]]
name = "test-board-super"
firmware = "super"
)";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(load_device_files)

BOOST_AUTO_TEST_CASE(a_board_as_written) {
  const auto loaded = load_device(good_device, "x.toml");
  require_good(loaded);
  BOOST_REQUIRE(loaded.value->devices.size() == 1u);
  const Device& d = loaded.value->devices.front();
  BOOST_TEST(d.id == "test-board");
  BOOST_TEST(d.chip == "test-chip");
  BOOST_TEST((d.placement == Placement::unified));
  BOOST_REQUIRE(d.memories.size() == 1u);
  BOOST_TEST(d.memories[0].capacity.value.in(unit::GiB) == 4.0);
  BOOST_TEST(d.memories[0].usable->value.in(unit::MiB) == 3900.0);
  BOOST_TEST(d.memories[0].bus_bits.value == 64.0);
  BOOST_TEST(d.memories[0].clock->value.in(unit::MHz) == 1000.0);
  BOOST_REQUIRE(d.memories[0].sustained.size() == 1u);
  BOOST_TEST((d.memories[0].sustained[0].unit == UnitKind::cpu));
  BOOST_REQUIRE(d.units.size() == 1u);
  BOOST_TEST(d.units[0].memory == "dram");  // the first memory, where the unit names none
  BOOST_TEST(d.units[0].clock.value.in(unit::GHz) == 1.0);
  BOOST_REQUIRE(d.units[0].rates.size() == 1u);
  BOOST_TEST((d.units[0].rates[0].accumulate == Accumulate::fp32));
  BOOST_TEST(d.units[0].rates[0].ops_per_cycle.value.in(unit::op) == 16.0);
  BOOST_REQUIRE(d.modes.size() == 1u);
  BOOST_TEST(d.modes[0].factory_default);
  BOOST_TEST(d.modes[0].units[0].cores.value == 2.0);
  BOOST_TEST(d.modes[0].units[0].clock.value.in(unit::MHz) == 500.0);
  BOOST_REQUIRE(loaded.value->aliases.size() == 1u);
  BOOST_TEST(loaded.value->aliases[0].name == "test-board-alias");
  BOOST_TEST(loaded.value->aliases[0].device == "test-board");
  BOOST_TEST(loaded.value->aliases[0].firmware == "");
}

BOOST_AUTO_TEST_CASE(rates_and_bandwidth_come_out_as_computed_by_hand) {
  const auto loaded = load_device(good_device, "x.toml");
  require_good(loaded);
  const Device& d = loaded.value->devices.front();
  const OperatingPoint full = operating_point(d, nullptr);
  BOOST_TEST(full.memories[0].bandwidth.value.in(unit::GB / unit::s) == 16.0);       // 64 / 8 x 2 x 1e9
  BOOST_TEST(peak(full.units[0], NumberFormat::fp32)->value.in(unit::Gop / unit::s) == 64.0);  // 4 x 1e9 x 16
  const OperatingPoint slow = operating_point(d, &d.modes[0]);
  BOOST_TEST(slow.memories[0].bandwidth.value.in(unit::GB / unit::s) == 12.8, boost::test_tools::tolerance(1e-12));  // at 800 MHz
  BOOST_TEST(peak(slow.units[0], NumberFormat::fp32)->value.in(unit::Gop / unit::s) == 16.0);  // 2 x 0.5e9 x 16
}

BOOST_AUTO_TEST_CASE(each_variant_is_a_device) {
  const auto loaded = load_device(with_variants(), "x.toml");
  require_good(loaded);
  BOOST_REQUIRE(loaded.value->devices.size() == 2u);
  const Device& small = loaded.value->devices[0];
  const Device& large = loaded.value->devices[1];
  BOOST_TEST(small.id == "test-board-2gb");
  BOOST_TEST(small.memories.size() == 1u);
  BOOST_TEST(small.memories[0].capacity.value.in(unit::GiB) == 2.0);
  BOOST_TEST(!small.memories[0].usable.has_value());
  BOOST_TEST(large.memories[0].usable->value.in(unit::GiB) == 3.0);
  BOOST_TEST(large.units[0].memory == "dram");
  const auto means = [&](const std::string& name) -> std::string {
    for (const DeviceAlias& alias : loaded.value->aliases) {
      if (alias.name == name) return alias.device + "/" + alias.firmware;
    }
    return "nothing";
  };
  BOOST_TEST(means("test-board") == "test-board-4gb/");  // the file's id is the default variant's
  BOOST_TEST(means("test-board-alias") == "test-board-4gb/");
  BOOST_TEST(means("two") == "test-board-2gb/");
  BOOST_TEST(means("test-board-super") == "test-board-4gb/super");
}

BOOST_AUTO_TEST_CASE(a_variant_carries_only_its_memory) {
  std::string text = replaced(with_variants(), "[[compute]]", R"([[memory]]
id = "other"
type = "LPDDR5"
bus_width = { value = 32, unit = "bit", source = "assumed", note = "a test" }
clock = { value = 2500, unit = "MHz", source = "assumed", note = "a test" }
transfers_per_clock = { value = 2, unit = "1", source = "assumed", note = "a test" }

[[compute]])");
  text = replaced(text, "memory = \"dram\"\n\n", "memory = \"other\"\n\n");
  const auto loaded = load_device(text, "x.toml");
  require_good(loaded);
  BOOST_TEST(loaded.value->devices[0].memories.size() == 1u);
  BOOST_TEST(loaded.value->devices[0].memories[0].id == "other");
  BOOST_TEST(loaded.value->devices[0].units[0].memory == "other");
  BOOST_TEST(loaded.value->devices[1].memories[0].id == "dram");
}

BOOST_AUTO_TEST_CASE(variants_need_one_default_and_a_memory_that_is_there) {
  std::string text = replaced(with_variants(), "default = true\n\n[[alias]]", "\n[[alias]]");
  BOOST_TEST(says(load_device(text, "x.toml").diagnostics, "default = true"));
  text = replaced(with_variants(), "memory = \"dram\"\n\n", "memory = \"dram\"\ndefault = true\n\n");
  BOOST_TEST(says(load_device(text, "x.toml").diagnostics, "two variants are the default"));
  text = replaced(with_variants(), "memory = \"dram\"\n\n", "memory = \"drum\"\n\n");
  check_refused(load_device(text, "x.toml"), text, "\"drum\"", "memory 'drum'");
}

BOOST_AUTO_TEST_CASE(memory_says_its_rate_one_way) {
  refuse(clock_line, "", "\"dram\"", "'data_rate'");
  refuse(per_clock_line, "", "{ value = 1000", "'transfers_per_clock'");
  const std::string both = per_clock_line + "data_rate = { value = 2000, unit = \"MT/s\", source = \"assumed\", note = \"a test\" }\n";
  refuse(per_clock_line, both, "{ value = 2000", "either");
  refuse(capacity_line, "", "[[memory]]", "missing key 'capacity'");
}

BOOST_AUTO_TEST_CASE(what_can_not_be) {
  refuse("value = 3900", "value = 5000", "{ value = 5000", "more usable memory than capacity");
  refuse("placement = \"unified\"", "placement = \"united\"", "\"united\"", "'placement'");
  refuse("\nkind = \"cpu\"", "\nkind = \"tpu\"", "\"tpu\"", "'kind'");
  refuse("format = \"fp32\"", "format = \"fp31\"", "\"fp31\"", "number format 'fp31'");
  refuse("accumulate = \"fp32\"", "accumulate = \"fp64\"", "\"fp64\"", "'accumulate'");
  refuse("clock_unit = \"GHz\"", "clock_unit = \"GB\"", "\"GB\"", "'clock_unit'");
  refuse("cores = 2, clock = 0.5", "cores = 0, clock = 0.5", "0, clock = 0.5", "above zero");
  refuse("cores = 2, clock = 0.5", "cores = 2, clock = -1", "-1, clock_unit", "'clock'");
}

BOOST_AUTO_TEST_CASE(names_inside_the_file_resolve) {
  const auto diagnostics = [](std::string_view from, std::string_view to) { return load_device(replaced(good_device, from, to), "x.toml").diagnostics; };
  BOOST_TEST(says(diagnostics("{ unit = \"cpu\"", "{ unit = \"gpu\""), "unit 'gpu'"));
  BOOST_TEST(says(diagnostics("kind = \"cpu\"\n", "kind = \"cpu\"\nmemory = \"drum\"\n"), "memory 'drum'"));
  const std::string mode = good_device.substr(good_device.find("[[mode]]"));
  BOOST_TEST(says(load_device(good_device + mode, "x.toml").diagnostics, "two power modes are called 'slow'"));
}

// A mode whose clocks nobody published is listed and refused with the reason; it can not state clocks as well.
BOOST_AUTO_TEST_CASE(a_mode_of_unknown_clocks) {
  const std::string unknown = "\n[[mode]]\nid = \"fast\"\nname = \"FAST\"\nunknown = \"not published\"\n";
  const auto loaded = load_device(good_device + unknown, "x.toml");
  require_good(loaded);
  BOOST_TEST(loaded.value->devices[0].modes[1].unknown == "not published");
  refuse("default = true", "unknown = \"not published\"", "\"not published\"", "unknown");
}

BOOST_AUTO_TEST_CASE(a_mode_states_clocks_or_why_not) {
  const std::string empty = good_device + "\n[[mode]]\nid = \"fast\"\nname = \"FAST\"\n";
  BOOST_TEST(says(load_device(empty, "x.toml").diagnostics, "neither 'units' nor 'unknown'"));
  BOOST_TEST(says(load_device(empty + "units = []\n", "x.toml").diagnostics, "neither 'units' nor 'unknown'"));
}

// A memory known by its data rate would ignore the mode's clock.
BOOST_AUTO_TEST_CASE(a_memory_clock_needs_transfers_per_clock) {
  std::string text = replaced(replaced(good_device, clock_line, ""), per_clock_line, "data_rate = { value = 2000, unit = \"MT/s\", source = \"assumed\", note = \"a test\" }\n");
  check_refused(load_device(text, "x.toml"), text, "{ value = 800", "transfers_per_clock");
}

BOOST_AUTO_TEST_CASE(a_count_has_the_unit_of_what_it_counts) {
  refuse("cores = { value = 4, unit = \"1\"", "cores = { value = 4, unit = \"USD\"", "\"USD\"", "wanted '1'");
  refuse("value = 64, unit = \"bit\"", "value = 64, unit = \"1\"", "\"1\", source = \"assumed\", note = \"a test\" }\nclock", "wanted 'bit'");
  refuse("value = 2, unit = \"1\"", "value = 2, unit = \"tokens\"", "\"tokens\"", "wanted '1'");
  const std::string price = good_device + "\n[price]\nlist = { value = 249, unit = \"1\", source = \"assumed\", note = \"a test\" }\ndate = 2024-12-18\n";
  BOOST_TEST(says(load_device(price, "x.toml").diagnostics, "wanted 'USD'"));
}

// Off by a thousand is a wrong unit, not a fast board.
BOOST_AUTO_TEST_CASE(values_are_plausible) {
  refuse("value = 1.0, unit = \"GHz\"", "value = 1000, unit = \"GHz\"", "1000, unit = \"GHz\"", "1 MHz to 100 GHz");
  refuse("value = 1.0, unit = \"GHz\"", "value = 1.0, unit = \"Hz\"", "1.0, unit = \"Hz\"", "1 MHz to 100 GHz");
  refuse("clock = 0.5, clock_unit = \"GHz\"", "clock = 500, clock_unit = \"GHz\"", "500, clock_unit", "1 MHz to 100 GHz");
  refuse("value = 12, unit = \"GB/s\"", "value = 12, unit = \"B/s\"", "12, unit", "1 MB/s to 100 TB/s");
  refuse("value = 4, unit = \"GiB\"", "value = 4e6, unit = \"GiB\"", "4e6, unit", "100 TB");
  refuse("value = 4, unit = \"GiB\"", "value = 4, unit = \"B\"", "{ value = 4, unit = \"B\"", "below 1 MB");
  refuse("value = 4, unit = \"1\"", "value = 0.5, unit = \"1\"", "{ value = 0.5", "less than one core");
  refuse("rates = [", "issue_lanes = { value = 128, unit = \"1\", source = \"assumed\", note = \"a test\" }\nrates = [", "{ value = 128", "'issue_lanes' is said of GPUs");
  const auto tdp = [](const std::string& value) { return good_device + "\n[power]\ntdp = { value = " + value + ", unit = \"W\", source = \"assumed\", note = \"a test\" }\n"; };
  require_good(load_device(tdp("25"), "x.toml"));
  for (const std::string value : {"0.001", "1e6"}) BOOST_TEST(says(load_device(tdp(value), "x.toml").diagnostics, "0.01 W to 100 kW"));
}

BOOST_AUTO_TEST_CASE(a_device_has_memory_and_units) {
  const std::string head = good_device.substr(0, good_device.find("[[memory]]"));
  const auto none = load_device(head, "x.toml");
  BOOST_TEST(!none.value);
  BOOST_TEST(says(none.diagnostics, "[[memory]]"));
  const auto no_units = load_device(good_device.substr(0, good_device.find("[[compute]]")), "x.toml");
  BOOST_TEST(!no_units.value);
  BOOST_TEST(says(no_units.diagnostics, "[[compute]]"));
}

BOOST_AUTO_TEST_CASE(the_rest_of_a_device) {
  const std::string rest = R"(
[[storage]]
id = "nvme"
name = "NVMe"
interface_limit = { value = 3938, unit = "MB/s", source = "derived", at = "8 GT/s x 4" }

[pcie]
generation = 3
lanes = 4
bandwidth = { value = 3.938, unit = "GB/s", source = "derived", at = "8 GT/s x 4" }

[power]
tdp = { value = 25, unit = "W", source = "assumed", note = "a test" }

[price]
list = { value = 249, unit = "USD", source = "assumed", note = "a test" }
date = 2024-12-18

[[headline]]
text = "40 TOPS"
value = { value = 40, unit = "TOP/s", source = "assumed", note = "a test" }
arithmetic = "sparse"

[[conflict]]
what = "usable memory"
used = "3900 MiB"
note = "two pages"
values = [{ value = 3, unit = "GiB", source = "assumed", note = "a test" }]
)";
  const auto loaded = load_device(good_device + rest, "x.toml");
  require_good(loaded);
  const Device& d = loaded.value->devices[0];
  BOOST_TEST(d.storages[0].interface_limit.value.in(unit::GB / unit::s) == 3.938);
  BOOST_TEST(!d.storages[0].sequential_read.has_value());
  BOOST_TEST(d.pcie->lanes == 4);
  BOOST_TEST(d.tdp->value.in(unit::W) == 25.0);
  BOOST_TEST(d.price->list_usd.value == 249.0);
  BOOST_TEST(d.price->date == "2024-12-18");
  BOOST_TEST((d.headlines[0].value.value.dimension == Dimension{.op = 1, .second = -1}));
  BOOST_TEST(d.conflicts[0].values[0].value.base == 3 * 1073741824.0);
}

BOOST_AUTO_TEST_CASE(error_correction_releases_caches_and_parts_are_read) {
  std::string text = replaced(good_device, usable_line, usable_line + R"(usable_releases = [{ release = "OS 5", value = 3, unit = "GiB", source = "assumed", note = "a test" }]
ecc = { state = "on", cost = { value = 64, unit = "MiB", source = "assumed", note = "a test" }, source = "assumed", note = "a test" }
)");
  text = replaced(text, "{ unit_kind = \"cpu\", value = 12", "{ unit_kind = \"cpu\", of = \"cpu\", cores = 1, test = \"copy\", value = 12");
  text += R"(
[[cache]]
level = "L2"
units = ["cpu"]
instances = 4
size = { value = 512, unit = "KiB", source = "assumed", note = "a test" }

[[headline]]
text = "16 GFLOPS"
value = { value = 16, unit = "GFLOP/s", source = "assumed", note = "a test" }
arithmetic = "2 x 0.5 GHz x 16"
parts = [{ unit = "cpu", format = "fp32", accumulate = "fp32" }]
)";
  const auto loaded = load_device(text, "x.toml");
  require_good(loaded);
  const Device& d = loaded.value->devices.front();
  BOOST_REQUIRE(d.memories[0].usable_releases.size() == 1u);
  BOOST_TEST(d.memories[0].usable_releases[0].release == "OS 5");
  BOOST_TEST(d.memories[0].usable_releases[0].usable.value.in(unit::GiB) == 3.0);
  BOOST_TEST(d.memories[0].ecc->state == "on");
  BOOST_TEST(d.memories[0].ecc->cost->value.in(unit::MiB) == 64.0);
  BOOST_TEST(d.memories[0].sustained[0].of == "cpu");
  BOOST_TEST(d.memories[0].sustained[0].cores == 1);
  BOOST_TEST(d.memories[0].sustained[0].test == "copy");
  BOOST_REQUIRE(d.caches.size() == 1u);
  BOOST_TEST(d.caches[0].instances == 4);
  BOOST_TEST(d.caches[0].size.value.in(unit::KiB) == 512.0);
  // Its only power mode: 2 cores x 0.5 GHz x 16 op
  BOOST_TEST(reproduced(d, d.headlines[0])->base == 16e9, boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(what_caches_and_headlines_name_has_to_exist) {
  const std::string cache = "\n[[cache]]\nlevel = \"L2\"\nunits = [\"gpu\"]\nsize = { value = 1, unit = \"MiB\", source = \"assumed\", note = \"a test\" }\n";
  check_refused(load_device(good_device + cache, "x.toml"), good_device + cache, "[[cache]]", "names unit 'gpu'");
  const std::string level = replaced(replaced(cache, "L2", "L4"), "gpu", "cpu");
  check_refused(load_device(good_device + level, "x.toml"), good_device + level, "\"L4\"", "L1");
  const std::string headline = "\n[[headline]]\ntext = \"1 TOPS\"\nvalue = { value = 1, unit = \"TOP/s\", source = \"assumed\", note = \"a test\" }\narithmetic = \"x\"\nmode = \"fast\"\n";
  check_refused(load_device(good_device + headline, "x.toml"), good_device + headline, "[[headline]]", "names mode 'fast'");
}

BOOST_AUTO_TEST_CASE(more_usable_under_a_release_than_there_is) {
  refuse(usable_line, usable_line + "usable_releases = [{ release = \"OS 5\", value = 5, unit = \"GiB\", source = \"assumed\", note = \"a test\" }]\n",
         "[{ release", "more usable memory than capacity under 'OS 5'");
}

BOOST_AUTO_TEST_SUITE_END()
