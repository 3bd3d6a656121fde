// Small text rules shared by the loaders, the index and the catalog.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace roofline::db {

// ASCII only: ids and aliases are compared without regard to case, names in other scripts byte for byte.
std::string lower(std::string_view text);
bool has_control(std::string_view text);
// Cut at `longest` bytes, between characters; control characters replaced: a terminal would obey them.
std::string printable(std::string_view text, std::size_t longest);
// As names are shown in messages: cut to a readable length, control characters replaced.
std::string shortened(std::string_view text);
std::string in_quotes(std::string_view text);
// "; did you mean 'rk3588'?" where one of the known names is near, else nothing.
std::string did_you_mean(std::string_view text, const std::vector<std::string>& known);
std::string joined(const std::vector<std::string>& words);

// Lower-case letters, digits, '-', '.', '_'; begins with a letter or digit.
bool is_id(std::string_view text);

}  // namespace roofline::db
