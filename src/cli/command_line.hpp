// The one header that shows CLI11 to the rest: options whose values stay text until values.hpp reads them.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "cli/commands.hpp"

namespace roofline::cli {

// An option that takes one value each time it is given; `type` is what help calls the value.
CLI::Option* add_values(CLI::App& app, const std::string& names, Values& values, const std::string& type, const std::string& help,
                        const std::string& group);
// A subcommand whose help begins with `examples`, with the options every command has.
CLI::App& add_subcommand(CLI::App& app, Context& context, const std::string& name, const std::string& summary, const std::string& examples,
                         const std::string& formats);
// `formats` as help shows them ("text|json"); empty: the command has no --format.
void add_common_options(CLI::App& app, Context& context, const std::string& formats);

// Parses and runs; every error becomes one message on stderr. Returns the exit code.
int run(CLI::App& app, Context& context, int argc, char** argv);

}  // namespace roofline::cli
