// The closed table of unit names that database files and `--set` use.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "roofline/core/quantity.hpp"

namespace roofline::db {

// One unit by name ("GB/s", "MHz", "MT/s", "GiB", "TOP/s", "1", "USD", ...); empty if there is no such unit. Case matters.
std::optional<AnyQuantity> unit_named(std::string_view name);
std::vector<std::string> unit_names();
// "29GB/s", "29 GB/s", "1.3GHz", "16": a decimal number and a unit; empty on anything else (inf, nan, hex, trailing text).
std::optional<AnyQuantity> parse_quantity(std::string_view text);
// "byte/s", "op", "1" ... for messages
std::string describe(Dimension dimension);

}  // namespace roofline::db
