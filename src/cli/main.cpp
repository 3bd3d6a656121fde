#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>

#include "cli/command_line.hpp"

namespace roofline::cli {
namespace {

// A reader that has gone away (`estimate ... | head`) has what it wanted; a full disk is an error.
bool write_out(const std::string& text) {
  if (text.empty()) return true;
  if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0) return true;
  const int error = errno;
  if (error == EPIPE) return true;
  std::fprintf(stderr, "estimate: the answer can not be written: %s\n", std::strerror(error));
  return false;
}

int main_of(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  Context context;
  CLI::App app;
  app.name("estimate");
  add_estimate(app, context);
  add_explain(app, context);
  add_fit(app, context);
  add_list(app, context);
  add_show(app, context);
  add_check(app, context);
  add_calibrate(app, context);
  add_validate(app, context);
  add_calibrate_memory(app, context);
  add_import(app, context);
  add_report(app, context);
  add_bench(app, context);
  const int code = run(app, context, argc, argv);
  if (code == exit_usage) return code;
  return write_out(context.printed()) ? code : exit_usage;
}

}  // namespace
}  // namespace roofline::cli

int main(int argc, char** argv) {
  try {
    return roofline::cli::main_of(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "estimate: this should not happen: %s\n", error.what());
    return roofline::cli::exit_usage;
  }
}
