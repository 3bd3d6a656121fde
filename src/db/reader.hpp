// Closed-key TOML reading: a table is read against the list of keys it may have, and every mistake is collected with the
// line and column it stands at. Nothing is defaulted in silence: a key of the wrong type is an error, not an absence.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <toml++/toml.h>
#include <utility>
#include <vector>

#include "roofline/core/figure.hpp"
#include "roofline/core/quantity.hpp"
#include "roofline/db/diagnostic.hpp"
#include "roofline/db/load.hpp"

namespace roofline::db {

using Keys = std::span<const std::string_view>;

// A name of something in another file where it is written, so that a dangling one can be shown at its place.
struct Reference {
  Kind kind = Kind::source;  // runs: one measured run
  std::string name;
  std::string by;  // what names it: "'kv_type' in quantization"
  int line = 0;
  int column = 0;
  std::string device;  // not empty: `name` is a power mode of this device
};

// One file being read.
struct File {
  std::string path;
  std::vector<Diagnostic> diagnostics;
  std::vector<Reference> references;
  std::vector<std::string> assumed;  // "device.memory[dram].usable: why"

  void error(const toml::source_region& where, std::string message);
  void error(int line, int column, std::string message);
  void refer(Kind kind, std::string name, std::string by, const toml::source_region& where);
};

// Refuses what a parser should not be shown (too large, nested too deep, empty), then parses. Errors go to `file`; a table
// may come with some (control characters in its strings).
std::optional<toml::table> parse(std::string_view text, File& file);

class Table {
 public:
  // `name` is how messages call this table; keys outside `keys` are reported at once with the nearest known one.
  Table(const toml::table& table, std::string name, Keys keys, File& file);

  [[nodiscard]] bool has(std::string_view key) const { return table_->contains(key); }
  std::string text(std::string_view key);
  std::string text_or(std::string_view key, std::string fallback);
  std::string one_of(std::string_view key, std::initializer_list<std::string_view> choices);
  std::int64_t integer(std::string_view key, std::int64_t low, std::int64_t high);
  std::int64_t integer_or(std::string_view key, std::int64_t low, std::int64_t high, std::int64_t fallback);
  std::optional<std::int64_t> optional_integer(std::string_view key, std::int64_t low, std::int64_t high);
  double number(std::string_view key, double low, double high);
  std::optional<double> optional_number(std::string_view key, double low, double high);
  bool flag_or(std::string_view key, bool fallback);
  std::optional<bool> optional_flag(std::string_view key);
  std::vector<std::string> strings(std::string_view key);           // absent: empty
  std::vector<std::string> required_strings(std::string_view key);  // absent or empty: error
  std::vector<std::int64_t> integers(std::string_view key, std::int64_t low, std::int64_t high);
  std::string date_or(std::string_view key, std::string fallback);

  std::optional<Table> table(std::string_view key, Keys keys);
  std::vector<Table> tables(std::string_view key, Keys keys);
  // Free keys: name -> text or array of text, each the name of something else if `refers` is set.
  std::vector<std::pair<std::string, std::vector<std::string>>> free_texts(std::string_view key, std::optional<Kind> refers = std::nullopt);

  // Names of other files: read as text and recorded with their places. `any` is a word that names nothing ("*").
  std::string reference(std::string_view key, Kind kind);
  std::string reference_or(std::string_view key, Kind kind, std::string fallback);
  std::vector<std::string> references(std::string_view key, Kind kind, std::string_view any = {});

  // A figure of Q's dimension in the inline table `key`; zero and negative values are errors.
  template <class Q>
  Figure<Q> figure(std::string_view key);
  template <class Q>
  std::optional<Figure<Q>> optional_figure(std::string_view key);
  Figure<AnyQuantity> any_figure(std::string_view key);
  // Pure numbers, in the one unit that is meant: "1", "bit", "tokens", "USD" or "params".
  Figure<double> count(std::string_view key, std::string_view unit);
  std::optional<Figure<double>> optional_count(std::string_view key, std::string_view unit);
  // The same where value, unit and source stand among this table's own keys.
  template <class Q>
  Figure<Q> own_figure(Basis usual = Basis::specified);
  Figure<AnyQuantity> own_any_figure(Basis usual = Basis::specified);
  Citation own_citation(Basis usual = Basis::specified);

  void error(std::string_view key, std::string message);  // at the value of the key, or at the table
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] File& file() { return *file_; }
  [[nodiscard]] const toml::table& raw() const { return *table_; }

 private:
  const toml::node* find(std::string_view key, bool required);
  AnyQuantity own_value(std::optional<Dimension> wanted, std::string_view wanted_unit);
  std::vector<std::string> free_text(std::string_view key, const toml::key& name, const toml::node& value, std::optional<Kind> refers);

  const toml::table* table_;
  std::string name_;
  File* file_;
};

inline constexpr std::string_view figure_keys[] = {"value", "unit", "source", "at", "note", "basis"};

// Quantities only: a pure number is a count of something, which Table::count asks for.
template <class Q>
struct DimensionOf;
template <Dimension D>
struct DimensionOf<Quantity<D>> {
  static constexpr Dimension value = D;
  static constexpr Quantity<D> make(double base) { return Quantity<D>::from_base(base); }
};
template <class Q>
Figure<Q> Table::own_figure(Basis usual) {
  const AnyQuantity value = own_value(DimensionOf<Q>::value, {});
  return {DimensionOf<Q>::make(value.base), own_citation(usual)};
}
template <class Q>
Figure<Q> Table::figure(std::string_view key) {
  if (auto inner = table(key, figure_keys)) return inner->own_figure<Q>();
  if (!has(key)) error(key, "missing key '" + std::string(key) + "' in " + name_ + " (a figure: { value, unit, source })");
  return {};
}
template <class Q>
std::optional<Figure<Q>> Table::optional_figure(std::string_view key) {
  if (!has(key)) return std::nullopt;
  return figure<Q>(key);
}

// Ids are what is_id of words.hpp takes.
std::string checked_id(Table& table, std::string_view key);

}  // namespace roofline::db
