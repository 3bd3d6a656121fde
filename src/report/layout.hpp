// Text in columns: display width, padding, wrapping, emphasis. Widths count code points, so UTF-8 lines up.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "roofline/report/render.hpp"

namespace roofline::report {

std::size_t display_width(std::string_view text);
std::string pad_right(std::string_view text, std::size_t width);
std::string pad_left(std::string_view text, std::size_t width);

// Lines of at most `width` columns, broken at spaces; a word longer than that keeps its own line.
std::vector<std::string> wrap(std::string_view text, std::size_t width);
// `text` wrapped behind `head`: the first line begins with `head`, the others with as many spaces. Ends with a newline.
std::string hanging(std::string_view head, std::string_view text, std::size_t width);

enum class Emphasis { none, strong, faint, good, warning, bad };
std::string paint(std::string_view text, Emphasis emphasis, const TextStyle& style);

std::string join(const std::vector<std::string>& parts, std::string_view separator);
// Columns that `style` offers, kept sensible.
std::size_t columns(const TextStyle& style);

// A grid of plain cells; the row is joined with two spaces and trailing blanks are cut.
struct Grid {
  struct Side {
    bool right = false;
  };
  std::vector<Side> sides;
  std::vector<std::vector<std::string>> rows;
  [[nodiscard]] std::vector<std::size_t> widths() const;
};
std::string grid_line(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths,
                      const std::vector<Grid::Side>& sides);

}  // namespace roofline::report
