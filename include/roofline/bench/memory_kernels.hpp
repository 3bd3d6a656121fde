// Loops that move bytes, in inline assembly: what the compiler writes instead (memcpy, non-temporal stores above some size) is not
// what was meant to be measured. Also the two dependent chains: through memory for its latency, through a register for the clock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "roofline/bench/features.hpp"

namespace roofline::bench {

enum class MemoryOp { read, write, write_nontemporal, copy, copy_nontemporal, triad };
std::string_view to_string(MemoryOp op);
// Bytes the program moves for each byte of working set: read and write 1, copy and triad 1 as well, as their arrays share it.
// What the bus moves besides: a store to a line that is not in the cache first reads it (read for ownership).
double ownership_factor(MemoryOp op);
int array_count(MemoryOp op);  // copy 2, triad 3

// Arrays of `bytes` each, a multiple of memory_block, aligned to it: a is written, b and c are read (read: a is read).
struct MemoryArguments {
  std::byte* a = nullptr;
  const std::byte* b = nullptr;
  const std::byte* c = nullptr;
  std::size_t bytes = 0;
  std::size_t passes = 1;
  std::size_t prefetch = 0;  // distance ahead in bytes, for patterns that prefetch
};
inline constexpr std::size_t memory_block = 2048;

struct MemoryKernel {
  MemoryOp op = MemoryOp::read;
  std::string_view instruction;  // "vmovups zmm"
  std::string_view pattern;      // "one stream", "ahead 2048" (prefetches), "4 streams"
  Feature needs = Feature::baseline;
  std::size_t prefetch = 0;
  void (*run)(const MemoryArguments&) = nullptr;
};
const std::vector<MemoryKernel>& memory_kernels();

// Follows `steps` (a multiple of 16) pointers from `start`; returns where it arrives.
const void* chase(const void* start, std::uint64_t steps);
// A circle through every line of the buffer in an order no prefetcher follows: the line after line i is (a x i + c) mod n.
// `lines` is a power of two, `spacing` bytes apart.
void link_lines(std::byte* buffer, std::size_t lines, std::size_t spacing);

// `steps` (a multiple of 64) additions of one register to another, each waiting for the one before: one cycle each on every core
// there is. Registers, not constants: newer cores add small constants while renaming.
std::uint64_t add_chain(std::uint64_t steps);

// Plain check of one kernel on a small buffer: what was written is what should have been. Empty if right.
std::string check_memory_kernel(const MemoryKernel& kernel);

}  // namespace roofline::bench
