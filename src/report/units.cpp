#include "roofline/report/units.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <string_view>

namespace roofline::report {
namespace {

// Printing beyond this would be digits nobody reads; such values only appear when something is wrong.
constexpr double largest_plain = 1e15;
constexpr double smallest_plain = 1e-4;

std::string with_thousands(std::string_view digits) {
  const std::size_t point = std::min(digits.find('.'), digits.size());
  std::string out;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const bool group = i > 0 && i < point && (point - i) % 3 == 0 && digits[i - 1] != '-';
    if (group) out += ',';
    out += digits[i];
  }
  return out;
}

std::string fixed(double value, int decimals) {
  std::string text = fmt::format("{:.{}f}", value, decimals);
  if (text.starts_with('-') && text.find_first_of("123456789") == std::string::npos) text.erase(0, 1);
  return with_thousands(text);
}

struct Prefix {
  double factor;
  std::string_view name;
};
constexpr std::array binary_prefixes{Prefix{1.0, "B"}, Prefix{unit::KiB.base(), "KiB"}, Prefix{unit::MiB.base(), "MiB"},
                                     Prefix{unit::GiB.base(), "GiB"}, Prefix{unit::TiB.base(), "TiB"}};
constexpr std::array decimal_prefixes{Prefix{1.0, ""}, Prefix{1e3, "k"}, Prefix{1e6, "M"},
                                      Prefix{1e9, "G"}, Prefix{1e12, "T"}, Prefix{1e15, "P"}};
constexpr std::array time_prefixes{Prefix{1e-9, "ns"}, Prefix{1e-6, "us"}, Prefix{1e-3, "ms"}, Prefix{1.0, "s"}};

// The largest prefix that leaves at least 1 in front, counting what rounding to three digits carries over.
const Prefix& suited(std::span<const Prefix> prefixes, double value) {
  const double carried = std::abs(value) * (1.0 + 0.5e-3);
  std::size_t chosen = 0;
  for (std::size_t i = 1; i < prefixes.size(); ++i) {
    if (carried >= prefixes[i].factor) chosen = i;
  }
  return prefixes[chosen];
}

std::string prefixed(double base, std::string_view suffix) {
  if (!std::isfinite(base)) return "-";
  if (base == 0.0) return fmt::format("0 {}", suffix);
  const Prefix& prefix = suited(decimal_prefixes, base);
  return fmt::format("{} {}{}", number(base / prefix.factor), prefix.name, suffix);
}

struct NamedUnit {
  std::string_view name;
  AnyQuantity one;
};
// Names that operands of an explanation may prefer; the values are core's.
const std::array named_units{
    NamedUnit{"B", unit::B},           NamedUnit{"kB", unit::kB},         NamedUnit{"MB", unit::MB},
    NamedUnit{"GB", unit::GB},         NamedUnit{"TB", unit::TB},         NamedUnit{"KiB", unit::KiB},
    NamedUnit{"MiB", unit::MiB},       NamedUnit{"GiB", unit::GiB},       NamedUnit{"TiB", unit::TiB},
    NamedUnit{"B/s", unit::B / unit::s},   NamedUnit{"MB/s", unit::MB / unit::s}, NamedUnit{"GB/s", unit::GB / unit::s},
    NamedUnit{"TB/s", unit::TB / unit::s}, NamedUnit{"GiB/s", unit::GiB / unit::s},
    NamedUnit{"Hz", unit::Hz},         NamedUnit{"kHz", unit::kHz},       NamedUnit{"MHz", unit::MHz},
    NamedUnit{"GHz", unit::GHz},       NamedUnit{"MT/s", unit::MHz},
    NamedUnit{"op", unit::op},         NamedUnit{"Mop", 1e6 * unit::op},  NamedUnit{"Gop", unit::Gop},
    NamedUnit{"Top", unit::Top},
    NamedUnit{"GOP/s", unit::Gop / unit::s},   NamedUnit{"TOP/s", unit::Top / unit::s},
    NamedUnit{"GFLOP/s", unit::Gop / unit::s}, NamedUnit{"TFLOP/s", unit::Top / unit::s},
    NamedUnit{"s", unit::s},           NamedUnit{"ms", unit::ms},         NamedUnit{"us", unit::us},
    NamedUnit{"ns", unit::ns},         NamedUnit{"J", unit::J},           NamedUnit{"W", unit::W},
    NamedUnit{"token", unit::token},   NamedUnit{"tokens", unit::token},  NamedUnit{"tok/s", unit::token / unit::s},
    NamedUnit{"tokens/s", unit::token / unit::s},
    NamedUnit{"op/B", unit::op / unit::B}, NamedUnit{"ops/B", unit::op / unit::B}, NamedUnit{"op/byte", unit::op / unit::B},
    NamedUnit{"ops/byte", unit::op / unit::B},
    NamedUnit{"B/token", unit::B / unit::token}, NamedUnit{"GB/token", unit::GB / unit::token},
    NamedUnit{"J/token", unit::J / unit::token},
};

// Tokens, bits, layers and other things one counts: no decimals where there are none.
std::string plain(double value) {
  const bool integer = std::abs(value) < largest_plain && value == std::round(value);
  return integer ? whole(value) : number(value, 4);
}

std::string in_suited_unit(AnyQuantity value) {
  const Dimension d = value.dimension;
  const double base = value.base;
  if (d == Dimension{}) return plain(base);
  if (d == Dimension{.token = 1}) return plain(base) + " tokens";
  if (d == Dimension{.byte = 1}) return decimal_size(Bytes::from_base(base));
  if (d == Dimension{.second = 1}) return duration(Seconds::from_base(base));
  if (d == Dimension{.byte = 1, .second = -1}) return rate(BytesPerSecond::from_base(base));
  if (d == Dimension{.op = 1, .second = -1}) return rate(OpsPerSecond::from_base(base), false);
  if (d == Dimension{.second = -1}) return clock(Hertz::from_base(base));
  if (d == Dimension{.op = 1}) return prefixed(base, "op");
  if (d == Dimension{.joule = 1, .second = -1}) return prefixed(base, "W");
  if (d == Dimension{.joule = 1}) return prefixed(base, "J");
  return fmt::format("{} {}", number(base), base_unit(d));
}

}  // namespace

