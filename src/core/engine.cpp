#include "roofline/core/engine.hpp"

#include <algorithm>

#include "core/text.hpp"

namespace roofline {
namespace {

bool has(const std::vector<UnitKind>& kinds, UnitKind kind) {
  return kinds.empty() || std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

}  // namespace

const Support* find_support(const Engine& engine, UnitKind unit, std::string_view chip, std::string_view quantization,
                            std::string_view model_family) {
  for (const Support& cell : engine.support) {
    if (has(cell.units, unit) && text::admits(cell.chips, chip) && text::admits(cell.quantizations, quantization) &&
        text::admits(cell.model_families, model_family)) {
      return &cell;
    }
  }
  return nullptr;
}

std::optional<Figure<double>> context_limit(const Engine& engine, UnitKind unit) {
  for (const ContextLimit& limit : engine.limits) {
    if (has(limit.units, unit)) return limit.max_context;
  }
  return std::nullopt;
}

std::vector<NumberFormat> arithmetic_of(const Engine& engine, UnitKind unit, std::string_view chip, std::string_view format_id) {
  for (const ArithmeticRule& rule : engine.arithmetic) {
    if (has(rule.units, unit) && text::admits(rule.chips, chip) && text::contains(rule.formats, format_id)) return rule.number_formats;
  }
  return {};
}

const MemoryFitRule* memory_fit_rule(const Engine& engine, UnitKind unit, std::string_view chip) {
  for (const MemoryFitRule& rule : engine.memory.fit_rules) {
    if (has(rule.units, unit) && text::admits(rule.chips, chip)) return &rule;
  }
  return nullptr;
}

const FittedMemory* fitted_memory(const Engine& engine, UnitKind unit, std::string_view chip) {
  const MemoryFitRule* rule = memory_fit_rule(engine, unit, chip);
  if (rule == nullptr) return nullptr;
  for (const FittedMemory& fitted : engine.memory.fitted) {
    if (fitted.scope == rule->scope) return &fitted;
  }
  return nullptr;
}

std::vector<const RepackRule*> repack_rules(const Engine& engine, UnitKind unit, std::string_view chip) {
  std::vector<const RepackRule*> rules;
  for (const RepackRule& rule : engine.memory.repack) {
    if (has(rule.units, unit) && text::admits(rule.chips, chip)) rules.push_back(&rule);
  }
  return rules;
}

std::optional<Figure<Bytes>> runtime_cost(const Engine& engine, UnitKind unit, std::string_view chip) {
  for (const RuntimeCost& cost : engine.memory.runtime) {
    if (has(cost.units, unit) && text::admits(cost.chips, chip)) return cost.bytes;
  }
  return std::nullopt;
}

}  // namespace roofline
