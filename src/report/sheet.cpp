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
  std::string out;
  for (const std::string& line : wrap(sheet.title, columns(style))) out += paint(line, Emphasis::strong, style) + "\n";
  out += "\n";
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

std::string sheet_markdown(const Sheet& sheet) {
  std::string out = "# " + sheet.title + "\n\n";
  Table facts{"facts", "", {{"label", ""}, {"value", ""}}, {}};
  for (const Fact& fact : sheet.facts) facts.rows.push_back({text_cell(fact.label), fact.cell});
  out += table_markdown(facts);
  for (const Table& table : sheet.tables) {
    if (!table.rows.empty()) out += "\n## " + table.title + "\n\n" + table_markdown(table);
  }
  if (!sheet.notes.empty()) out += "\n## Notes\n\n";
  for (const std::string& note : sheet.notes) out += "- " + note + "\n";
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
