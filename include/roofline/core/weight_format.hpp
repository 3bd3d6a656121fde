// Storage formats of weights and KV entries, and quantizations: which tensor is stored in which format.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "roofline/core/figure.hpp"
#include "roofline/core/quantity.hpp"

namespace roofline {

// A storage block: `block_weights` consecutive weights of a row (times `block_rows` rows) in `block_bytes` bytes.
struct WeightFormat {
  std::string id;
  std::string name;
  std::vector<std::string> aliases;
  std::string family;  // calibration format family: float16, k-quant, legacy-quant, int4-group, fp8 ...
  int block_weights = 1;
  int block_bytes = 1;
  int block_rows = 1;
  int row_bytes = 0;     // per-channel scales
  int tensor_bytes = 0;  // per-tensor scales
  std::string fallback;  // format id for rows that are not a multiple of block_weights; empty: pad to a whole block
  Citation cite;
};

// Bytes of a matrix of `rows` rows of `row_length` weights: ceil(rows / block_rows) x ceil(row_length / block) x block_bytes
// + rows x row_bytes + tensor_bytes. [model.md#weights]
Bytes stored_bytes(const WeightFormat& format, std::int64_t rows, std::int64_t row_length);
double bits_per_weight(const WeightFormat& format);

enum class LayerSelection { all, more_bits, first_eighth, first_sixteenth, first_2, first_4, middle };

struct QuantizationRule {
  std::vector<std::string> roles;
  std::string format;
  LayerSelection layers = LayerSelection::all;
  std::optional<int> gqa_at_least;
  std::optional<int> experts;
  std::optional<int> experts_at_least;
  std::optional<int> model_layers;
  std::vector<std::string> families;
  std::vector<std::string> not_families;
  std::optional<bool> importance_matrix;
  std::optional<bool> tied;
  std::vector<int> only_layers;  // these layers; empty: all. Rules read from a file of weights need it, those of the database do not.
  std::optional<int> row_not_multiple_of;  // rows that blocks of this many weights do not cover
};

struct Quantization {
  std::string id;
  std::string name;
  std::string container;  // gguf, safetensors, mlx, rkllm, mlc, tensorrt
  std::string variant_of;  // the quantization this is the form of in another container (bf16-safetensors: bf16); often empty
  std::vector<std::string> aliases;
  std::string default_format;
  std::string vector_format;
  std::string router_format;
  std::string kv_type;  // empty: the workload decides
  bool importance_matrix = false;  // made with one: some rules then choose other formats [model.md#quantization-rules]
  std::vector<QuantizationRule> rules;  // first match wins
  std::vector<WeightFormat> formats;    // every format the rules and their fallbacks name
  Citation cite;
};

const WeightFormat* find_format(const Quantization& quantization, std::string_view id);

// The weight counter rule of llama.cpp's "more bits" mixes: i < n/8, or i >= 7n/8, or (i - n/8) mod 3 == 2, in integer
// division. [model.md#quantization-rules]
bool selects(LayerSelection selection, int i, int n);

}  // namespace roofline
