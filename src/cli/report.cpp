// estimate report: the documents under docs/ that are generated from the database.
#include <fmt/core.h>

#include <array>
#include <memory>

#include "cli/command_line.hpp"
#include "cli/predictions.hpp"
#include "cli/validation_report.hpp"
#include "cli/values.hpp"
#include "roofline/report/documents.hpp"

namespace roofline::cli {
namespace {

constexpr const char* examples =
    R"(  estimate report consistency > docs/consistency.md
  estimate report support > docs/support.md
  estimate report support --check docs/support.md
  estimate report validation > docs/validation.md
  estimate report predictions --check tests/data/predictions.tsv

consistency: marketing numbers of devices, parameter counts and bytes of models,
each as stated and as the stored facts give it. support: which engine runs which
quantization on which chip, with the source or the measured run that shows it.
validation: how far off the fit is for models and devices it has not seen.
predictions: what is predicted over a fixed grid, one line each.
)";

// The columns of the bytes table: the files people have, one of each kind.
constexpr std::array shown_quantizations{"bf16", "q8_0", "q6_k", "q4_k_m", "q4_0", "awq-int4-g128", "fp8", "nvfp4", "w8a8"};

struct ReportOptions {
  Values name, check;
};

std::vector<const Device*> all_devices(Context& context) {
  std::vector<const Device*> devices;
  for (const db::Entry& entry : context.catalog().entries(db::Kind::device)) {
    devices.push_back(&found(context.catalog().device(entry.id), "the device", entry.id, "estimate list devices"));
  }
  return devices;
}

const Quantization* quantization(Context& context, const std::string& id) {
  return &found(context.catalog().quantization(id), "the quantization", id, "estimate list quantizations");
}

std::string consistency(Context& context) {
  report::ConsistencyFacts facts;
  facts.devices = all_devices(context);
  for (const db::Entry& entry : context.catalog().entries(db::Kind::model)) {
    facts.models.push_back(&found(context.catalog().model(entry.id), "the model", entry.id, "estimate list models"));
  }
  for (const char* id : shown_quantizations) facts.quantizations.push_back(quantization(context, id));
  return report::consistency_document(facts);
}

std::string support(Context& context) {
  report::SupportFacts facts;
  facts.devices = all_devices(context);
  for (const db::Entry& entry : context.catalog().entries(db::Kind::engine)) {
    facts.engines.push_back(&found(context.catalog().engine(entry.id), "the engine", entry.id, "estimate list engines"));
  }
  for (const db::Entry& entry : context.catalog().entries(db::Kind::quantization)) facts.quantizations.push_back(quantization(context, entry.id));
  std::vector<db::Diagnostic> diagnostics;
  facts.runs = context.catalog().runs(diagnostics);
  if (!diagnostics.empty()) fail(diagnostics);
  return report::support_document(facts);
}

std::string validation(Context& context) { return report::validation_document(validation_facts(context, fits(context))); }

struct Document {
  const char* name;
  std::string (*text)(Context&);
};
constexpr std::array documents{Document{"consistency", consistency}, Document{"support", support}, Document{"validation", validation},
                               Document{"predictions", predictions}};

int compare(Context& context, const std::string& path, const std::string& name, const std::string& text) {
  const std::string stored = file_text("--check", path);
  if (stored == text) {
    context.print(fmt::format("{} is up to date\n", path));
    return exit_done;
  }
  std::size_t line = 1;
  for (std::size_t i = 0; i < stored.size() && i < text.size() && stored[i] == text[i]; ++i) line += stored[i] == '\n' ? 1U : 0U;
  context.print(fmt::format("{}:{}: is not what `estimate report {}` gives now; run script/regenerate and review the change\n", path, line, name));
  if (name == "predictions") context.print(changed_lines(stored, text));
  return exit_answer_is_no;
}

int run_report(Context& context, const ReportOptions& options) {
  std::vector<std::string> names;
  for (const Document& document : documents) names.emplace_back(document.name);
  if (options.name.empty()) throw UsageError(fmt::format("report: which one? {}", either(names)));
  if (options.name.size() > 1) throw UsageError(fmt::format("report: '{}' is one argument too many", echo(options.name[1])));
  for (const Document& document : documents) {
    if (options.name.front() != document.name) continue;
    const std::string text = document.text(context);
    if (const auto path = single(options.check, "--check")) return compare(context, *path, document.name, text);
    context.print(text);
    return exit_done;
  }
  fail_choice("report", options.name.front(), names);
}

}  // namespace

void add_report(CLI::App& app, Context& context) {
  CLI::App& sub = add_subcommand(app, context, "report", "documents about the whole database, as Markdown", examples, "");
  auto options = std::make_shared<ReportOptions>();
  sub.add_option("NAME", options->name, "consistency, support, validation or predictions");
  add_values(sub, "--check", options->check, "FILE", "compare with this file: exit 1 if it is old", "General");
  context.add_command(&sub, [&context, options] { return run_report(context, *options); });
}

}  // namespace roofline::cli
