#include <fmt/core.h>

#include <filesystem>
#include <memory>
#include <system_error>

#include "cli/command_line.hpp"
#include "cli/values.hpp"

namespace roofline::cli {
namespace {

struct CheckOptions {
  Values paths;
  bool unsourced = false;
};

constexpr const char* examples =
    R"(  estimate check                       the whole database
  estimate check my-board.toml         one file, or a directory of them
  estimate check --unsourced           figures that are assumed, not cited

Messages are file:line:column: text, on stderr; exit code 2 if there are any.
)";

std::size_t toml_files(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::is_directory(path, error)) return 1;
  std::size_t count = 0;
  for (std::filesystem::recursive_directory_iterator it(path, error), end; !error && it != end; it.increment(error)) {
    if (it->path().extension() == ".toml") ++count;
  }
  return count;
}

int run_check(Context& context, const CheckOptions& options) {
  db::Catalog& catalog = context.catalog();
  if (options.unsourced) {
    if (!options.paths.empty()) throw UsageError("check: --unsourced looks at the whole database; add a directory with --db");
    for (const std::string& line : catalog.assumed_figures()) context.print(line + "\n");
    return exit_done;
  }
  std::vector<db::Diagnostic> diagnostics;
  std::size_t files = 0;
  if (options.paths.empty()) {
    diagnostics = catalog.check();
    files = catalog.file_count();
  }
  for (const std::string& path : options.paths) {
    if (path.empty()) throw UsageError("check: the path is empty");
    std::error_code error;
    if (!std::filesystem::exists(path, error)) throw UsageError(fmt::format("check: there is no file or directory '{}'", echo(path)));
    const auto more = db::check_path(catalog, path);
    diagnostics.insert(diagnostics.end(), more.begin(), more.end());
    files += toml_files(path);
  }
  if (!diagnostics.empty()) fail(diagnostics);
  context.print(fmt::format("{} file{}, all good\n", files, files == 1 ? "" : "s"));
  return exit_done;
}

}  // namespace

void add_check(CLI::App& app, Context& context) {
  CLI::App& sub = add_subcommand(app, context, "check", "check database files, with file:line:column messages", examples, "");
  auto options = std::make_shared<CheckOptions>();
  sub.add_option("PATH", options->paths, "files or directories; default: the whole database");
  sub.add_flag("--unsourced", options->unsourced, "list figures without a source instead");
  context.add_command(&sub, [&context, options] { return run_check(context, *options); });
}

}  // namespace roofline::cli
