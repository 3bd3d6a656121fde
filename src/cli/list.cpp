#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <sstream>

#include "cli/command_line.hpp"
#include "cli/list_tables.hpp"
#include "cli/show.hpp"
#include "cli/values.hpp"
#include "roofline/report/sheet.hpp"

namespace roofline::cli {
namespace {

using report::Table;

constexpr const char* examples =
    R"(  estimate list devices
  estimate list models --format json
  estimate list devices --sort bandwidth --filter jetson
  estimate list ceilings --filter "orin-nx gpu"
  estimate list models --quant q8_0 --sort active
  estimate list quantizations --model qwen2.5-7b --format markdown

KIND: devices, ceilings (every unit of every device with its peak and ridge
point in each number format), models, quantizations, formats, engines, sources
or runs.
--filter keeps rows in which every word occurs; --sort takes a column's title.
Narrow terminals leave columns out, which JSON and Markdown always have.
)";

struct ListOptions {
  Values kind, filter, sort, quantization, model;
  bool reverse = false;
};

constexpr const char* usual_quantization = "q4_k_m";  // what most people download
constexpr const char* usual_model = "llama-3.1-8b";   // neither tied embeddings nor odd rows

struct Listing {
  const char* plural;
  Table (*table)(Context&, const ListAsked&);
};
constexpr std::array listings{Listing{"devices", devices_table},
                              Listing{"ceilings", ceilings_table},
                              Listing{"models", models_table},
                              Listing{"quantizations", quantizations_table},
                              Listing{"formats", formats_table},
                              Listing{"engines", engines_table},
                              Listing{"sources", sources_table},
                              Listing{"runs", [](Context& context, const ListAsked&) { return runs_table(context); }}};

std::vector<std::string> words_of(const Values& filters) {
  std::vector<std::string> words;
  for (const std::string& filter : filters) {
    std::istringstream in(filter);
    for (std::string word; in >> word;) words.push_back(word);
  }
  return words;
}

ListAsked asked_of(const ListOptions& options, std::string_view kind) {
  const auto quantization = single(options.quantization, "--quant");
  const auto model = single(options.model, "--model");
  if (quantization && kind != "models") throw UsageError("list: --quant goes with `estimate list models`");
  if (model && kind != "quantizations") throw UsageError("list: --model goes with `estimate list quantizations`");
  return {quantization.value_or(usual_quantization), model.value_or(usual_model)};
}

void arrange(Table& table, const ListOptions& options) {
  report::keep_matching(table, words_of(options.filter));
  const auto sort = single(options.sort, "--sort");
  if (!sort && options.reverse) std::reverse(table.rows.begin(), table.rows.end());
  if (!sort) return;
  const auto column = report::find_column(table, *sort);
  if (!column) fail_choice("--sort", *sort, report::column_names(table));
  report::sort_rows(table, *column, options.reverse);
}

int run_list(Context& context, const ListOptions& options) {
  std::vector<std::string> kinds;
  for (const Listing& listing : listings) kinds.emplace_back(listing.plural);
  if (options.kind.empty()) throw UsageError(fmt::format("list: what? {}", either(kinds)));
  if (options.kind.size() > 1) throw UsageError(fmt::format("list: '{}' is one argument too many", echo(options.kind[1])));
  const Format format = context.format({Format::text, Format::json, Format::markdown});
  const std::string& typed = options.kind.front();
  for (const Listing& listing : listings) {
    if (typed != listing.plural && typed + "s" != listing.plural) continue;
    Table table = listing.table(context, asked_of(options, listing.plural));
    arrange(table, options);
    if (format == Format::text && table.rows.empty()) {
      context.print(fmt::format("nothing in {} has all of these words: {}\n", listing.plural, echo(fmt::format("{}", fmt::join(words_of(options.filter), " ")))));
      return exit_done;
    }
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
      add_subcommand(app, context, "list", "what the database holds: devices, ceilings, models ...", examples, "text|json|markdown");
  auto options = std::make_shared<ListOptions>();
  sub.add_option("KIND", options->kind, "what to list");
  add_values(sub, "--filter", options->filter, "TEXT", "only rows with these words", "Rows");
  add_values(sub, "--sort", options->sort, "COLUMN", "order by this column, largest first", "Rows");
  sub.add_flag("--reverse", options->reverse, "the other way round")->group("Rows");
  add_values(sub, "--quant", options->quantization, "ID", "models: bytes in this form (q4_k_m)", "Rows");
  add_values(sub, "--model", options->model, "ID", "quantizations: bits of this (llama-3.1-8b)", "Rows");
  context.add_command(&sub, [&context, options] { return run_list(context, *options); });
}

}  // namespace roofline::cli
