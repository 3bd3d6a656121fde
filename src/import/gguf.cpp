#include "roofline/import/gguf.hpp"

#include <algorithm>
#include <bit>
#include <exception>
#include <iterator>
#include <limits>
#include <optional>
#include <set>
#include <utility>

#include "import/gguf_cursor.hpp"
#include "import/gguf_types.hpp"

namespace roofline::import {
namespace {

// enum gguf_metadata_value_type (GGUF specification, "File Structure"); bytes 0: no fixed size.
struct ValueType {
  const char* name;
  std::uint64_t bytes;
};
constexpr ValueType value_types[] = {{"uint8", 1},   {"int8", 1}, {"uint16", 2}, {"int16", 2}, {"uint32", 4}, {"int32", 4},  {"float32", 4},
                                     {"bool", 1}, {"string", 0}, {"array", 0},  {"uint64", 8}, {"int64", 8},  {"float64", 8}};
constexpr std::uint32_t string_type = 8;
constexpr std::uint32_t array_type = 9;
constexpr int deepest_array = 4;
constexpr std::uint64_t first_few = 8;

class HeaderReader {
 public:
  HeaderReader(std::istream& in, std::uint64_t size, const GgufLimits& limits) : cursor_(in, size, limits), limits_(limits) {
    header_.file_bytes = size;
  }

  GgufHeader read() {
    magic_and_version();
    const auto tensors = count("tensor count", limits_.tensors);
    const auto pairs = count("metadata count", limits_.pairs);
    cursor_.need_each(pairs, 8 + 4 + 1, "metadata pairs");  // key length, value type, value
    for (std::uint64_t i = 0; i < pairs; ++i) pair();
    known_keys();
    cursor_.need_each(tensors, 8 + 4 + 4 + 8, "tensor entries");  // name length, dimensions, type, offset
    for (std::uint64_t i = 0; i < tensors; ++i) tensor();
    header_.header_bytes = cursor_.position();
    if (limits_.data_present) check_extent();
    return std::move(header_);
  }

 private:
  void magic_and_version() {
    for (const char expected : {'G', 'G', 'U', 'F'}) {
      if (cursor_.number<char>("the magic") != expected) throw Failure{0, "not a GGUF file: it does not begin with 'GGUF'"};
    }
    const std::uint64_t at = cursor_.position();
    auto version = cursor_.number<std::uint32_t>("the version");
    // The format has no mark of its byte order; versions are small, so one whose low half is empty was written the other way
    // round (llama.cpp ggml/src/gguf.cpp tells them apart in the same way).
    const bool other_order = version != 0 && (version & 0xFFFFU) == 0;
    if (other_order) version = (version >> 24U) | ((version >> 8U) & 0xFF00U);
    cursor_.swap_bytes(other_order);
    header_.big_endian = other_order == (std::endian::native == std::endian::little);
    if (version == 1) throw Failure{at, "GGUF version 1 is not read: its counts and lengths have 32 bits; convert the file to version 3"};
    if (version < 2 || version > 3) throw Failure{at, "GGUF version " + std::to_string(version) + " is not known; versions 2 and 3 are"};
    header_.version = static_cast<int>(version);
  }

  std::uint64_t count(const char* what, std::uint64_t most) {
    const std::uint64_t at = cursor_.position();
    const auto n = cursor_.number<std::uint64_t>(what);
    if (n > most) throw Failure{at, std::string(what) + " " + std::to_string(n) + "; at most " + std::to_string(most) + " are read"};
    return n;
  }

  void pair() {
    const std::uint64_t at = cursor_.position();
    std::string key = cursor_.text("a metadata key", limits_.key_bytes, limits_.key_bytes);
    if (key.empty() || std::any_of(key.begin(), key.end(), [](char c) { return c < ' ' || c > '~'; })) {
      throw Failure{at, "metadata key '" + printable(key) + "' is empty or no plain ASCII"};
    }
    const std::uint32_t type = value_type();
    Value value = type == array_type ? Value(array(0)) : std::visit([](auto&& v) { return Value(std::move(v)); }, scalar(type));
    if (key.rfind("tokenizer.", 0) == 0) header_.tokenizer_bytes += cursor_.position() - at;
    std::string shown = printable(key);
    cursor_.spend(sizeof(Value) + 64);
    if (!header_.metadata.emplace(std::move(key), std::move(value)).second) throw Failure{at, "metadata key '" + shown + "' stands twice"};
  }

  std::uint32_t value_type() {
    const std::uint64_t at = cursor_.position();
    const auto type = cursor_.number<std::uint32_t>("a value type");
    if (type >= std::size(value_types)) throw Failure{at, "value type " + std::to_string(type) + " is not known"};
    return type;
  }

