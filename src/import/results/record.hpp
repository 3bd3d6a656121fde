// A row of any syntax as named fields with their places, and the readers of each syntax.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "roofline/import/results.hpp"

namespace roofline::import {

struct Field {
  std::string name;  // lower case, trimmed
  std::string text;
  int line = 0;
  int column = 0;
};

struct Record {
  int line = 0;
  int column = 0;
  std::vector<Field> fields;
  std::string heading;      // Markdown: the heading the table stands under
  std::string_view source;  // JSON: the object as written; its fields carry no place of their own

  [[nodiscard]] const Field* find(std::string_view name) const;
  [[nodiscard]] bool has(std::string_view name) const { return find(name) != nullptr; }
};

// What a syntax reader hands over: records as they come, problems of those it could not read.
struct Records {
  std::string syntax;  // "CSV", "JSON" ...
  std::vector<Record> records;
  std::vector<RowMessage> problems;
};

Records read_csv(std::string_view text, const ResultLimits& limits);
Records read_markdown(std::string_view text, const ResultLimits& limits);
Records read_json(std::string_view text, const ResultLimits& limits);
Records read_sql(std::string_view text, const ResultLimits& limits);

// Where a field stands: for JSON the first place its key is written, looked up only when a message needs it.
RowMessage at_field(const Record& record, const Field& field, std::string message);

// Counts lines and columns (bytes, 1-based) while a reader goes forward.
struct Place {
  int line = 1;
  int column = 1;
  void step(char c) {
    if (c == '\n') {
      ++line;
      column = 1;
    } else {
      ++column;
    }
  }
};

std::string_view trimmed(std::string_view text);
std::string folded(std::string_view text);  // ASCII lower case
// Safe to print: control characters and invalid bytes as '?', cut to a readable length.
std::string quoted(std::string_view text);

}  // namespace roofline::import
