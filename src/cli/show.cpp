#include "cli/show.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <memory>

#include "cli/command_line.hpp"
#include "cli/values.hpp"

namespace roofline::cli {
namespace {

constexpr const char* examples =
    R"(  estimate show rk3588
  estimate show llama3.2:3b
  estimate show quantization q4_k_m
  estimate show run:o1011
  estimate show rkllm --format json

A device shows its memory, units, peaks, ridge points, power modes, storage and
where sources disagree; a model its bytes in every quantization; an engine what
it runs where; a run what was measured. The kind is needed only where two entries share a name.
)";

struct ShowOptions {
  Values words;
};

// In this order an id that several kinds use is looked up.
constexpr std::array kinds{db::Kind::device, db::Kind::model,  db::Kind::quantization, db::Kind::engine,
                           db::Kind::format, db::Kind::source, db::Kind::runs};

// As typed before an id: "device"; a runs file holds many runs, of which one is shown.
std::string name_of(db::Kind kind) { return kind == db::Kind::runs ? "run" : std::string(db::to_string(kind)); }

struct Target {
  std::optional<db::Kind> kind;
  std::string id;
};

Target read_target(const Values& words) {
  if (words.empty()) throw UsageError("show: which device, model, quantization, engine, format, source or run? (`estimate list devices`)");
  if (words.size() > 2) throw UsageError(fmt::format("show: '{}' is one argument too many", echo(words[2])));
  for (const std::string& word : words) {
    if (word.empty()) throw UsageError("show: the id is empty");
  }
  // Answers cite runs as "run:ID", among the ids of sources.
  if (words.back().starts_with("run:") && (words.size() == 1 || words[0] == "source" || words[0] == "sources")) {
    return {db::Kind::runs, words.back()};
  }
  if (words.size() == 1) return {std::nullopt, words.front()};
  std::vector<std::string> names;
  for (const db::Kind kind : kinds) {
    names.push_back(name_of(kind));
    if (names.back() == words[0] || names.back() + "s" == words[0]) return {kind, words[1]};
  }
  fail_choice("show", words[0], names);
}

std::vector<std::string> aliases(Context& context, db::Kind kind, const std::string& id) {
  for (const db::Entry& entry : context.catalog().entries(kind)) {
    if (entry.id == id) return entry.aliases;
  }
  return {};
}

// The sheet of one kind; empty if this kind has no such entry, its nearest names then go to `nearest`.
std::optional<report::Sheet> sheet_of(Context& context, db::Kind kind, const std::string& id, std::vector<std::string>& nearest) {
  db::Catalog& catalog = context.catalog();
  const auto take = [&](const auto& lookup, const auto& make) -> std::optional<report::Sheet> {
    if (lookup.value != nullptr && lookup.diagnostics.empty()) return make(*lookup.value);
    if (!lookup.diagnostics.empty()) {
      refuse_bad_path("show", id);
      fail(lookup.diagnostics);
    }
    nearest.insert(nearest.end(), lookup.nearest.begin(), lookup.nearest.end());
    return std::nullopt;
  };
  switch (kind) {
    case db::Kind::device:
      return take(catalog.device(id), [&](const Device& d) { return device_sheet(d, aliases(context, kind, d.id)); });
    case db::Kind::model:
      return take(catalog.model(id), [&](const ModelSpec& m) { return model_sheet(context, m, aliases(context, kind, m.id)); });
    case db::Kind::quantization:
      return take(catalog.quantization(id), [&](const Quantization& q) { return quantization_sheet(q, aliases(context, kind, q.id)); });
    case db::Kind::engine:
      return take(catalog.engine(id), [&](const Engine& e) { return engine_sheet(context, e, aliases(context, kind, e.id)); });
    case db::Kind::format: return take(catalog.format(id), [&](const WeightFormat& f) { return format_sheet(f); });
    case db::Kind::source: return take(catalog.source(id), [&](const db::Source& s) { return source_sheet(s); });
    case db::Kind::runs: return run_sheet(context, run_id(id), nearest);
    case db::Kind::calibration:
    case db::Kind::memory:
    case db::Kind::fit:
    case db::Kind::spelling:
    case db::Kind::exclusion:
    case db::Kind::core: break;
  }
  return std::nullopt;
}

// A path is a file of one kind; the others would only report keys they do not know.
bool is_path(const std::string& id) { return id.ends_with(".toml"); }

std::optional<report::Sheet> find_sheet(Context& context, const Target& target, std::vector<std::string>& nearest) {
  if (target.kind) return sheet_of(context, *target.kind, target.id, nearest);
  if (is_path(target.id)) {
    refuse_bad_path("show", target.id);
    throw UsageError(fmt::format("show {}: say which kind of file it is (estimate show device {})", echo(target.id), echo(target.id)));
  }
  for (const db::Kind kind : kinds) {
    if (auto sheet = sheet_of(context, kind, target.id, nearest)) return sheet;
  }
  return std::nullopt;
}

int run_show(Context& context, const ShowOptions& options) {
  const Target target = read_target(options.words);
  const Format format = context.format({Format::text, Format::json, Format::markdown});
  std::vector<std::string> near;
  const auto sheet = find_sheet(context, target, near);
  if (!sheet) {
    refuse_bad_path("show", target.id);
    // Each kind offered its best; the best of those.
    const auto best = db::nearest_names(target.id, near);
    const std::string what = "show: the " + (target.kind ? name_of(*target.kind) : "id");
    fail_unknown(what, target.id, best, target.kind ? "estimate list " + name_of(*target.kind) + "s" : "estimate list --help");
  }
  if (format == Format::json) context.print(report::sheet_json(*sheet));
  if (format == Format::markdown) context.print(report::sheet_markdown(*sheet));
  if (format == Format::text) context.print(report::sheet_text(*sheet, context.style()));
  return exit_done;
}

}  // namespace

std::string cite_text(const Citation& cite) {
  std::string text = to_string(cite.basis);
  if (cite.source != text && !cite.source.empty()) text += " [" + cite.source + "]";
  if (!cite.at.empty()) text += " " + cite.at;
  if (cite.basis == Basis::assumed && !cite.note.empty()) text += ": " + cite.note;
  return text;
}

report::Sheet source_sheet(const db::Source& s) {
  report::Sheet sheet;
  sheet.title = s.title;
  const auto fact = [&](const char* key, const std::string& value) { sheet.facts.push_back({key, key, report::text_cell(value)}); };
  fact("id", s.id);
  fact("title", s.title);
  fact("publisher", s.publisher);
  fact("url", s.url);
  fact("locator", s.locator);
  fact("read", s.read);
  if (!s.note.empty()) sheet.notes.push_back(s.note);
  return sheet;
}

void add_show(CLI::App& app, Context& context) {
  CLI::App& sub = add_subcommand(app, context, "show", "everything known about one device, model, engine ...", examples, "text|json|markdown");
  auto options = std::make_shared<ShowOptions>();
  sub.add_option("ID", options->words, "id or alias; a kind may stand before it");
  context.add_command(&sub, [&context, options] { return run_show(context, *options); });
}

}  // namespace roofline::cli
