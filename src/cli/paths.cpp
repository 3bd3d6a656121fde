// A value that names a file where an id would do: what is wrong with it, before the catalog says that it knows no such name.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <system_error>

#include "cli/commands.hpp"
#include "cli/values.hpp"

namespace roofline::cli {
namespace {

// Files people have at hand and may try; of these only .toml is read.
constexpr std::array<std::string_view, 12> extensions{".toml", ".gguf", ".json", ".safetensors", ".bin",    ".pt",
                                                      ".pth",  ".onnx", ".yaml", ".yml",         ".rkllm", ".engine"};

std::string without_slashes(std::string name) {
  while (name.size() > 1 && name.ends_with('/')) name.pop_back();
  return name;
}

// Repository names ("Qwen/Qwen2.5-7B") contain '/' too: one that does not exist as a path is a name.
bool looks_like_path(const std::string& name) {
  const std::string plain = lower(without_slashes(name));
  if (std::any_of(extensions.begin(), extensions.end(), [&](std::string_view e) { return plain.ends_with(e); })) return true;
  for (const char* start : {"./", "../", "/", "~"}) {
    if (name.starts_with(start)) return true;
  }
  std::error_code ignored;
  return name == "." || name == ".." || (name.find('/') != std::string::npos && std::filesystem::exists(name, ignored));
}

// Empty where there is a file to read.
std::string problem(const std::string& what, const std::string& name) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  const fs::file_status status = fs::status(name, ignored);
  const std::string typed = echo(name);
  if (fs::is_directory(status)) return fmt::format("'{}' is a directory; give one .toml file (--db takes directories)", typed);
  const std::string file = without_slashes(name);
  if (file != name && fs::is_regular_file(file, ignored)) return fmt::format("'{}' ends in '/', but it is a file", typed);
  if (!file.ends_with(".toml")) return fmt::format("'{}' can not be used: besides ids, only .toml files are read{}", typed,
                                                     what.find("model") != std::string::npos ? ", and .gguf, .safetensors and config.json" : "");
  const char* hint = name.starts_with('~') ? " (the shell did not expand '~')" : "";
  if (!fs::exists(status)) return fmt::format("no such file: '{}'{}", typed, hint);
  return fs::is_regular_file(status) ? "" : fmt::format("'{}' is not a regular file", typed);
}

}  // namespace

void refuse_bad_path(const std::string& what, const std::string& name) {
  if (!looks_like_path(name)) return;
  const std::string wrong = problem(what, name);
  // "--hw: the device" -> "--hw"
  if (!wrong.empty()) throw UsageError(what.substr(0, what.find(':')) + ": " + wrong);
}

}  // namespace roofline::cli
