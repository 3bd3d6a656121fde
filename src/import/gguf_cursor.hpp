// Reads a file forward in blocks and knows how much of it is left. Every length is checked against that before it is used.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <istream>
#include <string>
#include <string_view>
#include <vector>

#include "roofline/import/gguf.hpp"

namespace roofline::import {

// Thrown inside the reader only; the public functions turn it into a Problem.
struct Failure {
  std::uint64_t offset = 0;
  std::string message;
};

// Names from a file, safe to print: at most 80 bytes, anything but printable ASCII as '?'.
std::string printable(std::string_view text);

class Cursor {
 public:
  Cursor(std::istream& in, std::uint64_t size, const GgufLimits& limits);

  void swap_bytes(bool swap) { swap_ = swap; }
  [[nodiscard]] std::uint64_t position() const { return position_; }
  [[nodiscard]] std::uint64_t left() const { return size_ - position_; }
  [[nodiscard]] const GgufLimits& limits() const { return limits_; }

  [[noreturn]] void fail(std::string message) const { throw Failure{position_, std::move(message)}; }
  void need(std::uint64_t bytes, const char* what) const;
  // `count` things of at least `each` bytes must fit into what is left of the file.
  void need_each(std::uint64_t count, std::uint64_t each, const char* what) const;
  void spend(std::uint64_t bytes);  // from the memory budget

  template <class T>
  T number(const char* what) {
    std::array<char, sizeof(T)> bytes{};
    need(sizeof(T), what);
    take(bytes.data(), sizeof(T));
    if (swap_) std::reverse(bytes.begin(), bytes.end());
    return std::bit_cast<T>(bytes);
  }
  // A length-prefixed string of at most `most` bytes, of which at most `kept` are returned.
  std::string text(const char* what, std::uint64_t most, std::uint64_t kept);
  void skip_text(const char* what);
  void skip(std::uint64_t bytes, const char* what);

 private:
  std::uint64_t text_length(const char* what, std::uint64_t most);
  void take(char* target, std::size_t bytes);
  void refill();

  std::istream& in_;
  std::uint64_t size_;
  std::uint64_t position_ = 0;
  std::uint64_t spent_ = 0;
  GgufLimits limits_;
  bool swap_ = false;
  std::istream::pos_type start_;
  std::vector<char> block_;
  std::size_t block_used_ = 0;
};

}  // namespace roofline::import
