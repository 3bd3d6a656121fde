#include "db/loaders.hpp"
#include "db/roles.hpp"

namespace roofline::db {
namespace {

constexpr std::string_view format_keys[] = {"schema", "id", "name", "family", "block_weights", "block_bytes", "block_rows", "row_bytes",
                                            "tensor_bytes", "fallback", "aliases", "source", "at", "note", "basis"};
constexpr std::string_view quantization_keys[] = {"schema", "id", "name", "container", "variant_of", "default", "vectors", "router", "kv_type", "importance_matrix",
                                                  "aliases", "rule", "source", "at", "note", "basis"};
constexpr std::string_view rule_keys[] = {"roles", "format", "layers", "gqa_at_least", "experts", "experts_at_least", "model_layers", "families",
                                          "not_families", "importance_matrix", "tied", "row_not_multiple_of"};
constexpr std::int64_t largest_block = 1 << 20;

LayerSelection layer_selection(Table& rule) {
  if (!rule.has("layers")) return LayerSelection::all;
  const std::string text = rule.one_of("layers", {"more_bits", "first_eighth", "first_sixteenth", "first_2", "first_4", "middle"});
  if (text == "more_bits") return LayerSelection::more_bits;
  if (text == "first_eighth") return LayerSelection::first_eighth;
  if (text == "first_sixteenth") return LayerSelection::first_sixteenth;
  if (text == "first_2") return LayerSelection::first_2;
  if (text == "first_4") return LayerSelection::first_4;
  return LayerSelection::middle;
}

std::optional<int> small(std::optional<std::int64_t> value) { return value ? std::optional<int>(static_cast<int>(*value)) : std::nullopt; }

}  // namespace

WeightFormat read_format(const toml::table& root, File& file) {
  Table top(root, "format", format_keys, file);
  check_schema(top);
  WeightFormat format;
  format.id = checked_id(top, "id");
  format.name = top.text("name");
  format.family = top.text("family");
  format.block_weights = static_cast<int>(top.integer("block_weights", 1, largest_block));
  format.block_bytes = static_cast<int>(top.integer("block_bytes", 1, largest_block));
  format.block_rows = static_cast<int>(top.integer_or("block_rows", 1, largest_block, 1));
  format.row_bytes = static_cast<int>(top.integer_or("row_bytes", 0, largest_block, 0));
  format.tensor_bytes = static_cast<int>(top.integer_or("tensor_bytes", 0, largest_block, 0));
  format.fallback = top.reference_or("fallback", Kind::format, "");
  format.aliases = top.strings("aliases");
  if (!format.fallback.empty() && format.fallback == format.id) top.error("fallback", "a format is not its own fallback: what holds the rows it can not?");
  format.cite = top.own_citation();
  return format;
}

Quantization read_quantization(const toml::table& root, File& file) {
  Table top(root, "quantization", quantization_keys, file);
  check_schema(top);
  Quantization q;
  q.id = checked_id(top, "id");
  q.name = top.text("name");
  q.container = top.one_of("container", {"gguf", "safetensors", "mlx", "rkllm", "mlc", "tensorrt"});
  q.aliases = top.strings("aliases");
  q.default_format = top.reference("default", Kind::format);
  q.vector_format = top.reference("vectors", Kind::format);
  q.router_format = top.reference("router", Kind::format);
  q.variant_of = top.reference_or("variant_of", Kind::quantization, "");
  q.kv_type = top.reference_or("kv_type", Kind::format, "");
  q.importance_matrix = top.flag_or("importance_matrix", false);
  q.cite = top.own_citation();
  for (Table& entry : top.tables("rule", rule_keys)) {
    QuantizationRule rule;
    rule.roles = checked_roles(entry, "roles");
    rule.format = entry.reference("format", Kind::format);
    rule.layers = layer_selection(entry);
    rule.gqa_at_least = small(entry.optional_integer("gqa_at_least", 1, 1000));
    rule.experts = small(entry.optional_integer("experts", 1, 65536));
    rule.experts_at_least = small(entry.optional_integer("experts_at_least", 1, 65536));
    rule.model_layers = small(entry.optional_integer("model_layers", 1, 2000));
    rule.families = entry.strings("families");
    rule.not_families = entry.strings("not_families");
    rule.importance_matrix = entry.optional_flag("importance_matrix");
    rule.tied = entry.optional_flag("tied");
    rule.row_not_multiple_of = small(entry.optional_integer("row_not_multiple_of", 2, largest_block));
    q.rules.push_back(std::move(rule));
  }
  return q;
}

std::vector<KnownTable> format_tables() { return {{"", format_keys}}; }
std::vector<KnownTable> quantization_tables() { return {{"", quantization_keys}, {"rule[]", rule_keys}}; }

}  // namespace roofline::db
