#include <algorithm>

#include "db/store.hpp"
#include "roofline/db/catalog.hpp"

namespace roofline::db {
namespace {

std::optional<Kind> kind_by_folder(const std::filesystem::path& path) {
  for (const auto& part : path.parent_path()) {
    if (const auto kind = kind_of_path(part.string())) return kind;
  }
  return std::nullopt;
}

std::optional<Kind> kind_by_keys(std::string_view text, const std::string& path, std::vector<Diagnostic>& diagnostics) {
  File file;
  file.path = path;
  const auto root = parse(text, file);
  diagnostics = file.diagnostics;
  if (!root) return std::nullopt;
  if (root->contains("compute") || root->contains("memory")) return root->contains("prefill_chunk") ? Kind::engine : Kind::device;
  if (root->contains("dimensions")) return Kind::model;
  if (root->contains("block_weights")) return Kind::format;
  if (root->contains("vectors")) return Kind::quantization;
  if (root->contains("support") || root->contains("prefill_chunk")) return Kind::engine;
  if (root->contains("constant")) return Kind::calibration;
  if (root->contains("run")) return Kind::runs;
  if (root->contains("source")) return Kind::source;
  diagnostics.push_back({path, 1, 1, "can not tell what this file describes: put it into a folder devices, models, formats, quantizations, engines, runs or sources"});
  return std::nullopt;
}

std::vector<Diagnostic> check_file(Catalog& catalog, const std::filesystem::path& path) {
  std::string why;
  const auto text = read_text(path, why);
  if (!text) return {{path.string(), 0, 0, why}};
  std::vector<Diagnostic> diagnostics;
  auto kind = kind_by_folder(path);
  if (!kind) kind = kind_by_keys(*text, path.string(), diagnostics);
  if (!kind) return diagnostics;
  const auto parsed = parse_file(*kind, *text, path.string());
  diagnostics = parsed->diagnostics;
  for (const Cited& cited : parsed->cited) {
    if (cited.source.rfind("run:", 0) == 0 || catalog.source(cited.source).value != nullptr) continue;
    diagnostics.push_back({path.string(), cited.line, cited.column, "no source '" + cited.source + "' in sources/"});
  }
  return diagnostics;
}

}  // namespace

std::vector<Diagnostic> check_path(Catalog& catalog, const std::filesystem::path& path) {
  std::error_code failed;
  if (!std::filesystem::is_directory(path, failed)) return check_file(catalog, path);
  Store store;
  std::vector<Diagnostic> diagnostics = store.add_directory(path);
  const std::vector<Diagnostic> rules = check_rules(store, true);
  for (const Diagnostic& d : rules) {
    const bool said = std::any_of(diagnostics.begin(), diagnostics.end(), [&](const Diagnostic& other) {
      return other.file == d.file && other.line == d.line && other.column == d.column && other.message == d.message;
    });
    if (!said) diagnostics.push_back(d);
  }
  return diagnostics;
}

}  // namespace roofline::db
