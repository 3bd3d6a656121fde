#include <fmt/core.h>

#include "cli/show.hpp"
#include "cli/values.hpp"
#include "roofline/report/units.hpp"

namespace roofline::cli {
namespace {

using report::Table;
using report::text_cell;
using report::value_cell;

Table formats_table(const Quantization& q) {
  Table table{"formats", "Storage formats", {{"id", "id"}, {"family", "family"}, {"block_weights", "weights per block", true},
                                             {"block_bytes", "bytes", true}, {"bits_per_weight", "bits per weight", true}}, {}};
  for (const WeightFormat& f : q.formats) {
    table.rows.push_back({text_cell(f.id), text_cell(f.family), value_cell(report::whole(f.block_weights), f.block_weights),
                          value_cell(report::whole(f.block_bytes), f.block_bytes),
                          value_cell(report::number(bits_per_weight(f)), bits_per_weight(f))});
  }
  return table;
}

std::string_view layers_text(LayerSelection selection) {
  switch (selection) {
    case LayerSelection::all: return "";
    case LayerSelection::more_bits: return "the \"more bits\" layers";
    case LayerSelection::first_eighth: return "the first eighth of the layers";
    case LayerSelection::first_sixteenth: return "the first sixteenth of the layers";
    case LayerSelection::first_2: return "the first 2 layers";
    case LayerSelection::first_4: return "the first 4 layers";
    case LayerSelection::middle: return "the middle layers";
  }
  return "";
}

std::string condition_text(const QuantizationRule& rule) {
  std::vector<std::string> parts;
  if (const auto layers = layers_text(rule.layers); !layers.empty()) parts.emplace_back(layers);
  if (rule.gqa_at_least) parts.push_back(fmt::format("GQA of {} or more", *rule.gqa_at_least));
  if (rule.experts) parts.push_back(fmt::format("{} experts", *rule.experts));
  if (rule.experts_at_least) parts.push_back(fmt::format("{} experts or more", *rule.experts_at_least));
  if (rule.model_layers) parts.push_back(fmt::format("models of {} layers", *rule.model_layers));
  if (!rule.families.empty()) parts.push_back("family " + either(rule.families));
  if (!rule.not_families.empty()) parts.push_back("family other than " + either(rule.not_families));
  if (rule.importance_matrix) parts.emplace_back(*rule.importance_matrix ? "with an importance matrix" : "without an importance matrix");
  if (rule.tied) parts.emplace_back(*rule.tied ? "tied embeddings" : "untied embeddings");
  if (rule.row_not_multiple_of) parts.push_back(fmt::format("rows that are no multiple of {}", *rule.row_not_multiple_of));
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ", ") + part;
  return text;
}

Table rules_table(const Quantization& q) {
  Table table{"rules", "Rules, first match wins", {{"format", "format"}, {"roles", "tensors"}, {"condition", "where"}}, {}};
  for (const QuantizationRule& rule : q.rules) {
    table.rows.push_back({text_cell(rule.format), report::list_cell(rule.roles), text_cell(condition_text(rule))});
  }
  return table;
}

}  // namespace

report::Sheet quantization_sheet(const Quantization& q, const std::vector<std::string>& names) {
  report::Sheet sheet;
  sheet.title = q.name;
  sheet.facts = {{"id", "id", text_cell(q.id)},
                 {"name", "name", text_cell(q.name)},
                 {"container", "container", text_cell(q.container)},
                 {"aliases", "also known as", report::list_cell(names)},
                 {"default_format", "matrices", text_cell(q.default_format)},
                 {"vector_format", "vectors", text_cell(q.vector_format)},
                 {"router_format", "routers", text_cell(q.router_format)},
                 {"kv_type", "KV cache", text_cell(q.kv_type)},
                 {"source", "source", text_cell(cite_text(q.cite))}};
  sheet.tables = {formats_table(q), rules_table(q)};
  return sheet;
}

report::Sheet format_sheet(const WeightFormat& f) {
  report::Sheet sheet;
  sheet.title = f.name;
  const auto number = [&](const char* key, const char* label, int value) {
    sheet.facts.push_back({key, label, value_cell(report::whole(value), value)});
  };
  sheet.facts = {{"id", "id", text_cell(f.id)}, {"name", "name", text_cell(f.name)}, {"family", "family", text_cell(f.family)}};
  number("block_weights", "weights per block", f.block_weights);
  number("block_bytes", "bytes per block", f.block_bytes);
  number("block_rows", "rows per block", f.block_rows);
  number("row_bytes", "bytes per row", f.row_bytes);
  number("tensor_bytes", "bytes per tensor", f.tensor_bytes);
  sheet.facts.push_back({"bits_per_weight", "bits per weight", value_cell(report::number(bits_per_weight(f)), bits_per_weight(f))});
  sheet.facts.push_back({"fallback", "fallback", text_cell(f.fallback)});
  sheet.facts.push_back({"source", "source", text_cell(cite_text(f.cite))});
  return sheet;
}

}  // namespace roofline::cli
