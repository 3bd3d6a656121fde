// What every JSON writer here shares: key order as written, null for what is not known, one version number.
#pragma once

#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "roofline/core/quantity.hpp"

namespace roofline::report {

using Json = nlohmann::ordered_json;

// Raised when a key changes its meaning or goes away; new keys do not raise it.
inline constexpr int json_schema = 1;

// JSON has neither NaN nor infinity: what is not a number is not known.
inline Json number_or_null(double value) { return std::isfinite(value) ? Json(value) : Json(); }

template <Dimension D>
Json base_or_null(const std::optional<Quantity<D>>& value) {
  return value ? number_or_null(value->base()) : Json();
}

// Byte counts are whole; printing them as integers keeps them exact and easy to compare.
inline Json bytes_json(Bytes bytes) {
  const double rounded = std::round(bytes.base());
  constexpr double exact = 9007199254740992.0;  // 2^53
  if (!std::isfinite(rounded) || std::abs(rounded) > exact) return number_or_null(bytes.base());
  return Json(static_cast<std::int64_t>(rounded));
}

inline Json text_or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }

// Names come from files people write: bytes that are not UTF-8 are replaced rather than thrown at.
inline std::string to_text(const Json& json) { return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"; }

}  // namespace roofline::report
