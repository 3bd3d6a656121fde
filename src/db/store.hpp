// The files behind a catalog: compiled in, overlaid by directories, parsed once each when first needed.
#pragma once

#include <array>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "db/index.hpp"
#include "db/loaders.hpp"
#include "roofline/db/catalog.hpp"

namespace roofline::db {

using Content = std::variant<std::monostate, std::vector<Source>, DeviceFile, ModelSpec, WeightFormat, Quantization, Engine, Calibration, MemoryFit, FitRules,
                             std::vector<MeasuredRun>, Exclusions, std::vector<Spelling>, CpuCore>;

// A file with what it was found to hold.
struct Parsed {
  Kind kind = Kind::device;
  std::string path;
  std::string id;       // as the file states it; a chip of several memories is no device of that id
  std::string main_id;  // what the file as a whole means: its id, or the default variant's
  Content content;      // monostate if there are diagnostics
  std::vector<Diagnostic> diagnostics;
  std::vector<Reference> references;
  std::vector<std::string> assumed;
};
std::unique_ptr<Parsed> parse_file(Kind kind, std::string_view text, std::string path);

// Reads a file whole; `why` is set where it can not be read or is larger than any database file.
std::optional<std::string> read_text(const std::filesystem::path& path, std::string& why);

class Store {
 public:
  struct Name {
    std::string id;
    std::string firmware;
  };
  // Files added later replace those of the same ids that came before; those of one directory do not.
  std::vector<Diagnostic> add_directory(const std::filesystem::path& directory);
  std::vector<Diagnostic> add_file(Kind kind, const std::filesystem::path& path, std::string text);

  // An id or alias of that kind, case-insensitively.
  [[nodiscard]] std::optional<Name> resolve(Kind kind, std::string_view name) const;
  // The file that defines an id; parsed on first use.
  const Parsed* file_of(Kind kind, const std::string& id);
  // Every visible file of a kind: overlay files and compiled-in ones none of whose ids is replaced.
  std::vector<const Parsed*> files(Kind kind);
  std::vector<const Parsed*> overlay_files();
  [[nodiscard]] std::vector<Entry> entries(Kind kind) const;
  [[nodiscard]] std::vector<std::string> names(Kind kind) const;
  [[nodiscard]] std::size_t file_count() const;

 private:
  struct OverlayFile {
    int layer;  // which addition it came with
    Kind kind;
    std::string path;
    std::string text;
    std::vector<IndexedEntry> entries;
    std::unique_ptr<Parsed> parsed;
  };
  [[nodiscard]] bool replaced(const EmbeddedEntry& entry) const { return overlay_ids_.contains({entry.kind, std::string(entry.id)}); }
  [[nodiscard]] bool replaced(const OverlayFile& file, const IndexedEntry& entry) const;
  void add(int layer, Kind kind, std::string path, std::string text, std::vector<Diagnostic>& diagnostics);
  void add_names(const OverlayFile& file);
  const Parsed* parsed(OverlayFile& file);
  const Parsed* embedded(int file);

  int layers_ = 0;
  std::vector<std::unique_ptr<OverlayFile>> overlay_;
  std::map<std::pair<Kind, std::string>, std::size_t> overlay_ids_;
  std::map<std::pair<Kind, std::string>, Name> overlay_names_;
  std::map<int, std::unique_ptr<Parsed>> embedded_;
};

// What the rules are applied to, and where names may lead.
struct Scope {
  Catalog* beyond = nullptr;  // names resolve there as well
  bool only_overlay = false;  // messages about overlay files only
  bool alone = false;         // one overlay file, without the rules about all files together
  bool file_names = true;     // ids equal file names
};
// Sorted by file and place, nothing said twice.
std::vector<Diagnostic> check_rules(Store& store, const Scope& scope);
void sort_and_unite(std::vector<Diagnostic>& diagnostics);

}  // namespace roofline::db
