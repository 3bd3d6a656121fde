// Rules between files, each broken once in an overlay over the compiled-in database.
#include "unit/db/db_test.hpp"

using namespace roofline;
using namespace roofline::db;
using namespace roofline::testing;

namespace {

// What check() says about files of a tree.
std::vector<Diagnostic> about(const TemporaryTree& tree) {
  Catalog catalog;
  const auto unreadable = catalog.add_directory(tree.root());
  BOOST_TEST(unreadable.empty(), all(unreadable));
  std::vector<Diagnostic> own;
  for (const Diagnostic& diagnostic : catalog.check()) {
    if (diagnostic.file.find(tree.root().string()) == 0) own.push_back(diagnostic);
  }
  return own;
}

std::vector<Diagnostic> about(const std::string& path, const std::string& text) {
  const TemporaryTree tree;
  tree.write(path, text);
  return about(tree);
}

void check_says(const std::string& path, const std::string& text, std::string_view message) {
  const auto diagnostics = about(path, text);
  BOOST_TEST(says(diagnostics, message), "wanted '" << message << "', got " << all(diagnostics));
}

void check_says_at(const std::string& path, const std::string& text, std::string_view fragment, std::string_view message) {
  const auto diagnostics = about(path, text);
  const Place place = place_of(text, fragment);
  BOOST_TEST(says_at(diagnostics, place, message), "wanted '" << message << "' at " << place.line << ":" << place.column << ", got " << all(diagnostics));
}

const std::string device_path = "devices/test-board.toml";

}  // namespace

BOOST_AUTO_TEST_SUITE(rules)

BOOST_AUTO_TEST_CASE(good_files_pass) {
  const TemporaryTree tree;
  tree.write(device_path, good_device);
  tree.write("models/test/test-model.toml", good_model);
  tree.write("formats/test-format.toml", good_format);
  tree.write("quantizations/test-quant.toml", good_quantization);
  tree.write("engines/test-engine.toml", good_engine);
  tree.write("calibration/test-engine.toml", good_calibration);
  tree.write("runs/test-runs.toml", good_runs);
  const auto diagnostics = about(tree);
  BOOST_TEST(diagnostics.empty(), all(diagnostics));
}

BOOST_AUTO_TEST_CASE(an_id_is_the_name_of_its_file) {
  check_says("devices/other.toml", good_device, "'test-board'");
  check_says("models/other.toml", good_model, "'test-model'");
  check_says("formats/other.toml", good_format, "'test-format'");
  check_says("engines/other.toml", good_engine, "'test-engine'");
}

BOOST_AUTO_TEST_CASE(names_are_unique_within_a_kind) {
  check_says(device_path, replaced(good_device, "\"test-board-alias\"", "\"rtx-4090\""), "'rtx-4090'");
  // Case does not make a name another one.
  check_says(device_path, replaced(good_device, "\"test-board-alias\"", "\"RTX-4090\""), "'RTX-4090'");
  // The same name in another kind is another thing.
  BOOST_TEST(about(device_path, replaced(good_device, "\"test-board-alias\"", "\"llama-3.1-8b\"")).empty());
}

BOOST_AUTO_TEST_CASE(sources_exist) {
  const std::string text = replaced(good_device, "value = 4, unit = \"GiB\", source = \"assumed\"", "value = 4, unit = \"GiB\", source = \"no-such-page\"");
  check_says_at(device_path, text, "\"no-such-page\"", "'no-such-page'");
  check_says_at("formats/test-format.toml", replaced(good_format, "\"assumed\"", "\"no-such-page\""), "\"no-such-page\"", "'no-such-page'");
  check_says_at("engines/test-engine.toml", replaced(good_engine, "status = \"supported\"\nsource = \"assumed\"", "status = \"supported\"\nsource = \"run:no-such-run\""),
                "\"run:no-such-run\"", "'no-such-run'");
}

BOOST_AUTO_TEST_CASE(sources_are_cited) {
  check_says("sources/test.toml", good_sources, "'test-source'");
  const TemporaryTree tree;
  tree.write("sources/test.toml", good_sources);
  tree.write("formats/test-format.toml", replaced(good_format, "\"assumed\"", "\"test-source\""));
  const auto diagnostics = about(tree);
  BOOST_TEST(diagnostics.empty(), all(diagnostics));
}

