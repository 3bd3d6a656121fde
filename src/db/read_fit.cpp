#include <algorithm>
#include <array>
#include <utility>

#include "db/loaders.hpp"

namespace roofline::db {
namespace {

constexpr std::string_view top_keys[] = {"schema", "id", "title", "on_top_of", "phase", "degrees_of_freedom", "noise_a", "noise_b", "noise_b_mode_unknown", "note", "level"};
constexpr std::string_view level_keys[] = {"parameter", "units", "keys", "of_assumed", "per_shortfall_from", "mean", "sd", "degrees_of_freedom", "note"};
constexpr std::array<std::pair<std::string_view, LevelKey>, 7> key_names{{{"pool", LevelKey::pool},
                                                                          {"engine", LevelKey::engine},
                                                                          {"vendor", LevelKey::vendor},
                                                                          {"family", LevelKey::family},
                                                                          {"device", LevelKey::device},
                                                                          {"format_family", LevelKey::format_family},
                                                                          {"arithmetic", LevelKey::arithmetic}}};

bool streams(Parameter parameter) {
  constexpr std::array all{Parameter::bandwidth, Parameter::experts, Parameter::kv_cache, Parameter::state};
  return std::find(all.begin(), all.end(), parameter) != all.end();
}

}  // namespace

FitRules read_fit(const toml::table& root, File& file) {
  Table top(root, "fit rules", top_keys, file);
  check_schema(top);
  FitRules rules;
  rules.id = checked_id(top, "id");
  rules.title = top.text_or("title", "");
  rules.on_top_of = top.reference_or("on_top_of", Kind::fit, "");
  rules.phase = top.one_of("phase", {"decode", "prefill"}) == "prefill" ? Phase::prefill : Phase::decode;
  rules.degrees_of_freedom = top.number("degrees_of_freedom", 1, 1e6);
  rules.noise_a = top.number("noise_a", 1e-4, 10);
  rules.noise_b = top.number("noise_b", 1e-4, 10);
  rules.noise_b_mode_unknown = top.optional_number("noise_b_mode_unknown", 1e-4, 10).value_or(0);
  top.text_or("note", "");
  for (Table& entry : top.tables("level", level_keys)) {
    Level level;
    const auto parameter = parameter_from(entry.text("parameter"));
    if (parameter) level.parameter = *parameter;
    else entry.error("parameter", "not a parameter of the fit");
    if (entry.has("units")) level.units = unit_kinds(entry, "units");
    for (const std::string& key : entry.strings("keys")) {
      bool known = false;
      for (const auto& [name, value] : key_names) {
        if (name != key) continue;
        level.keys.push_back(value);
        known = true;
      }
      if (!known) entry.error("keys", "'" + key + "' is no key of a level; known are pool, engine, vendor, family, device, format_family, arithmetic");
    }
    level.of_assumed = entry.flag_or("of_assumed", false);
    level.per_shortfall_from = entry.optional_number("per_shortfall_from", -20, 20);
    if (level.per_shortfall_from && !streams(level.parameter)) entry.error("per_shortfall_from", "only decode's bytes fall short of a bandwidth: bandwidth, experts, kv_cache, state");
    level.mean = entry.number("mean", -20, 20);
    level.sd = entry.number("sd", 1e-6, 20);
    level.degrees_of_freedom = entry.optional_number("degrees_of_freedom", 1, 1e6).value_or(0);
    entry.text_or("note", "");
    rules.levels.push_back(std::move(level));
  }
  return rules;
}

std::vector<KnownTable> fit_tables() { return {{"", top_keys}, {"level[]", level_keys}}; }

}  // namespace roofline::db
