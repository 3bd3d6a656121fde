#include "import/json_text.hpp"

#include <algorithm>
#include <array>
#include <fstream>

namespace roofline::import {
namespace {

// Counts what a tree would cost without building one; the parser itself keeps no stack of calls.
class Measure : public nlohmann::json_sax<Json> {
 public:
  explicit Measure(const JsonLimits& limits) : limits_(limits) {}

  bool null() override { return one(); }
  bool boolean(bool) override { return one(); }
  bool number_integer(number_integer_t) override { return one(); }
  bool number_unsigned(number_unsigned_t) override { return one(); }
  bool number_float(number_float_t, const string_t&) override { return one(); }
  bool string(string_t&) override { return one(); }
  bool binary(binary_t&) override { return one(); }
  bool key(string_t&) override { return one(); }
  bool start_object(std::size_t) override { return deeper(); }
  bool start_array(std::size_t) override { return deeper(); }
  bool end_object() override { return shallower(); }
  bool end_array() override { return shallower(); }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception&) override {
    error_at_ = position;
    return false;
  }

  [[nodiscard]] const std::string& excess() const { return excess_; }
  [[nodiscard]] std::size_t error_at() const { return error_at_; }

 private:
  bool one() {
    if (++values_ <= limits_.values) return true;
    excess_ = "more than " + std::to_string(limits_.values) + " values";
    return false;
  }
  bool deeper() {
    if (++depth_ <= limits_.depth) return one();
    excess_ = "nested more than " + std::to_string(limits_.depth) + " deep";
    return false;
  }
  bool shallower() {
    --depth_;
    return true;
  }

  JsonLimits limits_;
  std::uint64_t values_ = 0;
  int depth_ = 0;
  std::size_t error_at_ = 0;
  std::string excess_;
};

}  // namespace

std::string line_and_column(std::string_view text, std::size_t byte) {
  const std::string_view before = text.substr(0, std::min(byte, text.size()));
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const std::size_t start = before.rfind('\n');
  const std::size_t column = before.size() - (start == std::string_view::npos ? 0 : start + 1);
  return "line " + std::to_string(line) + ", column " + std::to_string(std::max<std::size_t>(column, 1));
}

std::string without_python_numbers(const std::string& text) {
  constexpr std::array<std::string_view, 3> words{"-Infinity", "Infinity", "NaN"};
  std::string out;
  out.reserve(text.size() + 16);
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted && c == '\\' && i + 1 < text.size()) out += text[i++];
    else if (c == '"') quoted = !quoted;
    const auto* word = quoted || (c != '-' && c != 'I' && c != 'N') ? words.end()
                       : std::find_if(words.begin(), words.end(), [&](std::string_view each) { return text.compare(i, each.size(), each) == 0; });
    if (word == words.end()) {
      out += text[i];
    } else {
      out += "null";
      i += word->size() - 1;
    }
  }
  return out;
}

Result<Json> parse_json(std::string text, const JsonLimits& limits) {
  if (text.size() > limits.bytes) return Problem{"line 1, column 1", "longer than the " + std::to_string(limits.bytes) + " bytes that are read"};
  text = without_python_numbers(text);
  Measure measure(limits);
  if (!Json::sax_parse(text, &measure)) {
    if (!measure.excess().empty()) return Problem{"line 1, column 1", measure.excess()};
    return Problem{line_and_column(text, measure.error_at()), "no JSON"};
  }
  try {
    return Json::parse(text);
  } catch (const std::exception&) {
    return Problem{"line 1, column 1", "no JSON"};
  }
}

Result<std::string> read_small_file(const std::filesystem::path& path, std::uint64_t most_bytes) {
  namespace fs = std::filesystem;
  const std::string name = path.string();
  std::error_code error;
  // Asked before opening: a folder opens and a pipe would be waited for.
  if (!fs::is_regular_file(path, error)) return Problem{name, fs::exists(path, error) ? "not a regular file" : "no such file"};
  const std::uintmax_t size = fs::file_size(path, error);
  if (error) return Problem{name, error.message()};
  if (size > most_bytes) return Problem{name, std::to_string(size) + " bytes; at most " + std::to_string(most_bytes) + " are read"};
  std::ifstream in(path, std::ios::binary);
  std::string text(static_cast<std::size_t>(size), '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!in || static_cast<std::uintmax_t>(in.gcount()) != size) return Problem{name, "cannot be read"};
  return text;
}

Result<Json> read_json_file(const std::filesystem::path& path, const JsonLimits& limits) {
  Result<std::string> text = read_small_file(path, limits.bytes);
  if (!text) return *text.problem;
  Result<Json> json = parse_json(std::move(*text.value), limits);
  if (json.problem) json.problem->where = path.string() + ": " + json.problem->where;
  return json;
}

}  // namespace roofline::import
