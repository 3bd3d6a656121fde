#include "db/reader.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "db/words.hpp"

namespace roofline::db {
Table::Table(const toml::table& table, std::string name, Keys keys, File& file) : table_(&table), name_(std::move(name)), file_(&file) {
  for (const auto& [key, node] : table) {
    if (std::find(keys.begin(), keys.end(), key.str()) != keys.end()) continue;
    file_->error(key.source(), "unknown key " + in_quotes(key.str()) + " in " + name_ + did_you_mean(key.str(), {keys.begin(), keys.end()}));
  }
}

void Table::error(std::string_view key, std::string message) {
  const toml::node* node = table_->get(key);
  file_->error(node != nullptr ? node->source() : table_->source(), std::move(message));
}

const toml::node* Table::find(std::string_view key, bool required) {
  const toml::node* node = table_->get(key);
  if (node == nullptr && required) error(key, "missing key " + in_quotes(key) + " in " + name_);
  return node;
}

std::string Table::text(std::string_view key) {
  const toml::node* node = find(key, true);
  if (node == nullptr) return {};
  const auto value = node->value_exact<std::string>();
  if (!value) {
    error(key, in_quotes(key) + " in " + name_ + " must be a string");
    return {};
  }
  if (value->empty()) error(key, in_quotes(key) + " in " + name_ + " is empty");
  return *value;
}

std::string Table::text_or(std::string_view key, std::string fallback) { return has(key) ? text(key) : std::move(fallback); }

std::string Table::one_of(std::string_view key, std::initializer_list<std::string_view> choices) {
  const std::string value = text(key);
  if (value.empty() || std::find(choices.begin(), choices.end(), value) != choices.end()) return value;
  std::string all;
  for (const std::string_view choice : choices) all += (all.empty() ? "" : ", ") + std::string(choice);
  error(key, in_quotes(key) + " in " + name_ + " must be one of " + all + ", not " + in_quotes(value));
  return {};
}

std::int64_t Table::integer(std::string_view key, std::int64_t low, std::int64_t high) {
  const toml::node* node = find(key, true);
  if (node == nullptr) return low;
  const auto value = node->value_exact<std::int64_t>();
  if (!value) {
    error(key, in_quotes(key) + " in " + name_ + " must be a whole number");
    return low;
  }
  if (*value < low || *value > high) {
    error(key, in_quotes(key) + " in " + name_ + " is " + std::to_string(*value) + ", outside " + std::to_string(low) + " to " + std::to_string(high));
    return low;
  }
  return *value;
}

std::int64_t Table::integer_or(std::string_view key, std::int64_t low, std::int64_t high, std::int64_t fallback) {
  return has(key) ? integer(key, low, high) : fallback;
}

std::optional<std::int64_t> Table::optional_integer(std::string_view key, std::int64_t low, std::int64_t high) {
  if (!has(key)) return std::nullopt;
  return integer(key, low, high);
}

double Table::number(std::string_view key, double low, double high) {
  const toml::node* node = find(key, true);
  if (node == nullptr) return low;
  const auto value = node->is_number() ? node->value<double>() : std::nullopt;
  if (!value || !std::isfinite(*value)) {
    error(key, in_quotes(key) + " in " + name_ + " must be a finite number");
    return low;
  }
  if (*value < low || *value > high) {
    error(key, in_quotes(key) + " in " + name_ + " is outside its range");
    return low;
  }
  return *value;
}

std::optional<double> Table::optional_number(std::string_view key, double low, double high) {
  if (!has(key)) return std::nullopt;
  return number(key, low, high);
}

std::optional<bool> Table::optional_flag(std::string_view key) {
  const toml::node* node = find(key, false);
  if (node == nullptr) return std::nullopt;
  const auto value = node->value_exact<bool>();
  if (!value) error(key, in_quotes(key) + " in " + name_ + " must be true or false");
  return value.value_or(false);
}

bool Table::flag_or(std::string_view key, bool fallback) { return optional_flag(key).value_or(fallback); }

std::vector<std::string> Table::strings(std::string_view key) {
  const toml::node* node = find(key, false);
  if (node == nullptr) return {};
  const toml::array* array = node->as_array();
  if (array == nullptr) {
    error(key, in_quotes(key) + " in " + name_ + " must be an array of strings");
    return {};
  }
  std::vector<std::string> values;
  for (const toml::node& element : *array) {
    const auto value = element.value_exact<std::string>();
    if (!value || value->empty()) {
      file_->error(element.source(), in_quotes(key) + " in " + name_ + " must hold non-empty strings only");
      continue;
    }
    values.push_back(*value);
  }
  return values;
}

std::vector<std::string> Table::required_strings(std::string_view key) {
  if (find(key, true) == nullptr) return {};
  auto values = strings(key);
  if (values.empty()) error(key, in_quotes(key) + " in " + name_ + " is empty");
  return values;
}

std::vector<std::int64_t> Table::integers(std::string_view key, std::int64_t low, std::int64_t high) {
  const toml::node* node = find(key, false);
  if (node == nullptr) return {};
  const toml::array* array = node->as_array();
  if (array == nullptr) {
    error(key, in_quotes(key) + " in " + name_ + " must be an array of whole numbers");
    return {};
  }
  std::vector<std::int64_t> values;
  for (const toml::node& element : *array) {
    const auto value = element.value_exact<std::int64_t>();
    if (!value || *value < low || *value > high) {
      file_->error(element.source(), in_quotes(key) + " in " + name_ + " must hold whole numbers from " + std::to_string(low) + " to " + std::to_string(high));
      continue;
    }
    values.push_back(*value);
  }
  return values;
}

std::string Table::date_or(std::string_view key, std::string fallback) {
  const toml::node* node = find(key, false);
  if (node == nullptr) return fallback;
  const auto value = node->value_exact<toml::date>();
  if (!value) {
    error(key, in_quotes(key) + " in " + name_ + " must be a date (2026-01-31)");
    return fallback;
  }
  char text[16];
  std::snprintf(text, sizeof text, "%04u-%02u-%02u", value->year % 10000u, value->month % 100u, value->day % 100u);
  return text;
}

std::optional<Table> Table::table(std::string_view key, Keys keys) {
  const toml::node* node = find(key, false);
  if (node == nullptr) return std::nullopt;
  const toml::table* inner = node->as_table();
  if (inner == nullptr) {
    error(key, in_quotes(key) + " in " + name_ + " must be a table");
    return std::nullopt;
  }
  return Table(*inner, name_ + "." + std::string(key), keys, *file_);
}

std::vector<Table> Table::tables(std::string_view key, Keys keys) {
  const toml::node* node = find(key, false);
  if (node == nullptr) return {};
  const toml::array* array = node->as_array();
  if (array == nullptr) {
    error(key, in_quotes(key) + " in " + name_ + " must be an array of tables");
    return {};
  }
  std::vector<Table> all;
  std::size_t index = 0;
  for (const toml::node& element : *array) {
    const toml::table* inner = element.as_table();
    ++index;
    if (inner == nullptr) {
      file_->error(element.source(), in_quotes(key) + " in " + name_ + " must hold tables only");
      continue;
    }
    const auto id = (*inner)["id"].value<std::string>();
    all.emplace_back(*inner, name_ + "." + std::string(key) + "[" + (id ? shortened(*id) : std::to_string(index)) + "]", keys, *file_);
  }
  return all;
}

std::vector<std::string> Table::free_text(std::string_view key, const toml::key& name, const toml::node& value, std::optional<Kind> refers) {
  std::vector<const toml::node*> nodes{&value};
  if (const toml::array* array = value.as_array()) {
    nodes.clear();
    for (const toml::node& element : *array) nodes.push_back(&element);
  }
  const std::string where = in_quotes(name.str()) + " in " + name_ + "." + std::string(key);
  std::vector<std::string> texts;
  for (const toml::node* node : nodes) {
    const auto text = node->value_exact<std::string>();
    if (!text || text->empty()) {
      texts.clear();
      break;
    }
    texts.push_back(*text);
    if (refers) file_->refer(*refers, *text, where, node->source());
  }
  if (texts.empty()) file_->error(value.source(), where + " must be a string or an array of strings");
  return texts;
}

std::vector<std::pair<std::string, std::vector<std::string>>> Table::free_texts(std::string_view key, std::optional<Kind> refers) {
  const toml::node* node = find(key, false);
  if (node == nullptr) return {};
  const toml::table* inner = node->as_table();
  if (inner == nullptr) {
    error(key, in_quotes(key) + " in " + name_ + " must be a table");
    return {};
  }
  std::vector<std::pair<std::string, std::vector<std::string>>> all;
  for (const auto& [name, value] : *inner) all.emplace_back(std::string(name.str()), free_text(key, name, value, refers));
  return all;
}

void File::refer(Kind kind, std::string name, std::string by, const toml::source_region& where) {
  references.push_back({kind, std::move(name), std::move(by), static_cast<int>(where.begin.line), static_cast<int>(where.begin.column), {}});
}

std::string Table::reference(std::string_view key, Kind kind) {
  std::string name = text(key);
  if (!name.empty()) file_->refer(kind, name, in_quotes(key) + " in " + name_, table_->get(key)->source());
  return name;
}

std::string Table::reference_or(std::string_view key, Kind kind, std::string fallback) { return has(key) ? reference(key, kind) : std::move(fallback); }

std::vector<std::string> Table::references(std::string_view key, Kind kind, std::string_view any) {
  if (const toml::array* array = table_->get_as<toml::array>(key)) {
    for (const toml::node& element : *array) {
      const auto name = element.value_exact<std::string>();
      if (name && !name->empty() && *name != any) file_->refer(kind, *name, in_quotes(key) + " in " + name_, element.source());
    }
  }
  return strings(key);
}

std::string checked_id(Table& table, std::string_view key) {
  std::string id = table.text(key);
  if (!id.empty() && !is_id(id)) {
    table.error(key, "ids are made of lower-case letters, digits, '-', '_' and '.', and begin with one of the first two, not " + in_quotes(id));
  }
  return id;
}

}  // namespace roofline::db
