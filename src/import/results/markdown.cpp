// Tables of Markdown text: a header, a row of dashes, rows. A cell left empty under a filled one means the same again
// where its column names things (vendors' tables group rows so).
#include <algorithm>

#include "import/results/record.hpp"

namespace roofline::import {
namespace {

struct Line {
  int number = 0;
  std::string_view text;
};

std::vector<Field> cells_of(const Line& line) {
  std::vector<Field> cells;
  const auto begin = line.text.find('|') + 1;
  std::string cell;
  std::size_t start = begin;
  for (std::size_t i = begin; i <= line.text.size(); ++i) {
    const bool end = i == line.text.size();
    if (!end && line.text[i] == '\\' && i + 1 < line.text.size() && line.text[i + 1] == '|') {
      cell += line.text[++i];
    } else if (end || line.text[i] == '|') {
      const std::string_view shown = trimmed(cell);
      // Behind the last bar there is nothing.
      if (!end || !shown.empty()) {
        const auto indent = shown.empty() ? 0 : cell.find(shown.front());
        cells.push_back({"", std::string(shown), line.number, static_cast<int>(start + indent) + 1});
      }
      cell.clear();
      start = i + 1;
    } else {
      cell += line.text[i];
    }
  }
  return cells;
}

bool is_rule(std::string_view text) {
  return text.find('-') != std::string_view::npos && text.find_first_not_of("|-: \t\r") == std::string_view::npos;
}

}  // namespace

Records read_markdown(std::string_view text, const ResultLimits& limits) {
  Records out;
  out.syntax = "Markdown";
  std::vector<Field> names;
  std::vector<Field> header;  // waits for its row of dashes
  std::vector<std::string> above;
  std::string heading;
  int number = 0;
  while (!text.empty() && out.records.size() < limits.rows) {
    const auto end = std::min(text.find('\n'), text.size());
    const Line line{++number, text.substr(0, end)};
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::string_view shown = trimmed(line.text);
    if (shown.empty() || shown.front() != '|') {
      if (!shown.empty() && shown.front() == '#') heading = std::string(trimmed(shown.substr(std::min(shown.find_first_not_of('#'), shown.size())).substr(0, 200)));
      names.clear();
      header.clear();
      continue;
    }
    if (shown.size() > limits.field_bytes || shown.find('\0') != std::string_view::npos) {
      out.problems.push_back({number, 1, "the row is too long or no text"});
      continue;
    }
    if (is_rule(shown)) {
      names = header;
      for (Field& name : names) name.name = folded(name.text);
      above.assign(names.size(), "");
      continue;
    }
    std::vector<Field> cells = cells_of(line);
    if (names.empty()) {
      header = std::move(cells);
      continue;
    }
    if (cells.size() != names.size()) {
      out.problems.push_back({number, 1, "the row has " + std::to_string(cells.size()) + " cells, the header " + std::to_string(names.size())});
      continue;
    }
    for (std::size_t i = 0; i < cells.size(); ++i) {
      cells[i].name = names[i].name;
      if (cells[i].text.empty() && cells[i].name == "model") cells[i].text = above[i];
      above[i] = cells[i].text;
    }
    out.records.push_back({number, 1, std::move(cells), heading, {}});
  }
  if (!text.empty()) out.problems.push_back({number, 1, "only the first " + std::to_string(limits.rows) + " rows are read"});
  return out;
}

}  // namespace roofline::import
