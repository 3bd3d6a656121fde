// Figures: a value with its unit and its citation, in an inline table of their own or among a table's keys.
#include "db/ranges.hpp"
#include "db/reader.hpp"
#include "db/words.hpp"
#include "roofline/db/units.hpp"

namespace roofline::db {
namespace {

// Before the id of a measured run that stands where a source is cited.
constexpr std::string_view run_prefix = "run:";

}  // namespace

AnyQuantity Table::own_value(std::optional<Dimension> wanted, std::string_view wanted_unit) {
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
  // All pure numbers have one dimension, and a count in USD is a mistake nevertheless.
  if (!wanted_unit.empty() && unit != wanted_unit) {
    error("unit", "unit " + in_quotes(unit) + " in " + name_ + "; wanted " + in_quotes(wanted_unit));
    return {};
  }
  if (has("value") && !(value > 0)) error("value", "'value' in " + name_ + " must be above zero; leave out what is not known");
  AnyQuantity quantity = *scale;
  quantity.base *= value;
  if (value > 0) {
    if (const std::string why = implausible(quantity, unit); !why.empty()) error("value", "'value' in " + name_ + " " + why);
  }
  return quantity;
}

Figure<AnyQuantity> Table::own_any_figure(Basis usual) {
  const AnyQuantity value = own_value(std::nullopt, {});
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
  } else if (cite.source.rfind(run_prefix, 0) == 0) {
    file_->refer(Kind::runs, cite.source.substr(run_prefix.size()), "'source' in " + name_, table_->get("source")->source());
  } else if (!cite.source.empty()) {
    file_->refer(Kind::source, cite.source, "'source' in " + name_, table_->get("source")->source());
  }
  return cite;
}

Figure<double> Table::count(std::string_view key, std::string_view unit) {
  if (auto inner = table(key, figure_keys)) {
    const AnyQuantity value = inner->own_value(Dimension{}, unit);
    return {value.base, inner->own_citation()};
  }
  if (!has(key)) error(key, "missing key " + in_quotes(key) + " in " + name_ + " (a figure: { value, unit, source })");
  return {};
}

std::optional<Figure<double>> Table::optional_count(std::string_view key, std::string_view unit) {
  if (!has(key)) return std::nullopt;
  return count(key, unit);
}

}  // namespace roofline::db
