// The names a database file defines, read without validating it: what the compiled-in index and overlays are built from.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <toml++/toml.h>
#include <vector>

#include "roofline/db/load.hpp"

namespace roofline::db {

struct IndexedName {
  std::string name;  // as written
  std::string firmware;
};
struct IndexedEntry {
  std::string id;
  std::string title;  // the printed name
  std::vector<IndexedName> aliases;
};
std::vector<IndexedEntry> index_of(Kind kind, const toml::table& root);

std::string folded(std::string_view name);  // ASCII lower case

// What roofline_embed generates.
struct EmbeddedFile {
  Kind kind;
  std::string_view path;  // below hardware_db/
  std::string_view text;
};
struct EmbeddedEntry {
  Kind kind;
  std::string_view id;
  std::string_view title;
  int file;
};
struct EmbeddedName {  // sorted by (kind, name)
  Kind kind;
  std::string_view name;  // folded
  std::string_view written;
  std::string_view firmware;
  int entry;
};
std::span<const EmbeddedFile> embedded_files();
std::span<const EmbeddedEntry> embedded_entries();
std::span<const EmbeddedName> embedded_names();

}  // namespace roofline::db
