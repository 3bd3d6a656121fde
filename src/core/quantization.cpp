#include <algorithm>
#include <cassert>

#include "core/text.hpp"
#include "roofline/core/tensors.hpp"
#include "roofline/core/weight_format.hpp"

namespace roofline {
namespace {

std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

bool holds(const QuantizationRule& rule, const Tensor& tensor, const ModelSpec& model, bool importance_matrix) {
  if (!text::contains(rule.roles, tensor.rule_role)) return false;
  if (rule.layers != LayerSelection::all && (tensor.layer < 0 || !selects(rule.layers, tensor.ordinal, tensor.ordinal_count))) {
    return false;
  }
  if (!rule.only_layers.empty() && std::find(rule.only_layers.begin(), rule.only_layers.end(), tensor.layer) == rule.only_layers.end()) return false;
  const AttentionShape shape = attention_shape(model);
  const int gqa = shape.kv_heads > 0 ? shape.heads / shape.kv_heads : 0;
  const int experts = expert_count(model);
  if (rule.gqa_at_least && gqa < *rule.gqa_at_least) return false;
  if (rule.experts && experts != *rule.experts) return false;
  if (rule.experts_at_least && experts < *rule.experts_at_least) return false;
  if (rule.model_layers && static_cast<int>(model.layers.size()) != *rule.model_layers) return false;
  if (!rule.families.empty() && !text::contains(rule.families, model.family)) return false;
  if (text::contains(rule.not_families, model.family)) return false;
  if (rule.importance_matrix && importance_matrix != *rule.importance_matrix) return false;
  if (rule.row_not_multiple_of && tensor.row_length % *rule.row_not_multiple_of == 0) return false;
  if (rule.tied && model.tied_embeddings != *rule.tied) return false;
  return true;
}

const std::string& ruled_format(const Quantization& quantization, const Tensor& tensor, const ModelSpec& model) {
  if (tensor.kind == TensorKind::vector) return quantization.vector_format;
  if (tensor.kind == TensorKind::router) return quantization.router_format;
  for (const QuantizationRule& rule : quantization.rules) {
    if (holds(rule, tensor, model, quantization.importance_matrix)) return rule.format;
  }
  return quantization.default_format;
}

}  // namespace

Bytes stored_bytes(const WeightFormat& format, std::int64_t rows, std::int64_t row_length) {
  const double blocks = static_cast<double>(ceil_div(rows, format.block_rows)) * static_cast<double>(ceil_div(row_length, format.block_weights));
  return (blocks * format.block_bytes + static_cast<double>(rows) * format.row_bytes + format.tensor_bytes) * unit::B;
}

double bits_per_weight(const WeightFormat& format) {
  return 8.0 * format.block_bytes / (static_cast<double>(format.block_weights) * format.block_rows);
}

const WeightFormat* find_format(const Quantization& quantization, std::string_view id) {
  for (const WeightFormat& format : quantization.formats) {
    if (format.id == id) return &format;
  }
  return nullptr;
}

bool selects(LayerSelection selection, int i, int n) {
  switch (selection) {
    case LayerSelection::all: return true;
    case LayerSelection::more_bits: return i < n / 8 || i >= 7 * n / 8 || (i - n / 8) % 3 == 2;
    case LayerSelection::first_eighth: return i < n / 8;
    case LayerSelection::first_sixteenth: return i < n / 16;
    case LayerSelection::first_2: return i < 2;
    case LayerSelection::first_4: return i < 4;
    case LayerSelection::middle: return i >= n / 8 && i < 7 * n / 8;
  }
  return false;
}

const WeightFormat& format_of(const Quantization& quantization, const Tensor& tensor, const ModelSpec& model) {
  const WeightFormat* format = find_format(quantization, ruled_format(quantization, tensor, model));
  assert(format != nullptr && "the catalog fills in every format a quantization names");
  // A fallback chain can not be longer than the formats there are, so a cycle in the data ends here.
  for (std::size_t step = 0; step < quantization.formats.size(); ++step) {
    if (tensor.row_length % format->block_weights == 0 || format->fallback.empty()) break;
    const WeightFormat* next = find_format(quantization, format->fallback);
    if (next == nullptr) break;
    format = next;
  }
  return *format;
}

std::vector<StoredTensor> stored_tensors(const ModelSpec& model, const Quantization& quantization) {
  std::vector<StoredTensor> stored;
  for (Tensor& tensor : tensors(model, quantization.container)) {
    const WeightFormat& format = format_of(quantization, tensor, model);
    const Bytes bytes = static_cast<double>(tensor.copies) * stored_bytes(format, tensor.rows, tensor.row_length);
    stored.push_back({std::move(tensor), &format, bytes});
  }
  return stored;
}

bool depends_on_importance_matrix(const Quantization& quantization) {
  return std::any_of(quantization.rules.begin(), quantization.rules.end(), [](const QuantizationRule& rule) { return rule.importance_matrix.has_value(); });
}

Bytes total_bytes(const std::vector<StoredTensor>& stored) {
  Bytes total;
  for (const StoredTensor& tensor : stored) total += tensor.bytes;
  return total;
}

}  // namespace roofline
