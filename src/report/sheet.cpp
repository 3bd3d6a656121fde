#include "roofline/report/sheet.hpp"

#include <algorithm>

#include "report/json_value.hpp"
#include "report/layout.hpp"

namespace roofline::report {
namespace {

Json to_json(const Cell& cell) {
  if (cell.value) return number_or_null(*cell.value);
  if (cell.list) return *cell.list;
  if (cell.flag) return *cell.flag;
  return cell.text == "-" ? Json() : Json(cell.text);
}

Json to_json(const Table& table) {
  Json rows = Json::array();
  for (const auto& row : table.rows) {
    Json object = Json::object();
    for (std::size_t i = 0; i < row.size(); ++i) object[table.columns[i].key] = to_json(row[i]);
    rows.push_back(std::move(object));
  }
  return rows;
}

Grid grid_of(const Table& table) {
  Grid grid;
  std::vector<std::string> titles;
  for (const Column& column : table.columns) {
    if (column.hidden) continue;
    grid.sides.push_back({column.right});
    titles.push_back(column.title);
  }
  grid.rows.push_back(std::move(titles));
  for (const auto& row : table.rows) {
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (!table.columns[i].hidden) texts.push_back(row[i].text);
    }
    grid.rows.push_back(std::move(texts));
  }
  return grid;
}

// The last column takes what the others leave, and wraps.
std::string flowing_row(std::vector<std::string> cells, std::vector<std::size_t> widths, const std::vector<Grid::Side>& sides,
                        std::size_t columns_available) {
  if (cells.size() < 2 || sides.back().right) return grid_line(cells, widths, sides) + "\n";
  const std::string last = cells.back();
  cells.pop_back();
  std::size_t indent = 0;
  for (std::size_t i = 0; i < cells.size(); ++i) indent += widths[i] + 2;
  return hanging(pad_right(grid_line(cells, widths, sides), indent), last, columns_available);
}

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out;
}

}  // namespace

Cell unknown_cell() { return {}; }

Cell text_cell(std::string text) {
  Cell cell;
  if (!text.empty()) cell.text = std::move(text);
  return cell;
}

Cell value_cell(std::string text, double value) {
  Cell cell;
  cell.text = std::move(text);
  cell.value = value;
  return cell;
}

Cell list_cell(std::vector<std::string> list) {
  Cell cell = text_cell(join(list, ", "));
  cell.list = std::move(list);
  return cell;
}

Cell flag_cell(bool flag) {
  Cell cell = text_cell(flag ? "yes" : "");
  cell.flag = flag;
  return cell;
}

std::string table_text(const Table& table, const TextStyle& style) {
  const Grid grid = grid_of(table);
  const auto widths = grid.widths();
  std::string out;
  if (!table.title.empty()) out += paint(table.title, Emphasis::strong, style) + "\n";
  for (std::size_t i = 0; i < grid.rows.size(); ++i) {
    if (i == 0) {
      out += paint(grid_line(grid.rows[i], widths, grid.sides), Emphasis::faint, style) + "\n";
    } else {
      out += flowing_row(grid.rows[i], widths, grid.sides, columns(style));
    }
  }
  return out;
}

std::string table_json(const Table& table) { return to_text(to_json(table)); }

std::string table_markdown(const Table& table) {
  std::string head = "|";
  std::string rule = "|";
  for (const Column& column : table.columns) {
    if (column.hidden) continue;
    head += " " + escaped(column.title) + " |";
    rule += column.right ? " ---: |" : " --- |";
  }
  std::string out = head + "\n" + rule + "\n";
  for (const auto& row : table.rows) {
    out += "|";
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (!table.columns[i].hidden) out += " " + escaped(row[i].text) + " |";
    }
    out += "\n";
  }
  return out;
}

std::string sheet_text(const Sheet& sheet, const TextStyle& style) {
  std::string out = paint(sheet.title, Emphasis::strong, style) + "\n\n";
  std::size_t widest = 0;
  for (const Fact& fact : sheet.facts) widest = std::max(widest, display_width(fact.label));
  for (const Fact& fact : sheet.facts) out += hanging(pad_right(fact.label, widest + 2), fact.cell.text, columns(style));
  for (const Table& table : sheet.tables) {
    if (!table.rows.empty()) out += "\n" + table_text(table, style);
  }
  if (!sheet.notes.empty()) out += "\n" + paint("Notes", Emphasis::strong, style) + "\n";
  for (const std::string& note : sheet.notes) out += hanging("- ", note, columns(style));
  return out;
}

std::string sheet_json(const Sheet& sheet) {
  Json object = Json::object();
  object["schema"] = json_schema;
  for (const Fact& fact : sheet.facts) object[fact.key] = to_json(fact.cell);
  for (const Table& table : sheet.tables) object[table.key] = to_json(table);
  object["notes"] = sheet.notes;
  return to_text(object);
}

}  // namespace roofline::report
