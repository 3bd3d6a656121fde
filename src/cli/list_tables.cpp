#include <fmt/core.h>

#include "cli/list_tables.hpp"
#include "roofline/core/footprint.hpp"
#include "roofline/core/operators.hpp"
#include "roofline/core/tensors.hpp"
#include "roofline/report/units.hpp"

namespace roofline::cli {
namespace {

using report::Cell;
using report::list_cell;
using report::Table;
using report::text_cell;
using report::value_cell;

const WeightFormat& format_of_kv(Context& context) {
  return found(context.catalog().format("f16"), "the format", "f16", "estimate list formats");
}

}  // namespace

// Repository names ("Qwen/Qwen2.5-7B") are found by typing them; in a table they only take room.
report::Cell alias_cell(const std::vector<std::string>& aliases) {
  Cell cell = list_cell(aliases);
  std::vector<std::string> short_ones;
  for (const std::string& alias : aliases) {
    if (alias.find('/') == std::string::npos) short_ones.push_back(alias);
  }
  cell.text = list_cell(short_ones).text;
  return cell;
}

Table models_table(Context& context, const ListAsked& asked) {
  const Quantization& q =
      found(context.catalog().quantization(asked.quantization), "--quant:", asked.quantization, "estimate list quantizations");
  const WeightFormat& kv = format_of_kv(context);
  Table table{"models",
              "",
              {{"id", "id"},
               {"parameters", "parameters", true},
               {"active_parameters", "active", true},
               {"max_context_tokens", "context", true},
               {"kv_bytes_per_token", "KV/token", true},
               {"streamed_bytes_per_token", "read/token", true},
               {"weights_bytes", "stored", true, false, true},
               {"quantization", "as", false, false, true},
               {"layers", "layers", true, false, true},
               {"name", "name", false, true},
               {"family", "family", false, true},
               {"aliases", "also known as", false, false, true}},
              {}};
  for (const db::Entry& entry : context.catalog().entries(db::Kind::model)) {
    const ModelSpec& model = found(context.catalog().model(entry.id), "the model", entry.id, "estimate list models");
    const double parameters = parameter_count(model);
    const double active = active_parameter_count(model);
    const auto layers = static_cast<double>(model.layers.size());
    const auto stored = stored_tensors(model, q);
    const Bytes total = total_bytes(stored);
    const Bytes streamed = streamed_weight_bytes(stored);
    const Bytes token = kv_bytes_per_token(model, kv, kv);
    table.rows.push_back({text_cell(model.id), value_cell(report::count(parameters), parameters),
                          value_cell(expert_count(model) > 0 ? report::count(active) : "", active),
                          value_cell(report::whole(model.context), model.context), value_cell(report::binary_size(token), token.base()),
                          value_cell(report::decimal_size(streamed), streamed.base()),
                          value_cell(report::binary_size(total), total.base()), text_cell(q.id), value_cell(report::whole(layers), layers),
                          text_cell(model.name), text_cell(model.family), alias_cell(entry.aliases)});
  }
  return table;
}

Table quantizations_table(Context& context, const ListAsked& asked) {
  const ModelSpec& model = found(context.catalog().model(asked.model), "--model:", asked.model, "estimate list models");
  const double parameters = parameter_count(model);
  Table table{"quantizations",
              "",
              {{"id", "id"},
               {"container", "container"},
               {"default_format", "mostly"},
               {"bits_per_weight", "bits", true},
               {"bits_per_parameter", fmt::format("bits of {}", model.id), true},
               {"name", "name", false, true},
               {"model", "model", false, true},
               {"aliases", "also known as", false, false, true}},
              {}};
  for (const db::Entry& entry : context.catalog().entries(db::Kind::quantization)) {
    const Quantization& q = found(context.catalog().quantization(entry.id), "the quantization", entry.id, "estimate list quantizations");
    const WeightFormat* format = find_format(q, q.default_format);
    const Cell bits = format != nullptr ? value_cell(report::number(bits_per_weight(*format)), bits_per_weight(*format)) : Cell{};
    const double all = 8.0 * total_bytes(stored_tensors(model, q)).base() / parameters;
    table.rows.push_back({text_cell(q.id), text_cell(q.container), text_cell(q.default_format), bits, value_cell(report::number(all), all),
                          text_cell(q.name), text_cell(model.id), alias_cell(entry.aliases)});
  }
  return table;
}

Table formats_table(Context& context, const ListAsked&) {
  Table table{"formats", "", {{"id", "id"}, {"family", "family"}, {"block_weights", "weights", true}, {"block_bytes", "bytes", true},
                              {"bits_per_weight", "bits per weight", true}, {"name", "name"}}, {}};
  for (const db::Entry& entry : context.catalog().entries(db::Kind::format)) {
    const WeightFormat& f = found(context.catalog().format(entry.id), "the format", entry.id, "estimate list formats");
    table.rows.push_back({text_cell(f.id), text_cell(f.family), value_cell(report::whole(f.block_weights), f.block_weights),
                          value_cell(report::whole(f.block_bytes), f.block_bytes),
                          value_cell(report::number(bits_per_weight(f)), bits_per_weight(f)), text_cell(f.name)});
  }
  return table;
}

Table engines_table(Context& context, const ListAsked&) {
  Table table{"engines", "", {{"id", "id"}, {"name", "name"}, {"version", "version described"}, {"aliases", "also known as"}}, {}};
  for (const db::Entry& entry : context.catalog().entries(db::Kind::engine)) {
    const Engine& engine = found(context.catalog().engine(entry.id), "the engine", entry.id, "estimate list engines");
    table.rows.push_back({text_cell(engine.id), text_cell(engine.name), text_cell(engine.version), alias_cell(entry.aliases)});
  }
  return table;
}

Table sources_table(Context& context, const ListAsked&) {
  Table table{"sources", "", {{"id", "id"}, {"publisher", "publisher", false, true}, {"title", "title", false, true}, {"read", "read"},
                              {"url", "url", false, true}, {"locator", "locator", false, true}, {"description", "what and where"}}, {}};
  for (const db::Entry& entry : context.catalog().entries(db::Kind::source)) {
    const db::Source& s = found(context.catalog().source(entry.id), "the source", entry.id, "estimate list sources");
    table.rows.push_back({text_cell(s.id), text_cell(s.publisher), text_cell(s.title), text_cell(s.read), text_cell(s.url),
                          text_cell(s.locator),
                          text_cell(fmt::format("{}: {}; {}", s.publisher, s.title, s.url.empty() ? s.locator : s.url))});
  }
  return table;
}

}  // namespace roofline::cli
