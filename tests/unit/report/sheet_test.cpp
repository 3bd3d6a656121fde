// report/sheet.hpp: tables and sheets of facts.
#include "roofline/report/sheet.hpp"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

using namespace roofline::report;
using Json = nlohmann::json;

namespace {

Table sample() {
  return {"things", "", {{"id", "id"}, {"bytes", "size", true}, {"secret", "secret", false, true}, {"aliases", "also known as"}},
          {{text_cell("a"), value_cell("1.00 KiB", 1024), text_cell("x"), list_cell({"one", "two"})},
           {text_cell("long|id"), unknown_cell(), unknown_cell(), list_cell({})}}};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(report_sheet)

BOOST_AUTO_TEST_CASE(text_lines_up) {
  BOOST_TEST(table_text(sample(), {}) ==
             "id           size  also known as\n"
             "a        1.00 KiB  one, two\n"
             "long|id         -  -\n");
}

BOOST_AUTO_TEST_CASE(the_last_column_wraps) {
  const Table table{"t", "", {{"a", "a"}, {"b", "b"}}, {{text_cell("key"), text_cell("aaaaaaaaaaaaaaaaaaaa bbbbbbbbbbbbbbbbbbbb")}}};
  BOOST_TEST(table_text(table, {40, false}) ==
             "a    b\n"
             "key  aaaaaaaaaaaaaaaaaaaa\n"
             "     bbbbbbbbbbbbbbbbbbbb\n");
}

// 40 columns: 18 are left beside the key.
BOOST_AUTO_TEST_CASE(a_word_without_room_goes_below_its_row) {
  const Table table{"t", "", {{"a", "a"}, {"b", "b"}},
                    {{text_cell("a-key-of-20-columns."), text_cell("a-word-of-twenty-col one")}, {text_cell("key"), text_cell("two")}}};
  BOOST_TEST(table_text(table, {40, false}) ==
             "a                     b\n"
             "a-key-of-20-columns.\n"
             "    a-word-of-twenty-col one\n"
             "key                   two\n");
}

BOOST_AUTO_TEST_CASE(columns_without_room_go_below_every_row) {
  const Table table{"t", "", {{"a", "a"}, {"size", "size", true}, {"b", "known as"}},
                    {{text_cell("a-key-of-twenty-five-chars"), value_cell("12.0 GiB", 12), text_cell("one two three four five")},
                     {text_cell("key"), value_cell("1.00 GiB", 1), text_cell("")}}};
  BOOST_TEST(table_text(table, {40, false}) ==
             "a                               size\n"
             "a-key-of-twenty-five-chars  12.0 GiB\n"
             "    known as: one two three four five\n"
             "key                         1.00 GiB\n");
}

BOOST_AUTO_TEST_CASE(titles_and_middle_columns_wrap) {
  const Table table{"t", "", {{"a", "a"}, {"b", "middle"}, {"bits", "bits per stored weight", true}},
                    {{text_cell("key"), text_cell("one two three four five six seven eight"), value_cell("4.50", 4.5)}}};
  BOOST_TEST(table_text(table, {40, false}) ==
             "                         bits per stored\n"
             "a    middle                       weight\n"
             "key  one two three                  4.50\n"
             "     four five six\n"
             "     seven eight\n");
}

BOOST_AUTO_TEST_CASE(json_has_values_lists_and_nulls) {
  const Json j = Json::parse(table_json(sample()));
  BOOST_TEST(j.size() == 2U);
  BOOST_TEST(j.at(0).at("bytes").get<double>() == 1024.0);
  BOOST_TEST(j.at(0).at("secret") == "x");
  BOOST_TEST(j.at(0).at("aliases").size() == 2U);
  BOOST_TEST(j.at(1).at("bytes").is_null());
  BOOST_TEST(j.at(1).at("aliases").is_array());
}

BOOST_AUTO_TEST_CASE(markdown_escapes_bars) {
  BOOST_TEST(table_markdown(sample()) ==
             "| id | size | also known as |\n"
             "| --- | ---: | --- |\n"
             "| a | 1.00 KiB | one, two |\n"
             "| long\\|id | - | - |\n");
}

BOOST_AUTO_TEST_CASE(sheets) {
  Sheet sheet;
  sheet.title = "A board";
  sheet.facts = {{"id", "id", text_cell("board")}, {"bytes", "memory", value_cell("8.00 GiB", 8589934592.0)}, {"ok", "ok", flag_cell(true)}};
  sheet.tables = {sample()};
  sheet.notes = {"a note"};
  const Json j = Json::parse(sheet_json(sheet));
  BOOST_TEST(j.at("schema") == 1);
  BOOST_TEST(j.at("bytes").get<double>() == 8589934592.0);
  BOOST_TEST(j.at("ok") == true);
  BOOST_TEST(j.at("things").size() == 2U);
  BOOST_TEST(j.at("notes").at(0) == "a note");
  const std::string text = sheet_text(sheet, {});
  BOOST_TEST(text.starts_with("A board\n\nid      board\nmemory  8.00 GiB\nok      yes\n"));
}

BOOST_AUTO_TEST_CASE(optional_columns_come_in_where_there_is_room) {
  // "key" and "12.0 GiB" take 3 + 2 + 8 columns; "extra" 2 + 21 more: 36 in all.
  Table table{"t", "", {{"a", "a"}, {"size", "size", true}, {"b", "extra", false, false, true}},
              {{text_cell("key"), value_cell("12.0 GiB", 12), text_cell("twenty-one-characters")}}};
  BOOST_TEST(table_text(table, {40, false}) ==
             "a        size  extra\n"
             "key  12.0 GiB  twenty-one-characters\n");
  table.rows[0][2] = text_cell("twenty-one-characters and more");
  BOOST_TEST(table_text(table, {40, false}) ==
             "a        size\n"
             "key  12.0 GiB\n");
  BOOST_TEST(table_markdown(table).find("and more") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(rows_are_kept_by_words_in_any_cell) {
  Table table = sample();
  keep_matching(table, {"TWO", "kib"});
  BOOST_REQUIRE(table.rows.size() == 1u);
  BOOST_TEST(table.rows[0][0].text == "a");
  keep_matching(table, {"three"});
  BOOST_TEST(table.rows.empty());
}

BOOST_AUTO_TEST_CASE(columns_are_found_by_key_title_and_beginning) {
  const Table table = sample();
  BOOST_TEST((find_column(table, "size") == 1u));
  BOOST_TEST((find_column(table, "BYTES") == 1u));
  BOOST_TEST((find_column(table, "also-known") == 3u));
  BOOST_TEST((find_column(table, "s") == std::nullopt));  // size and secret
  BOOST_TEST((find_column(table, "nothing") == std::nullopt));
  BOOST_TEST(column_names(table) == (std::vector<std::string>{"id", "size", "secret", "also-known-as"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(rows_are_sorted_with_the_unknown_last) {
  Table table{"t", "", {{"a", "a"}, {"n", "n", true}},
              {{text_cell("b"), value_cell("5", 5)}, {text_cell("c"), unknown_cell()}, {text_cell("a"), value_cell("70", 70)}}};
  const auto order = [&] { return table.rows[0][0].text + table.rows[1][0].text + table.rows[2][0].text; };
  sort_rows(table, 1, false);
  BOOST_TEST(order() == "abc");  // 70, 5, -
  sort_rows(table, 1, true);
  BOOST_TEST(order() == "bac");  // 5, 70, -
  sort_rows(table, 0, false);
  BOOST_TEST(order() == "abc");
  sort_rows(table, 0, true);
  BOOST_TEST(order() == "cba");
}

BOOST_AUTO_TEST_CASE(a_sheet_in_markdown) {
  Sheet sheet;
  sheet.title = "Board";
  sheet.facts = {{"id", "id", text_cell("b")}};
  sheet.tables = {sample(), {"none", "None", {{"a", "a"}}, {}}};
  sheet.tables[0].title = "Things";
  sheet.notes = {"a note"};
  const std::string text = sheet_markdown(sheet);
  BOOST_TEST(text.starts_with("# Board\n\n|  |  |\n| --- | --- |\n| id | b |\n\n## Things\n\n| id | size | also known as |\n"));
  BOOST_TEST(text.find("None") == std::string::npos);
  BOOST_TEST(text.ends_with("## Notes\n\n- a note\n"));
}

BOOST_AUTO_TEST_SUITE_END()