  Scalar scalar(std::uint32_t type) {
    constexpr const char* what = "a metadata value";
    switch (type) {
      case 0: return std::uint64_t{cursor_.number<std::uint8_t>(what)};
      case 1: return std::int64_t{cursor_.number<std::int8_t>(what)};
      case 2: return std::uint64_t{cursor_.number<std::uint16_t>(what)};
      case 3: return std::int64_t{cursor_.number<std::int16_t>(what)};
      case 4: return std::uint64_t{cursor_.number<std::uint32_t>(what)};
      case 5: return std::int64_t{cursor_.number<std::int32_t>(what)};
      case 6: return double{cursor_.number<float>(what)};
      case 7: return boolean();
      case 8: return cursor_.text("a metadata string", limits_.string_bytes, limits_.kept_string_bytes);
      case 10: return cursor_.number<std::uint64_t>(what);
      case 11: return cursor_.number<std::int64_t>(what);
      default: return cursor_.number<double>(what);
    }
  }

  bool boolean() {
    const std::uint64_t at = cursor_.position();
    const auto byte = cursor_.number<std::uint8_t>("a metadata value");
    if (byte > 1) throw Failure{at, "a truth value of " + std::to_string(byte) + "; the format allows 0 and 1"};
    return byte == 1;
  }

  ArraySummary array(int depth) {
    const std::uint64_t start = cursor_.position();
    ArraySummary summary;
    const std::uint32_t type = value_type();
    summary.element_type = value_types[type].name;
    summary.count = count("array length", std::numeric_limits<std::uint64_t>::max());
    const std::uint64_t fixed = value_types[type].bytes;
    cursor_.need_each(summary.count, fixed > 0 ? fixed : type == string_type ? 8 : 4 + 8, "array elements");
    if (fixed == 0 && summary.count > limits_.array_elements) {
      cursor_.fail("array of " + std::to_string(summary.count) + " elements; at most " + std::to_string(limits_.array_elements) + " are read");
    }
    if (type == array_type) {
      if (depth + 1 >= deepest_array) cursor_.fail("arrays within arrays, " + std::to_string(deepest_array) + " deep");
      for (std::uint64_t i = 0; i < summary.count; ++i) array(depth + 1);
    } else {
      elements(type, fixed, depth, summary);
    }
    summary.bytes = cursor_.position() - start;
    return summary;
  }

  void elements(std::uint32_t type, std::uint64_t fixed, int depth, ArraySummary& summary) {
    const bool whole = fixed > 0 && summary.count <= limits_.kept_numbers;
    const std::uint64_t kept = depth > 0 ? 0 : whole ? summary.count : std::min(summary.count, first_few);
    cursor_.spend(kept * sizeof(Scalar) + sizeof(ArraySummary));
    summary.first.reserve(static_cast<std::size_t>(kept));
    for (std::uint64_t i = 0; i < kept; ++i) summary.first.push_back(scalar(type));
    if (fixed > 0) return cursor_.skip((summary.count - kept) * fixed, "array elements");
    for (std::uint64_t i = kept; i < summary.count; ++i) cursor_.skip_text("a string of an array");
  }

  std::optional<std::uint64_t> whole_number(const char* key) const {
    const auto found = header_.metadata.find(key);
    if (found == header_.metadata.end()) return std::nullopt;
    if (const auto* n = std::get_if<std::uint64_t>(&found->second)) return *n;
    if (const auto* n = std::get_if<std::int64_t>(&found->second); n != nullptr && *n >= 0) return static_cast<std::uint64_t>(*n);
    cursor_.fail(std::string(key) + " is no whole number");
  }

  void known_keys() {
    // "general.alignment ... assume 32"; llama.cpp asks for a power of two. (GGUF specification, "General metadata")
    header_.alignment = whole_number("general.alignment").value_or(32);
    if (!std::has_single_bit(header_.alignment) || header_.alignment > (std::uint64_t{1} << 30U)) {
      cursor_.fail("general.alignment is " + std::to_string(header_.alignment) + ", no power of two");
    }
    // Keys that llama.cpp's gguf-split writes. [llama.cpp tools/gguf-split]
    const std::uint64_t parts = whole_number("split.count").value_or(1);
    const std::uint64_t number = whole_number("split.no").value_or(0);
    if (parts > 99'999 || number >= std::max<std::uint64_t>(parts, 1)) {
      cursor_.fail("split.no " + std::to_string(number) + " of split.count " + std::to_string(parts));
    }
    header_.split.count = static_cast<std::uint32_t>(std::max<std::uint64_t>(parts, 1));
    header_.split.number = static_cast<std::uint32_t>(number);
    header_.split.tensors = whole_number("split.tensors.count").value_or(0);
    const auto tokens = header_.metadata.find("tokenizer.ggml.tokens");
    if (tokens == header_.metadata.end()) return;
    if (const auto* list = std::get_if<ArraySummary>(&tokens->second)) header_.tokenizer_tokens = list->count;
  }

