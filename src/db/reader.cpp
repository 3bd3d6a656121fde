#include "db/reader.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "roofline/db/catalog.hpp"
#include "roofline/db/units.hpp"

namespace roofline::db {
namespace {

std::string in_quotes(std::string_view text) { return "'" + std::string(text) + "'"; }

std::string did_you_mean(std::string_view text, const std::vector<std::string>& known) {
  const auto near = nearest_names(text, known, 1);
  return near.empty() ? "" : "; did you mean " + in_quotes(near.front()) + "?";
}

}  // namespace

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
    error(key, in_quotes(key) + " in " + name_ + " is a string");
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
  error(key, in_quotes(key) + " in " + name_ + " is one of " + all + ", not " + in_quotes(value));
  return {};
}

std::int64_t Table::integer(std::string_view key, std::int64_t low, std::int64_t high) {
  const toml::node* node = find(key, true);
  if (node == nullptr) return low;
  const auto value = node->value_exact<std::int64_t>();
  if (!value) {
    error(key, in_quotes(key) + " in " + name_ + " is a whole number");
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
    error(key, in_quotes(key) + " in " + name_ + " is a finite number");
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
  if (!value) error(key, in_quotes(key) + " in " + name_ + " is true or false");
  return value.value_or(false);
}

bool Table::flag_or(std::string_view key, bool fallback) { return optional_flag(key).value_or(fallback); }

std::vector<std::string> Table::strings(std::string_view key) {
  const toml::node* node = find(key, false);
  if (node == nullptr) return {};
  const toml::array* array = node->as_array();
  if (array == nullptr) {
    error(key, in_quotes(key) + " in " + name_ + " is an array of strings");
    return {};
  }
  std::vector<std::string> values;
  for (const toml::node& element : *array) {
    const auto value = element.value_exact<std::string>();
    if (!value || value->empty()) {
      file_->error(element.source(), in_quotes(key) + " in " + name_ + " holds non-empty strings only");
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
    error(key, in_quotes(key) + " in " + name_ + " is an array of whole numbers");
    return {};
  }
  std::vector<std::int64_t> values;
  for (const toml::node& element : *array) {
    const auto value = element.value_exact<std::int64_t>();
    if (!value || *value < low || *value > high) {
      file_->error(element.source(), in_quotes(key) + " in " + name_ + " holds whole numbers from " + std::to_string(low) + " to " + std::to_string(high));
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
    error(key, in_quotes(key) + " in " + name_ + " is a date (2026-01-31)");
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
    error(key, in_quotes(key) + " in " + name_ + " is a table");
    return std::nullopt;
  }
  return Table(*inner, name_ + "." + std::string(key), keys, *file_);
}

std::vector<Table> Table::tables(std::string_view key, Keys keys) {
  const toml::node* node = find(key, false);
  if (node == nullptr) return {};
  const toml::array* array = node->as_array();
  if (array == nullptr) {
    error(key, in_quotes(key) + " in " + name_ + " is an array of tables");
    return {};
  }
  std::vector<Table> all;
  std::size_t index = 0;
  for (const toml::node& element : *array) {
    const toml::table* inner = element.as_table();
    ++index;
    if (inner == nullptr) {
      file_->error(element.source(), in_quotes(key) + " in " + name_ + " holds tables only");
      continue;
    }
    const auto id = (*inner)["id"].value<std::string>();
    all.emplace_back(*inner, name_ + "." + std::string(key) + "[" + (id ? *id : std::to_string(index)) + "]", keys, *file_);
  }
  return all;
}

std::vector<std::pair<std::string, std::vector<std::string>>> Table::free_texts(std::string_view key) {
  const toml::node* node = find(key, false);
  if (node == nullptr) return {};
  const toml::table* inner = node->as_table();
  if (inner == nullptr) {
    error(key, in_quotes(key) + " in " + name_ + " is a table");
    return {};
  }
  std::vector<std::pair<std::string, std::vector<std::string>>> all;
  for (const auto& [name, value] : *inner) {
    std::vector<std::string> texts;
    if (const auto one = value.value_exact<std::string>(); one && !one->empty()) {
      texts.push_back(*one);
    } else if (const toml::array* array = value.as_array()) {
      for (const toml::node& element : *array) {
        if (const auto each = element.value_exact<std::string>(); each && !each->empty()) texts.push_back(*each);
      }
      if (texts.size() != array->size()) texts.clear();
    }
    if (texts.empty()) file_->error(value.source(), in_quotes(name.str()) + " in " + name_ + "." + std::string(key) + " is a string or an array of strings");
    all.emplace_back(std::string(name.str()), std::move(texts));
  }
  return all;
}

AnyQuantity Table::own_value(std::optional<Dimension> wanted) {
  const double value = number("value", -1e30, 1e30);
  const std::string unit = text("unit");
  if (unit.empty()) return {};
  const auto scale = unit_named(unit);
  if (!scale) {
    error("unit", "unknown unit " + in_quotes(unit) + " in " + name_ + did_you_mean(unit, unit_names()));
    return {};
  }
  if (wanted && !(scale->dimension == *wanted)) {
    error("unit", "unit " + in_quotes(unit) + " in " + name_ + " measures " + describe(scale->dimension) + ", wanted " + describe(*wanted));
    return {};
  }
  if (has("value") && !(value > 0)) error("value", "'value' in " + name_ + " must be above zero; leave out what is not known");
  AnyQuantity quantity = *scale;
  quantity.base *= value;
  return quantity;
}

Figure<AnyQuantity> Table::own_any_figure(Basis usual) {
  const AnyQuantity value = own_value(std::nullopt);
  return {value, own_citation(usual)};
}

Figure<AnyQuantity> Table::any_figure(std::string_view key) {
  if (auto inner = table(key, figure_keys)) return inner->own_any_figure();
  if (!has(key)) error(key, "missing key " + in_quotes(key) + " in " + name_);
  return {};
}

Citation Table::own_citation(Basis usual) {
  Citation cite;
  cite.source = text("source");
  cite.at = text_or("at", "");
  cite.note = text_or("note", "");
  cite.basis = usual;
  if (has("basis")) cite.basis = one_of("basis", {"specified", "measured"}) == "measured" ? Basis::measured : Basis::specified;
  if (cite.source == "derived") {
    cite.basis = Basis::derived;
    if (cite.at.empty()) error("source", "a derived figure in " + name_ + " states its formula in 'at'");
  } else if (cite.source == "assumed") {
    cite.basis = Basis::assumed;
    if (cite.note.empty()) error("source", "an assumed figure in " + name_ + " says in 'note' why this value and what would settle it");
    file_->assumed.push_back(name_ + ": " + cite.note);
  } else if (!cite.source.empty()) {
    const toml::source_region& where = table_->get("source")->source();
    file_->cited.push_back({cite.source, static_cast<int>(where.begin.line), static_cast<int>(where.begin.column)});
  }
  return cite;
}

std::string checked_id(Table& table, std::string_view key) {
  std::string id = table.text(key);
  const bool good = std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  });
  if (!good) table.error(key, "ids are made of lower-case letters, digits, '-', '_' and '.', not " + in_quotes(id));
  return id;
}

}  // namespace roofline::db
