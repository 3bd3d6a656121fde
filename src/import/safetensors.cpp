#include "roofline/import/safetensors.hpp"

#include <algorithm>
#include <array>
#include <exception>
#include <limits>
#include <optional>
#include <set>

#include "import/gguf_cursor.hpp"
#include "import/json_text.hpp"

namespace roofline::import {
namespace {

// Bits of one element. (safetensors, enum Dtype)
struct Dtype {
  std::string_view name;
  std::uint64_t bits;
};
constexpr std::array dtypes{Dtype{"BOOL", 8},    Dtype{"U8", 8},      Dtype{"I8", 8},        Dtype{"F8_E5M2", 8},   Dtype{"F8_E4M3", 8}, Dtype{"F8_E8M0", 8},
                            Dtype{"I16", 16},    Dtype{"U16", 16},    Dtype{"F16", 16},      Dtype{"BF16", 16},     Dtype{"I32", 32},    Dtype{"U32", 32},
                            Dtype{"F32", 32},    Dtype{"F64", 64},    Dtype{"I64", 64},      Dtype{"U64", 64},      Dtype{"C64", 64},    Dtype{"F4", 4},
                            Dtype{"F6_E2M3", 6}, Dtype{"F6_E3M2", 6}, Dtype{"F8_E4M3FNUZ", 8}, Dtype{"F8_E5M2FNUZ", 8}};
constexpr std::uint64_t most_elements = std::uint64_t{1} << 58U;

std::string printable_name(const std::string& name) { return "tensor '" + printable(name) + "'"; }

// { "__metadata__": { key: text }, name: { "dtype": text, "shape": [..], "data_offsets": [begin, end] }, .. } and nothing else.
// Levels: 1 the names, 2 a tensor or the metadata, 3 the numbers of one.
class Entries : public nlohmann::json_sax<Json> {
 public:
  Entries(SafetensorsHeader& header, const SafetensorsLimits& limits) : header_(header), limits_(limits) {}

  bool null() override { return odd("null"); }
  bool boolean(bool) override { return odd("a truth value"); }
  bool number_integer(number_integer_t) override { return odd("a negative number"); }
  bool number_float(number_float_t, const string_t&) override { return odd("a fraction"); }
  bool binary(binary_t&) override { return odd("binary"); }
  bool number_unsigned(number_unsigned_t n) override {
    if (level_ != 3) return odd("a number");
    std::vector<std::uint64_t>& list = key_ == "shape" ? tensor_.shape : offsets_;
    if (list.size() >= limits_.dimensions) return fail(printable_name(tensor_.name) + " has more than " + std::to_string(limits_.dimensions) + " dimensions");
    list.push_back(n);
    return true;
  }
  bool string(string_t& text) override {
    if (level_ == 2 && in_metadata_) {
      if (header_.metadata.size() < limits_.metadata_pairs) header_.metadata[key_] = text.substr(0, limits_.metadata_bytes);
      return true;
    }
    if (level_ != 2 || key_ != "dtype") return odd("a text");
    if (text.size() > 32) return fail(printable_name(tensor_.name) + ": '" + printable(text) + "' is no type");
    tensor_.dtype = text;
    return true;
  }
  bool key(string_t& text) override {
    if (level_ == 1) {
      in_metadata_ = text == "__metadata__";
      tensor_ = {};
      offsets_.clear();
      seen_.clear();
      if (text.size() > limits_.name_bytes) return fail("a tensor name of " + std::to_string(text.size()) + " bytes; at most " + std::to_string(limits_.name_bytes));
      tensor_.name = text;
      if (!names_.insert(text).second) return fail(printable_name(text) + " stands twice");
      return true;
    }
    if (!in_metadata_ && text != "dtype" && text != "shape" && text != "data_offsets") {
      return fail(printable_name(tensor_.name) + " has the key '" + printable(text) + "'; dtype, shape and data_offsets are known");
    }
    if (!in_metadata_ && !seen_.insert(text).second) return fail(printable_name(tensor_.name) + " states '" + text + "' twice");
    key_ = text.substr(0, limits_.name_bytes);
    return true;
  }
  bool start_object(std::size_t) override {
    if (level_ >= 2) return odd("an object");
    ++level_;
    return true;
  }
  bool start_array(std::size_t) override {
    if (level_ != 2 || in_metadata_ || key_ == "dtype") return odd("an array");
    ++level_;
    return true;
  }
  bool end_array() override {
    --level_;
    return true;
  }
  bool end_object() override {
    --level_;
    return level_ != 1 || in_metadata_ || finish();
  }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception&) override {
    if (message_.empty()) message_ = "the header is no JSON";
    at_ = position;
    return false;
  }

  [[nodiscard]] const std::string& message() const { return message_; }
  [[nodiscard]] std::size_t at() const { return at_; }

 private:
  bool fail(std::string message) {
    message_ = std::move(message);
    return false;
  }
  bool odd(const char* what) {
    if (level_ == 0) return fail("the header is " + std::string(what) + ", no object");
    return fail(printable_name(tensor_.name) + ": " + what + " where the format has none");
  }

