// Dimensions of the known recurrent blocks -> RecurrentMixer: matrices by role, state per sequence, work per token.
#pragma once

#include "roofline/core/model_spec.hpp"

namespace roofline {

// Selective state space (Mamba): a state of `state` values for each of `inner` channels. [model.md#recurrent-state]
struct Mamba1Block {
  int inner = 0;   // channels, expand x hidden
  int state = 0;   // values per channel
  int rank = 0;    // of the time step's projection
  int kernel = 0;  // of the convolution
};
RecurrentMixer mamba1_mixer(int hidden, const Mamba1Block& block);

// Mamba-2: heads of `head_dim` channels with one decay each; `groups` of heads share their input and output projections.
struct Mamba2Block {
  int heads = 0;
  int head_dim = 0;
  int state = 0;
  int groups = 0;
  int kernel = 0;
};
RecurrentMixer mamba2_mixer(int hidden, const Mamba2Block& block);

// RWKV-7: time mix with a matrix state per head, and its channel mix, which shifts tokens too. The first layer has no value residual.
struct Rwkv7Block {
  int heads = 0;
  int head_dim = 0;
  int decay_rank = 0;
  int rate_rank = 0;   // of the in-context learning rate
  int value_rank = 0;  // of the value residual
  int gate_rank = 0;
  int channel_mix = 0;  // width of the channel mix
};
RecurrentMixer rwkv7_mixer(int hidden, const Rwkv7Block& block, bool first_layer);

// Gated short convolution (LFM2): it keeps the last `kernel` - 1 inputs and no other state.
RecurrentMixer short_conv_mixer(int hidden, int kernel);

}  // namespace roofline
