// Headers of safetensors files: the list of tensors with their types and exact bytes. Tensor data is never read.
// Layout: Hugging Face safetensors README, "Format": 8 bytes of length, a JSON header of that length, the data.
#pragma once

#include <cstdint>
#include <filesystem>
#include <istream>
#include <map>
#include <string>
#include <vector>

#include "roofline/import/result.hpp"

namespace roofline::import {

struct SafeTensor {
  std::string name;
  std::string dtype;  // as the file writes it: BF16, F8_E4M3, I32 ...
  std::vector<std::uint64_t> shape;  // outermost first
  std::uint64_t begin = 0;           // from the start of its part's data
  std::uint64_t bytes = 0;
  std::uint32_t part = 0;            // position of its file in `files`
};
std::uint64_t element_count(const SafeTensor& tensor);

struct SafetensorsHeader {
  std::vector<SafeTensor> tensors;
  std::map<std::string, std::string> metadata;  // of the first file
  std::vector<std::string> files;               // names without folder; one entry for a single file
  std::uint64_t header_bytes = 0;               // lengths and headers, summed over the files
  std::uint64_t file_bytes = 0;                 // summed over the files
  std::uint64_t tensor_bytes = 0;               // exact: the data holds nothing else
  std::vector<std::string> notes;               // what an index says and the files do not
};

struct SafetensorsLimits {
  std::uint64_t header_bytes = 100'000'000;  // the format's own bound
  std::uint64_t tensors = 1'000'000;
  std::uint64_t files = 10'000;
  std::uint64_t name_bytes = 1'024;
  std::uint64_t dimensions = 16;
  std::uint64_t metadata_pairs = 1'024;
  std::uint64_t metadata_bytes = 65'536;  // longer texts are cut
  bool data_present = true;               // the file must hold exactly the data its tensors need
};

// `in` stands at the first byte of the file, which is `file_size` bytes long.
Result<SafetensorsHeader> read_safetensors(std::istream& in, std::uint64_t file_size, const SafetensorsLimits& limits = {});
// A file; an index (*.safetensors.index.json); or a folder with an index or a single file. All parts an index names are read.
Result<SafetensorsHeader> read_safetensors_path(const std::filesystem::path& path, const SafetensorsLimits& limits = {});

}  // namespace roofline::import
