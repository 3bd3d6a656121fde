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

using Content = std::variant<std::monostate, std::vector<Source>, DeviceFile, ModelSpec, WeightFormat, Quantization, Engine, Calibration,
                             std::vector<MeasuredRun>>;

// A file with what it was found to hold.
struct Parsed {
  Kind kind = Kind::device;
  std::string path;
  Content content;  // monostate if there are diagnostics
  std::vector<Diagnostic> diagnostics;
  std::vector<Cited> cited;
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
  std::vector<Diagnostic> add_directory(const std::filesystem::path& directory);

  // An id or alias of that kind, case-insensitively.
  [[nodiscard]] std::optional<Name> resolve(Kind kind, std::string_view name) const;
  // The file that defines an id; parsed on first use.
  const Parsed* file_of(Kind kind, const std::string& id);
  // Every visible file of a kind: overlay files, and compiled-in ones none of whose ids is replaced.
  std::vector<const Parsed*> files(Kind kind);
  std::vector<const Parsed*> overlay_files();
  [[nodiscard]] std::vector<Entry> entries(Kind kind) const;
  [[nodiscard]] std::vector<std::string> names(Kind kind) const;
  [[nodiscard]] std::size_t file_count() const;

 private:
  struct OverlayFile {
    Kind kind;
    std::string path;
    std::string text;
    std::vector<IndexedEntry> entries;
    std::unique_ptr<Parsed> parsed;
  };
  [[nodiscard]] bool replaced(const EmbeddedEntry& entry) const { return overlay_ids_.contains({entry.kind, std::string(entry.id)}); }
  const Parsed* embedded(int file);

  std::vector<std::unique_ptr<OverlayFile>> overlay_;
  std::map<std::pair<Kind, std::string>, std::size_t> overlay_ids_;
  std::map<std::pair<Kind, std::string>, Name> overlay_names_;
  std::map<int, std::unique_ptr<Parsed>> embedded_;
};

// Cross-file rules over everything a store shows; `only_overlay` limits the messages to overlay files.
std::vector<Diagnostic> check_rules(Store& store, bool only_overlay);

}  // namespace roofline::db