// Each at the line and column of the name, in an array at the element.
BOOST_AUTO_TEST_CASE(references_resolve) {
  const auto dangling = [](const std::string& path, const std::string& good, std::string_view from, std::string_view to) {
    check_says_at(path, replaced(good, from, to), "\"no_such\"", "'no_such'");
  };
  const std::string quantization = "quantizations/test-quant.toml";
  for (const char* key : {"default = \"q4_k\"", "vectors = \"f32\"", "router = \"f32\"", "format = \"q6_k\""}) {
    const std::string name = std::string(key).substr(0, std::string(key).find('='));
    dangling(quantization, good_quantization, key, name + "= \"no_such\"");
  }
  dangling(quantization, good_quantization, "router = \"f32\"\n", "router = \"f32\"\nkv_type = \"no_such\"\n");
  dangling("formats/test-format.toml", good_format, "block_bytes = 144", "block_bytes = 144\nfallback = \"no_such\"");
  const std::string engine = "engines/test-engine.toml";
  dangling(engine, good_engine, "\"q4_k_m\", \"q4_0\"", "\"q4_k_m\", \"no_such\"");
  dangling(engine, good_engine, "int8 = \"q8_0\"", "int8 = \"no_such\"");
  dangling(engine, good_engine, "[\"f16\", \"q8_0\"]", "[\"f16\", \"no_such\"]");
  dangling(engine, good_engine, "formats = [\"q4_k\"]", "formats = [\"no_such\"]");
  dangling(engine, good_engine, "instead = [\"q8_0\"]", "instead = [\"no_such\"]");
  dangling(engine, good_engine, "quantizations = [\"q4_k_m\"]", "quantizations = [\"no_such\"]");
  // A refused cell that names nothing refuses nothing.
  dangling(engine, good_engine, "quantizations = [\"q4_k_m\"]\nstatus = \"refused\"", "quantizations = [\"no_such\"]\nstatus = \"refused\"");
  dangling(engine, good_engine, "prefill_chunk", "calibration = \"no_such\"\nprefill_chunk");
  check_says_at("calibration/test-engine.toml", good_calibration, "\"test-engine\"", "'test-engine'");
  const std::string conflict = "\n[[conflict]]\nwhat = \"a\"\nused = \"b\"\nnote = \"c\"\nsources = [\"llama-cpp-readme\", \"no_such\"]\n";
  dangling(device_path, good_device + conflict, "what = \"a\"", "what = \"a\"");
}

BOOST_AUTO_TEST_CASE(a_run_names_what_exists) {
  const std::string path = "runs/test-runs.toml";
  const auto dangling = [&](std::string_view from, std::string_view to) { check_says_at(path, replaced(good_runs, from, to), "\"no-such\"", "'no-such'"); };
  dangling("device = \"rtx-4090\"", "device = \"no-such\"");
  dangling("engine = \"llama.cpp\"", "engine = \"no-such\"");
  dangling("model = \"llama-3.1-8b\"", "model = \"no-such\"");
  dangling("quantization = \"q4_k_m\"", "quantization = \"no-such\"");
  dangling("unit = \"gpu\"", "unit = \"gpu\"\nkv_type = \"no-such\"");
  dangling("unit = \"gpu\"", "unit = \"gpu\"\nmode = \"no-such\"");
  dangling("source = \"llama-cpp-readme\"", "source = \"no-such\"");
}

BOOST_AUTO_TEST_CASE(a_name_given_twice_is_said_at_both_places) {
  const TemporaryTree tree;
  const std::string other = replaced(replaced(good_device, "id = \"test-board\"", "id = \"other-board\""), "name = \"Test", "name = \"Other");
  tree.write(device_path, good_device);
  tree.write("devices/other-board.toml", other);
  const auto diagnostics = about(tree);
  BOOST_TEST(diagnostics.size() == 2u, all(diagnostics));
  BOOST_TEST(says(diagnostics, "also one of " + (tree.root() / device_path).string()), all(diagnostics));
  BOOST_TEST(says(diagnostics, "also one of " + (tree.root() / "devices/other-board.toml").string()), all(diagnostics));
  // "a-board" sorts before every compiled-in device, "test-board" after: the overlay's file is named either way.
  for (const std::string id : {"a-board", "zz-board"}) {
    const TemporaryTree own;
    std::string text = replaced(good_device, "id = \"test-board\"", "id = \"" + id + "\"");
    own.write("devices/" + id + ".toml", replaced(text, "\"test-board-alias\"", "\"rtx-4090\""));
    Catalog catalog;
    const auto found = check_path(catalog, own.root());
    BOOST_TEST(found.size() == 1u, all(found));
    BOOST_TEST(says(found, "'rtx-4090' is also one of"), all(found));
  }
}

