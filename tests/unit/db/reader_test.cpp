// The rules every file obeys, shown on the smallest kinds: closed keys, figures with unit and source, positions.
#include "unit/db/db_test.hpp"

using namespace roofline;
using namespace roofline::db;
using namespace roofline::testing;

namespace {

void refuse_format(std::string_view from, std::string_view to, std::string_view fragment, std::string_view message) {
  const std::string text = replaced(good_format, from, to);
  check_refused(load_format(text, "x.toml"), text, fragment, message);
}

void refuse_device(std::string_view from, std::string_view to, std::string_view fragment, std::string_view message) {
  const std::string text = replaced(good_device, from, to);
  check_refused(load_device(text, "x.toml"), text, fragment, message);
}

const std::string capacity = R"({ value = 4, unit = "GiB", source = "assumed", note = "a test" })";

}  // namespace

BOOST_AUTO_TEST_SUITE(reader)

BOOST_AUTO_TEST_CASE(a_diagnostic_prints_as_compilers_do) {
  BOOST_TEST(to_string(Diagnostic{"a.toml", 3, 7, "no"}) == "a.toml:3:7: no");
  BOOST_TEST(to_string(Diagnostic{"a.toml", 0, 0, "no"}) == "a.toml: no");
}

BOOST_AUTO_TEST_CASE(an_unknown_key_names_the_nearest) {
  refuse_format("block_bytes", "blok_bytes", "blok_bytes", "unknown key 'blok_bytes'");
  refuse_format("block_bytes", "blok_bytes", "blok_bytes", "did you mean 'block_bytes'?");
  // What it was meant to be is missing as well: both are said.
  BOOST_TEST(says(load_format(replaced(good_format, "block_bytes", "blok_bytes"), "x.toml").diagnostics, "missing key 'block_bytes'"));
}

// Closed at every depth: a key of no table's list is refused in each table of a file.
BOOST_AUTO_TEST_CASE(keys_are_closed_in_every_table) {
  for (const std::string header : {"[[memory]]\n", "[[compute]]\n", "[[mode]]\n"}) {
    refuse_device(header, header + "xyzzy = 1\n", "xyzzy", "unknown key 'xyzzy'");
  }
  for (const std::string inner : {"{ unit_kind = \"cpu\", ", "{ format = \"fp32\", ", "{ unit = \"cpu\", "}) {
    refuse_device(inner, inner + "xyzzy = 1, ", "xyzzy", "unknown key 'xyzzy'");
  }
  refuse_device("{ value = 4, unit = \"GiB\"", "{ xyzzy = 1, value = 4, unit = \"GiB\"", "xyzzy", "unknown key 'xyzzy'");
  refuse_device("aliases = [", "xyzzy = 1\naliases = [", "xyzzy", "unknown key 'xyzzy'");
}

BOOST_AUTO_TEST_CASE(the_schema_is_named_and_known) {
  refuse_format("schema = 1\n", "", "id", "schema = 1");
  refuse_format("schema = 1", "schema = 2", "2", "expected schema = 1");
  refuse_format("schema = 1", "schema = \"1\"", "\"1\"", "expected schema = 1");
}

BOOST_AUTO_TEST_CASE(wrong_types_are_not_absences) {
  refuse_format("block_weights = 256", "block_weights = 25.6", "25.6", "'block_weights'");
  refuse_format("block_weights = 256", "block_weights = \"256\"", "\"256\"", "'block_weights'");
  refuse_format("name = \"TEST\"", "name = 7", "7", "'name'");
  refuse_device("[\"test-board-alias\"]", "\"test-board-alias\"", "\"test-board-alias\"", "'aliases'");
  refuse_device("[\"test-board-alias\"]", "[3]", "3]", "'aliases'");
  refuse_device("default = true", "default = \"yes\"", "\"yes\"", "'default'");
  refuse_device("capacity = " + capacity, "capacity = 4", "4\nusable", "'capacity'");
  // An optional key of the wrong type is an error too, not a key that was left out.
  refuse_format("block_bytes = 144", "block_bytes = 144\nrow_bytes = true", "true", "'row_bytes'");
}

BOOST_AUTO_TEST_CASE(integers_keep_to_their_range) {
  refuse_format("block_weights = 256", "block_weights = 0", "0\n", "'block_weights'");
  refuse_format("block_weights = 256", "block_weights = -256", "-256", "'block_weights'");
  refuse_format("block_weights = 256", "block_weights = 9223372036854775807", "9223372036854775807", "'block_weights'");
}

BOOST_AUTO_TEST_CASE(an_id_is_plain) {
  for (const std::string id : {"Test-Format", "test format", "test/format", "té"}) {
    refuse_format("\"test-format\"", "\"" + id + "\"", "\"" + id + "\"", "lower-case letters");
  }
  refuse_format("\"test-format\"", "\"\"", "\"\"", "'id'");
}

