// A table that stays within the width: cells wrap, and where even that leaves too little, the last columns move below
// their row, so that nothing is lost.
#include <algorithm>
#include <optional>

#include "report/layout.hpp"
#include "roofline/report/sheet.hpp"

namespace roofline::report {
namespace {

using Indices = std::vector<std::size_t>;

// A column of short entries may wrap down to `short_room`, one of sentences to `text_room`; less is no longer readable.
constexpr std::size_t short_text = 20;
constexpr std::size_t short_room = 9;
constexpr std::size_t text_room = 16;
constexpr std::size_t optional_room = 40;
constexpr std::size_t gap = 2;
constexpr const char* below_indent = "    ";

std::size_t longest_word(std::string_view text) {
  std::size_t longest = 0;
  for (const std::string& line : wrap(text, 1)) longest = std::max(longest, display_width(line));
  return longest;
}

struct Extent {
  std::size_t natural = 0;  // nothing wraps
  std::size_t readable = 0;
};

Extent extent_of(const Table& table, std::size_t column, bool last) {
  const Column& c = table.columns[column];
  Extent extent{display_width(c.title), longest_word(c.title)};
  std::size_t word = 0;
  for (const auto& row : table.rows) {
    const std::size_t width = display_width(row[column].text);
    extent.natural = std::max(extent.natural, width);
    word = std::max(word, c.right ? width : longest_word(row[column].text));  // a number is never broken
  }
  // A longer word in the last column goes below its row.
  if (last && !c.right) word = std::min(word, text_room);
  const std::size_t room = extent.natural > short_text ? text_room : std::min(extent.natural, short_room);
  extent.readable = std::max({extent.readable, word, c.right ? 0 : room});
  return extent;
}

// Empty if the columns can not stand side by side.
std::optional<std::vector<std::size_t>> widths_for(const Table& table, const Indices& shown, std::size_t width) {
  std::vector<Extent> extents;
  for (const std::size_t column : shown) extents.push_back(extent_of(table, column, column == shown.back()));
  std::vector<std::size_t> widths;
  std::size_t used = gap * (shown.size() - 1);
  for (const Extent& extent : extents) used += extent.readable;
  if (used > width && shown.size() > 1) return std::nullopt;
  for (const Extent& extent : extents) widths.push_back(std::min(extent.readable, extent.natural));
  // The narrowest that wants more gets it, so that long texts do the wrapping.
  for (; used < width; ++used) {
    std::optional<std::size_t> next;
    for (std::size_t i = 0; i < widths.size(); ++i) {
      if (widths[i] < extents[i].natural && (!next || widths[i] < widths[*next])) next = i;
    }
    if (!next) break;
    ++widths[*next];
  }
  return widths;
}

struct Layout {
  Indices shown;
  Indices below;
  std::vector<std::size_t> widths;
  std::vector<Grid::Side> sides;
};

// Optional columns come in while nothing has to wrap for them; a long text may, down to `optional_room`.
Indices columns_to_show(const Table& table, std::size_t width) {
  std::size_t used = 0;
  std::vector<std::size_t> naturals;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const std::size_t natural = extent_of(table, i, false).natural;
    naturals.push_back(table.columns[i].right ? natural : std::min(natural, optional_room));
    if (!table.columns[i].hidden && !table.columns[i].optional) used += natural + gap;
  }
  Indices shown;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const Column& column = table.columns[i];
    if (column.hidden) continue;
    if (column.optional && used + naturals[i] > width) continue;
    if (column.optional) used += naturals[i] + gap;
    shown.push_back(i);
  }
  return shown;
}

Layout lay_out(const Table& table, std::size_t width) {
  Layout layout;
  layout.shown = columns_to_show(table, width);
  if (layout.shown.empty()) return layout;
  auto widths = widths_for(table, layout.shown, width);
  while (!widths) {
    layout.below.insert(layout.below.begin(), layout.shown.back());
    layout.shown.pop_back();
    widths = widths_for(table, layout.shown, width);
  }
  layout.widths = *widths;
  for (const std::size_t column : layout.shown) layout.sides.push_back({table.columns[column].right});
  return layout;
}

// Each cell wrapped to its column; `bottom`: shorter cells stand on the last line.
std::vector<std::string> lines_of(const std::vector<std::string>& cells, const Layout& layout, bool bottom) {
  std::vector<std::vector<std::string>> wrapped;
  std::size_t height = 0;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    wrapped.push_back(wrap(cells[i], layout.widths[i]));
    height = std::max(height, wrapped.back().size());
  }
  std::vector<std::string> lines;
  for (std::size_t line = 0; line < height; ++line) {
    std::vector<std::string> parts;
    for (const auto& cell : wrapped) {
      const std::size_t skipped = bottom ? height - cell.size() : 0;
      parts.push_back(line >= skipped && line - skipped < cell.size() ? cell[line - skipped] : "");
    }
    lines.push_back(grid_line(parts, layout.widths, layout.sides));
  }
  return lines;
}

std::string head_text(const Table& table, const Layout& layout, const TextStyle& style) {
  std::vector<std::string> titles;
  for (const std::size_t column : layout.shown) titles.push_back(table.columns[column].title);
  std::string out;
  for (const std::string& line : lines_of(titles, layout, true)) out += paint(line, Emphasis::faint, style) + "\n";
  return out;
}

// A word that finds no room, or a pillar of many short lines.
bool better_below(const std::string& text, std::size_t beside, std::size_t width) {
  return longest_word(text) > beside || wrap(text, beside).size() > 2 * wrap(text, width).size() + 2;
}

std::string row_text(const Table& table, const std::vector<Cell>& row, const Layout& layout, std::size_t width) {
  std::vector<std::string> cells;
  for (const std::size_t column : layout.shown) cells.push_back(row[column].text);
  std::string dropped;
  if (cells.size() > 1 && !layout.sides.back().right && better_below(cells.back(), layout.widths.back(), width)) {
    dropped = hanging(below_indent, cells.back(), width);
    cells.back().clear();
  }
  std::string out;
  for (const std::string& line : lines_of(cells, layout, false)) out += line + "\n";
  out += dropped;
  for (const std::size_t column : layout.below) {
    const std::string& text = row[column].text;
    if (!text.empty() && text != "-") out += hanging(below_indent, table.columns[column].title + ": " + text, width);
  }
  return out;
}

}  // namespace

std::string table_text(const Table& table, const TextStyle& style) {
  const std::size_t width = columns(style);
  const Layout layout = lay_out(table, width);
  std::string out;
  if (!table.title.empty()) {
    for (const std::string& line : wrap(table.title, width)) out += paint(line, Emphasis::strong, style) + "\n";
  }
  out += head_text(table, layout, style);
  for (const auto& row : table.rows) out += row_text(table, row, layout, width);
  return out;
}

}  // namespace roofline::report