BOOST_AUTO_TEST_CASE(a_run_id_given_twice_is_said_at_both_places) {
  const TemporaryTree tree;
  tree.write("runs/test-runs.toml", good_runs);
  tree.write("runs/more-runs.toml", replaced(good_runs, "\"test-runs\"", "\"more-runs\""));
  const auto diagnostics = about(tree);
  BOOST_TEST(diagnostics.size() == 2u, all(diagnostics));
  BOOST_TEST(says(diagnostics, "the run 'test-run-1' is also one of"), all(diagnostics));
}

// 64 bit / 8 x 2 x 1 GHz = 16 GB/s: 16.1 GB/s is one typing mistake or another.
BOOST_AUTO_TEST_CASE(sustained_stays_below_specified) {
  check_says(device_path, replaced(good_device, "value = 12, unit = \"GB/s\"", "value = 16.1, unit = \"GB/s\""), "sustained");
  BOOST_TEST(about(device_path, replaced(good_device, "value = 12, unit = \"GB/s\"", "value = 16, unit = \"GB/s\"")).empty());
}

// 4 cores x 1 GHz x 16 op = 64 GOP/s; two percent above it is the clock's tolerance.
BOOST_AUTO_TEST_CASE(a_measured_peak_stays_below_the_derived) {
  const auto measured = [](const std::string& value) {
    return replaced(good_device, "\n[[mode]]", "measured = [{ format = \"fp32\", value = " + value + ", unit = \"GFLOP/s\", source = \"assumed\", note = \"a test\" }]\n\n[[mode]]");
  };
  check_says(device_path, measured("65.4"), "fp32");
  BOOST_TEST(about(device_path, measured("65.2")).empty());
}

// 64 GOP/s over 16 GB/s is 4 op/B; a thousand times either way is a wrong unit.
BOOST_AUTO_TEST_CASE(ridge_points_are_plausible) {
  check_says(device_path, replaced(good_device, "value = 16, unit = \"op\"", "value = 16e6, unit = \"op\""), "ridge point");
  check_says(device_path, replaced(good_device, "value = 16, unit = \"op\"", "value = 0.01, unit = \"op\""), "ridge point");
}

BOOST_AUTO_TEST_CASE(one_default_mode_per_firmware) {
  const std::string mode = replaced(good_device.substr(good_device.find("[[mode]]")), "\"slow\"", "\"slow2\"");
  check_says(device_path, good_device + "\n" + mode, "default");
  BOOST_TEST(about(device_path, good_device + "\n" + replaced(mode, "default = true", "default = true\nfirmware = \"super\"")).empty());
}

BOOST_AUTO_TEST_CASE(check_path_takes_a_file_or_a_tree) {
  const TemporaryTree tree;
  tree.write(device_path, good_device);
  Catalog catalog;
  const auto whole = check_path(catalog, tree.root());
  BOOST_TEST(whole.empty(), all(whole));
  const auto one = check_path(catalog, tree.root() / device_path);
  BOOST_TEST(one.empty(), all(one));
  BOOST_TEST(!check_path(catalog, tree.root() / "missing.toml").empty());
  BOOST_TEST(catalog.device("test-board").value == nullptr);  // checked, not added
}

// A file on its own is held to the rules a tree is held to.
BOOST_AUTO_TEST_CASE(check_path_applies_every_rule_to_one_file) {
  const TemporaryTree tree;
  Catalog catalog;
  const auto checked = [&](const std::string& path, const std::string& text) { return check_path(catalog, tree.write(path, text)); };
  for (const std::string path : {"test-board.toml", "devices/own/test-board.toml"}) {
    BOOST_TEST(says(checked(path, replaced(good_device, "value = 12, unit = \"GB/s\"", "value = 16.1, unit = \"GB/s\"")), "sustained"), path);
    BOOST_TEST(says(checked(path, replaced(good_device, "value = 16, unit = \"op\"", "value = 16e6, unit = \"op\"")), "ridge point"), path);
    const std::string measured =
        replaced(good_device, "\n[[mode]]", "measured = [{ format = \"fp32\", value = 65.4, unit = \"GFLOP/s\", source = \"assumed\", note = \"a test\" }]\n\n[[mode]]");
    BOOST_TEST(says(checked(path, measured), "measured a higher fp32 peak"), path);
  }
  const std::string text = replaced(good_quantization, "\"q6_k\"", "\"q6_zz\"");
  BOOST_TEST(says_at(checked("test-quant.toml", text), place_of(text, "\"q6_zz\""), "'q6_zz'"));
  const std::string run = replaced(good_runs, "unit = \"gpu\"", "unit = \"gpu\"\nmode = \"no-such\"");
  BOOST_TEST(says_at(checked("runs.toml", run), place_of(run, "\"no-such\""), "no power mode"));
  const std::string source = replaced(good_format, "\"assumed\"", "\"no-such-page\"");
  BOOST_TEST(says_at(checked("f.toml", source), place_of(source, "\"no-such-page\""), "no source"));
  // A new page nobody cites yet is no mistake of its file.
  const auto sources = checked("sources/test.toml", good_sources);
  BOOST_TEST(sources.empty(), all(sources));
}

