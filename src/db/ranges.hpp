// What is so small or large that a unit must be wrong.
#pragma once

#include <string>
#include <string_view>

#include "roofline/core/quantity.hpp"

namespace roofline::db {

// Empty, or what follows "'value' in ...": "is 1e+15 Hz, outside 1 MHz to 100 GHz". `unit` tells pure numbers apart.
std::string implausible(const AnyQuantity& value, std::string_view unit);

}  // namespace roofline::db
