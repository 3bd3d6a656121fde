// estimate calibrate: the committed runs -> calibration/<engine>.toml.
#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <cmath>
#include <filesystem>
#include <map>
#include <memory>
#include <set>

#include "cli/commands.hpp"
#include "cli/observations.hpp"
#include "cli/output_file.hpp"
#include "cli/validation_report.hpp"
#include "cli/values.hpp"

namespace roofline::cli {
namespace {

struct Options {
  bool check = false;
  Values output, accuracy, report, residuals;
};

std::string difference(const std::string& engine, const std::string& now, const std::string& stored) {
  std::size_t at = 0;
  while (at < now.size() && at < stored.size() && now[at] == stored[at]) ++at;
  const auto line_of = [&](const std::string& text) {
    const auto begin = text.rfind('\n', at == 0 ? 0 : at - 1);
    const auto start = begin == std::string::npos ? 0 : begin + 1;
    return text.substr(start, text.find('\n', at) - start);
  };
  return "calibration of " + engine + " is not what the committed runs give; first difference: stored `" + line_of(stored) + "`, now `" +
         line_of(now) + "`; run `estimate calibrate --output hardware_db/calibration` and review the change\n";
}

// The accuracy may get better, or worse by less than chance explains; the document and its plots are what the fit gives, or they mislead.
bool check_report(Context& context, const report::ValidationFacts& facts, const std::optional<std::string>& accuracy, const std::optional<std::string>& directory) {
  bool good = true;
  if (accuracy) {
    const auto worse = report::worse_accuracy(file_text("--accuracy", *accuracy), report::accuracy_table(facts));
    for (const std::string& sentence : worse) context.print("accuracy got worse: " + sentence + "\n");
    good = worse.empty();
    if (good) context.print("accuracy is no worse\n");
  }
  if (!directory) return good;
  const auto compare = [&](const std::string& path, const std::string& text) {
    if (file_text("--report", path) == text) return;
    good = false;
    context.print(path + " is not what the committed runs give; run script/regenerate and review the change\n");
  };
  compare(*directory + "/validation.md", report::validation_document(facts));
  for (const auto& [name, svg] : report::validation_plots(facts)) compare(*directory + "/validation/" + name, svg);
  return good;
}

void write_report(const report::ValidationFacts& facts, const std::optional<std::string>& accuracy, const std::optional<std::string>& directory) {
  if (accuracy) write_file("--accuracy", *accuracy, report::accuracy_table(facts));
  if (!directory) return;
  std::error_code failed;
  std::filesystem::create_directories(*directory + "/validation", failed);
  for (const auto& [name, svg] : report::validation_plots(facts)) write_file("--report", *directory + "/validation/" + name, svg);
  write_file("--report", *directory + "/validation.md", report::validation_document(facts));
}

// Run by run: what was measured, and what was predicted with and without its like. Rates in tokens/s, of all sequences together.
std::string residual_table(const Fits& fitted) {
  std::string out = "run\tphase\tengine\tunit\tdevice\tmodel\tquantization\tmodel_class\tquality\tsequences\tdepth\tmeasured\tceiling\tin_sample\tmodel_left_out\tdevice_left_out\tpublication_left_out\n";
  for (const validate::Fit* fit : {&fitted.decode, &fitted.prefill, &fitted.batched}) {
    for (std::size_t i = 0; i < fit->observations.size(); ++i) {
      const validate::Observation& o = fit->observations[i];
      const double rate = o.tokens / o.measured.in(unit::s);
      const auto predicted = [&](double log_ratio) { return fmt::format("{:.5g}", rate * std::exp(-log_ratio)); };
      out += o.run_id + "\t" + (fit == &fitted.batched ? "batched" : to_string(o.phase)) + "\t" + o.engine + "\t" + std::string(to_string(o.unit)) + "\t" + o.device + "\t" + o.model + "\t" +
             o.quantization + "\t" + o.model_class + "\t" + (o.best_quality ? "A" : "B") + "\t" + fmt::format("{}\t{}\t", o.phase == Phase::decode ? o.tokens : 1, o.depth) + fmt::format("{:.5g}", rate) + "\t" +
             fmt::format("{:.5g}", o.tokens / o.ceiling.in(unit::s)) + "\t" + predicted(fit->left_out.in_sample[i]) + "\t" + predicted(fit->left_out.model[i].log_ratio) + "\t" +
             predicted(fit->left_out.device[i].log_ratio) + "\t" + predicted(fit->left_out.publication[i].log_ratio) + "\n";
    }
  }
  return out;
}

int run(Context& context, const Options& options) {
  const auto accuracy = single(options.accuracy, "--accuracy");
  const auto documents = single(options.report, "--report");
  // Before the fit, which takes its time.
  if (options.check && accuracy) file_text("--accuracy", *accuracy);
  if (options.check && documents) file_text("--report", *documents + "/validation.md");
  const auto output = single(options.output, "--output");
  const auto residuals = single(options.residuals, "--residuals");
  if (output) refuse_unwritable("--output", std::filesystem::path(*output) / "engine.toml");
  if (residuals) refuse_unwritable("--residuals", *residuals);
  if (!options.check && accuracy) refuse_unwritable("--accuracy", *accuracy);
  const Fits fitted = fits(context);
  bool same = true;
  for (const auto& [engine, derived] : validate::calibrations(fitted.decode, fitted.prefill, fitted.batched)) {
    const std::string text = validate::to_toml(derived);
    if (output) write_file("--output", std::filesystem::path(*output) / (engine + ".toml"), text);
    if (options.check) {
      const auto stored = context.catalog().calibration(engine);
      const std::string before = stored.value != nullptr ? validate::to_toml(*stored.value) : "";
      if (before != text) {
        same = false;
        context.print(difference(engine, text, before));
      }
    }
    std::size_t runs = 0;
    for (const EvidenceCell& cell : derived.evidence) runs += cell.phase == Phase::decode ? cell.run_ids.size() : 0;
    context.print(engine + ": " + std::to_string(derived.effects.size()) + " effects, " + std::to_string(runs) + " decode runs (digest " + derived.runs_digest +
                  ")\n");
  }
  if (residuals) write_file("--residuals", *residuals, residual_table(fitted));
  if (accuracy || documents) {
    const report::ValidationFacts facts = validation_facts(context, fitted);
    if (!options.check) write_report(facts, accuracy, documents);
    else if (!check_report(context, facts, accuracy, documents)) same = false;
  }
  return same ? exit_done : exit_answer_is_no;
}

}  // namespace

void add_calibrate(CLI::App& app, Context& context) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("calibrate", "Derive the fitted constants from the measured runs of the database");
  command->add_flag("--check", options->check, "Compare with the constants in the database: exit 1 if they differ");
  command->add_option("--output", options->output, "Directory to write <engine>.toml files to (hardware_db/calibration)")->type_name("DIR");
  command->add_option("--accuracy", options->accuracy, "File of cross-validated errors: written, or with --check none may be worse")->type_name("FILE");
  command->add_option("--report", options->report, "Directory of validation.md and its plots (docs): written, or compared")->type_name("DIR");
  command->add_option("--residuals", options->residuals, "Table to write: each fitted run, predicted with and without its like")->type_name("FILE");
  context.add_command(command, [&context, options] { return run(context, *options); });
}

}  // namespace roofline::cli
