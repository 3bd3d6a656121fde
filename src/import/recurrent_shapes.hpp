// Matrices, state and work of recurrent layers from their few dimensions; shared by the readers of configurations and of GGUF keys.
#pragma once

#include "roofline/core/model_spec.hpp"

namespace roofline::import {

struct GatedDelta {
  int hidden = 0, key_heads = 0, value_heads = 0, key_dim = 0, value_dim = 0, kernel = 0;
};
RecurrentMixer gated_delta_shape(const GatedDelta& d);

struct Mamba2 {
  int hidden = 0, heads = 0, head_dim = 0, groups = 0, state = 0, kernel = 0;
  bool conv_bias = true;
};
RecurrentMixer mamba2_shape(const Mamba2& d);

RecurrentMixer short_conv_shape(int hidden, int kernel);

}  // namespace roofline::import
