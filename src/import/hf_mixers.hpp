// Mixers other than plain attention, from a configuration's keys.
#pragma once

#include <string>

#include "import/hf_facts.hpp"
#include "roofline/core/model_spec.hpp"

namespace roofline::import {

LatentAttention latent_attention(HfFacts& facts);
RecurrentMixer delta_rule(HfFacts& facts, int hidden);
// `prefix`: "mamba_" where the keys carry it.
RecurrentMixer mamba2(HfFacts& facts, int hidden, const std::string& prefix);
RecurrentMixer short_convolution(HfFacts& facts, int hidden);
RecurrentMixer mamba1(HfFacts& facts, int hidden);
RecurrentMixer rwkv7(HfFacts& facts, int hidden, bool first_layer);

}  // namespace roofline::import
