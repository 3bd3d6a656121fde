// The database's names as the resolver of result files needs them, and files of results read through it.
#pragma once

#include <string>
#include <vector>

#include "cli/commands.hpp"
#include "roofline/import/resolve.hpp"

namespace roofline::cli {

import::Names names_of(Context& context);

// A result file as it was read: rows resolved or with the reason why not, and what is wrong with the others.
struct ReadResults {
  std::string path;
  std::string format;
  std::vector<import::ResolvedRun> runs;
  std::vector<std::string> messages;  // "file:line:column: text" of rows that could not be read
  std::vector<std::string> notes;
};
ReadResults read_results_file(const std::string& path, const import::Resolver& resolver, const import::Stated& stated);
// The committed runs: already in ids.
ReadResults committed_runs(Context& context);

// Options that state what a file lacks.
struct StatedOptions {
  Values device, mode, unit, engine, engine_version, model, quantization, kv_type, quality, source, date, prompt, generate, depth, batch;
};
import::Stated read_stated(const StatedOptions& options);

}  // namespace roofline::cli
