// Which rows of a table are wanted, and in which order.
#include <algorithm>
#include <cctype>

#include "roofline/report/sheet.hpp"

namespace roofline::report {
namespace {

std::string lowered(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

// "ridge point" is typed as one word.
std::string dashed(std::string_view text) {
  std::string out = lowered(text);
  std::replace(out.begin(), out.end(), ' ', '-');
  std::replace(out.begin(), out.end(), '_', '-');
  return out;
}

bool contains(const Cell& cell, const std::string& word) {
  if (lowered(cell.text).find(word) != std::string::npos) return true;
  if (!cell.list) return false;
  return std::any_of(cell.list->begin(), cell.list->end(), [&](const std::string& one) { return lowered(one).find(word) != std::string::npos; });
}

bool unknown(const Cell& cell) { return !cell.value && cell.text == "-"; }

}  // namespace

void keep_matching(Table& table, const std::vector<std::string>& words) {
  for (const std::string& typed : words) {
    const std::string word = lowered(typed);
    std::erase_if(table.rows, [&](const std::vector<Cell>& row) {
      return std::none_of(row.begin(), row.end(), [&](const Cell& cell) { return contains(cell, word); });
    });
  }
}

std::vector<std::string> column_names(const Table& table) {
  std::vector<std::string> names;
  for (const Column& column : table.columns) names.push_back(dashed(column.title));
  return names;
}

std::optional<std::size_t> find_column(const Table& table, std::string_view name) {
  const std::string wanted = dashed(name);
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (dashed(table.columns[i].key) == wanted || dashed(table.columns[i].title) == wanted) return i;
  }
  std::optional<std::size_t> only;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (!dashed(table.columns[i].key).starts_with(wanted) && !dashed(table.columns[i].title).starts_with(wanted)) continue;
    if (only) return std::nullopt;
    only = i;
  }
  return only;
}

void sort_rows(Table& table, std::size_t column, bool reverse) {
  const auto before = [&](const std::vector<Cell>& left, const std::vector<Cell>& right) {
    const Cell& a = left[column];
    const Cell& b = right[column];
    if (unknown(a) || unknown(b)) return !unknown(a) && unknown(b);
    if (a.value && b.value) return reverse ? *a.value < *b.value : *a.value > *b.value;
    return reverse ? b.text < a.text : a.text < b.text;
  };
  std::stable_sort(table.rows.begin(), table.rows.end(), before);
}

}  // namespace roofline::report
