// Writes small GGUF files into memory, as the GGUF specification lays them out; no code is shared with the reader.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <sstream>
#include <string>
#include <vector>

#include "roofline/import/gguf.hpp"

namespace roofline::testing {

class GgufWriter {
 public:
  explicit GgufWriter(std::uint32_t version = 3, bool big_endian = false) : version_(version), big_(big_endian) {}

  template <class T>
  std::string raw(T value) const {
    std::string bytes(sizeof(T), '\0');
    std::memcpy(bytes.data(), &value, sizeof(T));
    if (big_ == (std::endian::native == std::endian::little)) std::reverse(bytes.begin(), bytes.end());
    return bytes;
  }
  std::string text(const std::string& value) const { return raw(std::uint64_t{value.size()}) + value; }

  void pair(const std::string& key, std::uint32_t type, const std::string& value) {
    pairs_ += text(key) + raw(type) + value;
    ++pair_count_;
  }
  void number(const std::string& key, std::uint32_t value) { pair(key, 4, raw(value)); }
  void string(const std::string& key, const std::string& value) { pair(key, 8, text(value)); }
  template <class T>
  void array(const std::string& key, std::uint32_t type, const std::vector<T>& values) {
    std::string bytes = raw(type) + raw(std::uint64_t{values.size()});
    for (const T value : values) bytes += raw(value);
    pair(key, 9, bytes);
  }
  void strings(const std::string& key, const std::vector<std::string>& values) {
    std::string bytes = raw(std::uint32_t{8}) + raw(std::uint64_t{values.size()});
    for (const std::string& value : values) bytes += text(value);
    pair(key, 9, bytes);
  }
  void tensor(const std::string& name, const std::vector<std::uint64_t>& shape, std::uint32_t type, std::uint64_t bytes) {
    tensors_ += text(name) + raw(static_cast<std::uint32_t>(shape.size()));
    for (const std::uint64_t n : shape) tensors_ += raw(n);
    tensors_ += raw(type) + raw(data_);
    data_ = (data_ + bytes + 31) / 32 * 32;
    ++tensor_count_;
  }

  std::string header() const {
    return "GGUF" + raw(version_) + raw(tensor_count_) + raw(pair_count_) + pairs_ + tensors_;
  }
  std::string file() const {
    std::string bytes = header();
    bytes.resize((bytes.size() + 31) / 32 * 32 + static_cast<std::size_t>(data_), '\0');
    return bytes;
  }

 private:
  std::uint32_t version_;
  bool big_;
  std::string pairs_;
  std::string tensors_;
  std::uint64_t pair_count_ = 0;
  std::uint64_t tensor_count_ = 0;
  std::uint64_t data_ = 0;
};

inline import::Result<import::GgufHeader> read(const std::string& bytes, const import::GgufLimits& limits = {}) {
  std::istringstream in(bytes);
  return import::read_gguf(in, bytes.size(), limits);
}
// A model's header alone: its tensors are far too large to be written.
inline import::Result<import::GgufHeader> read_header(const GgufWriter& writer) {
  import::GgufLimits limits;
  limits.data_present = false;
  return read(writer.header(), limits);
}

}  // namespace roofline::testing
