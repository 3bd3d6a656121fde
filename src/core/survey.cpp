#include "roofline/core/survey.hpp"

#include <algorithm>

#include "core/text.hpp"

namespace roofline {
namespace {

double speed(const UnitPoint& unit) {
  double best = 0;
  for (const Rate& rate : unit.unit->rates) best = std::max(best, rate.ops_per_cycle.value.base());
  return best * unit.cores.value * unit.clock.value.base();
}

// One unit per kind: of several CPU clusters the fastest, which is where an engine's threads belong.
std::vector<const UnitPoint*> units_of(const OperatingPoint& point, std::optional<UnitKind> only) {
  std::vector<const UnitPoint*> units;
  for (const UnitPoint& unit : point.units) {
    if (only && unit.unit->kind != *only) continue;
    const auto same = std::find_if(units.begin(), units.end(), [&](const UnitPoint* u) { return u->unit->kind == unit.unit->kind; });
    if (same == units.end()) {
      units.push_back(&unit);
    } else if (speed(unit) > speed(**same)) {
      *same = &unit;
    }
  }
  return units;
}

class Surveyor {
 public:
  explicit Surveyor(const Question& question) : q_(question) {}

  Survey run() {
    const auto units = units_of(*q_.point, q_.unit);
    for (const Engine* engine : q_.engines) ask_engine(*engine, units);
    const auto order = [](const Estimate& a, const Estimate& b) {
      if (a.supported != b.supported) return a.supported;
      // A ceiling is no expectation: what nothing measured stands behind comes after what something does.
      if (a.expected_decode.has_value() != b.expected_decode.has_value()) return a.expected_decode.has_value();
      return a.supported && rate(a) > rate(b);
    };
    std::stable_sort(survey_.estimates.begin(), survey_.estimates.end(), order);
    std::stable_sort(survey_.alternatives.begin(), survey_.alternatives.end(), order);
    return std::move(survey_);
  }

 private:
  static double rate(const Estimate& e) {
    return e.expected_decode ? e.expected_decode->phase.per_sequence().base() : e.decode.per_sequence().base();
  }

  std::vector<std::string> candidates(const Engine& engine) const {
    const auto alias = engine.resolve.find(q_.quantization);
    if (alias != engine.resolve.end()) return alias->second;
    const Quantization* quantization = q_.find_quantization(q_.quantization);
    return quantization != nullptr ? std::vector<std::string>{quantization->id} : std::vector<std::string>{};
  }

  Estimate refusal(const Engine& engine, const UnitPoint* unit, const std::string& quantization, std::string reason) const {
    Estimate e;
    e.model = q_.model;
    e.engine = &engine;
    e.point = q_.point;
    e.unit = unit;
    e.workload = q_.workload;
    e.requested = q_.quantization;
    e.quantization = q_.find_quantization(quantization);
    e.reason = std::move(reason);
    return e;
  }

  // Empty if this unit can run it; otherwise why not.
  std::string obstacle(const Engine& engine, const UnitPoint& unit) const {
    const UnitKind kind = unit.unit->kind;
    if (const auto limit = context_limit(engine, kind); limit && q_.workload.context > limit->value) {
      return engine.name + " takes a context of at most " + std::to_string(static_cast<long long>(limit->value)) + " tokens; asked for " +
             std::to_string(q_.workload.context);
    }
    if (engine.memory.kv_rule == KvRule::dense && q_.workload.context > q_.model->context) {
      return q_.model->name + " takes a context of at most " + std::to_string(q_.model->context) + " tokens per sequence, and " + engine.name +
             " counts the context per sequence; asked for " + std::to_string(q_.workload.context);
    }
    constexpr int most_chunks = 100'000;
    if (q_.workload.prompt / prefill_chunk_tokens(engine, q_.workload) > most_chunks) {
      return "the prompt makes more than 100,000 chunks of " + std::to_string(q_.workload.ubatch) + " tokens; choose a larger ubatch";
    }
    for (const WeightFormat* kv : {&q_.workload.kv_k, &q_.workload.kv_v}) {
      if (!engine.kv_types.empty() && !text::contains(engine.kv_types, kv->id)) {
        std::string known;
        for (const std::string& type : engine.kv_types) known += (known.empty() ? "" : ", ") + type;
        return engine.name + " does not keep its KV cache in " + kv->id + " (it takes " + known + ")";
      }
    }
    return {};
  }

