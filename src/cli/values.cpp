#include "cli/values.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>

#include "roofline/report/units.hpp"

namespace roofline::cli {
namespace {

constexpr std::size_t longest_echo = 60;

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

// C1 control characters are two bytes in UTF-8: C2 80 to C2 9F.
bool second_control(std::string_view text, std::size_t i) {
  const bool after = i + 1 < text.size() && static_cast<unsigned char>(text[i]) == 0xC2U;
  return after && static_cast<unsigned char>(text[i + 1]) >= 0x80U && static_cast<unsigned char>(text[i + 1]) < 0xA0U;
}

std::string escaped(std::string_view text, bool line_ends) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool plain_end = text[i] == '\n' && !line_ends;
    if (second_control(text, i)) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(static_cast<unsigned char>(text[++i])));
    } else if ((byte < 0x20U && !plain_end) || byte == 0x7FU) {
      out += text[i] == '\n' ? "\\n" : text[i] == '\t' ? "\\t" : fmt::format("\\x{:02x}", static_cast<unsigned>(byte));
    } else {
      out += text[i];
    }
  }
  return out;
}

}  // namespace

std::string printable(std::string_view text) { return escaped(text, false); }

std::string echo(std::string_view typed) {
  std::size_t end = std::min(typed.size(), longest_echo);
  while (end > 0 && end < typed.size() && continues(typed[end])) --end;
  return escaped(typed.substr(0, end), true) + (end < typed.size() ? "..." : "");
}

bool parse_int(std::string_view text, int& value) {
  const char* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, value);
  return !text.empty() && result.ec == std::errc{} && result.ptr == end;
}

std::optional<std::string> single(const Values& values, const std::string& option) {
  if (values.empty()) return std::nullopt;
  if (values.size() > 1) throw UsageError(fmt::format("{} is given {} times; it takes one value", option, values.size()));
  if (values.front().empty()) throw UsageError(fmt::format("{}: the value is empty", option));
  return values.front();
}

int whole_number(const std::string& text, const std::string& option, int least, int most) {
  int value = 0;
  if (!parse_int(text, value) || value < least || value > most) {
    throw UsageError(fmt::format("{}: '{}' is not a whole number from {} to {}", option, echo(text), least, report::whole(most)));
  }
  return value;
}

std::optional<int> whole_number(const Values& values, const std::string& option, int least, int most) {
  const auto text = single(values, option);
  if (!text) return std::nullopt;
  return whole_number(*text, option, least, most);
}

double positive_number(const std::string& text, const std::string& option) {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, value);
  if (text.empty() || result.ec != std::errc{} || result.ptr != end || !std::isfinite(value) || !(value > 0)) {
    throw UsageError(fmt::format("{}: '{}' is not a number above zero", option, echo(text)));
  }
  return value;
}

std::optional<double> positive_number(const Values& values, const std::string& option) {
  const auto text = single(values, option);
  if (!text) return std::nullopt;
  return positive_number(*text, option);
}

void fail_choice(const std::string& option, const std::string& value, const std::vector<std::string>& choices) {
  const auto nearest = db::nearest_names(value, choices, 1);
  const std::string hint = nearest.empty() ? "" : fmt::format("; did you mean {}?", nearest.front());
  throw UsageError(fmt::format("{}: '{}' is not one of {}{}", option, echo(value), either(choices), hint));
}

std::string either(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 == names.size() ? " or " : ", ";
    text += names[i];
  }
  return text;
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

}  // namespace roofline::cli
