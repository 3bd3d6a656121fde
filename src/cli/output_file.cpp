#include "cli/output_file.hpp"

#include <fmt/core.h>
#include <unistd.h>

#include <fstream>

#include "cli/command_line.hpp"
#include "cli/values.hpp"

namespace roofline::cli {
namespace {

namespace fs = std::filesystem;

// Through a link, what it leads to.
fs::path behind_links(const fs::path& path) {
  std::error_code failed;
  fs::path file = fs::weakly_canonical(path, failed);
  return failed ? path : file;
}

fs::path beside(const fs::path& file) { return fmt::format("{}.{}.part", file.string(), getpid()); }

// A device (/dev/null) would be replaced, not written to.
void refuse_what_is_no_file(const std::string& option, const fs::path& path) {
  std::error_code failed;
  const fs::file_status there = fs::status(path, failed);
  if (fs::is_directory(there)) throw UsageError(fmt::format("{}: '{}' is a directory", option, echo(path.string())));
  if (fs::exists(there) && !fs::is_regular_file(there)) throw UsageError(fmt::format("{}: '{}' is not a regular file", option, echo(path.string())));
}

}  // namespace

void write_file(const std::string& option, const fs::path& path, const std::string& text) {
  refuse_what_is_no_file(option, path);
  const fs::path file = behind_links(path), part = beside(file);
  std::ofstream out(part, std::ios::binary | std::ios::trunc);
  out << text;
  out.close();
  std::error_code failed;
  if (out) fs::rename(part, file, failed);
  if (out && !failed) return;
  fs::remove(part, failed);
  throw UsageError(fmt::format("{}: can not write '{}'", option, echo(path.string())));
}

void refuse_unwritable(const std::string& option, const fs::path& path) {
  refuse_what_is_no_file(option, path);
  std::error_code failed;
  const fs::path file = behind_links(path), part = beside(file);
  const fs::path directory = file.has_parent_path() ? file.parent_path() : ".";
  if (!fs::is_directory(directory, failed)) throw UsageError(fmt::format("{}: no such directory: '{}'", option, echo(directory.string())));
  const bool possible = std::ofstream(part, std::ios::binary).is_open();
  fs::remove(part, failed);
  if (!possible) throw UsageError(fmt::format("{}: '{}' can not be written to", option, echo(directory.string())));
}

}  // namespace roofline::cli
