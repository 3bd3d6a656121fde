// What is wrong with a file and where; every loader collects them all instead of stopping at the first.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace roofline::db {

struct Diagnostic {
  std::string file;
  int line = 0;    // 1-based; 0: the whole file
  int column = 0;  // 1-based
  std::string message;
};
std::string to_string(const Diagnostic& diagnostic);  // file:line:column: message

// `value` is empty if and only if diagnostics is not.
template <class T>
struct Loaded {
  std::optional<T> value;
  std::vector<Diagnostic> diagnostics;
};

}  // namespace roofline::db
