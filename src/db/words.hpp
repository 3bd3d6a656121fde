// Small text rules shared by the loaders, the index and the catalog.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace roofline::db {

// ASCII only: ids and aliases are compared without regard to case, names in other scripts byte for byte.
std::string lower(std::string_view text);
// As shown in messages: cut to a readable length, control characters replaced.
std::string in_quotes(std::string_view text);
std::string joined(const std::vector<std::string>& words);

// Lower-case letters, digits, '-', '.', '_'; begins with a letter or digit.
bool is_id(std::string_view text);

}  // namespace roofline::db