BOOST_AUTO_TEST_CASE(a_figure_has_value_unit_and_source) {
  refuse_device(capacity, R"({ unit = "GiB", source = "assumed", note = "a test" })", "{ unit = \"GiB\"", "missing key 'value'");
  refuse_device(capacity, R"({ value = 4, source = "assumed", note = "a test" })", "{ value = 4, source", "missing key 'unit'");
  refuse_device(capacity, R"({ value = 4, unit = "GiB" })", "{ value = 4, unit = \"GiB\" }", "missing key 'source'");
}

BOOST_AUTO_TEST_CASE(a_unit_is_known_and_of_the_right_dimension) {
  refuse_device("value = 4, unit = \"GiB\"", "value = 4, unit = \"Gib\"", "\"Gib\"", "unknown unit 'Gib'");
  refuse_device("value = 4, unit = \"GiB\"", "value = 4, unit = \"Gib\"", "\"Gib\"", "did you mean 'GiB'?");
  refuse_device("value = 4, unit = \"GiB\"", "value = 4, unit = \"GB/s\"", "\"GB/s\"", "unit 'GB/s'");
  refuse_device("value = 4, unit = \"GiB\"", "value = 4, unit = \"GB/s\"", "\"GB/s\"", "byte/s");
  refuse_device("value = 12, unit = \"GB/s\"", "value = 12, unit = \"GB\"", "\"GB\"", "unit 'GB'");
}

BOOST_AUTO_TEST_CASE(a_value_is_finite_and_above_zero) {
  for (const std::string value : {"0", "-4", "inf", "-inf", "nan", "\"4\"", "true"}) {
    refuse_device("value = 4, unit = \"GiB\"", "value = " + value + ", unit = \"GiB\"", value + ", unit = \"GiB\"", "'value'");
  }
}

// No source, no load: what is assumed says why, what is derived shows its formula.
BOOST_AUTO_TEST_CASE(the_basis_follows_from_the_source) {
  refuse_device(capacity, R"({ value = 4, unit = "GiB", source = "assumed" })", "\"assumed\" }", "'note'");
  refuse_device("source = \"derived\", at = \"double data rate\"", "source = \"derived\"", "\"derived\"", "'at'");
  const auto basis = [](const std::string& figure) {
    const auto loaded = load_device(replaced(good_device, capacity, figure), "x.toml");
    require_good(loaded);
    return loaded.value->devices.front().memories.front().capacity.cite.basis;
  };
  BOOST_TEST((basis(capacity) == Basis::assumed));
  BOOST_TEST((basis(R"({ value = 4, unit = "GiB", source = "derived", at = "2 + 2" })") == Basis::derived));
  BOOST_TEST((basis(R"({ value = 4, unit = "GiB", source = "some-page" })") == Basis::specified));
  BOOST_TEST((basis(R"({ value = 4, unit = "GiB", source = "some-page", basis = "measured" })") == Basis::measured));
  refuse_device(capacity, R"({ value = 4, unit = "GiB", source = "some-page", basis = "guessed" })", "\"guessed\"", "'basis'");
}

BOOST_AUTO_TEST_CASE(a_citation_keeps_where_it_was_read) {
  const auto loaded = load_device(replaced(good_device, capacity, R"({ value = 8, unit = "GB", source = "page", at = "table 3", note = "n" })"), "x.toml");
  require_good(loaded);
  const auto& figure = loaded.value->devices.front().memories.front().capacity;
  BOOST_TEST(figure.value.base() == 8e9);
  BOOST_TEST(figure.cite.source == "page");
  BOOST_TEST(figure.cite.at == "table 3");
  BOOST_TEST(figure.cite.note == "n");
}

BOOST_AUTO_TEST_CASE(all_mistakes_are_collected) {
  std::string text = replaced(good_format, "name = \"TEST\"", "name = 7");
  text = replaced(text, "block_weights = 256", "block_weights = 0");
  text = replaced(text, "family = \"k-quant\"", "famly = \"k-quant\"");
  const auto loaded = load_format(text, "x.toml");
  BOOST_TEST(loaded.diagnostics.size() == 4u, all(loaded.diagnostics));  // name, block_weights, famly, and family is missing
  for (const Diagnostic& diagnostic : loaded.diagnostics) {
    BOOST_TEST(diagnostic.file == "x.toml");
    BOOST_TEST(diagnostic.line > 0);
    BOOST_TEST(diagnostic.column > 0);
  }
}

BOOST_AUTO_TEST_CASE(what_is_no_toml_is_located) {
  const std::string text = "schema = 1\nid = \n";
  const auto loaded = load_format(text, "x.toml");
  BOOST_TEST(!loaded.value);
  BOOST_REQUIRE(loaded.diagnostics.size() == 1u);
  BOOST_TEST(loaded.diagnostics.front().line == 2);
  BOOST_TEST(loaded.diagnostics.front().column == 6);
}

BOOST_AUTO_TEST_SUITE_END()
