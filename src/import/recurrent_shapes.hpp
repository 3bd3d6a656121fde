// Matrices, state and work of recurrent layers from their few dimensions; shared by the readers of configurations and of GGUF keys.
#pragma once

#include "roofline/core/model_spec.hpp"

namespace roofline::import {

struct GatedDelta {
  int hidden = 0, key_heads = 0, value_heads = 0, key_dim = 0, value_dim = 0, kernel = 0;
};
RecurrentMixer gated_delta_shape(const GatedDelta& d);

}  // namespace roofline::import
