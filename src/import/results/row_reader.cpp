#include <charconv>
#include <cmath>

#include "import/results/formats.hpp"

namespace roofline::import {

std::optional<double> strict_number(std::string_view text) {
  text = trimmed(text);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::string RowReader::text(std::string_view name) const {
  const Field* field = record_.find(name);
  return field != nullptr ? std::string(trimmed(field->text)) : "";
}

void RowReader::fail(std::string_view name, std::string message) {
  good_ = false;
  const Field* field = record_.find(name);
  problems_.push_back(field != nullptr ? at_field(record_, *field, std::move(message)) : RowMessage{record_.line, record_.column, std::move(message)});
}

std::optional<double> RowReader::number(std::string_view name, double low, double high) {
  const std::string shown = text(name);
  if (shown.empty()) return std::nullopt;
  const auto value = strict_number(shown);
  if (!value) {
    fail(name, std::string(name) + ": " + quoted(shown) + " is no number");
  } else if (*value < low || *value > high) {
    fail(name, std::string(name) + ": " + quoted(shown) + " is out of range");
    return std::nullopt;
  }
  return value;
}

std::optional<double> RowReader::rate(std::string_view name) {
  constexpr double largest = 1e9;
  const auto value = number(name, 0, largest);
  if (value && !(*value > 0)) {
    fail(name, std::string(name) + ": must be above zero; leave it empty where it is not known");
    return std::nullopt;
  }
  return value;
}

std::optional<double> RowReader::tokens(std::string_view name) {
  constexpr double most = 1e8;
  return number(name, 0, most);
}

std::optional<bool> RowReader::flag(std::string_view name) {
  const std::string shown = folded(text(name));
  if (shown.empty() || shown == "auto" || shown == "-1") return std::nullopt;
  for (const char* yes : {"1", "true", "on", "yes", "enabled"}) {
    if (shown == yes) return true;
  }
  for (const char* no : {"0", "false", "off", "no", "disabled"}) {
    if (shown == no) return false;
  }
  fail(name, std::string(name) + ": " + quoted(shown) + " is neither 1 nor 0");
  return std::nullopt;
}

}  // namespace roofline::import