std::string number(double value, int significant) {
  if (!std::isfinite(value)) return "-";
  if (value == 0.0) return "0";
  const double magnitude = std::abs(value);
  if (magnitude >= largest_plain || magnitude < smallest_plain) return fmt::format("{:.{}e}", value, significant - 1);
  int decimals = significant - 1 - static_cast<int>(std::floor(std::log10(magnitude)));
  // 9.996 becomes 10.0, not 10.00: rounding can carry into one more digit in front.
  const double step = std::pow(10.0, -decimals);
  if (std::round(magnitude / step) >= std::pow(10.0, significant)) --decimals;
  return fixed(value, std::max(decimals, 0));
}

std::string whole(double value) {
  if (!std::isfinite(value)) return "-";
  return fixed(value, 0);
}

std::string percent(double ratio) {
  if (!std::isfinite(ratio)) return "-";
  if (ratio != 0.0 && std::abs(ratio) < 0.5e-3) return "< 0.1 %";
  return number(100.0 * ratio, 2) + " %";
}

std::string factor(double ratio) { return number(ratio) + (std::isfinite(ratio) ? "x" : ""); }

std::string count(double value) {
  constexpr std::array scales{Prefix{1.0, ""}, Prefix{1e3, " k"}, Prefix{1e6, " M"}, Prefix{1e9, " B"}, Prefix{1e12, " T"}};
  if (!std::isfinite(value)) return "-";
  if (std::abs(value) < 1000.0) return plain(value);
  const Prefix& scale = suited(scales, value);
  return fmt::format("{}{}", number(value / scale.factor), scale.name);
}

std::string binary_size(Bytes bytes) {
  if (!std::isfinite(bytes.base())) return "-";
  const Prefix& prefix = suited(binary_prefixes, bytes.base());
  const double value = bytes.base() / prefix.factor;
  return fmt::format("{} {}", prefix.factor == 1.0 ? plain(value) : number(value), prefix.name);
}

std::string decimal_size(Bytes bytes) {
  if (std::abs(bytes.base()) < 1000.0) return plain(bytes.base()) + " B";
  return prefixed(bytes.base(), "B");
}

std::string duration(Seconds time) {
  const double seconds = time.base();
  if (!std::isfinite(seconds)) return "-";
  if (seconds == 0.0) return "0 s";
  if (std::abs(seconds) < 119.5) {
    const Prefix& prefix = suited(time_prefixes, seconds);
    return fmt::format("{} {}", number(seconds / prefix.factor), prefix.name);
  }
  const double rounded = std::round(std::abs(seconds));
  const char* sign = seconds < 0 ? "-" : "";
  if (rounded < 3600.0) return fmt::format("{}{:.0f} min {:02.0f} s", sign, std::floor(rounded / 60.0), std::fmod(rounded, 60.0));
  const double minutes = std::round(rounded / 60.0);
  return fmt::format("{}{} h {:02.0f} min", sign, whole(std::floor(minutes / 60.0)), std::fmod(minutes, 60.0));
}

std::string rate(BytesPerSecond value) { return prefixed(value.base(), "B/s"); }

std::string rate(OpsPerSecond value, bool floating_point) { return prefixed(value.base(), floating_point ? "FLOP/s" : "OP/s"); }

std::string clock(Hertz frequency) { return prefixed(frequency.base(), "Hz"); }

std::string any(AnyQuantity value, const std::string& preferred_unit) {
  if (!std::isfinite(value.base)) return "-";
  for (const NamedUnit& named : named_units) {
    if (named.name != preferred_unit || !(named.one.dimension == value.dimension)) continue;
    const double scaled = value.base / named.one.base;
    // A preference is for the usual size; 0.00001 GB and 11,286 ms read better in another unit.
    const double most = value.dimension == Dimension{.second = 1} ? 1e4 : 1e6;
    if (scaled != 0.0 && (std::abs(scaled) < 0.01 || std::abs(scaled) >= most)) return in_suited_unit(value);
    const bool counted = value.dimension == Dimension{.token = 1} || preferred_unit == "B";
    return fmt::format("{} {}", counted ? plain(scaled) : number(scaled, 4), named.name);
  }
  // A pure number may carry a word: "28 layers".
  const bool word = value.dimension == Dimension{} && !preferred_unit.empty() && preferred_unit != "1";
  return word ? fmt::format("{} {}", plain(value.base), preferred_unit) : in_suited_unit(value);
}

std::string base_unit(Dimension dimension) {
  struct Part {
    int exponent;
    std::string_view name;
  };
  const std::array parts{Part{dimension.op, "op"}, Part{dimension.byte, "B"}, Part{dimension.joule, "J"},
                         Part{dimension.token, "token"}, Part{dimension.second, "s"}};
  std::string above;
  std::string below;
  for (const Part& part : parts) {
    std::string& side = part.exponent > 0 ? above : below;
    for (int i = 0; i < std::abs(part.exponent); ++i) side += fmt::format("{}{}", side.empty() ? "" : " ", part.name);
  }
  if (below.empty()) return above.empty() ? "1" : above;
  return fmt::format("{}/{}", above.empty() ? "1" : above, below);
}

}  // namespace roofline::report
