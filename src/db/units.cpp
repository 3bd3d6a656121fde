#include "roofline/db/units.hpp"

#include <array>
#include <cmath>
#include <locale>
#include <sstream>

namespace roofline::db {
namespace {

struct NamedUnit {
  std::string_view name;
  AnyQuantity value;
};

// Case matters: MB is 1e6 bytes, Mb is no unit. MT/s counts transfers per second. GB = 1e9 B, GiB = 2^30 B.
constexpr std::array unit_table{
    NamedUnit{"B", unit::B},
    NamedUnit{"kB", unit::kB},
    NamedUnit{"MB", unit::MB},
    NamedUnit{"GB", unit::GB},
    NamedUnit{"TB", unit::TB},
    NamedUnit{"KiB", unit::KiB},
    NamedUnit{"MiB", unit::MiB},
    NamedUnit{"GiB", unit::GiB},
    NamedUnit{"TiB", unit::TiB},
    NamedUnit{"B/s", unit::B / unit::s},
    NamedUnit{"kB/s", unit::kB / unit::s},
    NamedUnit{"MB/s", unit::MB / unit::s},
    NamedUnit{"GB/s", unit::GB / unit::s},
    NamedUnit{"TB/s", unit::TB / unit::s},
    NamedUnit{"MiB/s", unit::MiB / unit::s},
    NamedUnit{"GiB/s", unit::GiB / unit::s},
    NamedUnit{"Hz", unit::Hz},
    NamedUnit{"kHz", unit::kHz},
    NamedUnit{"MHz", unit::MHz},
    NamedUnit{"GHz", unit::GHz},
    NamedUnit{"MT/s", unit::MHz},
    NamedUnit{"op", unit::op},
    NamedUnit{"Gop", unit::Gop},
    NamedUnit{"GFLOP/s", unit::Gop / unit::s},
    NamedUnit{"TFLOP/s", unit::Top / unit::s},
    NamedUnit{"GOP/s", unit::Gop / unit::s},
    NamedUnit{"TOP/s", unit::Top / unit::s},
    NamedUnit{"s", unit::s},
    NamedUnit{"ms", unit::ms},
    NamedUnit{"us", unit::us},
    NamedUnit{"ns", unit::ns},
    NamedUnit{"W", unit::W},
    NamedUnit{"J", unit::J},
    NamedUnit{"tokens", 1.0},
    NamedUnit{"bit", 1.0},
    NamedUnit{"USD", 1.0},
    NamedUnit{"1", 1.0},
    NamedUnit{"params", 1.0},
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Length of a leading decimal number: -12.5e3, .5 and 7. included; 0 if there is none. "1e" of "1eV" is just "1".
std::size_t number_length(std::string_view text) {
  std::size_t i = !text.empty() && text.front() == '-' ? 1 : 0;
  std::size_t digits = 0;
  const auto take_digits = [&] {
    for (; i < text.size() && is_digit(text[i]); ++i) ++digits;
  };
  take_digits();
  if (i < text.size() && text[i] == '.') {
    ++i;
    take_digits();
  }
  if (digits == 0) return 0;
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    std::size_t j = i + 1;
    if (j < text.size() && (text[j] == '+' || text[j] == '-')) ++j;
    if (j < text.size() && is_digit(text[j])) {
      for (i = j; i < text.size() && is_digit(text[i]); ++i) continue;
    }
  }
  return i;
}

// Only called on decimal numbers. A stream, because from_chars for double is missing under Emscripten and strtod depends on
// the locale of the program.
std::optional<double> decimal(std::string_view digits) {
  std::istringstream stream{std::string(digits)};
  stream.imbue(std::locale::classic());
  double value = 0;
  if (!(stream >> value) || !std::isfinite(value)) return std::nullopt;
  return value;
}

void append(std::string& out, const char* name, int exponent) {
  if (exponent <= 0) return;
  if (!out.empty()) out += " ";
  out += name;
  if (exponent > 1) out += "^" + std::to_string(exponent);
}

}  // namespace

std::optional<AnyQuantity> unit_named(std::string_view name) {
  for (const NamedUnit& unit : unit_table) {
    if (unit.name == name) return unit.value;
  }
  return std::nullopt;
}

std::vector<std::string> unit_names() {
  std::vector<std::string> names;
  for (const NamedUnit& unit : unit_table) names.emplace_back(unit.name);
  return names;
}

std::optional<AnyQuantity> parse_quantity(std::string_view text) {
  constexpr std::size_t longest = 100;
  const std::size_t length = text.size() <= longest ? number_length(text) : 0;
  if (length == 0) return std::nullopt;
  const auto value = decimal(text.substr(0, length));
  if (!value) return std::nullopt;
  std::string_view name = text.substr(length);
  if (name.empty()) return AnyQuantity(*value);
  if (name.front() == ' ') name.remove_prefix(1);
  // "16 1" would read as sixteen ones; a pure number has no unit when typed.
  if (name == "1") return std::nullopt;
  auto unit = unit_named(name);
  if (!unit) return std::nullopt;
  unit->base *= *value;
  if (!std::isfinite(unit->base)) return std::nullopt;
  return unit;
}

std::string describe(Dimension d) {
  if (d == Dimension{.joule = 1, .second = -1}) return "W";
  std::string above, below;
  append(above, "byte", d.byte);
  append(above, "op", d.op);
  append(above, "token", d.token);
  append(above, "J", d.joule);
  append(above, "s", d.second);
  append(below, "byte", -d.byte);
  append(below, "op", -d.op);
  append(below, "token", -d.token);
  append(below, "J", -d.joule);
  append(below, "s", -d.second);
  if (above.empty()) above = "1";
  return below.empty() ? above : above + "/" + below;
}

}  // namespace roofline::db
