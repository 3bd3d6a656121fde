#include "db/store.hpp"

#include <algorithm>
#include <fstream>
#include <set>

#include "roofline/db/catalog.hpp"

namespace roofline::db {
namespace {

constexpr std::uintmax_t largest_file = 4u << 20;

Content content_of(Kind kind, const toml::table& root, File& file) {
  switch (kind) {
    case Kind::source: return read_sources(root, file);
    case Kind::device: return read_device(root, file);
    case Kind::model: return read_model(root, file);
    case Kind::format: return read_format(root, file);
    case Kind::quantization: return read_quantization(root, file);
    case Kind::engine: return read_engine(root, file);
    case Kind::calibration: return read_calibration(root, file);
    case Kind::memory: return read_memory_fit(root, file);
    case Kind::fit: return read_fit(root, file);
    case Kind::runs: return read_runs(root, file);
    case Kind::spelling: return read_spellings(root, file);
    case Kind::exclusion: return read_exclusions(root, file);
    case Kind::core: return read_core(root, file);
  }
  return {};
}

// The entry that carries the file's own id, as its id or, for the default variant of a chip, as an alias.
std::string main_id(const std::vector<IndexedEntry>& entries, const std::string& id) {
  for (const IndexedEntry& entry : entries) {
    const bool carries = std::any_of(entry.aliases.begin(), entry.aliases.end(), [&](const IndexedName& alias) { return alias.name == id; });
    if (entry.id == id || carries) return entry.id;
  }
  return {};
}

}  // namespace

std::unique_ptr<Parsed> parse_file(Kind kind, std::string_view text, std::string path) {
  auto parsed = std::make_unique<Parsed>();
  parsed->kind = kind;
  parsed->path = path;
  File file;
  file.path = std::move(path);
  if (const auto root = parse(text, file)) {
    parsed->id = (*root)["id"].value_or(std::string());
    parsed->main_id = main_id(index_of(kind, *root), parsed->id);
    Content content = content_of(kind, *root, file);
    if (file.diagnostics.empty()) parsed->content = std::move(content);
  }
  parsed->diagnostics = std::move(file.diagnostics);
  parsed->references = std::move(file.references);
  parsed->assumed = std::move(file.assumed);
  return parsed;
}

std::optional<std::string> read_text(const std::filesystem::path& path, std::string& why) {
  std::error_code failed;
  const auto status = std::filesystem::status(path, failed);
  if (failed || !std::filesystem::exists(status)) {
    why = "no such file";
  } else if (std::filesystem::is_directory(status)) {
    why = "is a directory";
  } else if (!std::filesystem::is_regular_file(status)) {
    why = "is no regular file";
  } else if (const auto size = std::filesystem::file_size(path, failed); failed || size > largest_file) {
    why = "file of " + std::to_string(size) + " bytes; a database file has at most " + std::to_string(largest_file);
  } else {
    std::ifstream file(path, std::ios::binary);
    std::string text(static_cast<std::size_t>(size), '\0');
    file.read(text.data(), static_cast<std::streamsize>(size));
    if (file || file.eof()) {
      text.resize(static_cast<std::size_t>(file.gcount()));
      return text;
    }
    why = "can not be read";
  }
  return std::nullopt;
}

std::vector<Diagnostic> Store::add_directory(const std::filesystem::path& directory) {
  std::vector<Diagnostic> diagnostics;
  std::error_code failed;
  if (!std::filesystem::is_directory(directory, failed)) return {{directory.string(), 0, 0, "is no directory"}};
  const int layer = ++layers_;
  std::vector<std::filesystem::path> paths;
  for (auto it = std::filesystem::recursive_directory_iterator(directory, std::filesystem::directory_options::skip_permission_denied, failed);
       !failed && it != std::filesystem::recursive_directory_iterator(); it.increment(failed)) {
    if (it->path().extension() == ".toml") paths.push_back(it->path());
  }
  if (failed) diagnostics.push_back({directory.string(), 0, 0, "can not be listed"});
  std::sort(paths.begin(), paths.end());
  for (const auto& path : paths) {
    const auto kind = kind_of_path(path.lexically_relative(directory).generic_string());
    if (!kind) {
      diagnostics.push_back({path.string(), 0, 0, "is in no folder of the database (devices, models, formats, quantizations, engines, cores, calibration, memory, fit, runs, runs-excluded, sources, spellings)"});
      continue;
    }
    std::string why;
    auto text = read_text(path, why);
    if (!text) {
      diagnostics.push_back({path.string(), 0, 0, why});
      continue;
    }
    add(layer, *kind, path.string(), std::move(*text), diagnostics);
  }
  return diagnostics;
}

std::vector<Diagnostic> Store::add_file(Kind kind, const std::filesystem::path& path, std::string text) {
  std::vector<Diagnostic> diagnostics;
  add(++layers_, kind, path.string(), std::move(text), diagnostics);
  return diagnostics;
}

void Store::add(int layer, Kind kind, std::string path, std::string text, std::vector<Diagnostic>& diagnostics) {
  auto file = std::make_unique<OverlayFile>(OverlayFile{layer, kind, std::move(path), std::move(text), {}, nullptr});
  File probe;
  probe.path = file->path;
  const auto root = parse(file->text, probe);
  // Names of a file with control characters in its strings are not listed either.
  if (root && probe.diagnostics.empty()) file->entries = index_of(kind, *root);
  diagnostics.insert(diagnostics.end(), probe.diagnostics.begin(), probe.diagnostics.end());
  std::erase_if(file->entries, [](const IndexedEntry& entry) { return entry.id.empty(); });
  add_names(*file);
  overlay_.push_back(std::move(file));
}

void Store::add_names(const OverlayFile& file) {
  for (const IndexedEntry& entry : file.entries) {
    const auto before = overlay_ids_.find({file.kind, entry.id});
    if (before != overlay_ids_.end() && overlay_[before->second]->layer < file.layer) {
      // The replaced entry takes its aliases with it.
      std::erase_if(overlay_names_, [&](const auto& name) { return name.first.first == file.kind && name.second.id == entry.id; });
    }
    overlay_ids_[{file.kind, entry.id}] = overlay_.size();
  }
  for (const IndexedEntry& entry : file.entries) {
    overlay_names_[{file.kind, folded(entry.id)}] = {entry.id, ""};
    for (const IndexedName& alias : entry.aliases) overlay_names_[{file.kind, folded(alias.name)}] = {entry.id, alias.firmware};
  }
}

bool Store::replaced(const OverlayFile& file, const IndexedEntry& entry) const {
  const auto last = overlay_ids_.find({file.kind, entry.id});
  return last != overlay_ids_.end() && overlay_[last->second]->layer > file.layer;
}

std::optional<Store::Name> Store::resolve(Kind kind, std::string_view name) const {
  const std::string key = folded(name);
  if (const auto found = overlay_names_.find({kind, key}); found != overlay_names_.end()) return found->second;
  const auto all = embedded_names();
  const auto before = [](const EmbeddedName& a, const std::pair<Kind, std::string_view>& b) { return a.kind != b.first ? a.kind < b.first : a.name < b.second; };
  const auto found = std::lower_bound(all.begin(), all.end(), std::pair<Kind, std::string_view>(kind, key), before);
  if (found == all.end() || found->kind != kind || found->name != key) return std::nullopt;
  return Name{std::string(embedded_entries()[static_cast<std::size_t>(found->entry)].id), std::string(found->firmware)};
}

const Parsed* Store::parsed(OverlayFile& file) {
  if (!file.parsed) file.parsed = parse_file(file.kind, file.text, file.path);
  return file.parsed.get();
}

const Parsed* Store::embedded(int file) {
  auto& slot = embedded_[file];
  if (!slot) {
    const EmbeddedFile& source = embedded_files()[static_cast<std::size_t>(file)];
    slot = parse_file(source.kind, source.text, "hardware_db/" + std::string(source.path));
  }
  return slot.get();
}

const Parsed* Store::file_of(Kind kind, const std::string& id) {
  if (const auto found = overlay_ids_.find({kind, id}); found != overlay_ids_.end()) {
    return parsed(*overlay_[found->second]);
  }
  for (const EmbeddedEntry& entry : embedded_entries()) {
    if (entry.kind == kind && entry.id == id) return embedded(entry.file);
  }
  return nullptr;
}

std::vector<const Parsed*> Store::files(Kind kind) {
  std::vector<const Parsed*> all;
  for (const Parsed* file : overlay_files()) {
    if (file->kind == kind) all.push_back(file);
  }
  std::set<int> hidden;
  for (const EmbeddedEntry& entry : embedded_entries()) {
    if (entry.kind == kind && replaced(entry)) hidden.insert(entry.file);
  }
  const auto compiled = embedded_files();
  for (std::size_t i = 0; i < compiled.size(); ++i) {
    const int file = static_cast<int>(i);
    if (compiled[i].kind == kind && !hidden.contains(file)) all.push_back(embedded(file));
  }
  return all;
}

std::vector<const Parsed*> Store::overlay_files() {
  std::vector<const Parsed*> all;
  for (const auto& file : overlay_) {
    const bool hidden = std::any_of(file->entries.begin(), file->entries.end(), [&](const IndexedEntry& entry) { return replaced(*file, entry); });
    if (!hidden) all.push_back(parsed(*file));
  }
  return all;
}

std::vector<Entry> Store::entries(Kind kind) const {
  std::vector<Entry> all;
  for (const auto& file : overlay_) {
    if (file->kind != kind) continue;
    for (const IndexedEntry& indexed : file->entries) {
      if (replaced(*file, indexed)) continue;
      Entry entry{kind, indexed.id, indexed.title, {}, file->path};
      for (const IndexedName& alias : indexed.aliases) entry.aliases.push_back(alias.name);
      all.push_back(std::move(entry));
    }
  }
  std::map<int, std::size_t> place;
  const auto compiled = embedded_entries();
  for (std::size_t i = 0; i < compiled.size(); ++i) {
    if (compiled[i].kind != kind || replaced(compiled[i])) continue;
    place[static_cast<int>(i)] = all.size();
    all.push_back({kind, std::string(compiled[i].id), std::string(compiled[i].title), {},
                   "hardware_db/" + std::string(embedded_files()[static_cast<std::size_t>(compiled[i].file)].path)});
  }
  for (const EmbeddedName& name : embedded_names()) {
    const auto at = place.find(name.entry);
    if (name.kind == kind && at != place.end() && name.written != all[at->second].id) all[at->second].aliases.emplace_back(name.written);
  }
  std::sort(all.begin(), all.end(), [](const Entry& a, const Entry& b) { return a.id < b.id; });
  return all;
}

std::vector<std::string> Store::names(Kind kind) const {
  std::vector<std::string> all;
  for (const Entry& entry : entries(kind)) {
    all.push_back(entry.id);
    all.insert(all.end(), entry.aliases.begin(), entry.aliases.end());
  }
  return all;
}

std::size_t Store::file_count() const { return embedded_files().size() + overlay_.size(); }

}  // namespace roofline::db
