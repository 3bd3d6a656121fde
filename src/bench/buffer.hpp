// Memory to measure on: whole huge pages where the system grants them, first touched by the threads that will use it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace roofline::bench {

class Buffer {
 public:
  // As much of `bytes` as can be had, halved until it can; empty if nothing can.
  explicit Buffer(std::size_t bytes);
  ~Buffer();
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  [[nodiscard]] std::byte* data() const { return data_; }
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
  void* mapping_ = nullptr;
  std::size_t mapped_ = 0;
};

// Random data of which every two bytes are an ordinary number in half precision, and so every eight one in double precision: neither
// zeros, which some machines move faster, nor numbers that take a slow path. Each CPU's thread fills, and so places, its share.
void fill(Buffer& buffer, const std::vector<int>& cpus);
void fill_words(std::byte* data, std::size_t bytes, std::uint64_t seed);

}  // namespace roofline::bench
