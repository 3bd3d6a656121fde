// The database as one lookup: the files compiled into the program, overlaid by directories. Files are parsed when
// first asked for, so one answer reads only what it needs.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "roofline/db/load.hpp"

namespace roofline::db {

// One name of one entry, known without parsing the file.
struct Entry {
  Kind kind = Kind::device;
  std::string id;
  std::string name;  // as printed
  std::vector<std::string> aliases;
  std::string path;  // inside the database, or of the overlay file
};

template <class T>
struct Lookup {
  const T* value = nullptr;             // owned by the catalog, stable
  std::string firmware;                 // devices: modes the alias selects
  std::vector<Diagnostic> diagnostics;  // of the file, if it could not be loaded
  std::vector<std::string> nearest;     // names close to one that does not exist, best first
};

class Catalog {
 public:
  Catalog();  // the compiled-in database
  ~Catalog();
  Catalog(Catalog&&) noexcept;
  Catalog& operator=(Catalog&&) noexcept;

  // Adds a tree of the layout of hardware_db/ (devices/**, models/** ...); its entries replace those with the same id.
  // Diagnostics for files that can not be read or indexed; a missing directory is one diagnostic.
  std::vector<Diagnostic> add_directory(const std::filesystem::path& directory);

  // Whether a look-up would find a file; suggests nothing where it would not, which takes longer than finding one.
  [[nodiscard]] bool has(Kind kind, std::string_view name) const;
  // Ids, aliases (case-insensitive), or a path to a .toml file (contains '/' or ends in ".toml").
  Lookup<Device> device(std::string_view name);
  Lookup<ModelSpec> model(std::string_view name);
  Lookup<WeightFormat> format(std::string_view id);
  Lookup<Quantization> quantization(std::string_view name);  // with its formats filled in
  Lookup<Engine> engine(std::string_view name);  // with its fitted memory filled in
  Lookup<Calibration> calibration(std::string_view engine);
  Lookup<FitRules> fit_rules(std::string_view id);  // decode, prefill
  Lookup<MemoryFit> memory_fit(std::string_view engine);
  Lookup<Source> source(std::string_view id);
  // All run files.
  std::vector<MeasuredRun> runs(std::vector<Diagnostic>& diagnostics);
  // Published rows that are no runs here, with the rules that say so; the rules also name what is wrong with kept runs.
  Exclusions exclusions(std::vector<Diagnostic>& diagnostics);

  // How people write names in result files: overlay files first, so that theirs win.
  std::vector<Spelling> spellings(std::vector<Diagnostic>& diagnostics);

  // All CPU core designs, sorted by id.
  std::vector<CpuCore> cores(std::vector<Diagnostic>& diagnostics);

  // Sorted by id, variants and all.
  [[nodiscard]] std::vector<Entry> entries(Kind kind) const;

  // Loads every file and applies the cross-file rules (unique ids, references resolve, id equals file name, sustained <=
  // specified ...). Sorted by file and line.
  std::vector<Diagnostic> check();
  // Every figure with basis `assumed`: "file: path-of-figure: note".
  std::vector<std::string> assumed_figures();
  [[nodiscard]] std::size_t file_count() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Checks one file (kind from its keys, or its folder where they do not tell) or a tree on its own, with references resolved against `catalog`.
std::vector<Diagnostic> check_path(Catalog& catalog, const std::filesystem::path& path);

// Names closest to `text` by edit distance, at most `most`, nothing too far off.
std::vector<std::string> nearest_names(std::string_view text, const std::vector<std::string>& names, std::size_t most = 3);

}  // namespace roofline::db
