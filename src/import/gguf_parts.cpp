#include <exception>
#include <fstream>
#include <optional>
#include <set>
#include <utility>

#include "import/gguf_cursor.hpp"
#include "roofline/import/gguf.hpp"

namespace roofline::import {
namespace {

namespace fs = std::filesystem;

Result<GgufHeader> read_part(const fs::path& path, const GgufLimits& limits) {
  const std::string name = path.string();
  std::error_code error;
  // Asked before opening: a folder opens and a pipe would be waited for.
  if (!fs::is_regular_file(path, error)) return Problem{name, fs::exists(path, error) ? "not a regular file" : "no such file"};
  const std::uintmax_t size = fs::file_size(path, error);
  if (error) return Problem{name, error.message()};
  std::ifstream in(path, std::ios::binary);
  if (!in) return Problem{name, "cannot be opened"};
  Result<GgufHeader> header = read_gguf(in, size, limits);
  if (header.problem) header.problem->where = name + ": " + header.problem->where;
  return header;
}

std::string five_digits(std::uint64_t n) {
  const std::string digits = std::to_string(n);
  return std::string(digits.size() < 5 ? 5 - digits.size() : 0, '0') + digits;
}

// NAME-00001-of-00003.gguf: "ShardNum ... 5 digits padded by zeros", from 00001. (GGUF specification, "GGUF Naming Convention")
std::string part_suffix(std::uint32_t number, std::uint32_t count) {
  return "-" + five_digits(std::uint64_t{number} + 1) + "-of-" + five_digits(count) + ".gguf";
}

class Assembly {
 public:
  Assembly(fs::path path, const GgufLimits& limits) : path_(std::move(path)), limits_(limits) {}

  Result<GgufHeader> read() {
    Result<GgufHeader> named = read_part(path_, limits_);
    if (!named || named.value->split.count == 1) return named;
    const GgufSplit split = named.value->split;
    const std::string file = path_.filename().string();
    const std::string suffix = part_suffix(split.number, split.count);
    if (file.size() < suffix.size() || file.substr(file.size() - suffix.size()) != suffix) {
      return Problem{path_.string(), "holds part " + std::to_string(split.number + 1) + " of " + std::to_string(split.count) +
                                         "; its name must end in " + suffix + " for the others to be found"};
    }
    const std::string stem = file.substr(0, file.size() - suffix.size());
    GgufHeader whole;
    for (std::uint32_t i = 0; i < split.count; ++i) {
      const fs::path part = path_.parent_path() / (stem + part_suffix(i, split.count));
      Result<GgufHeader> header = i == split.number ? std::move(named) : read_part(part, limits_);
      if (!header) return header;
      if (auto problem = add(whole, std::move(*header.value), i, split)) return Problem{part.string(), *problem};
    }
    if (split.tensors != 0 && split.tensors != whole.tensors.size()) {
      return Problem{path_.string(), "the parts hold " + std::to_string(whole.tensors.size()) + " tensors, split.tensors.count says " +
                                         std::to_string(split.tensors)};
    }
    return whole;
  }

 private:
  std::optional<std::string> add(GgufHeader& whole, GgufHeader part, std::uint32_t number, const GgufSplit& split) {
    if (part.split.number != number || part.split.count != split.count) {
      return "says it is part " + std::to_string(part.split.number + 1) + " of " + std::to_string(part.split.count);
    }
    for (GgufTensor& tensor : part.tensors) {
      tensor.part = number;
      if (!names_.insert(tensor.name).second) return "tensor '" + printable(tensor.name) + "' stands in an earlier part as well";
    }
    if (number == 0) {
      whole = std::move(part);
      return std::nullopt;
    }
    if (part.version != whole.version || part.big_endian != whole.big_endian) return "differs from the first part in version or byte order";
    if (whole.tensors.size() + part.tensors.size() > limits_.tensors) return "more than " + std::to_string(limits_.tensors) + " tensors in all";
    whole.header_bytes += part.header_bytes;
    whole.file_bytes += part.file_bytes;
    for (GgufTensor& tensor : part.tensors) whole.tensors.push_back(std::move(tensor));
    return std::nullopt;
  }

  fs::path path_;
  GgufLimits limits_;
  std::set<std::string> names_;
};

}  // namespace

Result<GgufHeader> read_gguf_file(const fs::path& path, const GgufLimits& limits) {
  try {
    return Assembly(path, limits).read();
  } catch (const std::exception& error) {
    return Problem{path.string(), error.what()};
  }
}

}  // namespace roofline::import
