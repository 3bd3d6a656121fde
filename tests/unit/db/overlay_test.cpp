// Directories laid over the compiled-in database: what they add, what they replace, what stays.
#include "unit/db/db_test.hpp"

using namespace roofline;
using namespace roofline::db;
using namespace roofline::testing;

namespace {

const Entry* entry_of(const std::vector<Entry>& entries, const std::string& id) {
  for (const Entry& entry : entries) {
    if (entry.id == id) return &entry;
  }
  return nullptr;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(overlay)

BOOST_AUTO_TEST_CASE(an_overlay_adds_and_replaces) {
  const TemporaryTree tree;
  tree.write("devices/own/test-board.toml", good_device);
  std::string own = replaced(replaced(good_device, "\"test-board\"", "\"rtx-4090\""), "\"test-board-alias\"", "\"my-4090\"");
  tree.write("devices/rtx-4090.toml", replaced(own, "Test Board", "My 4090"));
  Catalog catalog;
  const std::size_t before = catalog.entries(Kind::device).size();
  const auto diagnostics = catalog.add_directory(tree.root());
  BOOST_TEST(diagnostics.empty(), all(diagnostics));
  BOOST_TEST(catalog.device("test-board-alias").value->id == "test-board");
  BOOST_TEST(catalog.device("RTX-4090").value->name == "My 4090");
  BOOST_TEST(catalog.device("my-4090").value == catalog.device("rtx-4090").value);
  const auto entries = catalog.entries(Kind::device);
  BOOST_TEST(entries.size() == before + 1);
  BOOST_TEST(entry_of(entries, "rtx-4090")->name == "My 4090");
  BOOST_TEST(entry_of(entries, "rtx-4090")->path == (tree.root() / "devices/rtx-4090.toml").string());
  BOOST_TEST(catalog.device("rtx-4080").value != nullptr);
}

// The later of two directories replaces the earlier, as either replaces the compiled-in database.
BOOST_AUTO_TEST_CASE(a_later_overlay_replaces_an_earlier) {
  const TemporaryTree first;
  const TemporaryTree second;
  first.write("devices/test-board.toml", replaced(good_device, "\"test-board-alias\"", "\"old-alias\""));
  first.write("runs/test-runs.toml", good_runs);
  second.write("devices/test-board.toml", replaced(good_device, "Test Board", "Newer Board"));
  second.write("runs/test-runs.toml", replaced(good_runs, "100.5", "200.5"));
  Catalog catalog;
  std::vector<Diagnostic> diagnostics;
  const std::size_t runs = catalog.runs(diagnostics).size();
  const std::size_t devices = catalog.entries(Kind::device).size();
  BOOST_TEST(catalog.add_directory(first.root()).empty());
  const Device* old = catalog.device("test-board").value;
  BOOST_REQUIRE(old != nullptr);
  BOOST_TEST(catalog.add_directory(second.root()).empty());
  BOOST_TEST(catalog.device("test-board").value->name == "Newer Board");
  BOOST_TEST(old->name == "Test Board");  // what was handed out stays
  BOOST_TEST(catalog.device("test-board-alias").value == catalog.device("test-board").value);
  BOOST_TEST(catalog.device("old-alias").value == nullptr);
  BOOST_TEST(catalog.entries(Kind::device).size() == devices + 1);
  BOOST_TEST(entry_of(catalog.entries(Kind::device), "test-board")->name == "Newer Board");
  BOOST_TEST(catalog.runs(diagnostics).size() == runs + 1);
  const auto found = catalog.check();
  BOOST_TEST(found.empty(), all(found));
  BOOST_TEST(catalog.add_directory(second.root()).empty());
  BOOST_TEST(catalog.entries(Kind::device).size() == devices + 1);
  BOOST_TEST(catalog.check().empty());
}

BOOST_AUTO_TEST_CASE(a_format_replaced_later_reaches_quantizations_asked_for_before) {
  Catalog catalog;
  const Quantization* before = catalog.quantization("q4_0").value;
  BOOST_REQUIRE(before != nullptr);
  const int bytes = find_format(*before, "q4_0")->block_bytes;
  const TemporaryTree tree;
  tree.write("formats/q4_0.toml", replaced(replaced(good_format, "\"test-format\"", "\"q4_0\""), "block_bytes = 144", "block_bytes = 99"));
  BOOST_TEST(catalog.add_directory(tree.root()).empty());
  BOOST_TEST(find_format(*catalog.quantization("q4_0").value, "q4_0")->block_bytes == 99);
  BOOST_TEST(find_format(*before, "q4_0")->block_bytes == bytes);
}

BOOST_AUTO_TEST_CASE(an_overlay_with_mistakes_reports_them) {
  const TemporaryTree tree;
  tree.write("devices/a.toml", "schema = \n");
  tree.write("things/b.toml", good_device);
  tree.write("models/c.txt", "not a database file");
  Catalog catalog;
  const auto diagnostics = catalog.add_directory(tree.root());
  BOOST_TEST(diagnostics.size() == 2u, all(diagnostics));
  BOOST_TEST(says_at(diagnostics, {1, 10}, "expected value"), all(diagnostics));
  BOOST_TEST(says(diagnostics, "folder"));
  BOOST_TEST(catalog.device("rtx-4090").value != nullptr);
}

BOOST_AUTO_TEST_SUITE_END()
