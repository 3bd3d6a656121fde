// What the classes of Hugging Face transformers fix in code and their config.json therefore does not say.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "roofline/core/model_spec.hpp"

namespace roofline::import {

enum class Says { never, always, by_key };  // by_key: attention_bias and the like, absent meaning no
enum class Windows {
  none,       // a window that is named is one llama.cpp does not use; it is left out and said
  pattern,    // of every `period` layers the last sees everything, unless layer_types or a pattern key says otherwise
  chunked,    // as pattern, but chunks
  switched,   // only where use_sliding_window is true, from max_window_layers on
};
enum class Layout {
  usual,           // every layer attends (with windows or not)
  latent,          // multi-head latent attention
  delta_hybrid,    // gated delta rule and gated attention: Qwen3-Next, Qwen3.5
  mamba2_hybrid,   // Mamba-2 and attention: Granite 4
  short_conv,      // short convolutions and attention: LFM2
  cross,           // some layers attend to an image: Mllama
  per_layer,       // embeddings of every layer, shared caches, wide full layers: Gemma 3n and 4
  blocks,          // one block in each layer, by a pattern of letters: Nemotron-H
  mamba1, mamba2, rwkv7,  // nothing but state
};

struct HfArchitecture {
  std::string_view type;    // model_type, of the text part where there is one
  std::string_view family;  // of the database
  int norms = 2;            // vectors of length hidden in each layer
  bool norm_bias = false;
  bool gated = true;
  bool tied = false;   // where the file does not say
  int head_dim = 0;    // where the file does not say; 0: hidden / heads
  Says qkv_bias = Says::never;
  Says output_bias = Says::never;
  Says mlp_bias = Says::never;
  QkNorm qk_norm = QkNorm::none;
  Windows windows = Windows::none;
  int period = 0;
  Layout layout = Layout::usual;
};

const HfArchitecture* find_architecture(std::string_view type);
std::vector<std::string> architecture_types();

// Values a class has where its file is silent; only those real files rely on.
struct HfDefault {
  std::string_view type;
  std::string_view key;
  int value;
};
// 0 where there is none.
int class_default(std::string_view type, std::string_view key);

}  // namespace roofline::import
