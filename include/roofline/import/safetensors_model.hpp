// What a safetensors checkpoint stores for a model: bytes by role, and the types its tensors really have.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "roofline/core/model_spec.hpp"
#include "roofline/core/weight_format.hpp"
#include "roofline/import/gguf_model.hpp"
#include "roofline/import/safetensors.hpp"

namespace roofline::import {

FileTotals totals_of(const SafetensorsHeader& header);

// The quantization without scales that most of the matrices' bytes are in (bf16, f16, f32); empty where they are packed or mixed.
std::string plain_type(const SafetensorsHeader& header);

struct CheckpointFit {
  Quantization stored;
  std::vector<std::string> notes;  // what the files hold and the model does not, and the other way round
};
// The checkpoint's own types over `base`, the quantization it is said to have: tensors stored plainly are counted plainly, packed
// ones as `base` packs them. What the files hold beyond that is added to `model` (image encoder, draft layers, indices of packed
// tensors), so that the sum of bytes is the files'. `format` finds a storage format by id.
Result<CheckpointFit> fit_checkpoint(const SafetensorsHeader& header, ModelSpec& model, const Quantization& base,
                                     const std::function<const WeightFormat*(const std::string&)>& format);

}  // namespace roofline::import