  Estimate answer(const Engine& engine, const UnitPoint& unit, const Quantization& quantization, const std::string& requested) const {
    if (std::string why = obstacle(engine, unit); !why.empty()) return refusal(engine, &unit, quantization.id, std::move(why));
    EstimateInput input;
    input.point = q_.point;
    input.unit = &unit;
    input.model = q_.model;
    input.engine = &engine;
    input.quantization = &quantization;
    input.calibration = q_.find_calibration(engine.id);
    if (input.calibration == nullptr && engine.calibration != engine.id) input.calibration = q_.find_calibration(engine.calibration);
    input.workload = q_.workload;
    input.requested = requested;
    return estimate(input);
  }

  void ask_engine(const Engine& engine, const std::vector<const UnitPoint*>& units) {
    std::vector<Estimate> rows;
    const auto names = candidates(engine);
    for (const UnitPoint* unit : units) ask_unit(engine, *unit, names, rows);
    drop_empty_refusals(engine, rows);
    if (rows.empty()) {
      const std::string what = names.empty() ? q_.quantization : names.front();
      rows.push_back(refusal(engine, home_unit(engine, units), what, unknown_reason(engine, what)));
    }
    for (Estimate& row : rows) survey_.estimates.push_back(std::move(row));
  }

  // That an engine has no backend for a unit says something only where it runs on no other: then one row says it. A refusal
  // that offers something instead always stays.
  static void drop_empty_refusals(const Engine& engine, std::vector<Estimate>& rows) {
    const auto empty = [](const Estimate& e) { return !e.supported && e.instead.empty() && e.refused; };
    const bool anything_else = std::any_of(rows.begin(), rows.end(), [&](const Estimate& e) { return !empty(e); });
    const UnitPoint* home = nullptr;
    for (const Estimate& row : rows) {
      if (home == nullptr || (row.unit != nullptr && names_unit(engine, row.unit->unit->kind))) home = row.unit;
      if (home != nullptr && names_unit(engine, home->unit->kind)) break;
    }
    std::erase_if(rows, [&](const Estimate& e) { return empty(e) && (anything_else || e.unit != home); });
  }
  static bool names_unit(const Engine& engine, UnitKind kind) {
    return std::any_of(engine.support.begin(), engine.support.end(), [&](const Support& cell) {
      return !cell.refused && std::find(cell.units.begin(), cell.units.end(), kind) != cell.units.end();
    });
  }

  void ask_unit(const Engine& engine, const UnitPoint& unit, const std::vector<std::string>& names, std::vector<Estimate>& rows) {
    const Support* refused = nullptr;
    std::string refused_name;
    for (const std::string& name : names) {
      const Quantization* quantization = q_.find_quantization(name);
      if (quantization == nullptr) continue;
      const Support* cell = find_support(engine, unit.unit->kind, q_.point->device->chip, quantization->id, q_.model->family);
      if (cell == nullptr) continue;
      if (!cell->refused) {
        rows.push_back(answer(engine, unit, *quantization, q_.quantization));
        return;
      }
      if (refused == nullptr) {
        refused = cell;
        refused_name = quantization->id;
      }
    }
    if (refused != nullptr) rows.push_back(refuse(engine, unit, *refused, refused_name));
  }

  Estimate refuse(const Engine& engine, const UnitPoint& unit, const Support& cell, const std::string& quantization) {
    Estimate row = refusal(engine, &unit, quantization, cell.reason);
    row.refused = true;
    row.instead = cell.instead;
    if (!cell.cite.source.empty()) row.sources.push_back(cell.cite.source);
    for (const std::string& name : cell.instead) {
      const Quantization* other = q_.find_quantization(name);
      if (other == nullptr) continue;
      const Support* other_cell = find_support(engine, unit.unit->kind, q_.point->device->chip, other->id, q_.model->family);
      if (other_cell == nullptr || other_cell->refused) continue;
      survey_.alternatives.push_back(answer(engine, unit, *other, ""));
      return row;
    }
    row.instead.clear();  // what it offers does not run on this unit either
    return row;
  }

  // The unit an engine would use if it ran here at all: the first one any of its cells names.
  static const UnitPoint* home_unit(const Engine& engine, const std::vector<const UnitPoint*>& units) {
    for (const Support& cell : engine.support) {
      for (const UnitKind kind : cell.units) {
        for (const UnitPoint* unit : units) {
          if (unit->unit->kind == kind) return unit;
        }
      }
    }
    return units.empty() ? nullptr : units.front();
  }

  std::string unknown_reason(const Engine& engine, const std::string& quantization) const {
    return "not known: neither a source nor a measured run says that " + engine.name + " runs " + quantization + " of " + q_.model->family +
           " models on " + q_.point->device->chip;
  }

  const Question& q_;
  Survey survey_;
};

}  // namespace

Survey survey(const Question& question) { return Surveyor(question).run(); }

}  // namespace roofline
