// estimate calibrate-memory: what the committed runs say engines need -> memory/<engine>.toml.
#include <fmt/core.h>

#include <filesystem>
#include <map>
#include <memory>

#include "cli/command_line.hpp"
#include "cli/output_file.hpp"
#include "cli/values.hpp"
#include "roofline/report/units.hpp"
#include "roofline/validate/memory_fit.hpp"

namespace roofline::cli {
namespace {

constexpr const char* examples =
    R"(  estimate calibrate-memory
  estimate calibrate-memory --check
  estimate calibrate-memory --output hardware_db/memory

For each engine whose file has [[memory_fit]]: the terms its buffers and
runtime are predicted by, with the error of each model left out in turn.
)";

struct Options {
  bool check = false;
  Values output;
};

std::vector<validate::MemoryRow> rows_of(Context& context, const Engine& engine) {
  db::Catalog& catalog = context.catalog();
  std::vector<db::Diagnostic> diagnostics;
  const std::vector<MeasuredRun> runs = catalog.runs(diagnostics);
  if (!diagnostics.empty()) fail(diagnostics);
  std::vector<validate::MemoryRow> rows;
  for (const MeasuredRun& run : runs) {
    const auto by = catalog.engine(run.engine);
    if (!run.memory_mb || by.value == nullptr || by.value->id != engine.id) continue;
    const Device& device = found(catalog.device(run.device), "the device", run.device, "");
    const ModelSpec& model = found(catalog.model(run.model), "the model", run.model, "");
    const Quantization& quantization = found(catalog.quantization(run.quantization), "the quantization", run.quantization, "");
    const std::string kv = run.kv_type.empty() ? "f16" : run.kv_type;
    const WeightFormat& format = found(catalog.format(kv), "the format", kv, "");
    if (auto row = validate::memory_row(run, device.chip, engine, model, quantization, format)) rows.push_back(std::move(*row));
  }
  return rows;
}

// Runs of versions the fit leaves out, by version: how far off it is there.
std::string others_text(const MemoryFit& fit, const std::vector<validate::MemoryRow>& rows) {
  std::map<std::string, std::vector<validate::MemoryError>> by_version;
  for (const validate::MemoryRow& row : rows) {
    for (const FittedMemory& fitted : fit.constants) {
      if (row.of_rule || row.scope != fitted.scope) continue;
      const std::string version = row.run.engine_version.empty() ? "version not stated" : row.run.engine_version;
      by_version[row.scope + ", " + version].push_back({&row, validate::reported_memory(fitted, row) / row.measured - 1.0});
    }
  }
  std::string out;
  for (const auto& [version, errors] : by_version) {
    out += fmt::format("  apart: {}: {} runs, median error {}\n", version, errors.size(), report::percent(validate::median_error(errors)));
  }
  return out;
}

std::string summary(const MemoryFit& fit) {
  std::string out = fit.engine + ":\n";
  for (const FittedMemory& f : fit.constants) {
    out += fmt::format("  {}: {} runs of {} models", f.scope, f.runs, f.models);
    if (f.error) out += fmt::format(", a model left out: median error {}, 90th percentile {}", report::percent(*f.error), report::percent(*f.error_p90));
    out += "\n";
  }
  return out;
}

int run(Context& context, const Options& options) {
  const auto directory = single(options.output, "--output");
  bool same = true;
  for (const db::Entry& entry : context.catalog().entries(db::Kind::engine)) {
    const Engine& engine = found(context.catalog().engine(entry.id), "the engine", entry.id, "");
    if (engine.memory.fit_rules.empty()) continue;
    const auto rows = rows_of(context, engine);
    const MemoryFit fit = validate::derive_memory(engine, rows);
    const std::string text = validate::to_toml(fit);
    if (directory) write_file("--output", std::filesystem::path(*directory) / (engine.id + ".toml"), text);
    context.print(summary(fit) + others_text(fit, rows));
    if (!options.check) continue;
    const auto stored = context.catalog().memory_fit(engine.id);
    if (stored.value != nullptr && validate::to_toml(*stored.value) == text) continue;
    same = false;
    context.print(fmt::format("  the committed memory of {} is not what the committed runs give; run `estimate calibrate-memory --output "
                              "hardware_db/memory` and review the change\n", engine.id));
  }
  return same ? exit_done : exit_answer_is_no;
}

}  // namespace

void add_calibrate_memory(CLI::App& app, Context& context) {
  CLI::App& sub = add_subcommand(app, context, "calibrate-memory", "fit engines' buffers to runs that state their memory", examples, "");
  auto options = std::make_shared<Options>();
  sub.add_flag("--check", options->check, "exit 1 if the committed files are not what the runs give")->group("General");
  add_values(sub, "--output", options->output, "DIR", "where to write ENGINE.toml (hardware_db/memory)", "General");
  context.add_command(&sub, [&context, options] { return run(context, *options); });
}

}  // namespace roofline::cli
