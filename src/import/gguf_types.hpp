// Tensor types of GGUF files by number.
#pragma once

#include <cstdint>
#include <string_view>

namespace roofline::import {

struct GgufType {
  std::uint32_t number = 0;
  std::string_view id;  // format id
  std::uint32_t block_weights = 1;
  std::uint32_t block_bytes = 1;
};
const GgufType* find_type(std::uint32_t number);  // null: not known, or removed from the format

}  // namespace roofline::import
