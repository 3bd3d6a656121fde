// JSON from files of unknown origin: bounded in size, depth and number of values before a tree of it is built.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "roofline/import/result.hpp"

namespace roofline::import {

using Json = nlohmann::json;

// Real files stay far below: an index of a 600 GB checkpoint has 180,000 values and 18 MB, a configuration a few kB.
struct JsonLimits {
  std::uint64_t bytes = std::uint64_t{64} << 20U;
  std::uint64_t values = 2'000'000;
  int depth = 64;
};

// Python writes NaN and Infinity, which JSON does not know; they are read as null. The problem's place is "line 3, column 7".
Result<Json> parse_json(std::string text, const JsonLimits& limits = {});
// A file that is too large is refused unread.
Result<std::string> read_small_file(const std::filesystem::path& path, std::uint64_t most_bytes);
Result<Json> read_json_file(const std::filesystem::path& path, const JsonLimits& limits = {});

// "line 3, column 7" of a byte.
std::string line_and_column(std::string_view text, std::size_t byte);
// NaN, Infinity and -Infinity outside strings as null.
std::string without_python_numbers(const std::string& text);

}  // namespace roofline::import
