#include "import/hf_facts.hpp"

#include "import/gguf_cursor.hpp"

namespace roofline::import {
namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string list;
  for (const std::string& word : words) list += (list.empty() ? "" : ", ") + word;
  return list;
}

std::optional<std::int64_t> whole(const Json& value) {
  if (value.is_number_unsigned()) {
    const auto n = value.get<std::uint64_t>();
    return n <= std::uint64_t{1} << 62U ? std::optional(static_cast<std::int64_t>(n)) : std::nullopt;
  }
  if (value.is_number_integer()) return value.get<std::int64_t>();
  return std::nullopt;
}

constexpr std::size_t most_entries = 10'000;

}  // namespace

const Json* HfFacts::find(std::string_view key) const {
  for (const Json* object : {&text_, &root_}) {
    const auto found = object->find(std::string(key));
    if (found != object->end() && !found->is_null()) return &*found;
  }
  return nullptr;
}

std::optional<std::pair<std::string, const Json*>> HfFacts::first(Keys keys) const {
  for (const std::string_view key : keys) {
    if (const Json* value = find(key)) return std::pair(std::string(key), value);
  }
  return std::nullopt;
}

bool HfFacts::has(Keys keys) const { return first(keys).has_value(); }

int HfFacts::needed(Keys keys, int most) {
  if (!has(keys)) miss(std::string(*keys.begin()));
  return number_or(keys, 1, most, 1);
}

int HfFacts::number_or(Keys keys, int least, int most, int otherwise) {
  const auto found = first(keys);
  if (!found) return otherwise;
  const auto n = whole(*found->second);
  if (n && *n >= least && *n <= most) return static_cast<int>(*n);
  wrong(found->first + (n ? " = " + std::to_string(*n) : std::string(" (no whole number)")) + ", not within " + std::to_string(least) + " and " +
        std::to_string(most));
  return least;
}

double HfFacts::real_or(std::string_view key, double otherwise) {
  const Json* value = find(key);
  if (value == nullptr) return otherwise;
  if (value->is_number() && value->get<double>() > 0 && value->get<double>() < 1e9) return value->get<double>();
  wrong(std::string(key) + " is no number above zero");
  return otherwise;
}

bool HfFacts::flag_or(Keys keys, bool otherwise) {
  const auto found = first(keys);
  if (!found) return otherwise;
  if (found->second->is_boolean()) return found->second->get<bool>();
  wrong(found->first + " is neither true nor false");
  return otherwise;
}

std::string HfFacts::text_or(std::string_view key, const std::string& otherwise) const {
  const Json* value = find(key);
  return value != nullptr && value->is_string() ? printable(value->get_ref<const std::string&>()) : otherwise;
}

std::vector<std::string> HfFacts::texts(std::string_view key) {
  const Json* value = find(key);
  if (value == nullptr) return {};
  std::vector<std::string> list;
  if (value->is_array() && value->size() <= most_entries) {
    for (const Json& each : *value) {
      if (each.is_string()) list.push_back(each.get<std::string>());
    }
  }
  if (!value->is_array() || list.size() != value->size()) {
    wrong(std::string(key) + " is no list of words");
    return {};
  }
  return list;
}

std::vector<int> HfFacts::numbers(Keys keys, int least, int most) {
  const auto found = first(keys);
  if (!found) return {};
  std::vector<int> list;
  if (found->second->is_array() && found->second->size() <= most_entries) {
    for (const Json& each : *found->second) {
      const auto n = whole(each);
      if (n && *n >= least && *n <= most) list.push_back(static_cast<int>(*n));
    }
  }
  if (!found->second->is_array() || list.size() != found->second->size()) {
    wrong(found->first + " is no list of numbers within " + std::to_string(least) + " and " + std::to_string(most));
    return {};
  }
  return list;
}

std::string HfFacts::complaint() const {
  std::string text;
  if (!missing_.empty()) text = "missing: " + joined(missing_);
  if (!wrong_.empty()) text += (text.empty() ? "" : "; ") + std::string("wrong: ") + joined(wrong_);
  return text;
}

}  // namespace roofline::import
