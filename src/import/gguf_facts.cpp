#include "import/gguf_facts.hpp"

#include <algorithm>
#include <charconv>
#include <type_traits>
#include <utility>

namespace roofline::import {
namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string list;
  for (const std::string& word : words) list += (list.empty() ? "" : ", ") + word;
  return list;
}

// Whole numbers only: a count written as 3.5 or as text is a mistake in the file.
std::optional<std::int64_t> whole(const Scalar& value) {
  if (const auto* n = std::get_if<std::uint64_t>(&value)) {
    return *n <= std::uint64_t{1} << 62U ? std::optional(static_cast<std::int64_t>(*n)) : std::nullopt;
  }
  if (const auto* n = std::get_if<std::int64_t>(&value)) return *n;
  return std::nullopt;
}

std::optional<Scalar> single(const Value& value) {
  return std::visit(
      [](const auto& v) -> std::optional<Scalar> {
        if constexpr (std::is_same_v<std::decay_t<decltype(v)>, ArraySummary>) {
          return std::nullopt;
        } else {
          return Scalar(v);
        }
      },
      value);
}

}  // namespace

TensorPlace place_of(std::string_view name) {
  TensorPlace place;
  constexpr std::string_view block = "blk.";
  constexpr std::string_view weight = ".weight";
  if (name.substr(0, block.size()) == block) {
    const std::string_view rest = name.substr(block.size());
    int layer = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), layer);
    if (error == std::errc{} && layer >= 0 && end != rest.data() + rest.size() && *end == '.') {
      place.layer = layer;
      name = rest.substr(static_cast<std::size_t>(end - rest.data()) + 1);
    }
  }
  if (name.size() > weight.size() && name.substr(name.size() - weight.size()) == weight) name.remove_suffix(weight.size());
  place.role = std::string(name);
  return place;
}

std::map<std::string, std::size_t> types_by_role(const GgufHeader& header) {
  std::map<std::string, std::set<std::string_view>> types;
  for (const GgufTensor& tensor : header.tensors) types[place_of(tensor.name).role].insert(tensor.type);
  std::map<std::string, std::size_t> counts;
  for (const auto& [role, names] : types) counts[role] = names.size();
  return counts;
}

std::string typed_role(const std::string& role, const std::string& type) { return role + " (" + type + ")"; }

Facts::Facts(const GgufHeader& header, std::string architecture) : header_(header), architecture_(std::move(architecture)) {
  for (const GgufTensor& tensor : header.tensors) {
    tensors_.emplace(tensor.name, &tensor);
    by_layer_[place_of(tensor.name).layer].push_back(&tensor);
  }
}

const std::vector<const GgufTensor*>& Facts::tensors_of(int layer) const {
  static const std::vector<const GgufTensor*> none;
  const auto found = by_layer_.find(layer);
  return found == by_layer_.end() ? none : found->second;
}

void Facts::take(int layer, const std::string& role) {
  if (const GgufTensor* found = tensor(layer, role)) taken_.insert(found);
}

const Value* Facts::find(std::string_view key) const {
  const auto found = header_.metadata.find(architecture_ + "." + std::string(key));
  return found == header_.metadata.end() ? nullptr : &found->second;
}

const GgufTensor* Facts::tensor(int layer, const std::string& role) const {
  const std::string stem = layer < 0 ? role : "blk." + std::to_string(layer) + "." + role;
  auto found = tensors_.find(stem + ".weight");
  if (found == tensors_.end()) found = tensors_.find(stem);
  return found == tensors_.end() ? nullptr : found->second;
}

int Facts::checked(std::string_view key, const Scalar& value, int least, int most) {
  const auto n = whole(value);
  if (n && *n >= least && *n <= most) return static_cast<int>(*n);
  if (wrong_.size() < 20) wrong_.push_back(architecture_ + "." + std::string(key) + (n ? " = " + std::to_string(*n) : std::string(" (no whole number)")) + ", not within " +
                   std::to_string(least) + " and " + std::to_string(most));
  return least;
}

int Facts::needed(std::string_view key, int most) {
  if (!has(key)) {
    // Asked for once for each layer; said once.
    const std::string name = architecture_ + "." + std::string(key);
    if (std::find(missing_.begin(), missing_.end(), name) == missing_.end()) miss(name);
  }
  return number_or(key, 1, most, 1);
}

int Facts::number_or(std::string_view key, int least, int most, int otherwise) {
  const Value* value = find(key);
  if (value == nullptr) return otherwise;
  const auto scalar = single(*value);
  // An array where one number is expected: fine if there is nothing to choose from, checked as no number otherwise.
  if (const auto* array = std::get_if<ArraySummary>(value); array != nullptr && !array->first.empty() && array->first.size() == array->count) {
    bool uniform = true;
    for (const Scalar& each : array->first) uniform = uniform && each == array->first.front();
    if (uniform) return checked(key, array->first.front(), least, most);
  }
  return checked(key, scalar.value_or(Scalar(std::string("array"))), least, most);
}

std::vector<int> Facts::per_layer(std::string_view key, int layers, int least, int most, std::optional<int> otherwise) {
  const auto count = static_cast<std::size_t>(layers);
  const Value* value = find(key);
  if (value == nullptr) {
    if (!otherwise) miss(architecture_ + "." + std::string(key));
    return std::vector<int>(count, otherwise.value_or(least));
  }
  const auto* array = std::get_if<ArraySummary>(value);
  if (array == nullptr) return std::vector<int>(count, number_or(key, least, most, least));
  if (array->count < count || array->first.size() < count) {
    wrong_.push_back(architecture_ + "." + std::string(key) + ": " + std::to_string(array->count) + " values for " + std::to_string(layers) + " layers");
    return std::vector<int>(count, least);
  }
  std::vector<int> numbers;
  for (std::size_t i = 0; i < count; ++i) numbers.push_back(checked(key, array->first[i], least, most));
  return numbers;
}

std::vector<bool> Facts::flags(std::string_view key, int layers) {
  const Value* value = find(key);
  const auto* array = value == nullptr ? nullptr : std::get_if<ArraySummary>(value);
  if (array == nullptr || array->first.empty() || array->first.size() != array->count) return {};
  std::vector<bool> flags;
  for (std::size_t i = 0; i < static_cast<std::size_t>(layers); ++i) {
    const Scalar& each = array->first[i % array->first.size()];
    const bool* truth = std::get_if<bool>(&each);
    flags.push_back(truth != nullptr ? *truth : whole(each).value_or(0) != 0);
  }
  return flags;
}

std::string Facts::complaint() const {
  std::string text;
  if (!missing_.empty()) text = "missing: " + joined(missing_);
  if (!wrong_.empty()) text += (text.empty() ? "" : "; ") + std::string("wrong: ") + joined(wrong_);
  return text;
}

}  // namespace roofline::import
