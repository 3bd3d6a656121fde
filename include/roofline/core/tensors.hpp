// ModelSpec -> the list of its tensors: the single truth for parameter counts, stored bytes, streamed bytes and work.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "roofline/core/model_spec.hpp"
#include "roofline/core/weight_format.hpp"

namespace roofline {

enum class TensorKind { matrix, embedding, router, vector };

struct Tensor {
  std::string role;       // GGUF's name for it: attn_v, ffn_down_exps, token_embd ...
  std::string rule_role;  // role that quantization rules match: `output` for a tied embedding
  TensorKind kind = TensorKind::matrix;
  int layer = -1;  // -1: not in a layer
  // Position among the tensors counted together by "more bits" rules, and how many there are.
  int ordinal = 0;
  int ordinal_count = 1;
  std::int64_t rows = 0;
  std::int64_t row_length = 0;
  std::int64_t copies = 1;  // experts stored side by side
  Access access = Access::every_token;
  std::int64_t active_copies = 1;  // of `copies`, how many one token uses
  bool parameter = true;
};

// Tensors as stored in `container` (gguf, safetensors, ...): extra tensors and vocabulary rows differ between them.
std::vector<Tensor> tensors(const ModelSpec& model, std::string_view container);

double parameter_count(const ModelSpec& model);
double active_parameter_count(const ModelSpec& model);  // per text token, input embedding row not counted

struct StoredTensor {
  Tensor tensor;
  const WeightFormat* format = nullptr;  // points into the quantization
  Bytes bytes;
};
// Applies the rules and the fallbacks for rows that no whole number of blocks covers. [model.md#quantization-rules]
const WeightFormat& format_of(const Quantization& quantization, const Tensor& tensor, const ModelSpec& model);
std::vector<StoredTensor> stored_tensors(const ModelSpec& model, const Quantization& quantization);
// Whether any rule asks for an importance matrix, so that files made with and without one differ in size.
bool depends_on_importance_matrix(const Quantization& quantization);
Bytes total_bytes(const std::vector<StoredTensor>& stored);

}  // namespace roofline
