#include "import/results/record.hpp"

#include <algorithm>

namespace roofline::import {

const Field* Record::find(std::string_view name) const {
  const auto at = std::find_if(fields.begin(), fields.end(), [&](const Field& field) { return field.name == name; });
  return at == fields.end() ? nullptr : &*at;
}

RowMessage at_field(const Record& record, const Field& field, std::string message) {
  if (field.line > 0) return {field.line, field.column, std::move(message)};
  Place where{record.line, record.column};
  const auto dot = field.name.rfind('.');
  const std::string key = "\"" + field.name.substr(dot == std::string::npos ? 0 : dot + 1) + "\"";
  const auto written = folded(record.source).find(key);
  for (std::size_t i = 0; written != std::string::npos && i < written; ++i) where.step(record.source[i]);
  return {where.line, where.column, std::move(message)};
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blank = " \t\r\n";
  const auto begin = text.find_first_not_of(blank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blank) - begin + 1);
}

std::string folded(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::string quoted(std::string_view text) {
  constexpr std::size_t longest = 60;
  std::string out = "'";
  for (const char c : text.substr(0, longest)) out += c >= 0x20 && c < 0x7f ? c : '?';
  return out + (text.size() > longest ? "...'" : "'");
}

}  // namespace roofline::import
