#include "roofline/core/recurrent_blocks.hpp"

namespace roofline {
namespace {

using std::int64_t;

// Operations on one element of the state for each token; exponentials and gates on vectors are left out as elsewhere.
constexpr double state_space_ops = 6.0;  // decay, rank-one update (input times projection, times step, added), product with the output
constexpr double rwkv7_ops = 9.0;        // decay; product with the removal key and its rank-one update; rank-one update; product

}  // namespace

RecurrentMixer mamba1_mixer(int hidden, const Mamba1Block& b) {
  const int64_t inner = b.inner;
  RecurrentMixer mixer;
  mixer.matrices = {{"ssm_in", 2 * inner, hidden}, {"ssm_x", b.rank + int64_t{2} * b.state, inner}, {"ssm_dt", inner, b.rank}, {"ssm_out", hidden, inner}};
  mixer.vector_elements = inner * (b.kernel + 1) + inner + inner * b.state + inner;  // convolution and its bias, dt bias, A, D
  mixer.state_elements = inner * b.state;
  mixer.conv_elements = inner * (b.kernel - 1);
  mixer.ops_per_token = state_space_ops * static_cast<double>(mixer.state_elements);
  return mixer;
}

RecurrentMixer mamba2_mixer(int hidden, const Mamba2Block& b) {
  const int64_t inner = int64_t{b.heads} * b.head_dim;
  const int64_t projections = int64_t{2} * b.groups * b.state;
  RecurrentMixer mixer;
  mixer.matrices = {{"ssm_in", 2 * inner + projections + b.heads, hidden}, {"ssm_out", hidden, inner}};
  mixer.vector_elements = (inner + projections) * (b.kernel + 1) + int64_t{3} * b.heads + inner;  // ... dt bias, A, D; gated norm
  mixer.state_elements = inner * b.state;
  mixer.conv_elements = (inner + projections) * (b.kernel - 1);
  mixer.ops_per_token = state_space_ops * static_cast<double>(mixer.state_elements);
  return mixer;
}

RecurrentMixer rwkv7_mixer(int hidden, const Rwkv7Block& b, bool first_layer) {
  const int64_t inner = int64_t{b.heads} * b.head_dim;
  RecurrentMixer mixer;
  for (int i = 0; i < 3; ++i) mixer.matrices.push_back({"time_mix", inner, hidden});  // receptance, key, value
  mixer.matrices.push_back({"time_mix", hidden, inner});
  const auto low_rank = [&](int rank) {
    mixer.matrices.push_back({"time_mix_lora", rank, hidden});
    mixer.matrices.push_back({"time_mix_lora", inner, rank});
  };
  low_rank(b.decay_rank);
  low_rank(b.rate_rank);
  if (!first_layer) low_rank(b.value_rank);
  low_rank(b.gate_rank);
  mixer.matrices.push_back({"channel_mix", b.channel_mix, hidden});
  mixer.matrices.push_back({"channel_mix", hidden, b.channel_mix});
  // Six shifts of the time mix, one of the channel mix; biases of decay, rate and value; key removal, key rate, bonus; group norm.
  mixer.vector_elements = int64_t{7} * hidden + (first_layer ? 2 : 3) * inner + 3 * inner + 2 * inner;
  mixer.state_elements = inner * b.head_dim;
  mixer.conv_elements = int64_t{2} * hidden;  // the last token's inputs of both mixes
  mixer.ops_per_token = rwkv7_ops * static_cast<double>(mixer.state_elements);
  return mixer;
}

RecurrentMixer short_conv_mixer(int hidden, int kernel) {
  const int64_t width = hidden;
  RecurrentMixer mixer;
  mixer.matrices = {{"ssm_in", 3 * width, width}, {"ssm_out", width, width}};
  mixer.vector_elements = width * kernel;
  mixer.conv_elements = width * (kernel - 1);
  mixer.ops_per_token = 2.0 * static_cast<double>(width) * kernel;
  return mixer;
}

}  // namespace roofline
