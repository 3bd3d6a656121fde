#include "roofline/db/catalog.hpp"

#include "unit/db/db_test.hpp"

using namespace roofline;
using namespace roofline::db;
using namespace roofline::testing;

namespace {

constexpr std::array named_kinds{Kind::device, Kind::model, Kind::format, Kind::quantization, Kind::engine, Kind::source};

bool found(Catalog& catalog, Kind kind, const std::string& name) {
  switch (kind) {
    case Kind::source: return catalog.source(name).value != nullptr;
    case Kind::device: return catalog.device(name).value != nullptr;
    case Kind::model: return catalog.model(name).value != nullptr;
    case Kind::format: return catalog.format(name).value != nullptr;
    case Kind::quantization: return catalog.quantization(name).value != nullptr;
    case Kind::engine: return catalog.engine(name).value != nullptr;
    case Kind::calibration: return catalog.calibration(name).value != nullptr;
    case Kind::fit: return catalog.fit_rules(name).value != nullptr;
    case Kind::memory: return catalog.memory_fit(name).value != nullptr;
    case Kind::runs:
    case Kind::exclusion:
    case Kind::spelling:
    case Kind::core: break;
  }
  return false;
}

std::string upper(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

const Entry* entry_of(const std::vector<Entry>& entries, const std::string& id) {
  for (const Entry& entry : entries) {
    if (entry.id == id) return &entry;
  }
  return nullptr;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(catalog)

BOOST_AUTO_TEST_CASE(the_compiled_in_database_has_no_mistakes) {
  Catalog catalog;
  const auto diagnostics = catalog.check();
  BOOST_TEST(diagnostics.empty(), all(diagnostics));
}

BOOST_AUTO_TEST_CASE(every_file_of_the_tree_is_compiled_in) {
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(std::string(ROOFLINE_SOURCE_DIR) + "/hardware_db")) {
    if (entry.path().extension() == ".toml") ++files;
  }
  BOOST_TEST(Catalog().file_count() == files);
}

BOOST_AUTO_TEST_CASE(every_name_is_found_whatever_its_case) {
  Catalog catalog;
  for (const Kind kind : named_kinds) {
    const auto entries = catalog.entries(kind);
    BOOST_TEST(!entries.empty(), to_string(kind));
    for (const Entry& entry : entries) {
      BOOST_TEST(found(catalog, kind, entry.id), to_string(kind) << " " << entry.id);
      BOOST_TEST(found(catalog, kind, upper(entry.id)), to_string(kind) << " " << upper(entry.id));
      for (const std::string& alias : entry.aliases) BOOST_TEST(found(catalog, kind, alias), to_string(kind) << " alias " << alias);
      BOOST_TEST((kind == Kind::source || !entry.name.empty()));
      BOOST_TEST((kind_of_path(entry.path.substr(entry.path.find('/') + 1)) == kind), entry.path);
    }
  }
}

BOOST_AUTO_TEST_CASE(entries_are_sorted_and_unique) {
  const Catalog catalog;
  for (const Kind kind : named_kinds) {
    const auto entries = catalog.entries(kind);
    const auto unordered = [](const Entry& a, const Entry& b) { return a.id >= b.id; };
    const auto bad = std::adjacent_find(entries.begin(), entries.end(), unordered);
    BOOST_TEST((bad == entries.end()), to_string(kind));
  }
}

BOOST_AUTO_TEST_CASE(variants_are_entries_and_the_chip_is_an_alias) {
  Catalog catalog;
  const auto entries = catalog.entries(Kind::device);
  BOOST_TEST(entry_of(entries, "rk3588") == nullptr);
  const Entry* entry = entry_of(entries, "rk3588-lpddr4x-16gb");
  BOOST_REQUIRE(entry != nullptr);
  BOOST_TEST((std::find(entry->aliases.begin(), entry->aliases.end(), "rk3588") != entry->aliases.end()));
  BOOST_TEST(catalog.device("rk3588").value == catalog.device("rk3588-lpddr4x-16gb").value);
  BOOST_TEST(catalog.device("rk3588").value->memories.size() == 1u);
}

BOOST_AUTO_TEST_CASE(an_alias_may_select_a_firmware) {
  Catalog catalog;
  const auto plain = catalog.device("jetson-orin-nano-8gb");
  const auto super = catalog.device("jetson-orin-nano-super");
  BOOST_TEST(plain.firmware == "");
  BOOST_TEST(super.firmware == "super");
  BOOST_TEST(plain.value == super.value);
}

BOOST_AUTO_TEST_CASE(values_stay_where_they_are) {
  Catalog catalog;
  const Device* device = catalog.device("rtx-4090").value;
  const Quantization* quantization = catalog.quantization("q4_k_m").value;
  for (const Entry& entry : catalog.entries(Kind::device)) catalog.device(entry.id);
  for (const Entry& entry : catalog.entries(Kind::quantization)) catalog.quantization(entry.id);
  BOOST_TEST(catalog.device("RTX-4090").value == device);
  BOOST_TEST(catalog.quantization("q4_k_m").value == quantization);
  Catalog moved = std::move(catalog);
  BOOST_TEST(moved.device("rtx-4090").value == device);
}

BOOST_AUTO_TEST_CASE(a_quantization_comes_with_its_formats_and_their_fallbacks) {
  Catalog catalog;
  for (const Entry& entry : catalog.entries(Kind::quantization)) {
    const Quantization* q = catalog.quantization(entry.id).value;
    BOOST_REQUIRE(q != nullptr);
    std::vector<std::string> names{q->default_format, q->vector_format, q->router_format};
    for (const QuantizationRule& rule : q->rules) names.push_back(rule.format);
    for (const WeightFormat& format : q->formats) {
      if (!format.fallback.empty()) names.push_back(format.fallback);
    }
    for (const std::string& name : names) BOOST_TEST(find_format(*q, name) != nullptr, entry.id << " has " << name);
  }
}

BOOST_AUTO_TEST_CASE(a_name_that_is_not_there_gets_its_neighbours) {
  Catalog catalog;
  const auto lookup = catalog.device("rtx-4091");
  BOOST_TEST(lookup.value == nullptr);
  BOOST_TEST(lookup.diagnostics.empty());
  BOOST_REQUIRE(!lookup.nearest.empty());
  BOOST_TEST(lookup.nearest.size() <= 3u);
  BOOST_TEST((std::find(lookup.nearest.begin(), lookup.nearest.end(), "rtx-4090") != lookup.nearest.end()));
  BOOST_TEST(catalog.device("zzzzzz").nearest.empty());
  BOOST_TEST(!catalog.has(Kind::device, "zzzzzz"));
  BOOST_TEST(catalog.has(Kind::device, "RTX-4090"));
  BOOST_TEST(!catalog.has(Kind::model, "rtx-4090"));
  BOOST_TEST(catalog.has(Kind::device, "some/board.toml"));  // a file, there or not
  // Model ids hold slashes; that does not make them paths.
  BOOST_TEST(catalog.model("meta-llama/Llama-3.1-8B").value != nullptr);
  BOOST_TEST(catalog.model("meta-llama/Llama-9").diagnostics.empty());
}

BOOST_AUTO_TEST_CASE(a_file_is_a_name) {
  const TemporaryTree tree;
  Catalog catalog;
  const auto device = catalog.device(tree.write("test-board.toml", good_device).string());
  BOOST_REQUIRE(device.value != nullptr);
  BOOST_TEST(device.value->id == "test-board");
  BOOST_TEST(catalog.model(tree.write("test-model.toml", good_model).string()).value != nullptr);
  BOOST_TEST(catalog.engine(tree.write("test-engine.toml", good_engine).string()).value != nullptr);
  const auto quantization = catalog.quantization(tree.write("test-quant.toml", good_quantization).string());
  BOOST_REQUIRE(quantization.value != nullptr);
  BOOST_TEST(find_format(*quantization.value, "q6_k") != nullptr);
  const std::string path = tree.write("broken.toml", replaced(good_device, "type =", "tpye =")).string();
  const auto broken = catalog.device(path);
  BOOST_TEST(broken.value == nullptr);
  BOOST_REQUIRE(!broken.diagnostics.empty());
  BOOST_TEST(broken.diagnostics.front().file == path);
}

BOOST_AUTO_TEST_CASE(a_quantization_of_a_missing_format_says_so) {
  const TemporaryTree tree;
  Catalog catalog;
  const auto lookup = catalog.quantization(tree.write("test-quant.toml", replaced(good_quantization, "\"q6_k\"", "\"q6_zz\"")).string());
  BOOST_TEST(lookup.value == nullptr);
  BOOST_TEST(says(lookup.diagnostics, "q6_zz"));
}

// A copy under another name is still the chip it describes, and its default variant.
BOOST_AUTO_TEST_CASE(a_renamed_chip_file_means_its_default_variant) {
  const TemporaryTree tree;
  const auto path = tree.root() / "my-board.toml";
  std::filesystem::copy_file(std::string(ROOFLINE_SOURCE_DIR) + "/hardware_db/devices/rockchip/rk3588.toml", path);
  Catalog catalog;
  const auto lookup = catalog.device(path.string());
  BOOST_REQUIRE(lookup.value != nullptr);
  BOOST_TEST(lookup.value->id == "rk3588-lpddr4x-16gb");
  const auto checked = check_path(catalog, path);
  BOOST_TEST(checked.empty(), all(checked));
}

BOOST_AUTO_TEST_CASE(runs_are_all_there) {
  Catalog catalog;
  std::vector<Diagnostic> diagnostics;
  const auto before = catalog.runs(diagnostics);
  BOOST_TEST(diagnostics.empty(), all(diagnostics));
  BOOST_TEST(before.size() > 100u);
  const TemporaryTree tree;
  tree.write("runs/test-runs.toml", good_runs);
  BOOST_TEST(catalog.add_directory(tree.root()).empty());
  const auto after = catalog.runs(diagnostics);
  BOOST_TEST(after.size() == before.size() + 1);
}

BOOST_AUTO_TEST_CASE(sources_are_found_by_id) {
  Catalog catalog;
  const auto lookup = catalog.source("llama-cpp-readme");
  BOOST_REQUIRE(lookup.value != nullptr);
  BOOST_TEST(lookup.value->id == "llama-cpp-readme");
  BOOST_TEST(!lookup.value->read.empty());
}

BOOST_AUTO_TEST_CASE(assumed_figures_are_listed_with_file_and_reason) {
  const TemporaryTree tree;
  tree.write("devices/test-board.toml", good_device);
  Catalog catalog;
  const std::size_t before = catalog.assumed_figures().size();
  BOOST_TEST(before > 0u);
  BOOST_TEST(catalog.add_directory(tree.root()).empty());
  std::vector<std::string> own;
  for (const std::string& line : catalog.assumed_figures()) {
    if (line.find("test-board.toml") != std::string::npos) own.push_back(line);
  }
  // capacity, usable, bus_width, clock, sustained; cores, clock, fp32 rate; memory_clock and one unit of the mode.
  BOOST_TEST(own.size() == 10u);
  BOOST_REQUIRE(!own.empty());
  BOOST_TEST(own.front().find("memory[dram]") != std::string::npos, own.front());
  BOOST_TEST(own.front().find("a test") != std::string::npos, own.front());
}

BOOST_AUTO_TEST_CASE(kinds_and_folders) {
  for (const Kind kind : all_kinds) {
    BOOST_TEST((kind_of_path(std::string(folder_of(kind)) + "/x.toml") == kind));
  }
  BOOST_TEST((kind_of_path("devices/nvidia/x.toml") == Kind::device));
  BOOST_TEST(!kind_of_path("things/x.toml").has_value());
  BOOST_TEST(!kind_of_path("").has_value());
  BOOST_TEST(to_string(Kind::runs) == "runs");
  BOOST_TEST(to_string(Kind::device) == "device");
}

BOOST_AUTO_TEST_SUITE_END()
