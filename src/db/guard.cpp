// What is refused before the parser sees it, and the parse itself.
#include <algorithm>

#include "db/reader.hpp"

namespace roofline::db {
namespace {

constexpr std::size_t largest_file = 4u << 20;
// Far more than any file of the schema needs; recursion in a parser must not be the reader's to exhaust.
constexpr int deepest_nesting = 32;
constexpr int longest_dotted_key = 16;

struct TooDeep {
  int line = 1;
  int column = 1;
  const char* what = nullptr;
};

// Brackets open at once, and dots in one key; strings and comments are skipped well enough for a limit.
TooDeep too_deep(std::string_view text) {
  TooDeep at;
  int depth = 0;
  int dots = 0;
  bool in_value = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"' || c == '\'') {
      const std::size_t close = text.find_first_of(c == '"' ? "\"\n" : "'\n", i + 1);
      if (close == std::string_view::npos) break;
      if (text[close] != '\n') {
        at.column += static_cast<int>(close - i);
        i = close;
      }
    } else if (c == '#') {
      const std::size_t end = text.find('\n', i);
      if (end == std::string_view::npos) break;
      i = end - 1;
      continue;
    } else if (c == '[' || c == '{') {
      if (++depth > deepest_nesting) return at.what = "nested too deep", at;
    } else if (c == ']' || c == '}') {
      depth = std::max(0, depth - 1);
    } else if (c == '.' && !in_value) {
      if (++dots > longest_dotted_key) return at.what = "a key of too many parts", at;
    } else if (c == '=') {
      in_value = true;
    }
    ++at.column;
    if (c == '\n') {
      ++at.line;
      at.column = 1;
      dots = 0;
      in_value = depth > 0;
    }
  }
  return at;
}

}  // namespace

void File::error(int line, int column, std::string message) {
  // A broken file of megabytes must not produce megabytes of messages.
  constexpr std::size_t most = 50;
  if (diagnostics.size() < most) diagnostics.push_back({path, line, column, std::move(message)});
}

void File::error(const toml::source_region& where, std::string message) {
  error(static_cast<int>(where.begin.line), static_cast<int>(where.begin.column), std::move(message));
}

std::optional<toml::table> parse(std::string_view text, File& file) {
  if (text.size() > largest_file) {
    file.error(1, 1, "file of " + std::to_string(text.size()) + " bytes; a database file has at most " + std::to_string(largest_file));
    return std::nullopt;
  }
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    file.error(1, 1, "empty file, expected schema = 1");
    return std::nullopt;
  }
  if (const TooDeep deep = too_deep(text); deep.what != nullptr) {
    file.error(deep.line, deep.column, deep.what);
    return std::nullopt;
  }
  try {
    return toml::parse(text, std::string_view{file.path});
  } catch (const toml::parse_error& error) {
    file.error(error.source(), std::string(error.description()));
  } catch (const std::exception& error) {
    file.error(1, 1, error.what());
  }
  return std::nullopt;
}

}  // namespace roofline::db
