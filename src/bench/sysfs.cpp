#include "bench/sysfs.hpp"

#include <charconv>
#include <fstream>

namespace roofline::bench {
namespace {

// A line of the kernel's is short; more than this is not what was looked for.
constexpr std::size_t longest_line = 4096;

std::string trimmed(std::string text) {
  while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.pop_back();
  std::size_t begin = 0;
  while (begin < text.size() && static_cast<unsigned char>(text[begin]) <= ' ') ++begin;
  return text.substr(begin);
}

}  // namespace

std::optional<std::string> read_line(const std::filesystem::path& file) {
  std::error_code failed;
  if (!std::filesystem::is_regular_file(file, failed)) return std::nullopt;
  std::ifstream in(file);
  std::string line;
  if (!std::getline(in, line) || line.size() > longest_line) return std::nullopt;
  line = trimmed(line);
  return line.empty() ? std::nullopt : std::optional(line);
}

std::optional<double> read_number(const std::filesystem::path& file) {
  const auto line = read_line(file);
  if (!line) return std::nullopt;
  double value = 0;
  const auto [end, error] = std::from_chars(line->data(), line->data() + line->size(), value);
  return error == std::errc() ? std::optional(value) : std::nullopt;
}

std::optional<std::uint64_t> read_hexadecimal(const std::filesystem::path& file) {
  auto line = read_line(file);
  if (!line) return std::nullopt;
  if (line->starts_with("0x")) line->erase(0, 2);
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(line->data(), line->data() + line->size(), value, 16);
  return error == std::errc() ? std::optional(value) : std::nullopt;
}

std::optional<std::string> read_field(const std::filesystem::path& file, const std::string& key) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    const auto colon = line.find(':');
    if (colon != std::string::npos && trimmed(line.substr(0, colon)) == key) return trimmed(line.substr(colon + 1));
  }
  return std::nullopt;
}

}  // namespace roofline::bench
