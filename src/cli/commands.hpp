// What the subcommands share: the database, the output, the exit code; and the functions that register them.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "roofline/db/catalog.hpp"
#include "roofline/report/render.hpp"

namespace CLI {
class App;
}

namespace roofline::cli {

using Values = std::vector<std::string>;  // every value an option was given, in order

// Exit codes of the program.
inline constexpr int exit_done = 0;
inline constexpr int exit_answer_is_no = 1;  // a gate the user asked for
inline constexpr int exit_usage = 2;         // wrong usage, unreadable or invalid input

// Wrong usage or input: main prints it on stderr and exits with exit_usage; stdout stays empty.
struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};
// Messages that already say where: printed as they are, so that editors can jump to file:line:column.
struct InvalidFile : UsageError {
  using UsageError::UsageError;
};

enum class Format { text, json, markdown, csv };

class Context {
 public:
  // A subcommand registers itself here; main runs the one that was named on the command line.
  void add_command(const CLI::App* app, std::function<int()> run) { commands_.emplace_back(app, std::move(run)); }
  [[nodiscard]] const auto& commands() const { return commands_; }

  // Opened on first use: compiled in, then the user's own directory, ROOFLINE_DB, --db; the last one wins.
  db::Catalog& catalog();
  // What --format says; `allowed` are the formats the command can write.
  [[nodiscard]] Format format(const std::vector<Format>& allowed) const;
  [[nodiscard]] report::TextStyle style() const;
  // Collects the answer: it reaches stdout only if the command succeeds.
  void print(const std::string& text) { out_ += text; }
  [[nodiscard]] const std::string& printed() const { return out_; }
  // A message on stderr that does not stop the command: a row left out, a limit not met.
  void warn(const std::string& text);

  Values db_directories;  // --db
  Values formats;         // --format

 private:
  std::vector<std::pair<const CLI::App*, std::function<int()>>> commands_;
  std::optional<db::Catalog> catalog_;
  std::string out_;
};

// Where `estimate bench --save` keeps the device `host`, which is thereby part of the user's own database; its folder is made.
std::filesystem::path host_file();
// paths.cpp: throws if `name` looks like a path and names nothing that can be read: says what is wrong with it.
void refuse_bad_path(const std::string& what, const std::string& name);
// Throws the diagnostics of a file, or the nearest names where there is no such entry; else the value.
[[noreturn]] void fail(const std::vector<db::Diagnostic>& diagnostics);
[[noreturn]] void fail_unknown(const std::string& what, const std::string& name, const std::vector<std::string>& nearest,
                               const std::string& see);
template <class T>
const T& found(const db::Lookup<T>& lookup, const std::string& what, const std::string& name, const std::string& see) {
  if (lookup.value != nullptr) return *lookup.value;
  refuse_bad_path(what, name);
  if (!lookup.diagnostics.empty()) fail(lookup.diagnostics);
  fail_unknown(what, name, lookup.nearest, see);
}

void add_estimate(CLI::App& app, Context& context);  // the main job: no subcommand
void add_explain(CLI::App& app, Context& context);
void add_fit(CLI::App& app, Context& context);
void add_list(CLI::App& app, Context& context);
void add_show(CLI::App& app, Context& context);
void add_check(CLI::App& app, Context& context);
void add_calibrate(CLI::App& app, Context& context);
void add_validate(CLI::App& app, Context& context);
void add_calibrate_memory(CLI::App& app, Context& context);
void add_import(CLI::App& app, Context& context);
void add_report(CLI::App& app, Context& context);
void add_bench(CLI::App& app, Context& context);

}  // namespace roofline::cli
