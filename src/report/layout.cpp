#include "report/layout.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace roofline::report {
namespace {

constexpr std::array<std::string_view, 16> unit_words{"B",  "KiB", "MiB", "GiB", "TiB", "MB",   "GB",    "MB/s",
                                                      "GB/s", "s", "ms", "min", "%", "tok/s", "tokens", "W"};

// A number and its unit stay on one line.
bool belong_together(std::string_view number, std::string_view word) {
  if (number.empty() || std::isdigit(static_cast<unsigned char>(number.back())) == 0) return false;
  while (!word.empty() && std::string_view(",;:.)").find(word.back()) != std::string_view::npos) word.remove_suffix(1);
  return std::find(unit_words.begin(), unit_words.end(), word) != unit_words.end();
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find_first_of(" \n", begin), text.size());
    const std::string_view word = text.substr(begin, end - begin);
    begin = end + 1;
    if (word.empty()) continue;
    if (!words.empty() && belong_together(words.back(), word)) {
      words.back() += ' ';
      words.back() += word;
    } else {
      words.emplace_back(word);
    }
  }
  return words;
}

}  // namespace

std::size_t display_width(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::string pad_right(std::string_view text, std::size_t width) {
  const std::size_t used = display_width(text);
  return std::string(text) + std::string(width > used ? width - used : 0, ' ');
}

std::string pad_left(std::string_view text, std::size_t width) {
  const std::size_t used = display_width(text);
  return std::string(width > used ? width - used : 0, ' ') + std::string(text);
}

std::vector<std::string> wrap(std::string_view text, std::size_t width) {
  std::vector<std::string> lines;
  std::string line;
  for (const std::string& word : words_of(text)) {
    if (!line.empty() && display_width(line) + 1 + display_width(word) > width) {
      lines.push_back(std::move(line));
      line.clear();
    }
    if (!line.empty()) line += ' ';
    line += word;
  }
  if (!line.empty() || lines.empty()) lines.push_back(std::move(line));
  return lines;
}

std::string hanging(std::string_view head, std::string_view text, std::size_t width) {
  const std::size_t indent = display_width(head);
  const std::size_t room = width > indent + 20 ? width - indent : 20;
  std::string out;
  for (const std::string& line : wrap(text, room)) {
    out += out.empty() ? std::string(head) : std::string(indent, ' ');
    out += line;
    out += '\n';
  }
  return out;
}

std::string paint(std::string_view text, Emphasis emphasis, const TextStyle& style) {
  if (!style.color || emphasis == Emphasis::none) return std::string(text);
  const char* code = "";
  switch (emphasis) {
    case Emphasis::strong: code = "1"; break;
    case Emphasis::faint: code = "2"; break;
    case Emphasis::good: code = "32"; break;
    case Emphasis::warning: code = "33"; break;
    case Emphasis::bad: code = "31"; break;
    case Emphasis::none: break;
  }
  return std::string("\x1b[") + code + "m" + std::string(text) + "\x1b[0m";
}

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
  std::string out;
  for (const std::string& part : parts) {
    if (!out.empty()) out += separator;
    out += part;
  }
  return out;
}

std::size_t columns(const TextStyle& style) { return static_cast<std::size_t>(std::clamp(style.width, 40, 240)); }

std::vector<std::size_t> Grid::widths() const {
  std::vector<std::size_t> result(sides.size(), 0);
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < result.size() && i < row.size(); ++i) result[i] = std::max(result[i], display_width(row[i]));
  }
  return result;
}

std::string grid_line(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths,
                      const std::vector<Grid::Side>& sides) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) line += "  ";
    line += sides[i].right ? pad_left(cells[i], widths[i]) : pad_right(cells[i], widths[i]);
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

}  // namespace roofline::report
