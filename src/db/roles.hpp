// The tensor roles that quantization rules and models may name. The list stands in hardware_db/schema.md as well.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "db/reader.hpp"

namespace roofline::db {

std::span<const std::string_view> tensor_roles();
// The text at `key`, refused unless it is a role: a rule for a role that no tensor has would never match, in silence.
std::string checked_role(Table& table, std::string_view key);
std::vector<std::string> checked_roles(Table& table, std::string_view key);

}  // namespace roofline::db
