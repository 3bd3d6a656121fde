#include "db/loaders.hpp"
#include "db/words.hpp"

namespace roofline::db {
namespace {

constexpr std::string_view top_keys[] = {"schema", "id", "name", "aliases", "version", "source", "at", "note", "basis", "calibration", "prefill_chunk",
                                         "kv_types", "resolve", "limit", "support", "arithmetic", "memory", "runtime", "buffer_forms", "linear_buffer", "memory_fit", "repack"};
constexpr std::string_view limit_keys[] = {"units", "max_context"};
constexpr std::string_view support_keys[] = {"units", "chips", "quantizations", "model_families", "status", "reason", "instead", "source", "at", "note", "basis"};
constexpr std::string_view arithmetic_keys[] = {"units", "formats", "chips", "number_formats", "source", "at", "note", "basis"};
constexpr std::string_view memory_keys[] = {"kv_rule", "kv_padding", "compute_buffer", "fraction", "host_embeddings", "weights_factor"};
constexpr std::string_view runtime_keys[] = {"units", "chips", "bytes"};
constexpr std::string_view repack_keys[] = {"units", "chips", "formats", "rows", "source", "at", "note", "basis"};
constexpr std::string_view fit_keys[] = {"scope", "units", "chips", "versions", "terms", "input_table", "reported_mb", "source", "at", "note", "basis"};
constexpr std::string_view linear_keys[] = {"fixed", "per_weight_byte", "per_hidden"};

Support support_cell(Table& table) {
  Support cell;
  cell.units = unit_kinds(table, "units");
  if (!table.has("units") || cell.units.empty()) table.error("units", table.name() + " names the 'units' it holds for");
  cell.chips = table.required_strings("chips");
  cell.quantizations = table.references("quantizations", Kind::quantization, "*");
  if (cell.quantizations.empty()) table.error("quantizations", table.name() + " names the 'quantizations' it holds for");
  cell.model_families = table.strings("model_families");
  cell.refused = table.one_of("status", {"supported", "refused"}) == "refused";
  cell.reason = table.text_or("reason", "");
  if (cell.refused && cell.reason.empty()) table.error("status", "a refused cell says why in 'reason'");
  cell.instead = table.references("instead", Kind::quantization);
  cell.cite = table.own_citation();
  return cell;
}

ArithmeticRule arithmetic_rule(Table& table) {
  ArithmeticRule rule;
  rule.units = unit_kinds(table, "units");
  rule.chips = table.strings("chips");
  rule.formats = table.references("formats", Kind::format);
  if (rule.formats.empty()) table.error("formats", table.name() + " names the 'formats' it holds for");
  for (const std::string& text : table.required_strings("number_formats")) {
    const auto format = number_format_from(text);
    if (format) {
      rule.number_formats.push_back(*format);
    } else {
      table.error("number_formats", "unknown number format " + in_quotes(text) + " in " + table.name());
    }
  }
  rule.cite = table.own_citation();
  return rule;
}

void read_memory(Table& top, MemoryRules& memory) {
  auto table = top.table("memory", memory_keys);
  if (!table) {
    top.error("memory", "an engine has a table [memory]");
    return;
  }
  memory.kv_rule = table->one_of("kv_rule", {"llama_cpp", "dense"}) == "llama_cpp" ? KvRule::llama_cpp : KvRule::dense;
  if (memory.kv_rule == KvRule::llama_cpp && !table->has("kv_padding")) table->error("kv_rule", "kv_rule = \"llama_cpp\" needs 'kv_padding'");
  memory.kv_padding = static_cast<int>(table->integer_or("kv_padding", 1, 1 << 20, 1));
  const std::string buffer = table->one_of("compute_buffer", {"llama_cpp", "linear", "none"});
  memory.compute_buffer = buffer == "llama_cpp" ? BufferRule::llama_cpp : buffer == "linear" ? BufferRule::linear : BufferRule::none;
  if (buffer == "linear" && !top.has("linear_buffer")) table->error("compute_buffer", "a linear compute buffer states its terms in [linear_buffer]");
  memory.fraction = table->optional_count("fraction", "1");
  if (memory.fraction && memory.fraction->value > 1) table->error("fraction", "a share of the memory is at most 1");
  memory.host_embeddings = table->flag_or("host_embeddings", false);
  memory.weights_factor = table->optional_count("weights_factor", "1");
}

std::optional<MemoryTerm> memory_term(std::string_view text) {
  if (text == "weights") return MemoryTerm::weights;
  if (text == "vocabulary") return MemoryTerm::vocabulary;
  if (text == "sequences") return MemoryTerm::sequences;
  if (text == "fixed") return MemoryTerm::fixed;
  if (text == "kv_tokens") return MemoryTerm::kv_tokens;
  return std::nullopt;
}

MemoryFitRule memory_fit_rule_of(Table& table) {
  MemoryFitRule rule;
  rule.scope = table.text("scope");
  rule.units = unit_kinds(table, "units");
  rule.chips = table.strings("chips");
  rule.versions = table.required_strings("versions");
  for (const std::string& text : table.required_strings("terms")) {
    if (const auto term = memory_term(text)) {
      rule.terms.push_back(*term);
    } else {
      table.error("terms", "unknown term " + in_quotes(text) + " in " + table.name() + "; known: weights, vocabulary, sequences, fixed, kv_tokens");
    }
  }
  rule.input_table = table.one_of("input_table", {"beside", "on_storage"}) == "on_storage" ? InputTable::on_storage : InputTable::beside;
  rule.reported_mb = table.figure<Bytes>("reported_mb");
  rule.cite = table.own_citation();
  return rule;
}

}  // namespace

std::vector<UnitKind> unit_kinds(Table& table, std::string_view key) {
  std::vector<UnitKind> kinds;
  for (const std::string& text : table.strings(key)) {
    if (const auto kind = unit_kind_from(text)) {
      kinds.push_back(*kind);
    } else {
      table.error(key, "unknown unit kind " + in_quotes(text) + " in " + table.name() + "; known: cpu, gpu, npu, dla");
    }
  }
  return kinds;
}

Engine read_engine(const toml::table& root, File& file) {
  Table top(root, "engine", top_keys, file);
  check_schema(top);
  Engine engine;
  engine.id = checked_id(top, "id");
  engine.name = top.text("name");
  engine.aliases = top.strings("aliases");
  engine.version = top.text_or("version", "");
  engine.cite = top.own_citation();
  engine.calibration = top.reference_or("calibration", Kind::engine, engine.id);
  engine.prefill_chunk = top.one_of("prefill_chunk", {"ubatch", "whole"}) == "ubatch" ? PrefillChunk::ubatch : PrefillChunk::whole;
  engine.kv_types = top.references("kv_types", Kind::format);
  for (auto& [alias, quantizations] : top.free_texts("resolve", Kind::quantization)) engine.resolve[alias] = std::move(quantizations);
  for (Table& entry : top.tables("limit", limit_keys)) engine.limits.push_back({unit_kinds(entry, "units"), entry.count("max_context", "tokens")});
  for (Table& entry : top.tables("support", support_keys)) engine.support.push_back(support_cell(entry));
  for (Table& entry : top.tables("arithmetic", arithmetic_keys)) engine.arithmetic.push_back(arithmetic_rule(entry));
  read_memory(top, engine.memory);
  for (Table& entry : top.tables("runtime", runtime_keys)) {
    engine.memory.runtime.push_back({unit_kinds(entry, "units"), entry.strings("chips"), entry.figure<Bytes>("bytes")});
  }
  for (Table& entry : top.tables("repack", repack_keys)) {
    RepackRule rule;
    rule.units = unit_kinds(entry, "units");
    rule.chips = entry.strings("chips");
    rule.formats = entry.references("formats", Kind::format);
    rule.rows = static_cast<int>(entry.integer_or("rows", 1, 1024, 1));
    rule.cite = entry.own_citation();
    engine.memory.repack.push_back(std::move(rule));
  }
  for (Table& entry : top.tables("memory_fit", fit_keys)) engine.memory.fit_rules.push_back(memory_fit_rule_of(entry));
  for (const auto& [family, forms] : top.free_texts("buffer_forms")) {
    const std::string form = forms.empty() ? "" : forms.front();
    if (form != "llama" && form != "qwen3" && form != "gemma") {
      top.error("buffer_forms", "buffer form of " + in_quotes(family) + " must be one of llama, qwen3, gemma, not " + in_quotes(form));
      continue;
    }
    engine.memory.buffer_forms[family] = form == "gemma" ? BufferForm::gemma : form == "qwen3" ? BufferForm::qwen3 : BufferForm::llama;
  }
  if (auto table = top.table("linear_buffer", linear_keys)) {
    engine.memory.linear.fixed = table->optional_figure<Bytes>("fixed");
    engine.memory.linear.per_weight_byte = table->optional_count("per_weight_byte", "1");
    engine.memory.linear.per_hidden = table->optional_figure<Bytes>("per_hidden");
  }
  return engine;
}

std::vector<KnownTable> engine_tables() {
  return {{"", top_keys}, {"limit[]", limit_keys}, {"support[]", support_keys}, {"arithmetic[]", arithmetic_keys}, {"memory", memory_keys},
          {"runtime[]", runtime_keys}, {"linear_buffer", linear_keys}, {"memory_fit[]", fit_keys}, {"repack[]", repack_keys}};
}

}  // namespace roofline::db
