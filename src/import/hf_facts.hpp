// Looks up keys of a configuration, in its text part first, and remembers every one that is missing or makes no sense.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "import/json_text.hpp"

namespace roofline::import {

// Several names of one key: the first that is there counts. (num_hidden_layers, n_layer, num_layers)
using Keys = std::initializer_list<std::string_view>;

class HfFacts {
 public:
  HfFacts(const Json& root, const Json& text) : root_(root), text_(text) {}

  [[nodiscard]] const Json* find(std::string_view key) const;  // null: absent or JSON's null
  [[nodiscard]] bool has(Keys keys) const;
  int needed(Keys keys, int most);
  int number_or(Keys keys, int least, int most, int otherwise);
  double real_or(std::string_view key, double otherwise);
  bool flag_or(Keys keys, bool otherwise);
  std::string text_or(std::string_view key, const std::string& otherwise) const;
  std::vector<std::string> texts(std::string_view key);
  std::vector<int> numbers(Keys keys, int least, int most);

  void miss(std::string what) { missing_.push_back(std::move(what)); }
  void wrong(std::string what) { wrong_.push_back(std::move(what)); }
  [[nodiscard]] bool sound() const { return missing_.empty() && wrong_.empty(); }
  [[nodiscard]] std::string complaint() const;

 private:
  [[nodiscard]] std::optional<std::pair<std::string, const Json*>> first(Keys keys) const;

  const Json& root_;
  const Json& text_;
  std::vector<std::string> missing_;
  std::vector<std::string> wrong_;
};

}  // namespace roofline::import
