// Looks up what a model needs in a header's metadata and remembers every key that is missing or makes no sense.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "roofline/import/gguf.hpp"

namespace roofline::import {

class Facts {
 public:
  Facts(const GgufHeader& header, std::string architecture);

  // Keys are given without "<architecture>."; numbers lie within 1 (or 0) and `most`.
  int needed(std::string_view key, int most);
  int number_or(std::string_view key, int least, int most, int otherwise);
  [[nodiscard]] bool has(std::string_view key) const { return find(key) != nullptr; }
  void needed_anyhow(std::string_view key) {
    if (!has(key)) miss(architecture_ + "." + std::string(key));
  }
  // One value for all layers, or an array with one per layer.
  std::vector<int> per_layer(std::string_view key, int layers, int least, int most, std::optional<int> otherwise);
  // Truth values of an array over the layers, repeated if it is shorter; empty where there is none.
  std::vector<bool> flags(std::string_view key, int layers);

  // "attn_q" or "attn_q.bias" of one layer, or of the whole model with layer -1; null where the file has no such tensor.
  [[nodiscard]] const GgufTensor* tensor(int layer, const std::string& role) const;

  [[nodiscard]] const std::vector<const GgufTensor*>& tensors_of(int layer) const;
  // The model that is built accounts for this tensor; whatever nothing takes becomes one of its extra tensors.
  void take(int layer, const std::string& role);
  [[nodiscard]] bool taken(const GgufTensor& tensor) const { return taken_.contains(&tensor); }

  void miss(std::string what) { missing_.push_back(std::move(what)); }
  void wrong(std::string what) {
    if (wrong_.size() < 20) wrong_.push_back(std::move(what));
  }
  [[nodiscard]] bool sound() const { return missing_.empty() && wrong_.empty(); }
  [[nodiscard]] std::string complaint() const;

 private:
  [[nodiscard]] const Value* find(std::string_view key) const;
  int checked(std::string_view key, const Scalar& value, int least, int most);

  const GgufHeader& header_;
  std::string architecture_;
  std::map<std::string_view, const GgufTensor*> tensors_;
  std::map<int, std::vector<const GgufTensor*>> by_layer_;
  std::set<const GgufTensor*> taken_;
  std::vector<std::string> missing_;
  std::vector<std::string> wrong_;
};

// "blk.3.attn_q.weight" -> 3 and "attn_q"; -1 outside the layers. Other endings than .weight stay: "attn_q.bias".
// (GGUF specification, "Standardized tensor names")
struct TensorPlace {
  int layer = -1;
  std::string role;
};
TensorPlace place_of(std::string_view name);

// How many types the matrices of a role are stored in. Extra tensors belong to no layer, so where there are several types each
// type's tensors get a role of their own: "inp_gate (q6_k)".
std::map<std::string, std::size_t> types_by_role(const GgufHeader& header);
std::string typed_role(const std::string& role, const std::string& type);

}  // namespace roofline::import