  bool finish() {
    const std::string shown = printable_name(tensor_.name);
    if (seen_.size() != 3) return fail(shown + " does not state dtype, shape and data_offsets");
    if (offsets_.size() != 2 || offsets_[1] < offsets_[0]) return fail(shown + ": data_offsets are not a beginning and an end");
    tensor_.begin = offsets_[0];
    tensor_.bytes = offsets_[1] - offsets_[0];
    std::uint64_t elements = 1;
    for (const std::uint64_t n : tensor_.shape) {
      if (n != 0 && elements > most_elements / n) return fail(shown + " has too many elements for any file");
      elements *= n;
    }
    const auto* type = std::find_if(dtypes.begin(), dtypes.end(), [&](const Dtype& each) { return each.name == tensor_.dtype; });
    // Types are added to the format now and then; the offsets give the bytes all the same.
    if (type != dtypes.end() && (elements * type->bits + 7) / 8 != tensor_.bytes) {
      return fail(shown + ": " + std::to_string(elements) + " elements of " + tensor_.dtype + " do not take " + std::to_string(tensor_.bytes) + " bytes");
    }
    if (header_.tensors.size() >= limits_.tensors) return fail("more than " + std::to_string(limits_.tensors) + " tensors");
    header_.tensors.push_back(std::move(tensor_));
    return true;
  }

  SafetensorsHeader& header_;
  const SafetensorsLimits& limits_;
  int level_ = 0;
  bool in_metadata_ = false;
  std::string key_;
  SafeTensor tensor_;
  std::vector<std::uint64_t> offsets_;
  std::set<std::string> seen_;
  std::set<std::string> names_;
  std::string message_;
  std::size_t at_ = 0;
};

// "The byte buffer needs to be entirely indexed, and cannot contain holes." (safetensors README, "Format")
std::optional<std::string> gap(const SafetensorsHeader& header, std::uint64_t data, bool data_present) {
  std::vector<const SafeTensor*> order;
  for (const SafeTensor& tensor : header.tensors) order.push_back(&tensor);
  std::sort(order.begin(), order.end(), [](const SafeTensor* a, const SafeTensor* b) { return a->begin != b->begin ? a->begin < b->begin : a->bytes < b->bytes; });
  std::uint64_t end = 0;
  for (const SafeTensor* tensor : order) {
    if (tensor->begin != end) {
      return printable_name(tensor->name) + " begins at byte " + std::to_string(tensor->begin) + " of the data, the one before it ends at " + std::to_string(end);
    }
    end = tensor->begin + tensor->bytes;
  }
  if (!data_present || end == data) return std::nullopt;
  if (end > data) return "the file ends before its tensors do: they need " + std::to_string(end) + " bytes, " + std::to_string(data) + " are there";
  return std::to_string(data - end) + " bytes after the last tensor belong to none";
}

SafetensorsHeader read_header(std::istream& in, std::uint64_t size, const SafetensorsLimits& limits) {
  std::array<unsigned char, 8> prefix{};
  if (size < prefix.size() || !in.read(reinterpret_cast<char*>(prefix.data()), prefix.size())) throw Failure{0, "the file ends inside the length of its header"};
  std::uint64_t length = 0;
  for (std::size_t i = 0; i < prefix.size(); ++i) length |= std::uint64_t{prefix[i]} << (8 * i);  // little endian on every machine
  if (length > limits.header_bytes) {
    throw Failure{0, "not a safetensors file: its header would be " + std::to_string(length) + " bytes long; at most " + std::to_string(limits.header_bytes) + " are read"};
  }
  if (length > size - prefix.size()) {
    throw Failure{8, "the file ends inside its header: " + std::to_string(length) + " bytes needed, " + std::to_string(size - prefix.size()) + " left"};
  }
  std::string text(static_cast<std::size_t>(length), '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (static_cast<std::uint64_t>(in.gcount()) != length) throw Failure{8, "the file ends inside its header, before its stated size of " + std::to_string(size) + " bytes"};
  if (text.empty() || text.front() != '{') throw Failure{8, "not a safetensors file: its header does not begin with '{'"};

  SafetensorsHeader header;
  header.file_bytes = size;
  header.header_bytes = prefix.size() + length;
  Entries entries(header, limits);
  if (!Json::sax_parse(text, &entries)) throw Failure{8 + entries.at(), entries.message()};
  if (const auto problem = gap(header, size - header.header_bytes, limits.data_present)) throw Failure{header.header_bytes, *problem};
  for (const SafeTensor& tensor : header.tensors) header.tensor_bytes += tensor.bytes;
  return header;
}

}  // namespace

std::uint64_t element_count(const SafeTensor& tensor) {
  std::uint64_t elements = 1;
  for (const std::uint64_t n : tensor.shape) elements *= n;
  return elements;
}

Result<SafetensorsHeader> read_safetensors(std::istream& in, std::uint64_t file_size, const SafetensorsLimits& limits) {
  try {
    return read_header(in, file_size, limits);
  } catch (const Failure& failure) {
    return Problem{"byte " + std::to_string(failure.offset), failure.message};
  } catch (const std::exception& error) {
    return Problem{"byte 0", std::string("the header cannot be read: ") + error.what()};
  }
}

}  // namespace roofline::import
