// Writes small safetensors files into memory, as the format's README lays them out; no code is shared with the reader.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

namespace roofline::testing {

inline std::string little_endian(std::uint64_t n) {
  std::string bytes;
  for (int i = 0; i < 8; ++i) bytes += static_cast<char>(n >> (8 * i) & 0xFF);
  return bytes;
}

class SafetensorsWriter {
 public:
  void tensor(const std::string& name, const std::string& dtype, const std::vector<std::uint64_t>& shape, std::uint64_t bytes_each) {
    std::uint64_t bytes = bytes_each;
    std::string sizes;
    for (const std::uint64_t n : shape) {
      bytes *= n;
      sizes += (sizes.empty() ? "" : ",") + std::to_string(n);
    }
    entry(name, "{\"dtype\":\"" + dtype + "\",\"shape\":[" + sizes + "],\"data_offsets\":[" + std::to_string(data_) + "," + std::to_string(data_ + bytes) + "]}");
    data_ += bytes;
  }
  void entry(const std::string& name, const std::string& json) { entries_ += (entries_.empty() ? "" : ",") + std::string("\"") + name + "\":" + json; }

  std::string json() const { return "{" + entries_ + "}"; }
  std::uint64_t data() const { return data_; }
  std::string file() const { return little_endian(json().size()) + json() + std::string(static_cast<std::size_t>(data_), '\0'); }

 private:
  std::string entries_;
  std::uint64_t data_ = 0;
};

// A Llama of two layers: hidden 64, 4 heads of 16 (2 for KV), feed-forward 128, 100 words, not tied; BF16 in two files with an index.
// `quantized`: the feed-forwards in AWQ with groups of 64.
inline constexpr const char* tiny_config =
    R"({"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2,
 "num_attention_heads": 4, "num_key_value_heads": 2, "vocab_size": 100, "max_position_embeddings": 2048, "tie_word_embeddings": false, "torch_dtype": "bfloat16"})";

inline SafetensorsWriter tiny_checkpoint_part(int part) {
  SafetensorsWriter w;
  const auto matrix = [&](const std::string& name, std::uint64_t rows, std::uint64_t columns) { w.tensor(name, "BF16", {rows, columns}, 2); };
  if (part == 0) matrix("model.embed_tokens.weight", 100, 64);
  const std::string layer = "model.layers." + std::to_string(part) + ".";
  w.tensor(layer + "input_layernorm.weight", "BF16", {64}, 2);
  w.tensor(layer + "post_attention_layernorm.weight", "BF16", {64}, 2);
  matrix(layer + "self_attn.q_proj.weight", 64, 64);
  matrix(layer + "self_attn.k_proj.weight", 32, 64);
  matrix(layer + "self_attn.v_proj.weight", 32, 64);
  matrix(layer + "self_attn.o_proj.weight", 64, 64);
  matrix(layer + "mlp.gate_proj.weight", 128, 64);
  matrix(layer + "mlp.up_proj.weight", 128, 64);
  matrix(layer + "mlp.down_proj.weight", 64, 128);
  if (part == 1) {
    w.tensor("model.norm.weight", "BF16", {64}, 2);
    matrix("lm_head.weight", 100, 64);
  }
  return w;
}
// By hand: table and head 2 x 6400, a layer 2 x 64 + 2 x 4096 + 2 x 2048 + 3 x 8192 = 36992 weights, last norm 64; two bytes each.
inline constexpr double tiny_checkpoint_bytes = 2.0 * (12800 + 2 * 36992 + 64);

inline std::string tiny_index() {
  std::string map;
  for (const int part : {0, 1}) {
    const std::string json = tiny_checkpoint_part(part).json();
    for (std::size_t at = json.find("\":{"); at != std::string::npos; at = json.find("\":{", at + 1)) {
      const std::size_t begin = json.rfind('"', at - 1) + 1;
      map += (map.empty() ? "\"" : ",\"") + json.substr(begin, at - begin) + "\":\"model-0000" + std::to_string(part + 1) + "-of-00002.safetensors\"";
    }
  }
  return "{\"metadata\":{\"total_size\":" + std::to_string(static_cast<std::uint64_t>(tiny_checkpoint_bytes)) + "},\"weight_map\":{" + map + "}}";
}

inline void write_tiny_checkpoint(const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  const auto write = [&](const std::string& name, const std::string& bytes) { std::ofstream(folder / name, std::ios::binary) << bytes; };
  write("config.json", tiny_config);
  write("model.safetensors.index.json", tiny_index());
  for (const int part : {0, 1}) write("model-0000" + std::to_string(part + 1) + "-of-00002.safetensors", tiny_checkpoint_part(part).file());
}

}  // namespace roofline::testing
