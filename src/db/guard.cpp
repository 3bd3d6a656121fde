// What is refused before the parser sees it, the parse itself, and what no string of a database file may hold.
#include <algorithm>

#include "db/reader.hpp"
#include "db/words.hpp"

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

// Walks over the text once, outside strings and comments, and measures brackets and dotted keys: the parser and the
// destructor of its tree recurse once per level of either.
class DepthScan {
 public:
  explicit DepthScan(std::string_view text) : text_(text) {}

  TooDeep run() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '#') {
        skip_line();
      } else if (c == '"' || c == '\'') {
        skip_string(c);
      } else {
        step(c);
        if (depth_ > deepest_nesting) return {line_, column(), "nested too deep"};
        if (dots_ > longest_dotted_key) return {line_, column(), "a key of too many parts"};
        advance();
      }
    }
    return {};
  }

 private:
  void step(char c) {
    if (c == '[' || c == '{') ++depth_;
    if ((c == ']' || c == '}') && depth_ > 0) --depth_;
    // a.b.c = 1 makes a table per dot, in an inline table too; only a key's own characters keep the count.
    if (c == '.') {
      ++dots_;
    } else if (std::string_view("\n=,[]{}").find(c) != std::string_view::npos) {
      dots_ = 0;
    }
  }

  void advance() {
    if (text_[at_] == '\n') {
      ++line_;
      line_start_ = at_ + 1;
    }
    ++at_;
  }
  void skip_line() { at_ = std::min(text_.find('\n', at_), text_.size()); }
  // An unterminated string ends with its line, or with the text if it may have several lines; the parser will complain.
  void skip_string(char quote) {
    const std::string_view three = quote == '"' ? R"(""")" : "'''";
    const bool many_lines = text_.substr(at_, 3) == three;
    if (!many_lines && skip_plain_string(quote)) return;
    at_ += many_lines ? 3 : 1;
    while (at_ < text_.size()) {
      if (many_lines ? text_.substr(at_, 3) == three : text_[at_] == quote) {
        at_ += many_lines ? 3 : 1;
        return;
      }
      if (!many_lines && text_[at_] == '\n') return;
      if (quote == '"' && text_[at_] == '\\' && at_ + 1 < text_.size()) advance();
      advance();
    }
  }
  // Most strings end at the next quote.
  bool skip_plain_string(char quote) {
    const std::size_t end = text_.find(quote, at_ + 1);
    if (end == std::string_view::npos) return false;
    const std::string_view inside = text_.substr(at_ + 1, end - at_ - 1);
    if (inside.find('\\') != std::string_view::npos || inside.find('\n') != std::string_view::npos) return false;
    at_ = end + 1;
    return true;
  }
  [[nodiscard]] int column() const { return static_cast<int>(at_ - line_start_) + 1; }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t line_start_ = 0;
  int line_ = 1;
  int depth_ = 0;
  int dots_ = 0;
};

// Whether any string of the text may hold a control character: by itself, behind a backslash or as a line break between three quotes.
bool may_hold_controls(std::string_view text) {
  if (text.find('\\') != std::string_view::npos || text.find(R"(""")") != std::string_view::npos || text.find("'''") != std::string_view::npos) return true;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte < 0x20 && byte != '\n' && byte != '\r') || byte == 0x7f || byte == 0xc2) return true;
  }
  return false;
}

// Names and notes are printed to terminals, which take control characters for commands. The depth is bounded above.
void refuse_controls(const toml::node& node, File& file) {
  if (const auto text = node.value_exact<std::string>(); text && has_control(*text)) {
    file.error(node.source(), "control character (or line break) in the string " + in_quotes(*text));
  } else if (const toml::array* array = node.as_array()) {
    for (const toml::node& element : *array) refuse_controls(element, file);
  } else if (const toml::table* table = node.as_table()) {
    for (const auto& [key, value] : *table) {
      if (has_control(key.str())) file.error(key.source(), "control character in the key " + in_quotes(key.str()));
      refuse_controls(value, file);
    }
  }
}

}  // namespace

void File::error(int line, int column, std::string message) {
  // A broken file of megabytes must not produce megabytes of messages; the parser's own quote the file as it is.
  constexpr std::size_t most = 50;
  constexpr std::size_t longest = 600;
  if (diagnostics.size() < most) diagnostics.push_back({path, line, column, printable(message, longest)});
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
  if (const TooDeep deep = DepthScan(text).run(); deep.what != nullptr) {
    file.error(deep.line, deep.column, deep.what);
    return std::nullopt;
  }
  try {
    toml::table root = toml::parse(text, std::string_view{file.path});
    if (may_hold_controls(text)) refuse_controls(root, file);
    return root;
  } catch (const toml::parse_error& error) {
    file.error(error.source(), std::string(error.description()));
  } catch (const std::exception& error) {
    file.error(1, 1, error.what());
  }
  return std::nullopt;
}

}  // namespace roofline::db
