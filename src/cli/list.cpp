#include <fmt/core.h>

#include <array>
#include <memory>

#include "cli/command_line.hpp"
#include "cli/show.hpp"
#include "cli/values.hpp"
#include "roofline/core/tensors.hpp"
#include "roofline/report/sheet.hpp"
#include "roofline/report/units.hpp"

namespace roofline::cli {
namespace {

using report::Cell;
using report::list_cell;
using report::Table;
using report::text_cell;
using report::value_cell;

constexpr const char* examples =
    R"(  estimate list devices
  estimate list models --format json
  estimate list quantizations --format markdown

KIND: devices, models, quantizations, formats, engines, sources or runs.
)";

struct ListOptions {
  Values kind;
};

const Device& device_of(Context& context, const db::Entry& entry) {
  return found(context.catalog().device(entry.id), "the device", entry.id, "estimate list devices");
}

// Repository names ("Qwen/Qwen2.5-7B") are found by typing them; in a table they only take room.
Cell alias_cell(const std::vector<std::string>& aliases) {
  Cell cell = list_cell(aliases);
  std::vector<std::string> short_ones;
  for (const std::string& alias : aliases) {
    if (alias.find('/') == std::string::npos) short_ones.push_back(alias);
  }
  cell.text = list_cell(short_ones).text;
  return cell;
}

Table devices(Context& context) {
  Table table{"devices",
              "",
              {{"id", "id"},
               {"name", "name", false, true},
               {"memory_capacity_bytes", "memory", true},
               {"memory_bandwidth_bytes_per_second", "bandwidth", true},
               {"units", "units"},
               {"aliases", "also known as"}},
              {}};
  for (const db::Entry& entry : context.catalog().entries(db::Kind::device)) {
    const Device& device = device_of(context, entry);
    const OperatingPoint point = operating_point(device, fastest_mode(device));
    const MemoryPoint& memory = point.memories.front();
    std::vector<std::string> kinds;
    for (const ComputeUnit& unit : device.units) {
      const std::string kind(to_string(unit.kind));
      if (kinds.empty() || kinds.back() != kind) kinds.push_back(kind);
    }
    table.rows.push_back(
        {text_cell(device.id), text_cell(device.name), value_cell(report::binary_size(memory.capacity.value), memory.capacity.value.base()),
         value_cell(report::rate(memory.bandwidth.value), memory.bandwidth.value.base()), list_cell(kinds), alias_cell(entry.aliases)});
  }
  return table;
}

Table models(Context& context) {
  Table table{"models",
              "",
              {{"id", "id"},
               {"name", "name", false, true},
               {"parameters", "parameters", true},
               {"active_parameters", "active", true},
               {"layers", "layers", true},
               {"max_context_tokens", "context", true},
               {"aliases", "also known as"}},
              {}};
  for (const db::Entry& entry : context.catalog().entries(db::Kind::model)) {
    const ModelSpec& model = found(context.catalog().model(entry.id), "the model", entry.id, "estimate list models");
    const double parameters = parameter_count(model);
    const double active = active_parameter_count(model);
    const auto layers = static_cast<double>(model.layers.size());
    table.rows.push_back({text_cell(model.id), text_cell(model.name), value_cell(report::count(parameters), parameters),
                          value_cell(expert_count(model) > 0 ? report::count(active) : "", active),
                          value_cell(report::whole(layers), layers), value_cell(report::whole(model.context), model.context),
                          alias_cell(entry.aliases)});
  }
  return table;
}

Table quantizations(Context& context) {
  Table table{"quantizations", "", {{"id", "id"}, {"name", "name", false, true}, {"container", "container"}, {"default_format", "mostly"},
                                    {"bits_per_weight", "bits", true}, {"aliases", "also known as"}}, {}};
  for (const db::Entry& entry : context.catalog().entries(db::Kind::quantization)) {
    const Quantization& q = found(context.catalog().quantization(entry.id), "the quantization", entry.id, "estimate list quantizations");
    const WeightFormat* format = find_format(q, q.default_format);
    const Cell bits = format != nullptr ? value_cell(report::number(bits_per_weight(*format)), bits_per_weight(*format)) : Cell{};
    table.rows.push_back(
        {text_cell(q.id), text_cell(q.name), text_cell(q.container), text_cell(q.default_format), bits, alias_cell(entry.aliases)});
  }
  return table;
}

Table formats(Context& context) {
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

Table engines(Context& context) {
  Table table{"engines", "", {{"id", "id"}, {"name", "name"}, {"version", "version described"}, {"aliases", "also known as"}}, {}};
  for (const db::Entry& entry : context.catalog().entries(db::Kind::engine)) {
    const Engine& engine = found(context.catalog().engine(entry.id), "the engine", entry.id, "estimate list engines");
    table.rows.push_back({text_cell(engine.id), text_cell(engine.name), text_cell(engine.version), alias_cell(entry.aliases)});
  }
  return table;
}

Table sources(Context& context) {
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

struct Listing {
  const char* plural;
  db::Kind kind;
  Table (*table)(Context&);
};
constexpr std::array listings{Listing{"devices", db::Kind::device, devices},
                              Listing{"models", db::Kind::model, models},
                              Listing{"quantizations", db::Kind::quantization, quantizations},
                              Listing{"formats", db::Kind::format, formats},
                              Listing{"engines", db::Kind::engine, engines},
                              Listing{"sources", db::Kind::source, sources},
                              Listing{"runs", db::Kind::runs, runs_table}};

int run_list(Context& context, const ListOptions& options) {
  std::vector<std::string> kinds;
  for (const Listing& listing : listings) kinds.emplace_back(listing.plural);
  if (options.kind.empty()) throw UsageError(fmt::format("list: what? {}", either(kinds)));
  if (options.kind.size() > 1) throw UsageError(fmt::format("list: '{}' is one argument too many", echo(options.kind[1])));
  const Format format = context.format({Format::text, Format::json, Format::markdown});
  const std::string& typed = options.kind.front();
  for (const Listing& listing : listings) {
    if (typed != listing.plural && typed + "s" != listing.plural) continue;
    const Table table = listing.table(context);
    if (format == Format::json) context.print(report::table_json(table));
    if (format == Format::markdown) context.print(report::table_markdown(table));
    if (format == Format::text) context.print(report::table_text(table, context.style()));
    return exit_done;
  }
  fail_choice("list", typed, kinds);
}

}  // namespace

void add_list(CLI::App& app, Context& context) {
  CLI::App& sub =
      add_subcommand(app, context, "list", "what the database holds: devices, models, engines ...", examples, "text|json|markdown");
  auto options = std::make_shared<ListOptions>();
  sub.add_option("KIND", options->kind, "what to list");
  context.add_command(&sub, [&context, options] { return run_list(context, *options); });
}

}  // namespace roofline::cli
