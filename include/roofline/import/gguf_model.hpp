// GGUF header -> model specification, and the exact bytes the file spends on each kind of tensor.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "roofline/core/model_spec.hpp"
#include "roofline/core/weight_format.hpp"
#include "roofline/import/gguf.hpp"

namespace roofline::import {

struct RoleTotal {
  std::string role;  // tensor name without blk.N. and .weight: attn_q, ffn_down_exps, attn_q.bias ...
  std::uint64_t tensors = 0;
  std::uint64_t elements = 0;
  double bytes = 0.0;
  std::map<std::string, double> bytes_by_type;
};

struct FileTotals {
  std::vector<RoleTotal> roles;  // by name
  std::uint64_t elements = 0;
  std::uint64_t parameters = 0;  // elements without the rotary tables, which no checkpoint counts
  double tensor_bytes = 0.0;     // without padding
  std::uint64_t unknown_tensors = 0;  // tensors of unknown type: counted in elements, not in bytes
};
FileTotals totals_of(const GgufHeader& header);

struct ImportedModel {
  ModelSpec spec;
  FileTotals totals;
  // What had to be concluded, or does not add up; empty where the specification describes exactly the file's tensors.
  std::vector<std::string> notes;
};
// `read_as`: build the layers as this known architecture has them; empty: as the one the file names.
// Architectures: src/import/gguf_architectures.cpp; the problem for any other names them.
Result<ImportedModel> model_of(const GgufHeader& header, const std::string& read_as = {});

// Id of the quantization that general.file_type names (q4_k_m); empty where the file does not say or the number is not known.
std::string file_type_id(const GgufHeader& header);
// The file's own tensor types as rules, under the id `id`: every tensor is counted in what it is stored in, whatever its
// file type claims. `format` finds a storage format by id; a type without one is the problem.
Result<Quantization> quantization_of(const GgufHeader& header, const std::string& id,
                                     const std::function<const WeightFormat*(const std::string&)>& format);

}  // namespace roofline::import
