// Names of tensors in Hugging Face checkpoints -> layer and role.
#pragma once

#include <string>
#include <string_view>

namespace roofline::import {

struct HfPlace {
  int layer = -1;      // -1: not in a layer
  std::string role;    // GGUF's name; `vision` for encoders, `mtp` for draft layers, empty where the name says nothing known
  std::string stem;    // the module: several tensors belong to one packed matrix
  bool packed = false; // a part of a packed matrix: scales, zero points, packed values
  bool bias = false;
};
HfPlace hf_place(std::string_view name);

}  // namespace roofline::import
