#include "cli/values.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>

#include "roofline/report/units.hpp"

namespace roofline::cli {

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
    throw UsageError(fmt::format("{}: '{}' is not a whole number from {} to {}", option, text, least, report::whole(most)));
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
    throw UsageError(fmt::format("{}: '{}' is not a number above zero", option, text));
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
  throw UsageError(fmt::format("{}: '{}' is not one of {}{}", option, value, either(choices), hint));
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
