// A figure: a value together with how we know it and where it was read.
#pragma once

#include <string>

namespace roofline {

enum class Basis { specified, measured, derived, assumed };

constexpr const char* to_string(Basis basis) {
  switch (basis) {
    case Basis::specified: return "specified";
    case Basis::measured: return "measured";
    case Basis::derived: return "derived";
    case Basis::assumed: return "assumed";
  }
  return "?";
}

// `source` is an id of hardware_db/sources/, "derived" or "assumed"; `at` is the page, table, row or formula inside it.
struct Citation {
  Basis basis = Basis::assumed;
  std::string source;
  std::string at;
  std::string note;
};

template <class Q>
struct Figure {
  Q value{};
  Citation cite;
};

}  // namespace roofline
