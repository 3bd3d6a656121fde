#include "db/index.hpp"

namespace roofline::db {
namespace {

std::string text_of(const toml::table& table, std::string_view key) { return table[key].value_or(std::string()); }

void add_aliases(IndexedEntry& entry, const toml::table& table) {
  if (const toml::array* aliases = table["aliases"].as_array()) {
    for (const toml::node& alias : *aliases) {
      if (const auto name = alias.value<std::string>()) entry.aliases.push_back({*name, ""});
    }
  }
}

std::vector<IndexedEntry> device_index(const toml::table& root) {
  std::vector<IndexedEntry> entries;
  std::size_t main = 0;
  const toml::array* variants = root["variant"].as_array();
  if (variants == nullptr || variants->empty()) {
    entries.push_back({text_of(root, "id"), text_of(root, "name"), {}});
  } else {
    for (const toml::node& node : *variants) {
      const toml::table* variant = node.as_table();
      if (variant == nullptr) continue;
      entries.push_back({text_of(*variant, "id"), text_of(*variant, "name"), {}});
      add_aliases(entries.back(), *variant);
      if ((*variant)["default"].value_or(false)) main = entries.size() - 1;
    }
    if (entries.empty()) return entries;
    entries[main].aliases.push_back({text_of(root, "id"), ""});
  }
  add_aliases(entries[main], root);
  if (const toml::array* aliases = root["alias"].as_array()) {
    for (const toml::node& node : *aliases) {
      if (const toml::table* alias = node.as_table()) entries[main].aliases.push_back({text_of(*alias, "name"), text_of(*alias, "firmware")});
    }
  }
  return entries;
}

std::vector<IndexedEntry> array_index(const toml::table& root, std::string_view key, std::string_view title) {
  std::vector<IndexedEntry> entries;
  if (const toml::array* all = root[key].as_array()) {
    for (const toml::node& node : *all) {
      if (const toml::table* table = node.as_table()) entries.push_back({text_of(*table, "id"), text_of(*table, title), {}});
    }
  }
  return entries;
}

}  // namespace

std::vector<IndexedEntry> index_of(Kind kind, const toml::table& root) {
  switch (kind) {
    case Kind::device: return device_index(root);
    case Kind::source: return array_index(root, "source", "title");
    case Kind::model:
    case Kind::format:
    case Kind::quantization:
    case Kind::engine:
    case Kind::calibration:
    case Kind::memory:
    case Kind::fit:
    case Kind::runs:
    case Kind::exclusion:
    case Kind::spelling:
    case Kind::core: {
      IndexedEntry entry{text_of(root, "id"), text_of(root, "name"), {}};
      add_aliases(entry, root);
      return {entry};
    }
  }
  return {};
}

std::string folded(std::string_view name) {
  std::string out(name);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::string_view to_string(Kind kind) {
  switch (kind) {
    case Kind::source: return "source";
    case Kind::device: return "device";
    case Kind::model: return "model";
    case Kind::format: return "format";
    case Kind::quantization: return "quantization";
    case Kind::engine: return "engine";
    case Kind::calibration: return "calibration";
    case Kind::memory: return "memory";
    case Kind::fit: return "fit";
    case Kind::runs: return "runs";
    case Kind::spelling: return "spelling";
    case Kind::exclusion: return "excluded runs";
    case Kind::core: return "core";
  }
  return "?";
}

std::string_view folder_of(Kind kind) {
  switch (kind) {
    case Kind::source: return "sources";
    case Kind::device: return "devices";
    case Kind::model: return "models";
    case Kind::format: return "formats";
    case Kind::quantization: return "quantizations";
    case Kind::engine: return "engines";
    case Kind::calibration: return "calibration";
    case Kind::memory: return "memory";
    case Kind::fit: return "fit";
    case Kind::runs: return "runs";
    case Kind::spelling: return "spellings";
    case Kind::exclusion: return "runs-excluded";
    case Kind::core: return "cores";
  }
  return "?";
}

std::optional<Kind> kind_of_path(std::string_view path) {
  const std::string_view first = path.substr(0, path.find('/'));
  for (const Kind kind : all_kinds) {
    if (folder_of(kind) == first) return kind;
  }
  return std::nullopt;
}

}  // namespace roofline::db
