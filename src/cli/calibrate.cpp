// estimate calibrate: the committed runs -> calibration/<engine>.toml.
#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <set>

#include "cli/commands.hpp"
#include "cli/observations.hpp"
#include "cli/values.hpp"

namespace roofline::cli {
namespace {

struct Options {
  bool check = false;
  Values output;
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

int run(Context& context, const Options& options) {
  const Fits fitted = fits(context);
  bool same = true;
  for (const auto& [engine, derived] : validate::calibrations(fitted.decode, fitted.prefill)) {
    const std::string text = validate::to_toml(derived);
    if (const auto directory = single(options.output, "--output")) {
      const std::filesystem::path path = std::filesystem::path(*directory) / (engine + ".toml");
      // Written beside and renamed, so that a full disk never leaves half a file.
      const std::filesystem::path part = path.string() + ".part";
      std::ofstream file(part, std::ios::binary);
      file << text;
      file.close();
      std::error_code failed;
      if (file) std::filesystem::rename(part, path, failed);
      if (!file || failed) {
        std::filesystem::remove(part, failed);
        throw UsageError("--output: can not write " + path.string());
      }
    }
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
  return same ? exit_done : exit_answer_is_no;
}

}  // namespace

void add_calibrate(CLI::App& app, Context& context) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("calibrate", "Derive the fitted constants from the measured runs of the database");
  command->add_flag("--check", options->check, "Compare with the constants in the database: exit 1 if they differ");
  command->add_option("--output", options->output, "Directory to write <engine>.toml files to (hardware_db/calibration)")->type_name("DIR");
  context.add_command(command, [&context, options] { return run(context, *options); });
}

}  // namespace roofline::cli
