// Whatever a file holds, the answer is a located diagnostic: no crash, no exception, no hang.
#include <sys/stat.h>

#include <random>

#include "unit/db/db_test.hpp"

using namespace roofline;
using namespace roofline::db;
using namespace roofline::testing;

namespace {

// Every loader refuses `text` and says where; the first line of what they say.
std::string refused_by_all(const std::string& text) {
  std::vector<std::vector<Diagnostic>> answers;
  const auto ask = [&](auto load) {
    const auto loaded = load(text, "x.toml");
    BOOST_TEST(!loaded.value.has_value());
    answers.push_back(loaded.diagnostics);
  };
  ask(load_sources);
  ask(load_device);
  ask(load_model);
  ask(load_format);
  ask(load_quantization);
  ask(load_engine);
  ask(load_calibration);
  ask(load_fit);
  ask(load_runs);
  for (const auto& diagnostics : answers) {
    BOOST_REQUIRE(!diagnostics.empty());
    BOOST_TEST(diagnostics.size() <= 200u);
    for (const Diagnostic& diagnostic : diagnostics) BOOST_TEST(diagnostic.file == "x.toml");
  }
  return to_string(answers.front().front());
}

std::string repeated(std::string_view piece, std::size_t count) {
  std::string text;
  text.reserve(piece.size() * count);
  for (std::size_t i = 0; i < count; ++i) text += piece;
  return text;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(hostile)

BOOST_AUTO_TEST_CASE(empty_files) {
  for (const std::string text : {"", "\n", "  \r\n\t\n"}) BOOST_TEST(refused_by_all(text) == "x.toml:1:1: empty file, expected schema = 1");
  BOOST_TEST(refused_by_all("# only a comment\n").find("schema = 1") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(deep_nesting) {
  constexpr std::size_t deep = 100000;
  BOOST_TEST(refused_by_all("x = " + repeated("[", deep) + repeated("]", deep) + "\n").find("nested") != std::string::npos);
  refused_by_all("x = " + repeated("[", deep));
  refused_by_all("x = " + repeated("{a=", deep) + "1" + repeated("}", deep) + "\n");
  refused_by_all(repeated("[", deep));
  refused_by_all(repeated("[\n", deep));
  refused_by_all("[" + repeated("a.", deep) + "a]\n");
  refused_by_all(repeated("a.", deep) + "a = 1\n");
  // Dots make tables after the '=' as well.
  BOOST_TEST(refused_by_all("x = { " + repeated("a.", deep) + "a = 1 }\n").find("parts") != std::string::npos);
  refused_by_all("x = [{ " + repeated("\"a\" . ", deep) + "a = 1 }]\n");
}

// Brackets inside strings are text, however the string is quoted.
BOOST_AUTO_TEST_CASE(brackets_in_strings_do_not_nest) {
  const std::string brackets = repeated("[{", 40);
  for (const std::string& note : {"\"an \\\"escaped\\\" quote " + brackets + "\"", "\"\"\"two \"\" quotes " + brackets + "\"\"\"",
                                 "\"a backslash \\\\\" # \" " + brackets, "'" + brackets + "\\'", "'''it's " + brackets + "'''",
                                 "\"" + repeated("a.", 100) + "\""}) {
    const std::string text = replaced(good_format, "note = \"a test\"", "note = " + note);
    require_good(load_format(text, "x.toml"));
  }
}

// Names are printed to terminals: what a terminal would obey is refused, and never echoed.
BOOST_AUTO_TEST_CASE(control_characters) {
  for (const std::string escape : {"\\u001b", "\\u0007", "\\u007f", "\\u009b", "\\n", "\\t", "\\u0000"}) {
    const std::string text = replaced(good_format, "\"TEST\"", "\"a" + escape + "[31m\"");
    const auto loaded = load_format(text, "x.toml");
    check_refused(loaded, text, "\"a" + escape, "control character");
    for (const Diagnostic& diagnostic : loaded.diagnostics) {
      BOOST_TEST((diagnostic.message.find_first_of(std::string("\x1b\x07\x7f\n\t\0", 6)) == std::string::npos));
    }
  }
  // As they are: TOML takes these two in a string.
  for (const std::string control : {"\t", "\xc2\x9b"}) {
    const std::string text = replaced(good_format, "\"TEST\"", "\"a" + control + "b\"");
    check_refused(load_format(text, "x.toml"), text, "\"a", "control character");
  }
  for (const std::string quotes : {"\"\"\"", "'''"}) {
    const std::string text = replaced(good_format, "\"TEST\"", quotes + "a\nb" + quotes);
    check_refused(load_format(text, "x.toml"), text, quotes + "a", "control character");
  }
  const std::string key = replaced(good_format, "name =", "\"n\\u001bame\" =");
  check_refused(load_format(key, "x.toml"), key, "\"n\\u001b", "control character in the key");
  const std::string alias = replaced(good_device, "\"test-board-alias\"", "\"a\\u001b\"");
  check_refused(load_device(alias, "x.toml"), alias, "\"a\\u001b", "control character");
  require_good(load_format(replaced(good_format, "\"TEST\"", "\"Größe, 大\""), "x.toml"));
  // Nor are such names listed.
  const TemporaryTree tree;
  tree.write("devices/test-board.toml", alias);
  Catalog catalog;
  BOOST_TEST(says(catalog.add_directory(tree.root()), "control character"));
  BOOST_TEST(catalog.device("test-board").value == nullptr);
}

BOOST_AUTO_TEST_CASE(long_names_are_cut) {
  const std::string name(100000, 'n');
  std::vector<std::vector<Diagnostic>> answers;
  answers.push_back(load_format("schema = 1\n" + name + " = 1\n", "x.toml").diagnostics);
  answers.push_back(load_device(replaced(good_device, "format = \"fp32\"", "format = \"" + name + "\""), "x.toml").diagnostics);
  answers.push_back(load_device(replaced(good_device, "id = \"dram\"", "id = \"" + name + "\"\nx = 1"), "x.toml").diagnostics);
  answers.push_back(load_device(replaced(good_device, "{ unit = \"cpu\"", "{ unit = \"" + name + "\""), "x.toml").diagnostics);
  answers.push_back(load_engine(replaced(good_engine, "qwen3 = \"qwen3\"", name + " = \"" + name + "\""), "x.toml").diagnostics);
  answers.push_back(load_format("schema = " + name, "x.toml").diagnostics);
  for (const auto& diagnostics : answers) {
    BOOST_TEST(!diagnostics.empty());
    for (const Diagnostic& diagnostic : diagnostics) BOOST_TEST(diagnostic.message.size() < 1000u);
  }
}

BOOST_AUTO_TEST_CASE(bytes_that_are_no_text) {
  refused_by_all("schema = 1\nname = \"\xff\xfe\"\n");
  refused_by_all("\xc3\x28 = 1\n");
  refused_by_all("\xed\xa0\x80");
  refused_by_all(std::string("schema = 1\n\0\0\0", 14));
  refused_by_all("\x1b[2J");
  std::mt19937 random(20261121);
  for (std::size_t size : {1u, 7u, 100u, 10000u}) {
    std::string garbage(size, '\0');
    for (char& c : garbage) c = static_cast<char>(random() & 0xffu);
    refused_by_all(garbage);
  }
}

BOOST_AUTO_TEST_CASE(too_large) {
  const std::string garbage = repeated("garbage ", 1250000);  // 10 MB
  BOOST_TEST(refused_by_all(garbage).find("bytes") != std::string::npos);
  const TemporaryTree tree;
  const auto file = tree.write("big.toml", garbage);
  Catalog catalog;
  const auto lookup = catalog.device(file.string());
  BOOST_TEST(lookup.value == nullptr);
  BOOST_TEST(says(lookup.diagnostics, "bytes"), all(lookup.diagnostics));
}

BOOST_AUTO_TEST_CASE(many_mistakes_and_long_names) {
  std::string keys = "schema = 1\n";
  for (int i = 0; i < 20000; ++i) keys += "key" + std::to_string(i) + " = 1\n";
  refused_by_all(keys);
  refused_by_all("schema = 1\n" + std::string(1000000, 'k') + " = 1\n");
  refused_by_all("schema = 1\nname = \"" + std::string(1000000, 'i') + "\"\n");
}

// Mutations of good files: a byte replaced, dropped or doubled. Loaded or refused, both are fine.
BOOST_AUTO_TEST_CASE(mutated_files) {
  std::mt19937 random(7);
  const auto try_all = [&](const std::string& good, auto load) {
    for (int i = 0; i < 400; ++i) {
      std::string text = good;
      const std::size_t at = random() % text.size();
      switch (random() % 4) {
        case 0: text[at] = static_cast<char>(random() & 0x7fu); break;
        case 1: text.erase(at, 1 + random() % 20); break;
        case 2: text.insert(at, text.substr(at, 1 + random() % 40)); break;
        default: text.replace(at, 1, std::to_string(random())); break;
      }
      const auto loaded = load(text, "x.toml");
      BOOST_REQUIRE(loaded.value.has_value() == loaded.diagnostics.empty());
    }
  };
  try_all(good_device, load_device);
  try_all(good_model, load_model);
  try_all(good_format, load_format);
  try_all(good_quantization, load_quantization);
  try_all(good_engine, load_engine);
  try_all(good_runs, load_runs);
  try_all(good_sources, load_sources);
  try_all(good_calibration, load_calibration);
  try_all(good_fit, load_fit);
}

// A model that loads can be computed with, at any size the loader lets through.
BOOST_AUTO_TEST_CASE(the_largest_model_that_loads_does_not_overflow) {
  std::string text = replaced(good_model, "hidden = 64", "hidden = 10000000");
  text = replaced(text, "layers = 6", "layers = 1000");
  text = replaced(text, "heads = 8\nkv_heads = 2", "heads = 65536\nkv_heads = 65536");
  text = replaced(text, "size = 128", "size = 10000000");
  const auto loaded = load_model(text, "x.toml");
  if (!loaded.value) return;  // a narrower bound is fine too
  const auto& a = std::get<GroupedQueryAttention>(loaded.value->layers[0].mixer);
  BOOST_TEST(static_cast<double>(a.heads) * a.head_dim_k > 0);
}

BOOST_AUTO_TEST_CASE(paths_that_are_no_files) {
  const TemporaryTree tree;
  Catalog catalog;
  const auto missing = catalog.device((tree.root() / "missing.toml").string());
  BOOST_TEST(missing.value == nullptr);
  BOOST_TEST(!missing.diagnostics.empty());
  std::filesystem::create_directories(tree.root() / "directory.toml");
  const auto directory = catalog.device((tree.root() / "directory.toml").string());
  BOOST_TEST(directory.value == nullptr);
  BOOST_TEST(says(directory.diagnostics, "directory"), all(directory.diagnostics));
  BOOST_TEST(!catalog.add_directory(tree.root() / "missing").empty());
  BOOST_TEST(!catalog.add_directory(tree.write("file", "x")).empty());
  for (const std::string name : {"", "/", ".", "..", ".toml", "/.toml", "\n", "%s%n", "devices/nvidia/rtx-4090.toml"}) {
    BOOST_TEST(catalog.device(name).value == nullptr, "'" << name << "'");
    BOOST_TEST(catalog.model(name).value == nullptr, "'" << name << "'");
  }
  BOOST_TEST(catalog.device(std::string(1000000, 'a')).value == nullptr);
  BOOST_TEST(catalog.device(std::string(1000000, 'a') + ".toml").value == nullptr);
  BOOST_TEST(catalog.device(std::string("a\0b.toml", 8)).value == nullptr);
}

BOOST_AUTO_TEST_CASE(a_pipe_is_not_waited_for) {
  const TemporaryTree tree;
  const auto pipe = tree.root() / "pipe.toml";
  BOOST_REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  Catalog catalog;
  BOOST_TEST(says(catalog.device(pipe.string()).diagnostics, "regular file"));
}

BOOST_AUTO_TEST_SUITE_END()
