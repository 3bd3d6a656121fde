#include "bench/buffer.hpp"

#include <sys/mman.h>

#include <cstring>
#include <thread>

#include "bench/sampling.hpp"

namespace roofline::bench {
namespace {

constexpr std::size_t huge_page = 2u << 20;

}  // namespace

Buffer::Buffer(std::size_t bytes) {
  for (size_ = (bytes + huge_page - 1) / huge_page * huge_page; size_ >= huge_page; size_ = size_ / 2 / huge_page * huge_page) {
    mapped_ = size_ + huge_page;
    mapping_ = mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (mapping_ == MAP_FAILED) {
      mapping_ = nullptr;
      continue;
    }
    const auto address = reinterpret_cast<std::uintptr_t>(mapping_);
    data_ = static_cast<std::byte*>(mapping_) + (huge_page - address % huge_page) % huge_page;
    madvise(data_, size_, MADV_HUGEPAGE);  // a wish; where it is not granted small pages do
    return;
  }
  size_ = mapped_ = 0;
}

Buffer::~Buffer() {
  if (mapping_ != nullptr) munmap(mapping_, mapped_);
}

void fill_words(std::byte* data, std::size_t bytes, std::uint64_t seed) {
  // Four half-precision numbers at a time: exponents of 2^-4 to 2^-1, twelve random bits each.
  constexpr std::uint64_t random_bits = 0x0fff0fff0fff0fff, exponents = 0x2c002c002c002c00;
  std::uint64_t state = seed * 0x9e3779b97f4a7c15 | 1;
  for (std::size_t i = 0; i + 8 <= bytes; i += 8) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    const std::uint64_t word = (state & random_bits) + exponents;
    std::memcpy(data + i, &word, sizeof word);
  }
}

void fill(Buffer& buffer, const std::vector<int>& cpus) {
  const std::size_t share = buffer.size() / cpus.size() / huge_page * huge_page;
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < cpus.size(); ++i) {
    threads.emplace_back([&, i] {
      pin_to(cpus[i]);
      const std::size_t begin = i * share;
      fill_words(buffer.data() + begin, i + 1 == cpus.size() ? buffer.size() - begin : share, i + 1);
    });
  }
}

}  // namespace roofline::bench
