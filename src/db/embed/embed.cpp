// roofline_embed DATABASE OUTPUT: writes the database as C++ source, file contents and a sorted index of every name.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "db/index.hpp"

namespace {

namespace fs = std::filesystem;
using namespace roofline::db;

struct Input {
  Kind kind;
  std::string path;
  std::string text;
  std::vector<IndexedEntry> entries;
};

std::string literal(std::string_view text) {
  // Adjacent raw literals: compilers need not take more than 64 KiB in one.
  constexpr std::size_t piece = 15000;
  std::string out;
  for (std::size_t at = 0; at < text.size() || at == 0; at += piece) {
    out += "R\"roofline(" + std::string(text.substr(at, piece)) + ")roofline\"";
    if (text.size() > at + piece) out += "\n";
  }
  return out + "sv";
}

const char* enumerator(Kind kind) {
  switch (kind) {
    case Kind::source: return "Kind::source";
    case Kind::device: return "Kind::device";
    case Kind::model: return "Kind::model";
    case Kind::format: return "Kind::format";
    case Kind::quantization: return "Kind::quantization";
    case Kind::engine: return "Kind::engine";
    case Kind::calibration: return "Kind::calibration";
    case Kind::memory: return "Kind::memory";
    case Kind::fit: return "Kind::fit";
    case Kind::runs: return "Kind::runs";
    case Kind::spelling: return "Kind::spelling";
    case Kind::exclusion: return "Kind::exclusion";
    case Kind::core: return "Kind::core";
  }
  return "?";
}

std::vector<Input> read_database(const fs::path& root) {
  std::vector<Input> inputs;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    if (!entry.is_regular_file() || entry.path().extension() != ".toml") continue;
    const std::string path = entry.path().lexically_relative(root).generic_string();
    const auto kind = kind_of_path(path);
    if (!kind) throw std::runtime_error(path + ": not in a folder of the database");
    std::ifstream file(entry.path(), std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    Input input{*kind, path, text.str(), {}};
    try {
      input.entries = index_of(*kind, toml::parse(input.text, std::string_view{path}));
    } catch (const toml::parse_error& error) {
      std::ostringstream message;
      message << root.generic_string() << '/' << path << ':' << error.source().begin.line << ':' << error.source().begin.column << ": " << error.description();
      throw std::runtime_error(message.str());
    }
    inputs.push_back(std::move(input));
  }
  std::sort(inputs.begin(), inputs.end(), [](const Input& a, const Input& b) { return a.path < b.path; });
  return inputs;
}

struct Name {
  Kind kind;
  std::string name, written, firmware;
  int entry;
};

void write(std::ostream& out, const std::vector<Input>& inputs) {
  out << "// Generated from hardware_db by roofline_embed.\n#include \"db/index.hpp\"\n\nnamespace roofline::db {\nnamespace {\n"
         "using namespace std::string_view_literals;\n\nconstexpr EmbeddedFile files[] = {\n";
  for (const Input& input : inputs) out << "{" << enumerator(input.kind) << ", " << literal(input.path) << ", " << literal(input.text) << "},\n";
  out << "};\n\nconstexpr EmbeddedEntry entries[] = {\n";
  std::vector<Name> names;
  int entry = 0;
  for (std::size_t file = 0; file < inputs.size(); ++file) {
    for (const IndexedEntry& indexed : inputs[file].entries) {
      const Kind kind = inputs[file].kind;
      out << "{" << enumerator(kind) << ", " << literal(indexed.id) << ", " << literal(indexed.title) << ", " << file << "},\n";
      names.push_back({kind, folded(indexed.id), indexed.id, "", entry});
      for (const IndexedName& alias : indexed.aliases) names.push_back({kind, folded(alias.name), alias.name, alias.firmware, entry});
      ++entry;
    }
  }
  std::stable_sort(names.begin(), names.end(), [](const Name& a, const Name& b) { return a.kind != b.kind ? a.kind < b.kind : a.name < b.name; });
  out << "};\n\nconstexpr EmbeddedName names[] = {\n";
  for (const Name& name : names) {
    out << "{" << enumerator(name.kind) << ", " << literal(name.name) << ", " << literal(name.written) << ", " << literal(name.firmware) << ", " << name.entry << "},\n";
  }
  out << "};\n\n}  // namespace\n\nstd::span<const EmbeddedFile> embedded_files() { return files; }\n"
         "std::span<const EmbeddedEntry> embedded_entries() { return entries; }\n"
         "std::span<const EmbeddedName> embedded_names() { return names; }\n\n}  // namespace roofline::db\n";
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: roofline_embed DATABASE OUTPUT\n";
    return 2;
  }
  try {
    const auto inputs = read_database(argv[1]);
    std::ofstream out(argv[2], std::ios::binary);
    write(out, inputs);
    out.close();
    if (!out) throw std::runtime_error(std::string("can not write ") + argv[2]);
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
  return 0;
}
