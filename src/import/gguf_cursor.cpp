#include "import/gguf_cursor.hpp"

namespace roofline::import {
namespace {

constexpr std::size_t block_bytes = 65'536;

}  // namespace

std::string printable(std::string_view text) {
  constexpr std::size_t longest = 80;
  std::string shown(text.substr(0, longest));
  for (char& c : shown) {
    if (c < ' ' || c > '~') c = '?';
  }
  return text.size() > longest ? shown + "..." : shown;
}

Cursor::Cursor(std::istream& in, std::uint64_t size, const GgufLimits& limits) : in_(in), size_(size), limits_(limits), start_(in.tellg()) {
  if (start_ == std::istream::pos_type(-1)) throw Failure{0, "the file cannot be read by position"};
}

void Cursor::need(std::uint64_t bytes, const char* what) const {
  if (bytes > left()) {
    fail("the file ends inside " + std::string(what) + ": " + std::to_string(bytes) + " bytes needed, " + std::to_string(left()) + " left");
  }
  if (bytes > limits_.header_bytes || position_ > limits_.header_bytes - bytes) {
    fail(std::string(what) + ": the header would be longer than " + std::to_string(limits_.header_bytes) + " bytes");
  }
}

void Cursor::need_each(std::uint64_t count, std::uint64_t each, const char* what) const {
  if (count > left() / each) {
    fail(std::to_string(count) + " " + what + " of at least " + std::to_string(each) + " bytes do not fit into the " + std::to_string(left()) + " bytes left");
  }
}

void Cursor::spend(std::uint64_t bytes) {
  spent_ += bytes;
  if (spent_ > limits_.memory_bytes) fail("the header would need more than " + std::to_string(limits_.memory_bytes) + " bytes of memory");
}

std::uint64_t Cursor::text_length(const char* what, std::uint64_t most) {
  const std::uint64_t at = position_;
  const auto length = number<std::uint64_t>(what);
  if (length > most) throw Failure{at, std::string(what) + " of " + std::to_string(length) + " bytes; at most " + std::to_string(most) + " are read"};
  need(length, what);
  return length;
}

std::string Cursor::text(const char* what, std::uint64_t most, std::uint64_t kept) {
  const std::uint64_t length = text_length(what, most);
  const std::uint64_t wanted = std::min(length, kept);
  spend(wanted + 64);  // 64: the node or element that holds it, roughly
  std::string text(static_cast<std::size_t>(wanted), '\0');
  take(text.data(), text.size());
  skip(length - wanted, what);
  return text;
}

void Cursor::skip_text(const char* what) { skip(text_length(what, limits_.string_bytes), what); }

void Cursor::skip(std::uint64_t bytes, const char* what) {
  need(bytes, what);
  position_ += bytes;
  const std::uint64_t buffered = block_.size() - block_used_;
  if (bytes <= buffered) {
    block_used_ += static_cast<std::size_t>(bytes);
  } else {
    block_.clear();  // the next read starts at position_
    block_used_ = 0;
  }
}

void Cursor::take(char* target, std::size_t bytes) {
  while (bytes > 0) {
    if (block_used_ == block_.size()) refill();
    const std::size_t chunk = std::min(bytes, block_.size() - block_used_);
    std::memcpy(target, block_.data() + block_used_, chunk);
    target += chunk;
    bytes -= chunk;
    block_used_ += chunk;
    position_ += chunk;
  }
}

void Cursor::refill() {
  block_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(block_bytes, left())));
  block_used_ = 0;
  in_.clear();
  in_.seekg(start_ + static_cast<std::streamoff>(position_));
  in_.read(block_.data(), static_cast<std::streamsize>(block_.size()));
  block_.resize(static_cast<std::size_t>(in_.gcount()));
  if (block_.empty()) fail("the file ends here, before its stated size of " + std::to_string(size_) + " bytes");
}

}  // namespace roofline::import
