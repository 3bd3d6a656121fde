// ASCII comparisons shared by core's lookups.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace roofline::text {

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

inline bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

inline bool contains(const std::vector<std::string>& values, std::string_view value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

// An empty list means "any", and so does a lone "*".
inline bool admits(const std::vector<std::string>& values, std::string_view value) {
  return values.empty() || (values.size() == 1 && values.front() == "*") || contains(values, value);
}

}  // namespace roofline::text
