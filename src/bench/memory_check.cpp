#include <algorithm>
#include <cstring>
#include <string>

#include "roofline/bench/memory_kernels.hpp"

namespace roofline::bench {
namespace {

constexpr std::size_t check_bytes = 4 * memory_block;
constexpr double triad_factor = 3;

// Aligned room for three arrays and a margin on each side that must stay as it is.
struct Arrays {
  std::vector<std::byte> storage = std::vector<std::byte>(3 * check_bytes + 6 * memory_block);
  std::byte* base = nullptr;
  Arrays() {
    const auto address = reinterpret_cast<std::uintptr_t>(storage.data());
    base = storage.data() + (memory_block - address % memory_block) % memory_block + memory_block;
    for (std::size_t i = 0; i < storage.size() / sizeof(double); ++i) {
      const auto value = static_cast<double>(i % 1000 + 1);
      std::memcpy(storage.data() + i * sizeof value, &value, sizeof value);
    }
  }
  std::byte* array(std::size_t i) { return base + i * (check_bytes + memory_block); }
};

double at(const std::byte* array, std::size_t i) {
  double value = 0;
  std::memcpy(&value, array + i * sizeof value, sizeof value);
  return value;
}

bool written_right(MemoryOp op, const std::byte* a, const std::byte* b, const std::byte* c, const std::vector<std::byte>& before) {
  constexpr std::size_t period = 64;
  switch (op) {
    case MemoryOp::read: return std::equal(a, a + check_bytes, before.data());
    case MemoryOp::write:
    case MemoryOp::write_nontemporal:
      return !std::equal(a, a + period, before.data()) && std::equal(a, a + check_bytes - period, a + period);
    case MemoryOp::copy:
    case MemoryOp::copy_nontemporal: return std::equal(a, a + check_bytes, b);
    case MemoryOp::triad:
      for (std::size_t i = 0; i < check_bytes / sizeof(double); ++i) {
        if (at(a, i) != at(b, i) + triad_factor * at(c, i)) return false;
      }
      return true;
  }
  return false;
}

}  // namespace

std::string_view to_string(MemoryOp op) {
  switch (op) {
    case MemoryOp::read: return "read";
    case MemoryOp::write: return "write";
    case MemoryOp::write_nontemporal: return "write_nt";
    case MemoryOp::copy: return "copy";
    case MemoryOp::copy_nontemporal: return "copy_nt";
    case MemoryOp::triad: return "triad";
  }
  return "?";
}

double ownership_factor(MemoryOp op) {
  switch (op) {
    case MemoryOp::read:
    case MemoryOp::write_nontemporal:
    case MemoryOp::copy_nontemporal: return 1.0;
    case MemoryOp::write: return 2.0;        // line read, line written
    case MemoryOp::copy: return 3.0 / 2.0;   // two of three are counted
    case MemoryOp::triad: return 4.0 / 3.0;  // three of four
  }
  return 1.0;
}

int array_count(MemoryOp op) {
  switch (op) {
    case MemoryOp::read:
    case MemoryOp::write:
    case MemoryOp::write_nontemporal: return 1;
    case MemoryOp::copy:
    case MemoryOp::copy_nontemporal: return 2;
    case MemoryOp::triad: return 3;
  }
  return 1;
}

void link_lines(std::byte* buffer, std::size_t lines, std::size_t spacing) {
  // A linear congruential generator visits every residue of a power of two where c is odd and a mod 4 is 1 (Hull and Dobell 1962).
  constexpr std::size_t a = 0x2c9277b5, c = 0x3c6ef35f;
  static_assert(a % 4 == 1 && c % 2 == 1);
  for (std::size_t i = 0; i < lines; ++i) {
    const std::byte* next = buffer + ((a * i + c) & (lines - 1)) * spacing;
    std::memcpy(buffer + i * spacing, &next, sizeof next);
  }
}

std::string check_memory_kernel(const MemoryKernel& kernel) {
  Arrays arrays;
  std::byte* a = arrays.array(0);
  const std::byte *b = arrays.array(1), *c = arrays.array(2);
  const std::vector<std::byte> all = arrays.storage;
  const std::vector<std::byte> before(a, a + check_bytes);
  kernel.run({a, b, c, check_bytes, 2, kernel.prefetch});
  const std::string name = std::string(to_string(kernel.op)) + ", " + std::string(kernel.instruction) + ", " + std::string(kernel.pattern);
  if (!written_right(kernel.op, a, b, c, before)) return name + ": the array does not hold what was to be written";
  // Nothing outside the array was touched.
  std::copy(before.begin(), before.end(), a);
  return arrays.storage == all ? "" : name + ": wrote outside its array";
}

}  // namespace roofline::bench
