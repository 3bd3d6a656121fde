#include "import/hf_architectures.hpp"

#include <algorithm>
#include <iterator>

namespace roofline::import {
namespace {

using enum Says;
constexpr QkNorm per_head = QkNorm::per_head;

// [transformers src/transformers/models/<type>/configuration_*.py and modeling_*.py]
constexpr HfArchitecture architectures[] = {
    {.type = "llama", .family = "llama", .qkv_bias = by_key, .output_bias = by_key, .mlp_bias = by_key},
    {.type = "mistral", .family = "mistral"},
    {.type = "ministral3", .family = "mistral3"},
    {.type = "mixtral", .family = "mixtral"},
    {.type = "qwen2", .family = "qwen2", .qkv_bias = always, .windows = Windows::switched},
    {.type = "qwen2_vl", .family = "qwen2vl", .qkv_bias = always, .windows = Windows::switched},
    {.type = "qwen2_vl_text", .family = "qwen2vl", .qkv_bias = always, .windows = Windows::switched},
    {.type = "qwen2_5_vl", .family = "qwen2vl", .qkv_bias = always, .windows = Windows::switched},
    {.type = "qwen2_5_vl_text", .family = "qwen2vl", .qkv_bias = always, .windows = Windows::switched},
    {.type = "qwen2_moe", .family = "qwen2moe", .qkv_bias = always, .windows = Windows::switched},
    {.type = "qwen3", .family = "qwen3", .head_dim = 128, .qkv_bias = by_key, .output_bias = by_key, .qk_norm = per_head, .windows = Windows::switched},
    {.type = "qwen3_moe", .family = "qwen3moe", .qkv_bias = by_key, .output_bias = by_key, .qk_norm = per_head, .windows = Windows::switched},
    {.type = "qwen3_vl_text", .family = "qwen3vl", .head_dim = 128, .qkv_bias = by_key, .output_bias = by_key, .qk_norm = per_head},
    {.type = "qwen3_next", .family = "qwen3_next", .head_dim = 256, .qkv_bias = by_key, .output_bias = by_key, .qk_norm = per_head, .period = 4, .layout = Layout::delta_hybrid},
    {.type = "qwen3_5_text", .family = "qwen3_5", .head_dim = 256, .qkv_bias = by_key, .output_bias = by_key, .qk_norm = per_head, .period = 4, .layout = Layout::delta_hybrid},
    {.type = "qwen3_5_moe_text", .family = "qwen3_5", .head_dim = 256, .qkv_bias = by_key, .output_bias = by_key, .qk_norm = per_head, .period = 4, .layout = Layout::delta_hybrid},
    {.type = "gemma", .family = "gemma", .tied = true, .head_dim = 256, .qkv_bias = by_key, .output_bias = by_key},
    {.type = "gemma2", .family = "gemma2", .norms = 4, .tied = true, .head_dim = 256, .qkv_bias = by_key, .output_bias = by_key, .windows = Windows::pattern, .period = 2},
    {.type = "gemma3_text", .family = "gemma3", .norms = 4, .tied = true, .head_dim = 256, .qkv_bias = by_key, .output_bias = by_key, .qk_norm = per_head, .windows = Windows::pattern, .period = 6},
    {.type = "gemma3n_text", .family = "gemma3n", .norms = 4, .tied = true, .head_dim = 256, .qkv_bias = by_key, .output_bias = by_key, .qk_norm = per_head, .windows = Windows::pattern, .period = 5, .layout = Layout::per_layer},
    {.type = "gemma4_text", .family = "gemma4", .norms = 4, .tied = true, .head_dim = 256, .qkv_bias = by_key, .output_bias = by_key, .qk_norm = per_head, .windows = Windows::pattern, .period = 6, .layout = Layout::per_layer},
    {.type = "nemotron_h", .family = "nemotron_h", .norms = 1, .gated = false, .qkv_bias = by_key, .output_bias = by_key, .mlp_bias = by_key, .layout = Layout::blocks},
    {.type = "mamba", .family = "mamba", .norms = 1, .tied = true, .layout = Layout::mamba1},
    {.type = "falcon_mamba", .family = "mamba", .norms = 1, .tied = true, .layout = Layout::mamba1},
    {.type = "mamba2", .family = "mamba2", .norms = 1, .layout = Layout::mamba2},
    {.type = "rwkv7", .family = "rwkv7", .norm_bias = true, .layout = Layout::rwkv7},
    {.type = "phi", .family = "phi2", .norms = 1, .norm_bias = true, .gated = false, .qkv_bias = always, .output_bias = always, .mlp_bias = always},
    {.type = "phi3", .family = "phi3"},
    {.type = "deepseek_v2", .family = "deepseek2", .layout = Layout::latent},
    {.type = "deepseek_v3", .family = "deepseek2", .layout = Layout::latent},
    {.type = "kimi_k2", .family = "deepseek2", .layout = Layout::latent},
    {.type = "gpt_oss", .family = "gpt-oss", .head_dim = 64, .qkv_bias = always, .output_bias = always, .windows = Windows::pattern, .period = 2},
    {.type = "llama4_text", .family = "llama4", .head_dim = 128, .qkv_bias = by_key, .output_bias = by_key, .windows = Windows::chunked, .period = 4},
    {.type = "mllama_text_model", .family = "mllama", .layout = Layout::cross},
    {.type = "olmo2", .family = "olmo2", .qkv_bias = by_key, .output_bias = by_key, .qk_norm = QkNorm::full_width},
    {.type = "olmo3", .family = "olmo3", .qkv_bias = by_key, .output_bias = by_key, .qk_norm = QkNorm::full_width, .windows = Windows::pattern, .period = 4},
    {.type = "olmoe", .family = "olmoe", .qkv_bias = by_key, .output_bias = by_key, .qk_norm = QkNorm::full_width},
    {.type = "molmo", .family = "molmo"},
    {.type = "granite", .family = "granite", .qkv_bias = by_key, .output_bias = by_key, .mlp_bias = by_key},
    {.type = "granitemoe", .family = "granitemoe", .qkv_bias = by_key, .output_bias = by_key},
    {.type = "granitemoehybrid", .family = "granitehybrid", .qkv_bias = by_key, .output_bias = by_key, .layout = Layout::mamba2_hybrid},
    {.type = "falcon", .family = "falcon", .norms = 1, .norm_bias = true, .gated = false, .tied = true},
    {.type = "lfm2", .family = "lfm2", .tied = true, .qk_norm = per_head, .layout = Layout::short_conv},
    {.type = "stablelm", .family = "stablelm", .norm_bias = true},
    {.type = "internlm2", .family = "internlm2", .qkv_bias = by_key, .output_bias = by_key},
    {.type = "internlm3", .family = "internlm3", .qkv_bias = by_key, .output_bias = by_key},
    {.type = "minicpm", .family = "minicpm", .tied = true, .qkv_bias = by_key, .output_bias = by_key},
    {.type = "minicpm3", .family = "minicpm3", .tied = true, .layout = Layout::latent},
    {.type = "smollm3", .family = "smollm3", .tied = true, .qkv_bias = by_key, .output_bias = by_key, .mlp_bias = by_key},
    {.type = "chatglm", .family = "chatglm"},
    {.type = "glm", .family = "chatglm", .head_dim = 128, .qkv_bias = by_key},
    {.type = "glm4", .family = "glm4", .norms = 4, .head_dim = 128, .qkv_bias = by_key},
    {.type = "glm4_moe", .family = "glm4moe", .head_dim = 128, .qkv_bias = by_key},
    {.type = "cohere", .family = "cohere", .norms = 1, .tied = true, .qkv_bias = by_key, .output_bias = by_key},
    {.type = "cohere2", .family = "cohere2", .norms = 1, .tied = true, .qkv_bias = by_key, .output_bias = by_key, .windows = Windows::pattern, .period = 4},
    {.type = "starcoder2", .family = "starcoder2", .norm_bias = true, .gated = false, .tied = true, .qkv_bias = by_key, .output_bias = by_key, .mlp_bias = by_key},
    {.type = "exaone", .family = "exaone"},
    {.type = "exaone4", .family = "exaone4", .qk_norm = per_head, .windows = Windows::pattern, .period = 4},
    {.type = "seed_oss", .family = "seed_oss", .head_dim = 128, .qkv_bias = by_key, .output_bias = by_key, .mlp_bias = by_key},
};

constexpr HfDefault defaults[] = {
    // configuration_gemma3.py, Gemma3TextConfig: files of the 4B size leave these out.
    {"gemma3_text", "num_attention_heads", 8},
    {"gemma3_text", "num_key_value_heads", 4},
    {"gemma3_text", "vocab_size", 262208},
    {"gemma3_text", "max_position_embeddings", 131072},
    // configuration_falcon.py, FalconConfig
    {"falcon", "max_position_embeddings", 2048},
    // configuration_phi.py, PhiConfig; configuration_gemma2.py; configuration_lfm2.py
    {"phi", "max_position_embeddings", 2048},
    {"gemma2", "max_position_embeddings", 8192},
    {"gemma2", "sliding_window", 4096},
    {"mllama_text_model", "max_position_embeddings", 131072},
    {"llama4_text", "attention_chunk_size", 8192},
    // No context is named where the state does not grow with it; llama.cpp's converter writes 2^20. (conversion/mamba.py)
    {"mamba", "max_position_embeddings", 1048576},
    {"falcon_mamba", "max_position_embeddings", 1048576},
    {"mamba2", "max_position_embeddings", 1048576},
};

}  // namespace

const HfArchitecture* find_architecture(std::string_view type) {
  const auto* found = std::find_if(std::begin(architectures), std::end(architectures), [&](const HfArchitecture& each) { return each.type == type; });
  return found == std::end(architectures) ? nullptr : found;
}

std::vector<std::string> architecture_types() {
  std::vector<std::string> types;
  for (const HfArchitecture& each : architectures) types.emplace_back(each.type);
  std::sort(types.begin(), types.end());
  return types;
}

int class_default(std::string_view type, std::string_view key) {
  const auto* found = std::find_if(std::begin(defaults), std::end(defaults), [&](const HfDefault& each) { return each.type == type && each.key == key; });
  return found == std::end(defaults) ? 0 : found->value;
}

}  // namespace roofline::import
