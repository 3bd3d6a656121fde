#include "import/gguf_architectures.hpp"

#include <algorithm>
#include <iterator>

namespace roofline::import {
namespace {

// Names: llama.cpp src/llama-arch.cpp, LLM_ARCH_NAMES; mllama: ollama's own converter.
constexpr GgufArchitecture architectures[] = {
    {.name = "arcee"},
    {.name = "baichuan"},
    {.name = "chatglm"},
    {.name = "cohere2", .period = 4},
    {.name = "command-r", .family = "cohere"},
    {.name = "deepseek2", .layout = GgufLayout::latent},
    {.name = "ernie4_5"},
    {.name = "exaone"},
    {.name = "exaone4", .period = 4, .window = 4096, .windowed_layers = 64},
    {.name = "falcon"},
    {.name = "falcon-h1", .layout = GgufLayout::beside},
    {.name = "gemma"},
    {.name = "gemma2", .period = 2, .window = 4096},
    {.name = "gemma3", .period = 6},
    {.name = "gemma3n", .period = 5, .own_kv = 20},
    {.name = "gemma4", .period = 6},
    {.name = "glm4"},
    {.name = "glm4moe"},
    {.name = "gpt-oss", .period = 2},
    {.name = "granite"},
    {.name = "granitehybrid"},
    {.name = "granitemoe"},
    {.name = "internlm2"},
    {.name = "lfm2"},
    {.name = "lfm2moe"},
    {.name = "llama"},
    {.name = "llama4", .period = 4, .window = 8192, .chunked = true},
    {.name = "mamba"},
    {.name = "mamba2"},
    {.name = "minicpm"},
    {.name = "minicpm3", .layout = GgufLayout::latent},
    {.name = "mistral3"},
    {.name = "mllama"},
    {.name = "nemotron"},
    {.name = "nemotron_h"},
    {.name = "nemotron_h_moe"},
    {.name = "olmo2", .period = 4},
    {.name = "olmoe"},
    {.name = "phi2"},
    {.name = "phi3"},
    {.name = "qwen2"},
    {.name = "qwen2moe"},
    {.name = "qwen2vl"},
    {.name = "qwen3"},
    {.name = "qwen35", .family = "qwen3_5"},
    {.name = "qwen35moe", .family = "qwen3_5"},
    {.name = "qwen3moe"},
    {.name = "qwen3next", .family = "qwen3_next"},
    {.name = "qwen3vl"},
    {.name = "qwen3vlmoe"},
    {.name = "rwkv7"},
    {.name = "seed_oss"},
    {.name = "smollm3"},
    {.name = "stablelm"},
    {.name = "starcoder2"},
};

}  // namespace

const GgufArchitecture* find_gguf_architecture(std::string_view name) {
  const auto* found = std::find_if(std::begin(architectures), std::end(architectures), [&](const GgufArchitecture& each) { return each.name == name; });
  return found == std::end(architectures) ? nullptr : found;
}

std::string known_gguf_architectures() {
  std::string known;
  for (const GgufArchitecture& each : architectures) {
    if (each.layout != GgufLayout::beside) known += (known.empty() ? "" : ", ") + std::string(each.name);
  }
  return known;
}

}  // namespace roofline::import
