#include "db/ranges.hpp"

#include <array>
#include <locale>
#include <sstream>

#include "roofline/db/units.hpp"

namespace roofline::db {
namespace {

// Wide enough for a microcontroller and for a rack, narrow enough that a figure off by a thousand is noticed.
struct Range {
  Dimension dimension;
  std::string_view unit;  // of pure numbers; else empty
  double low;
  double high;
  std::string_view text;
};

constexpr Dimension rate_of_bytes{.byte = 1, .second = -1};
constexpr Dimension rate_of_ops{.op = 1, .second = -1};
constexpr Dimension power{.joule = 1, .second = -1};

constexpr std::array ranges{
    Range{Dimension{.second = -1}, "", 1e6, 1e11, "1 MHz to 100 GHz"},
    Range{rate_of_bytes, "", 1e6, 1e14, "1 MB/s to 100 TB/s"},
    Range{Dimension{.byte = 1}, "", 1, 1e14, "1 B to 100 TB"},
    Range{power, "", 1e-2, 1e5, "0.01 W to 100 kW"},
    Range{rate_of_ops, "", 1e6, 1e18, "1 Mop/s to 1 Eop/s"},
    Range{Dimension{.op = 1}, "", 1e-3, 1e9, "0.001 to 1e9 op"},
    Range{Dimension{.second = 1}, "", 1e-12, 1e6, "1 ps to 1e6 s"},
    Range{Dimension{.joule = 1}, "", 1e-12, 1e9, "1 pJ to 1 GJ"},
    Range{Dimension{}, "1", 1e-6, 1e9, "1e-6 to 1e9"},
    Range{Dimension{}, "bit", 1, 1e6, "1 to 1e6 bit"},
    Range{Dimension{}, "tokens", 1, 1e9, "1 to 1e9 tokens"},
    Range{Dimension{}, "USD", 0.01, 1e8, "0.01 to 1e8 USD"},
    Range{Dimension{}, "params", 1, 1e16, "1 to 1e16 params"},
};

std::string number(double value) {
  std::ostringstream out;
  out.imbue(std::locale::classic());
  out << value;
  return out.str();
}

}  // namespace

std::string implausible(const AnyQuantity& value, std::string_view unit) {
  for (const Range& range : ranges) {
    if (!(range.dimension == value.dimension) || (!range.unit.empty() && range.unit != unit)) continue;
    if (value.base >= range.low && value.base <= range.high) return {};
    const std::string in = value.dimension == Dimension{.second = -1} ? "Hz" : range.unit.empty() ? describe(value.dimension) : std::string(range.unit);
    return "is " + number(value.base) + (in == "1" ? "" : " " + in) + ", outside " + std::string(range.text) + ": is the unit right?";
  }
  return {};
}

}  // namespace roofline::db