  void tensor() {
    const std::uint64_t at = cursor_.position();
    GgufTensor t;
    t.name = cursor_.text("a tensor name", limits_.tensor_name_bytes, limits_.tensor_name_bytes);
    const std::string shown = "tensor '" + printable(t.name) + "'";
    const auto dimensions = cursor_.number<std::uint32_t>("a tensor entry");
    // "n_dimensions: currently at most 4" (GGUF specification, gguf_tensor_info_t)
    if (dimensions > 4) throw Failure{at, shown + " has " + std::to_string(dimensions) + " dimensions; at most 4 are known"};
    for (std::uint32_t i = 0; i < dimensions; ++i) t.shape.push_back(cursor_.number<std::uint64_t>("a tensor entry"));
    t.type_number = cursor_.number<std::uint32_t>("a tensor entry");
    t.offset = cursor_.number<std::uint64_t>("a tensor entry");
    if (!names_.insert(t.name).second) throw Failure{at, shown + " stands twice"};
    if (t.offset % header_.alignment != 0) {
      throw Failure{at, shown + " begins at " + std::to_string(t.offset) + ", no multiple of the alignment " + std::to_string(header_.alignment)};
    }
    size(t, at, shown);
    cursor_.spend(sizeof(GgufTensor) + 2 * t.name.size() + 4 * sizeof(std::uint64_t) + 128);
    header_.tensors.push_back(std::move(t));
  }

  void size(GgufTensor& t, std::uint64_t at, const std::string& shown) {
    // ggml counts elements and bytes in signed 64 bits; anything near that is no tensor. The largest block has 292 bytes.
    constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max() / 1024;
    std::uint64_t elements = 1;
    for (const std::uint64_t n : t.shape) {
      if (n != 0 && elements > most / n) throw Failure{at, shown + " has too many elements for any file"};
      elements *= n;
    }
    const GgufType* type = find_type(t.type_number);
    t.bytes_known = type != nullptr;
    t.type = type != nullptr ? std::string(type->id) : "type " + std::to_string(t.type_number);
    if (type == nullptr) return;
    const std::uint64_t row = t.shape.empty() ? 1 : t.shape[0];
    if (row % type->block_weights != 0) {
      throw Failure{at, shown + ": rows of " + std::to_string(row) + " are no whole number of " + t.type + " blocks of " + std::to_string(type->block_weights)};
    }
    const std::uint64_t bytes = elements / type->block_weights * type->block_bytes;
    t.bytes = static_cast<double>(bytes);
    if (t.offset > std::numeric_limits<std::uint64_t>::max() - bytes) throw Failure{at, shown + " ends beyond any file"};
    if (t.offset + bytes > furthest_) {
      furthest_ = t.offset + bytes;
      furthest_name_ = shown;
    }
  }

  // Tensor data begins at the next multiple of the alignment. (GGUF specification, gguf_file_t)
  void check_extent() const {
    const std::uint64_t padding = (header_.alignment - header_.header_bytes % header_.alignment) % header_.alignment;
    if (furthest_ == 0) return;
    if (cursor_.left() < padding || cursor_.left() - padding < furthest_) {
      cursor_.fail("the file ends before its tensors do: " + furthest_name_ + " ends " + std::to_string(furthest_) + " bytes into the data, of which " +
                   std::to_string(cursor_.left() < padding ? 0 : cursor_.left() - padding) + " are there");
    }
  }

  Cursor cursor_;
  GgufLimits limits_;
  GgufHeader header_;
  std::set<std::string> names_;
  std::uint64_t furthest_ = 0;
  std::string furthest_name_;
};

}  // namespace

std::uint64_t element_count(const GgufTensor& tensor) {
  std::uint64_t elements = 1;
  for (const std::uint64_t n : tensor.shape) elements *= n;
  return elements;
}

Result<GgufHeader> read_gguf(std::istream& in, std::uint64_t file_size, const GgufLimits& limits) {
  try {
    return HeaderReader(in, file_size, limits).read();
  } catch (const Failure& failure) {
    return Problem{"byte " + std::to_string(failure.offset), failure.message};
  } catch (const std::exception& error) {
    return Problem{"byte 0", std::string("the header cannot be read: ") + error.what()};
  }
}

}  // namespace roofline::import
