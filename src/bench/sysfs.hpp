// Small files of /proc and /sys under any root; a file that is missing or odd is simply not known.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace roofline::bench {

std::optional<std::string> read_line(const std::filesystem::path& file);  // first line, without trailing blanks or zero bytes
std::optional<double> read_number(const std::filesystem::path& file);
std::optional<std::uint64_t> read_hexadecimal(const std::filesystem::path& file);
// "key : value" files such as /proc/cpuinfo: the first value of the key.
std::optional<std::string> read_field(const std::filesystem::path& file, const std::string& key);

}  // namespace roofline::bench