BOOST_AUTO_TEST_CASE(the_name_of_one_file_counts_inside_the_database_only) {
  const TemporaryTree tree;
  Catalog catalog;
  BOOST_TEST(says(check_path(catalog, tree.write("devices/other.toml", good_device)), "'test-board'"));
  const auto outside = check_path(catalog, tree.write("other.toml", good_device));
  BOOST_TEST(outside.empty(), all(outside));
  const auto elsewhere = check_path(catalog, tree.write("models/other.toml", good_device));
  BOOST_TEST(elsewhere.empty(), all(elsewhere));
}

// What the catalog was given counts: a new model and a run of it may lie in two directories.
BOOST_AUTO_TEST_CASE(check_path_looks_into_the_catalog) {
  const TemporaryTree base;
  base.write(device_path, good_device);
  base.write("runs/base-runs.toml", replaced(replaced(good_runs, "\"test-runs\"", "\"base-runs\""), "\"test-run-1\"", "\"base-run\""));
  Catalog catalog;
  BOOST_TEST(catalog.add_directory(base.root()).empty());
  const TemporaryTree tree;
  const std::string run = replaced(replaced(good_runs, "\"rtx-4090\"", "\"test-board\"\nmode = \"SLOW\""), "\"test-run-1\"", "\"other-run\"");
  tree.write("runs/test-runs.toml", run);
  tree.write("engines/test-engine.toml", replaced(good_engine, "status = \"supported\"\nsource = \"assumed\"", "status = \"supported\"\nsource = \"run:base-run\""));
  const auto whole = check_path(catalog, tree.root());
  BOOST_TEST(whole.empty(), all(whole));
  for (const std::string path : {"runs/test-runs.toml", "engines/test-engine.toml"}) {
    const auto one = check_path(catalog, tree.root() / path);
    BOOST_TEST(one.empty(), all(one));
  }
  const std::string wrong = replaced(run, "\"SLOW\"", "\"FAST\"");
  BOOST_TEST(says_at(check_path(catalog, tree.write("wrong.toml", wrong)), place_of(wrong, "\"FAST\""), "no power mode 'FAST'"));
}

// Keys say more than folders: any folder of a home may be called "models".
BOOST_AUTO_TEST_CASE(check_path_prefers_keys_to_folders) {
  const TemporaryTree tree;
  Catalog catalog;
  const auto checked = [&](const std::string& path, const std::string& text) { return check_path(catalog, tree.write(path, text)); };
  for (const std::string& text : {good_device, good_model, good_format, good_quantization, good_engine, good_runs}) {
    const auto diagnostics = checked("models/engines/sources/some.toml", text);
    BOOST_TEST(diagnostics.empty(), all(diagnostics));
  }
  // Too broken to tell: the deepest folder.
  const auto broken = checked("models/x/devices/y/broken.toml", "schema = 1\n");
  BOOST_TEST(says(broken, "[[memory]]"), all(broken));
  const auto unreadable = checked("models/broken.toml", "schema = \n");
  BOOST_TEST(unreadable.size() == 1u, all(unreadable));
}

// Outside any folder of the database, its keys say what a file is.
BOOST_AUTO_TEST_CASE(check_path_knows_a_file_by_its_keys) {
  const TemporaryTree tree;
  Catalog catalog;
  const auto checked = [&](const std::string& name, const std::string& text) {
    const auto diagnostics = check_path(catalog, tree.write(name + ".toml", text));
    BOOST_TEST(diagnostics.empty(), name << ": " << all(diagnostics));
  };
  checked("test-board", good_device);
  checked("test-model", good_model);
  checked("test-format", good_format);
  checked("test-quant", good_quantization);
  checked("test-engine", good_engine);
  checked("test-runs", good_runs);
  const std::string text = replaced(good_model, "hidden = 64", "hiden = 64");
  const auto broken = check_path(catalog, tree.write("broken.toml", text));
  BOOST_TEST(says_at(broken, place_of(text, "hiden"), "unknown key 'hiden'"), all(broken));
  const auto nothing = check_path(catalog, tree.write("nothing.toml", "schema = 1\nx = 1\n"));
  BOOST_TEST(nothing.size() == 1u, all(nothing));
}

BOOST_AUTO_TEST_SUITE_END()
