// Option values as typed -> numbers and choices. Every refusal names the option, what was typed and what is accepted.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/commands.hpp"

namespace roofline::cli {

// The whole text is one decimal integer that fits an int.
bool parse_int(std::string_view text, int& value);

// Empty if the option was not given; an empty value or the option given twice is an error.
std::optional<std::string> single(const Values& values, const std::string& option);
std::optional<int> whole_number(const Values& values, const std::string& option, int least, int most);
// Above zero and finite.
std::optional<double> positive_number(const Values& values, const std::string& option);
double positive_number(const std::string& text, const std::string& option);
int whole_number(const std::string& text, const std::string& option, int least, int most);

[[noreturn]] void fail_choice(const std::string& option, const std::string& value, const std::vector<std::string>& choices);
std::string either(const std::vector<std::string>& names);  // "a", "a or b", "a, b or c"
std::string lower(std::string_view text);

// What the user typed, fit for a message: cut to some 60 characters, control characters escaped.
std::string echo(std::string_view typed);
// Control characters other than line ends escaped: a message never steers the terminal.
std::string printable(std::string_view text);

}  // namespace roofline::cli
