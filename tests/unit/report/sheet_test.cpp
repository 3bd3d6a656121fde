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

BOOST_AUTO_TEST_SUITE_END()
