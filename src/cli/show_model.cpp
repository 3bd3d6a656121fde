#include <fmt/core.h>

#include "cli/show.hpp"
#include "roofline/core/footprint.hpp"
#include "roofline/core/operators.hpp"
#include "roofline/report/units.hpp"

namespace roofline::cli {
namespace {

using report::Cell;
using report::Table;
using report::text_cell;
using report::value_cell;

Cell count_cell(double value) { return value_cell(report::whole(value), value); }

std::string attention_text(const ModelSpec& model) {
  const AttentionShape shape = attention_shape(model);
  if (shape.heads == 0) return "";
  return fmt::format("{} heads, {} KV heads of {}; {} layers hold KV that grows with the context", shape.heads, shape.kv_heads,
                     shape.head_dim, kv_layers(model));
}

void parameter_facts(report::Sheet& sheet, const ModelSpec& model) {
  const double computed = parameter_count(model);
  const double active = active_parameter_count(model);
  std::string text = report::count(computed);
  if (model.stated_parameters) text += fmt::format(" (stated: {})", report::count(model.stated_parameters->value));
  sheet.facts.push_back({"parameters", "parameters", value_cell(text, computed)});
  std::string active_text = report::count(active);
  if (model.stated_active_parameters) active_text += fmt::format(" (stated: {})", report::count(model.stated_active_parameters->value));
  sheet.facts.push_back({"active_parameters", "active per token", value_cell(active_text, active)});
  if (!model.parameters_note.empty()) sheet.notes.push_back(model.parameters_note);
}

Table kv_table(Context& context, const ModelSpec& model) {
  Table table{"kv_cache",
              "KV cache",
              {{"kv_type", "type"},
               {"bytes_per_token", "per token", true},
               {"bytes_at_4096_tokens", "4,096 tokens", true},
               {"bytes_at_max_context", "full context", true}},
              {}};
  for (const char* id : {"f16", "q8_0", "q4_0"}) {
    const auto lookup = context.catalog().format(id);
    if (lookup.value == nullptr) continue;
    const Bytes token = kv_bytes_per_token(model, *lookup.value, *lookup.value);
    Workload w;
    w.kv_k = w.kv_v = *lookup.value;
    const auto at = [&](int tokens) {
      w.context = tokens;
      const Bytes bytes = kv_cache_bytes(model, w, KvRule::dense, 1);
      return value_cell(report::binary_size(bytes), bytes.base());
    };
    table.rows.push_back({text_cell(id), value_cell(report::binary_size(token), token.base()), at(4096), at(model.context)});
  }
  return table;
}

Table bytes_table(Context& context, const ModelSpec& model) {
  Table table{"quantizations",
              "Bytes per quantization",
              {{"quantization", "quantization"},
               {"weights_bytes", "stored", true},
               {"streamed_bytes_per_token", "read per token", true},
               {"bits_per_parameter", "bits per parameter", true},
               {"container", "container"}},
              {}};
  const double parameters = parameter_count(model);
  for (const db::Entry& entry : context.catalog().entries(db::Kind::quantization)) {
    const Quantization& q = found(context.catalog().quantization(entry.id), "the quantization", entry.id, "estimate list quantizations");
    const auto stored = stored_tensors(model, q);
    const Bytes total = total_bytes(stored);
    const Bytes streamed = streamed_weight_bytes(stored);
    const double bits = 8.0 * total.base() / parameters;
    table.rows.push_back({text_cell(q.id), value_cell(report::binary_size(total), total.base()),
                          value_cell(report::decimal_size(streamed), streamed.base()), value_cell(report::number(bits), bits),
                          text_cell(q.container)});
  }
  return table;
}

}  // namespace

report::Sheet model_sheet(Context& context, const ModelSpec& model, const std::vector<std::string>& names) {
  report::Sheet sheet;
  sheet.title = model.name;
  sheet.facts = {{"id", "id", text_cell(model.id)},
                 {"name", "name", text_cell(model.name)},
                 {"family", "family", text_cell(model.family)},
                 {"architecture", "architecture", text_cell(model.architecture)},
                 {"aliases", "also known as", report::list_cell(names)}};
  parameter_facts(sheet, model);
  const auto layers = static_cast<double>(model.layers.size());
  sheet.facts.push_back({"layers", "layers", count_cell(layers)});
  sheet.facts.push_back({"hidden", "hidden", count_cell(model.hidden)});
  sheet.facts.push_back({"vocabulary", "vocabulary", count_cell(static_cast<double>(model.vocabulary))});
  sheet.facts.push_back({"max_context_tokens", "context", count_cell(model.context)});
  sheet.facts.push_back({"attention", "attention", text_cell(attention_text(model))});
  if (expert_count(model) > 0) sheet.facts.push_back({"experts", "experts per layer", count_cell(expert_count(model))});
  sheet.tables = {kv_table(context, model), bytes_table(context, model)};
  sheet.notes.insert(sheet.notes.end(), model.notes.begin(), model.notes.end());
  for (const Citation& cite : model.cites) {
    if (cite.basis == Basis::assumed) sheet.notes.push_back("assumed: " + cite.note);
  }
  return sheet;
}

}  // namespace roofline::cli
