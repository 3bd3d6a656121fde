// The bytes that write kernels of every architecture store.
#pragma once

#include <cstdint>

namespace roofline::bench {

// What is stored: no zeros, which some machines write three times as fast; every two bytes of it are an ordinary half-precision number, as
// in the rest of the buffers. Then the factor of the triad.
struct alignas(128) StoredData {
  std::uint64_t words[8] = {0x342c37792ced3ae6, 0x33f82da831042f9f, 0x37e53b0233e3382f, 0x2f4333fa2c6b32ef,
                            0x390f34f131d33876, 0x311b2e4d30703a3c, 0x300d303b2c0e2c2b, 0x32b332e5314e3153};
  double factor[8] = {3, 3, 3, 3, 3, 3, 3, 3};
};
inline constexpr StoredData stored_data;

}  // namespace roofline::bench
