#include "cli/command_line.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <iostream>
#include <memory>
#include <sstream>

#include "cli/values.hpp"

namespace roofline::cli {
namespace {

// Examples first, then the options in columns that stay within 80 characters.
class ExamplesFirst : public CLI::Formatter {
 public:
  ExamplesFirst() { column_width(30); }
  std::string make_option_opts(const CLI::Option* option) const override {
    return option->get_type_name().empty() ? "" : " " + option->get_type_name();
  }
  std::string make_usage(const CLI::App* app, std::string name) const override {
    std::string command = "estimate";
    for (const CLI::App* sub = app; sub->get_parent() != nullptr; sub = sub->get_parent()) command += " " + sub->get_name();
    std::string positionals;
    for (const CLI::Option* option : app->get_options()) {
      if (option->get_positional()) positionals += " " + make_option_usage(option);
    }
    (void)name;
    return fmt::format("Usage: {}{} [options]\n", command, positionals);
  }
  std::string make_subcommand(const CLI::App* sub) const override {
    const std::string description = sub->get_description();
    std::stringstream out;
    CLI::detail::format_help(out, sub->get_name(), description.substr(0, description.find('\n')), 14);
    return out.str();
  }
  std::string make_help(const CLI::App* app, std::string name, CLI::AppFormatMode mode) const override {
    std::string text = CLI::Formatter::make_help(app, std::move(name), mode);
    for (auto at = text.find("\n\n\n"); at != std::string::npos; at = text.find("\n\n\n", at)) text.erase(at, 1);
    return text;
  }
  std::string make_option_usage(const CLI::Option* option) const override {
    const std::string name = option->get_name(true);
    return name == "PATH" ? "[PATH...]" : name;
  }
};

std::vector<std::string> long_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

const CLI::App& chosen(const CLI::App& app) {
  for (const CLI::App* sub : app.get_subcommands()) return *sub;
  return app;
}

std::string with_hint(std::string text, const std::string& typed, const std::vector<std::string>& known) {
  const auto nearest = db::nearest_names(typed, known, 1);
  return nearest.empty() ? text : text + fmt::format("; did you mean {}?", nearest.front());
}

// CLI11 keeps what it could not place; the first of it is what the user got wrong.
void refuse_extras(const CLI::App& app) {
  const std::vector<std::string> extras = app.remaining(true);
  const auto first = std::find_if(extras.begin(), extras.end(), [](const std::string& text) { return text != "--"; });
  if (first == extras.end()) return;
  const CLI::App& where = chosen(app);
  if (first->starts_with("-") && first->size() > 1) {
    const std::string name = first->substr(0, first->find('='));
    throw UsageError(with_hint(fmt::format("option {} is not known", echo(name)), name, long_names(where)) + " (--help lists them)");
  }
  if (&where != &app) throw UsageError(fmt::format("{}: '{}' is one argument too many", where.get_name(), echo(*first)));
  std::vector<std::string> names;
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) names.push_back(sub->get_name());
  throw UsageError(with_hint(fmt::format("'{}' is not a command", echo(*first)), *first, names) + " (--help lists them)");
}

// Options before a subcommand belong to the main job; most subcommands have no use for them.
void refuse_misplaced(const CLI::App& app) {
  const CLI::App& where = chosen(app);
  if (&where == &app) return;
  for (const CLI::Option* option : app.get_options()) {
    if (option->count() == 0 || option->get_lnames().empty()) continue;
    const std::string name = "--" + option->get_lnames().front();
    const auto names = long_names(where);
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      throw UsageError(fmt::format("{} has no meaning for `estimate {}`", name, where.get_name()));
    }
  }
}

// "--prompt: 1 required TEXT missing" and the like, in words that say what to do.
std::string message(const CLI::ParseError& error) {
  const std::string text = error.what();
  const std::string name = text.substr(0, text.find_first_of(": "));
  if (error.get_name() == "ArgumentMismatch") return fmt::format("{} needs a value", name);
  if (error.get_name() == "RequiredError") return fmt::format("{} is missing", name);
  return text;
}

// Every command reads the database, whoever registered it.
void add_db_option(CLI::App& app, Context& context) {
  add_values(app, "--db", context.db_directories, "DIR", "more database files, over the built-in ones", "General");
}

int run_chosen(CLI::App& app, Context& context) {
  refuse_extras(app);
  refuse_misplaced(app);
  for (const auto& [command, body] : context.commands()) {
    if (command == &chosen(app)) return body();
  }
  throw UsageError(fmt::format("'{}' can not be run", chosen(app).get_name()));
}

}  // namespace

CLI::Option* add_values(CLI::App& app, const std::string& names, Values& values, const std::string& type, const std::string& help,
                        const std::string& group) {
  return app.add_option(names, values, help)
      ->expected(1)
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->type_name(type)
      ->group(group);
}

void add_common_options(CLI::App& app, Context& context, const std::string& formats) {
  app.set_help_flag("-h,--help", "this text")->group("General");
  if (!formats.empty()) add_values(app, "--format", context.formats, formats, "how to print the answer", "General");
  app.formatter(std::make_shared<ExamplesFirst>());
  app.allow_extras();
}

CLI::App& add_subcommand(CLI::App& app, Context& context, const std::string& name, const std::string& summary, const std::string& examples,
                         const std::string& formats) {
  CLI::App& sub = *app.add_subcommand(name, summary + "\n\n" + examples);
  add_common_options(sub, context, formats);
  return sub;
}

int run(CLI::App& app, Context& context, int argc, char** argv) {
  add_db_option(app, context);
  for (CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) add_db_option(*sub, context);
  try {
    app.parse(argc, argv);
    return run_chosen(app, context);
  } catch (const CLI::CallForVersion&) {
    context.print(fmt::format("estimate {}\n", ROOFLINE_VERSION));
    return exit_done;
  } catch (const CLI::CallForHelp&) {
    context.print(app.help());
    return exit_done;
  } catch (const CLI::ParseError& error) {
    std::cerr << "estimate: " << printable(message(error)) << '\n';
  } catch (const InvalidFile& error) {
    std::cerr << printable(error.what()) << '\n';
  } catch (const UsageError& error) {
    std::cerr << "estimate: " << printable(error.what()) << '\n';
  }
  return exit_usage;
}

}  // namespace roofline::cli
