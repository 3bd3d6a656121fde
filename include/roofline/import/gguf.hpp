// Header of a GGUF file: metadata and the list of tensors. Tensor data is never read, so a 400 GB file answers like a small one.
// Layout: GGUF specification, github.com/ggml-org/ggml docs/gguf.md, "File Structure".
#pragma once

#include <cstdint>
#include <filesystem>
#include <istream>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "roofline/import/result.hpp"

namespace roofline::import {

using Scalar = std::variant<std::uint64_t, std::int64_t, double, bool, std::string>;

// An array as type and count. Short arrays of numbers (one per layer) are kept whole, others by their first few values.
struct ArraySummary {
  std::string element_type;  // the specification's names: uint32, float32, string, array ...
  std::uint64_t count = 0;
  std::uint64_t bytes = 0;  // in the file
  std::vector<Scalar> first;
};
using Value = std::variant<std::uint64_t, std::int64_t, double, bool, std::string, ArraySummary>;

struct GgufTensor {
  std::string name;
  std::vector<std::uint64_t> shape;  // innermost first: shape[0] is the row length
  std::string type;                  // format id: q4_k, f16 ...; "type 77" where the number is not known
  std::uint32_t type_number = 0;
  std::uint64_t offset = 0;  // from the start of the tensor data of its part
  double bytes = 0.0;        // 0 where bytes_known is false
  bool bytes_known = true;
  std::uint32_t part = 0;  // 0-based number of the split file that holds it
};
std::uint64_t element_count(const GgufTensor& tensor);

struct GgufSplit {
  std::uint32_t number = 0;  // split.no, 0-based
  std::uint32_t count = 1;   // split.count; 1: not split
  std::uint64_t tensors = 0;  // split.tensors.count, over all parts
};
struct GgufHeader {
  int version = 0;
  bool big_endian = false;
  std::map<std::string, Value> metadata;  // of the first part where the file is split
  std::vector<GgufTensor> tensors;
  std::uint64_t header_bytes = 0;     // up to the end of the tensor list, without padding; summed over the parts
  std::uint64_t file_bytes = 0;       // summed over the parts
  std::uint64_t alignment = 32;
  std::uint64_t tokenizer_tokens = 0;
  std::uint64_t tokenizer_bytes = 0;  // all tokenizer.* pairs as they stand in the file
  GgufSplit split;
};

// Real headers stay far below these; they bound the time and memory a hostile file can cost.
struct GgufLimits {
  std::uint64_t tensors = 200'000;
  std::uint64_t pairs = 65'536;
  std::uint64_t key_bytes = 65'535;  // the specification's own bound
  std::uint64_t tensor_name_bytes = 256;
  std::uint64_t string_bytes = std::uint64_t{64} << 20U;
  std::uint64_t array_elements = 16'777'216;
  std::uint64_t header_bytes = std::uint64_t{1} << 30U;
  std::uint64_t memory_bytes = std::uint64_t{256} << 20U;  // of everything kept
  std::uint64_t kept_string_bytes = 65'536;                // longer strings are cut
  std::uint64_t kept_numbers = 2'048;                      // arrays up to this length are kept whole
  bool data_present = true;                                // the file must reach to the end of its last tensor
};

// `in` stands at the first byte of the file, which is `file_size` bytes long.
Result<GgufHeader> read_gguf(std::istream& in, std::uint64_t file_size, const GgufLimits& limits = {});
// Any part of a split file (NAME-00001-of-0000N.gguf) stands for all: the parts are read from its folder and put together.
Result<GgufHeader> read_gguf_file(const std::filesystem::path& path, const GgufLimits& limits = {});

}  // namespace roofline::import
