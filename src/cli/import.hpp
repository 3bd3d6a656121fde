// What the kinds of `estimate import` share: the options as typed, and how an input is told apart.
#pragma once

#include <string>

#include "cli/commands.hpp"
#include "cli/run_names.hpp"

namespace roofline::cli {

struct ImportOptions {
  Values paths;
  Values output, id, name, architecture, set;
  bool force = false;
  StatedOptions stated;  // of results: what the file leaves out
};

struct ImportInput {
  std::string path;
  bool is_folder = false;
  std::string lower_name;  // last part of the path
  std::string head;        // the first bytes of a file, at most 4096
};

// One kind of file that is read; the first whose test holds gets it.
struct ImportKind {
  const char* name;
  bool (*is_it)(const ImportInput& input);
  int (*run)(Context& context, const ImportOptions& options, const std::string& path);
};

// import_model.cpp
bool is_model_input(const ImportInput& input);
int import_model(Context& context, const ImportOptions& options, const std::string& path);

// import_results.cpp
bool is_results_input(const ImportInput& input);
int import_results(Context& context, const ImportOptions& options, const std::string& path);

// Written beside and renamed, so that there is never half a file; an existing one is kept unless --force was given.
void write_new_file(const std::string& path, const std::string& text, bool force);

}  // namespace roofline::cli
