#include <algorithm>
#include <array>

#include "db/store.hpp"
#include "roofline/db/catalog.hpp"

namespace roofline::db {
namespace {

// The deepest folder named like one of the database: a home may well be called "models".
std::optional<Kind> kind_by_folder(const std::filesystem::path& path) {
  std::optional<Kind> deepest;
  for (const auto& part : path.parent_path()) {
    if (const auto kind = kind_of_path(part.string())) deepest = kind;
  }
  return deepest;
}

std::size_t keys_of(Kind kind, const toml::table& root) {
  const auto known = known_keys(kind);
  return static_cast<std::size_t>(std::count_if(root.begin(), root.end(), [&](const auto& entry) {
    return std::find(known.begin(), known.end(), std::string(entry.first.str())) != known.end();
  }));
}

// The kind whose loader knows most of the top-level keys; empty if no kind knows more of them than all others.
std::optional<Kind> kind_by_keys(const toml::table& root) {
  if (root["source"].is_array()) return Kind::source;  // a citation everywhere else
  std::optional<Kind> best;
  std::size_t most = 0;
  for (const Kind kind : all_kinds) {
    const std::size_t count = keys_of(kind, root);
    if (count == most) best.reset();
    if (count > most) {
      most = count;
      best = kind;
    }
  }
  return best;
}

std::vector<Diagnostic> check_file(Catalog& catalog, const std::filesystem::path& path) {
  std::string why;
  auto text = read_text(path, why);
  if (!text) return {{path.string(), 0, 0, why}};
  File probe;
  probe.path = path.string();
  const auto root = parse(*text, probe);
  const auto folder = kind_by_folder(std::filesystem::absolute(path).lexically_normal());
  const auto keys = root ? kind_by_keys(*root) : std::nullopt;
  const auto kind = keys ? keys : folder;
  if (!root || !kind) {
    if (root) probe.error(1, 1, "can not tell what this file describes: put it into a folder devices, models, formats, quantizations, engines, "
                                "runs or sources");
    return probe.diagnostics;
  }
  Store store;
  std::vector<Diagnostic> diagnostics = store.add_file(*kind, path, std::move(*text));
  const auto rules = check_rules(store, {.beyond = &catalog, .only_overlay = true, .alone = true, .file_names = folder == kind});
  diagnostics.insert(diagnostics.end(), rules.begin(), rules.end());
  sort_and_unite(diagnostics);
  return diagnostics;
}

bool holds_database(const std::filesystem::path& directory) {
  std::error_code failed;
  return std::any_of(all_kinds.begin(), all_kinds.end(),
                     [&](Kind kind) { return std::filesystem::is_directory(directory / folder_of(kind), failed); });
}

// A part of a database ("hardware_db/devices/nvidia"): its files one by one.
std::vector<Diagnostic> check_folder(Catalog& catalog, const std::filesystem::path& directory) {
  std::error_code failed;
  std::vector<std::filesystem::path> paths;
  for (std::filesystem::recursive_directory_iterator it(directory, failed), end; !failed && it != end; it.increment(failed)) {
    if (it->path().extension() == ".toml") paths.push_back(it->path());
  }
  if (failed) return {{directory.string(), 0, 0, "can not be listed"}};
  std::vector<Diagnostic> diagnostics;
  for (const auto& path : paths) {
    const auto more = check_file(catalog, path);
    diagnostics.insert(diagnostics.end(), more.begin(), more.end());
  }
  sort_and_unite(diagnostics);
  return diagnostics;
}

}  // namespace

std::vector<Diagnostic> check_path(Catalog& catalog, const std::filesystem::path& path) {
  std::error_code failed;
  if (!std::filesystem::is_directory(path, failed)) return check_file(catalog, path);
  const bool inside = kind_by_folder(std::filesystem::absolute(path).lexically_normal() / "file").has_value();
  if (inside && !holds_database(path)) return check_folder(catalog, path);
  Store store;
  std::vector<Diagnostic> diagnostics = store.add_directory(path);
  const auto rules = check_rules(store, {.beyond = &catalog, .only_overlay = true});
  diagnostics.insert(diagnostics.end(), rules.begin(), rules.end());
  sort_and_unite(diagnostics);
  return diagnostics;
}

}  // namespace roofline::db
