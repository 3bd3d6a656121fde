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

// One projection to gate, inner width, B, C and the steps; the convolution runs over inner width, B and C. Per state element:
// decay, input (2), add, output (2). (modeling_mamba2.py, Mamba2Mixer)
RecurrentMixer mamba2_shape(const Mamba2& d) {
  const int64_t inner = int64_t{d.heads} * d.head_dim;
  const int64_t mixed = inner + 2LL * d.groups * d.state;
  RecurrentMixer m;
  m.matrices = {{"ssm_in", inner + mixed + d.heads, d.hidden}, {"ssm_out", d.hidden, inner}};
  m.vector_elements = mixed * d.kernel + (d.conv_bias ? mixed : 0) + 3LL * d.heads + inner;  // A_log, D, dt_bias; norm
  m.state_elements = inner * d.state;
  m.conv_elements = mixed * (d.kernel - 1);
  m.ops_per_token = 6.0 * static_cast<double>(m.state_elements);
  return m;
}

// Two gates and the input in one projection; nothing but the last inputs is kept. (modeling_lfm2.py, Lfm2ShortConv)
RecurrentMixer short_conv_shape(int hidden, int kernel) {
  RecurrentMixer m;
  m.matrices = {{"ssm_in", 3LL * hidden, hidden}, {"ssm_out", hidden, hidden}};
  m.vector_elements = int64_t{hidden} * kernel;
  m.conv_elements = int64_t{hidden} * (kernel - 1);
  m.ops_per_token = 2.0 * hidden * kernel;
  return m;
}

}  // namespace roofline::import
