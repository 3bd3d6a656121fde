// What the code of llama.cpp fixes for an architecture and a GGUF file therefore does not say.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace roofline::import {

enum class GgufLayout {
  usual,     // every layer attends, or holds a state, as its tensors show
  latent,    // multi-head latent attention
  beside,    // attention and state space in one layer: no model here has both
};

// `period`: of so many layers the last sees everything, the others a window (chunks if `chunked`); 0: the engine uses no window
// for it even where the file names one. [llama.cpp src/llama-model.cpp, set_swa_pattern] `window`: where the file names none.
struct GgufArchitecture {
  std::string_view name;
  std::string_view family = {};  // of the database; empty: the same word
  int period = 0;
  int window = 0;
  bool chunked = false;
  int windowed_layers = 0;  // windows only in models of so many layers; 0: in all
  int own_kv = 0;           // layers that keep a cache of their own where the file does not say; 0: all
  GgufLayout layout = GgufLayout::usual;
};
const GgufArchitecture* find_gguf_architecture(std::string_view name);
std::string known_gguf_architectures();  // "arcee, baichuan, ..."

}  // namespace roofline::import
