#include "db/words.hpp"

#include <algorithm>

namespace roofline::db {
namespace {

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

// Length of the control character at `i`, 0 if there is none: C0, DEL, and C1 (which UTF-8 writes as C2 80 to C2 9F).
std::size_t control_length(std::string_view text, std::size_t i) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  if (byte(i) < 0x20 || byte(i) == 0x7f) return 1;
  return byte(i) == 0xc2 && i + 1 < text.size() && byte(i + 1) >= 0x80 && byte(i + 1) < 0xa0 ? 2 : 0;
}

}  // namespace

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

bool has_control(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (control_length(text, i) > 0) return true;
  }
  return false;
}

std::string printable(std::string_view text, std::size_t longest) {
  std::size_t end = std::min(text.size(), longest);
  while (end < text.size() && end > 0 && is_continuation(text[end])) --end;
  std::string out;
  for (std::size_t i = 0; i < end; ++i) {
    const std::size_t control = control_length(text, i);
    out += control > 0 ? '?' : text[i];
    if (control > 1) ++i;
  }
  return end < text.size() ? out + "..." : out;
}

std::string shortened(std::string_view text) {
  constexpr std::size_t longest = 60;
  return printable(text, longest);
}

std::string in_quotes(std::string_view text) { return "'" + shortened(text) + "'"; }

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
  return out;
}

bool is_id(std::string_view text) {
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  if (text.empty() || !plain(text.front())) return false;
  return std::all_of(text.begin(), text.end(), [&](char c) { return plain(c) || c == '-' || c == '.' || c == '_'; });
}

}  // namespace roofline::db
