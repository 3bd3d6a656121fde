// Tables and sheets of facts -> text, JSON, Markdown: what browsing the database prints.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "roofline/report/render.hpp"

namespace roofline::report {

// `text` is for people. JSON carries `value` (SI base units, the unit in the key) where there is one, or the list, or the
// flag, else the text; an unknown cell has text "-" and becomes null.
struct Cell {
  std::string text = "-";
  std::optional<double> value;
  std::optional<std::vector<std::string>> list;
  std::optional<bool> flag;
};
Cell unknown_cell();
Cell text_cell(std::string text);
Cell value_cell(std::string text, double value);
Cell list_cell(std::vector<std::string> list);  // "a, b", or "-"; an array in JSON
Cell flag_cell(bool flag);                      // "yes" or "-"; a bool in JSON

struct Column {
  std::string key;
  std::string title;
  bool right = false;   // numbers
  bool hidden = false;    // in JSON only: would make the table too wide
  bool optional = false;  // in text only where there is room beside the others
};
struct Table {
  std::string key;
  std::string title;  // may be empty
  std::vector<Column> columns;
  std::vector<std::vector<Cell>> rows;  // each as long as `columns`
};

// Keeps the rows in which every word occurs in some cell, in any case.
void keep_matching(Table& table, const std::vector<std::string>& words);
// The column whose key or title (blanks as dashes) is `name`, or the only one whose key or title begins with it.
std::optional<std::size_t> find_column(const Table& table, std::string_view name);
std::vector<std::string> column_names(const Table& table);  // what find_column takes, one for each column
// Numbers from the largest, texts from A; `reverse` turns that round. Unknown cells come last either way.
void sort_rows(Table& table, std::size_t column, bool reverse);

struct Fact {
  std::string key;
  std::string label;
  Cell cell;
};
struct Sheet {
  std::string title;
  std::vector<Fact> facts;
  std::vector<Table> tables;
  std::vector<std::string> notes;
};

// Stays within the width: cells wrap, and columns that find no room follow below their row. Single words are not broken.
std::string table_text(const Table& table, const TextStyle& style);
std::string table_json(const Table& table);  // an array of objects
std::string table_markdown(const Table& table);
std::string sheet_text(const Sheet& sheet, const TextStyle& style);
std::string sheet_json(const Sheet& sheet);
std::string sheet_markdown(const Sheet& sheet);

}  // namespace roofline::report
