#include <fmt/core.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "cli/commands.hpp"
#include "cli/values.hpp"

namespace roofline::cli {
namespace {

// Empty where the variable is not set.
std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

std::optional<std::filesystem::path> user_path() {
  std::filesystem::path base = environment("XDG_DATA_HOME");
  if (base.empty() || base.is_relative()) {
    const std::string home = environment("HOME");
    if (home.empty()) return std::nullopt;
    base = std::filesystem::path(home) / ".local" / "share";
  }
  return base / "roofline";
}

std::optional<std::filesystem::path> user_directory() {
  std::error_code ignored;
  const auto directory = user_path();
  return directory && std::filesystem::is_directory(*directory, ignored) ? directory : std::nullopt;
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const std::size_t end = std::min(text.find(separator, begin), text.size());
    if (end > begin) parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

int terminal_width() {
  const std::string columns = environment("COLUMNS");
  int width = 0;
  if (parse_int(columns, width) && width > 0) return width;
  winsize size{};
  if (isatty(STDOUT_FILENO) != 0 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return report::TextStyle{}.width;
}

std::string_view name_of(Format format) {
  switch (format) {
    case Format::text: return "text";
    case Format::json: return "json";
    case Format::markdown: return "markdown";
    case Format::csv: return "csv";
  }
  return "?";
}

}  // namespace

db::Catalog& Context::catalog() {
  if (catalog_) return *catalog_;
  catalog_.emplace();
  std::vector<std::filesystem::path> directories;
  if (const auto own = user_directory()) directories.push_back(*own);
  for (const std::string& path : split(environment("ROOFLINE_DB"), ':')) directories.emplace_back(path);
  for (const std::string& path : db_directories) {
    if (path.empty()) throw UsageError("--db: the directory's name is empty");
    directories.emplace_back(path);
  }
  for (const auto& directory : directories) {
    const auto diagnostics = catalog_->add_directory(directory);
    if (!diagnostics.empty()) fail(diagnostics);
  }
  return *catalog_;
}

std::filesystem::path host_file() {
  const auto own = user_path();
  if (!own) throw UsageError("--save: neither XDG_DATA_HOME nor HOME says where to keep it; --output FILE.toml writes it anywhere");
  const std::filesystem::path directory = *own / "devices";
  std::error_code failed;
  std::filesystem::create_directories(directory, failed);
  if (failed) throw UsageError(fmt::format("--save: the directory {} can not be made: {}", echo(directory.string()), failed.message()));
  return directory / "host.toml";
}

Format Context::format(const std::vector<Format>& allowed) const {
  const auto text = single(formats, "--format");
  if (!text) return Format::text;
  std::vector<std::string> names;
  for (const Format format : allowed) {
    if (name_of(format) == *text) return format;
    names.emplace_back(name_of(format));
  }
  fail_choice("--format", *text, names);
}

void Context::warn(const std::string& text) { std::fprintf(stderr, "%s\n", printable(text).c_str()); }

report::TextStyle Context::style() const {
  report::TextStyle style;
  style.width = terminal_width();
  style.color = isatty(STDOUT_FILENO) != 0 && environment("NO_COLOR").empty() && environment("TERM") != "dumb";
  return style;
}

void fail(const std::vector<db::Diagnostic>& diagnostics) {
  std::string text;
  for (const db::Diagnostic& diagnostic : diagnostics) text += (text.empty() ? "" : "\n") + db::to_string(diagnostic);
  throw InvalidFile(text);
}

void fail_unknown(const std::string& what, const std::string& name, const std::vector<std::string>& nearest, const std::string& see) {
  std::string text = fmt::format("{} '{}' is not known", what, echo(name));
  text += nearest.empty() ? fmt::format("; see `{}`", see) : fmt::format("; did you mean {}? (all: `{}`)", either(nearest), see);
  throw UsageError(text);
}

}  // namespace roofline::cli
