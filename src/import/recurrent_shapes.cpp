#include "import/recurrent_shapes.hpp"

#include <cstdint>

namespace roofline::import {
namespace {
using std::int64_t;
}

// Queries and keys of key_heads, values of value_heads; a gate per value; one decay and one step per value head. The state is a
// key_dim x value_dim matrix per value head: decay (1), read (2), outer-product update (2), output (2) ops per element.
// (modeling_qwen3_next.py, Qwen3NextGatedDeltaNet)
RecurrentMixer gated_delta_shape(const GatedDelta& d) {
  const int64_t keys = int64_t{d.key_heads} * d.key_dim;
  const int64_t values = int64_t{d.value_heads} * d.value_dim;
  const int64_t mixed = 2 * keys + values;
  RecurrentMixer m;
  m.matrices = {{"attn_qkv", mixed, d.hidden}, {"ssm_in", values, d.hidden}, {"ssm_in", 2LL * d.value_heads, d.hidden}, {"ssm_out", d.hidden, values}};
  m.vector_elements = mixed * d.kernel + 2LL * d.value_heads + d.value_dim;  // convolution, A_log, dt_bias, norm of one head
  m.state_elements = values * d.key_dim;
  m.conv_elements = mixed * (d.kernel - 1);
  m.ops_per_token = 7.0 * static_cast<double>(m.state_elements);
  return m;
}

}  // namespace roofline::import
