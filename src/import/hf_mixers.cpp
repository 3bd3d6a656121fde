#include "import/hf_mixers.hpp"

#include <algorithm>

#include "import/ids.hpp"
#include "import/recurrent_shapes.hpp"
#include "roofline/core/recurrent_blocks.hpp"

namespace roofline::import {

LatentAttention latent_attention(HfFacts& facts) {
  LatentAttention a;
  a.heads = facts.needed({"num_attention_heads"}, most_heads);
  a.q_lora_rank = facts.number_or({"q_lora_rank"}, 0, widest, 0);
  a.kv_lora_rank = facts.needed({"kv_lora_rank"}, widest);
  a.rope_dim = facts.needed({"qk_rope_head_dim"}, widest);
  a.nope_dim = facts.needed({"qk_nope_head_dim"}, widest);
  // MiniCPM3 derives it: hidden / heads. (configuration_minicpm.py)
  const int hidden = facts.number_or({"hidden_size"}, 1, widest, 1);
  if (facts.text_or("model_type", "") == "minicpm3" && !facts.has({"v_head_dim"})) a.value_dim = std::max(1, hidden / a.heads);
  else a.value_dim = facts.needed({"v_head_dim"}, widest);
  return a;
}

RecurrentMixer delta_rule(HfFacts& facts, int hidden) {
  const int k_heads = facts.needed({"linear_num_key_heads"}, most_heads);
  const int v_heads = facts.needed({"linear_num_value_heads"}, most_heads);
  const int k_dim = facts.needed({"linear_key_head_dim"}, 65536);
  const int v_dim = facts.needed({"linear_value_head_dim"}, 65536);
  const int kernel = facts.number_or({"linear_conv_kernel_dim"}, 1, 1024, 4);
  return gated_delta_shape({hidden, k_heads, v_heads, k_dim, v_dim, kernel});
}

RecurrentMixer mamba2(HfFacts& facts, int hidden, const std::string& prefix) {
  const bool prefixed = !prefix.empty();
  const int heads = facts.needed({prefixed ? "mamba_n_heads" : "mamba_num_heads", "mamba_num_heads", "num_heads"}, most_heads);
  // "auto": what the heads make of the inner width.
  const int expand = facts.number_or({"mamba_expand", "expand"}, 1, 64, 2);
  const Json* stated = facts.find("mamba_d_head");
  const bool automatic = stated != nullptr && stated->is_string();
  const int head_dim = automatic ? std::max<int>(1, static_cast<int>(std::int64_t{hidden} * expand / heads)) : facts.needed({"mamba_d_head", "mamba_head_dim", "head_dim"}, 65536);
  const int groups = facts.number_or({"mamba_n_groups", "n_groups"}, 1, most_heads, 1);
  const int state = facts.needed({"mamba_d_state", "ssm_state_size", "state_size"}, 65536);
  const int kernel = facts.number_or({"mamba_d_conv", "conv_kernel"}, 1, 1024, 4);
  return mamba2_mixer(hidden, {.heads = heads, .head_dim = head_dim, .state = state, .groups = groups, .kernel = kernel});
}

RecurrentMixer short_convolution(HfFacts& facts, int hidden) {
  return short_conv_mixer(hidden, facts.number_or({"conv_L_cache"}, 1, 1024, 3));
}

RecurrentMixer mamba1(HfFacts& facts, int hidden) {
  Mamba1Block block;
  block.inner = facts.number_or({"intermediate_size", "d_inner"}, 1, widest, 2 * std::min(hidden, widest / 2));
  block.state = facts.number_or({"state_size", "d_state"}, 1, 65536, 16);
  block.kernel = facts.number_or({"conv_kernel", "d_conv"}, 1, 1024, 4);
  // "auto": a sixteenth of hidden, rounded up. (configuration_mamba.py)
  const Json* rank = facts.find("time_step_rank");
  const bool automatic = rank == nullptr || rank->is_string();
  block.rank = automatic ? (hidden + 15) / 16 : facts.number_or({"time_step_rank"}, 1, widest, 1);
  return mamba1_mixer(hidden, block);
}

RecurrentMixer rwkv7(HfFacts& facts, int hidden, bool first_layer) {
  Rwkv7Block block;
  block.head_dim = facts.number_or({"head_dim", "head_size"}, 1, 65536, 64);
  block.heads = std::max(1, hidden / block.head_dim);
  block.decay_rank = facts.needed({"decay_low_rank_dim", "lora_rank_decay"}, widest);
  block.rate_rank = facts.needed({"a_low_rank_dim", "lora_rank_iclr"}, widest);
  block.value_rank = facts.needed({"v_low_rank_dim", "lora_rank_value_residual_mix"}, widest);
  block.gate_rank = facts.needed({"gate_low_rank_dim", "lora_rank_gate"}, widest);
  block.channel_mix = facts.number_or({"intermediate_size"}, 1, widest, 4 * std::min(hidden, widest / 4));
  return rwkv7_mixer(hidden, block, first_layer);
}

}  // namespace roofline::import
