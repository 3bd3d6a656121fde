#include "db/loaders.hpp"

namespace roofline::db {
namespace {

constexpr std::string_view top_keys[] = {"schema", "id", "note", "spelling"};
constexpr std::string_view spelling_keys[] = {"of",      "phrases",      "engines",    "models", "versions", "ignored", "means",
                                              "refused", "kind", "phases_apart", "clocks_low", "prompt_summed", "prompt_cached", "backend", "note"};

SpellingOf subject(Table& table) {
  const std::string of = table.one_of("of", {"device", "mode", "engine", "unit", "model", "quantization", "run"});
  if (of == "device") return SpellingOf::device;
  if (of == "mode") return SpellingOf::mode;
  if (of == "engine") return SpellingOf::engine;
  if (of == "unit") return SpellingOf::unit;
  if (of == "model") return SpellingOf::model;
  return of == "quantization" ? SpellingOf::quantization : SpellingOf::run;
}

std::optional<RunKind> kind_of(Table& table) {
  if (!table.has("kind")) return std::nullopt;
  const std::string kind = table.one_of("kind", {"decode", "end_to_end", "vendor_average", "speculative", "image", "altered", "offload"});
  if (kind == "end_to_end") return RunKind::end_to_end;
  if (kind == "vendor_average") return RunKind::vendor_average;
  if (kind == "speculative") return RunKind::speculative;
  if (kind == "altered") return RunKind::altered;
  if (kind == "offload") return RunKind::offload;
  return kind == "image" ? RunKind::image : RunKind::decode;
}

// What a rule means is an entry of the database; of units and modes it is a word of the schema.
std::string meaning(Table& table, SpellingOf of) {
  switch (of) {
    case SpellingOf::device: return table.reference_or("means", Kind::device, "");
    case SpellingOf::engine: return table.reference_or("means", Kind::engine, "");
    case SpellingOf::model: return table.reference_or("means", Kind::model, "");
    case SpellingOf::quantization: return table.reference_or("means", Kind::quantization, "");
    case SpellingOf::unit: return table.has("means") ? table.one_of("means", {"cpu", "gpu", "npu", "dla"}) : "";
    case SpellingOf::mode:
    case SpellingOf::run: return table.text_or("means", "");
  }
  return {};
}

Spelling read_one(Table& table) {
  Spelling rule;
  rule.of = subject(table);
  rule.phrases = table.required_strings("phrases");
  rule.engines = table.references("engines", Kind::engine);
  rule.models = table.references("models", Kind::model);
  rule.versions = table.strings("versions");
  rule.ignored = table.flag_or("ignored", false);
  rule.means = meaning(table, rule.of);
  rule.refused = table.text_or("refused", "");
  rule.kind = kind_of(table);
  rule.phases_apart = table.flag_or("phases_apart", false);
  rule.clocks_low = table.flag_or("clocks_low", false);
  rule.prompt_summed = table.flag_or("prompt_summed", false);
  rule.prompt_cached = table.flag_or("prompt_cached", false);
  if (rule.of == SpellingOf::unit && table.has("backend")) rule.backend = table.one_of("backend", {"cpu", "blas", "cuda", "rocm", "metal", "vulkan", "opencl"});
  rule.note = table.text_or("note", "");
  const int effects = (rule.ignored ? 1 : 0) + (rule.means.empty() ? 0 : 1) + (rule.refused.empty() ? 0 : 1);
  const bool of_run = rule.of == SpellingOf::run;
  const bool says = rule.kind || rule.phases_apart || rule.clocks_low || rule.prompt_summed || rule.prompt_cached;
  if (!of_run && (effects != 1 || says)) table.error("of", table.name() + " needs exactly one of 'ignored', 'means' and 'refused'");
  if (of_run && (effects > 0 || !says)) table.error("of", table.name() + " of a run needs 'kind', 'phases_apart', 'clocks_low', 'prompt_summed' or 'prompt_cached'");
  return rule;
}

}  // namespace

std::vector<Spelling> read_spellings(const toml::table& root, File& file) {
  Table top(root, "spellings", top_keys, file);
  check_schema(top);
  checked_id(top, "id");
  top.text_or("note", "");
  std::vector<Spelling> rules;
  for (Table& entry : top.tables("spelling", spelling_keys)) rules.push_back(read_one(entry));
  return rules;
}

std::vector<KnownTable> spelling_tables() { return {{"", top_keys}, {"spelling[]", spelling_keys}}; }

}  // namespace roofline::db
