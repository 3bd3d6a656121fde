// Rules that need more than one file (names, references), and those of one file that need it whole.
#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <set>
#include <tuple>

#include "db/device_rules.hpp"
#include "db/references.hpp"
#include "db/store.hpp"
#include "db/words.hpp"
#include "roofline/db/catalog.hpp"

namespace roofline::db {
namespace {


class Rules {
 public:
  Rules(Store& store, const Scope& scope) : store_(store), scope_(scope), references_(store, scope.beyond) {}

  std::vector<Diagnostic> run() {
    for (const Parsed* file : files()) {
      out_.insert(out_.end(), file->diagnostics.begin(), file->diagnostics.end());
      if (scope_.file_names) file_name(*file);
      if (const auto* devices = std::get_if<DeviceFile>(&file->content)) {
        for (const std::string& message : contradictions(*devices)) say(*file, message);
      }
      references(*file);
    }
    unique_names();
    unique_runs();
    run_rules();
    if (!scope_.alone) unused_sources();
    return std::move(out_);
  }

 private:
  void say(const Parsed& file, std::string message, int line = 0, int column = 0) { out_.push_back({file.path, line, column, std::move(message)}); }

  // A file alone is judged alone: nothing else is parsed unless a rule asks for it.
  std::vector<const Parsed*> files() {
    if (scope_.alone) return store_.overlay_files();
    std::vector<const Parsed*> all;
    for (const Kind kind : all_kinds) {
      for (const Parsed* file : store_.files(kind)) all.push_back(file);
    }
    return all;
  }

  void file_name(const Parsed& file) {
    if (file.kind == Kind::source || !file.diagnostics.empty()) return;
    const std::string stem = std::filesystem::path(file.path).stem().string();
    if (file.id != stem) say(file, "id " + in_quotes(file.id) + " is not the file's name " + in_quotes(stem), 1, 1);
  }

  void references(const Parsed& file) {
    for (const Reference& reference : file.references) {
      if (reference.kind == Kind::source) used_.insert(reference.name);
      std::string fault = references_.fault(reference);
      if (!fault.empty()) say(file, std::move(fault), reference.line, reference.column);
    }
  }

  void unique_names() {
    for (const Kind kind : all_kinds) {
      std::map<std::string, const Entry*> seen;
      const std::vector<Entry> entries = store_.entries(kind);
      for (const Entry& entry : entries) {
        std::vector<std::string> names = entry.aliases;
        names.push_back(entry.id);
        for (const std::string& name : names) {
          const auto [at, fresh] = seen.emplace(folded(name), &entry);
          if (!fresh && at->second != &entry) twice("the name " + in_quotes(name), at->second->path, entry.path);
        }
      }
    }
  }

  // Said at both places: either may be the one that is wrong, and only one of them may be shown.
  void twice(const std::string& what, const std::string& first, const std::string& second) {
    out_.push_back({first, 0, 0, what + " is also one of " + second});
    out_.push_back({second, 0, 0, what + " is also one of " + first});
  }

  void unique_runs() {
    const auto shown = files();
    if (std::none_of(shown.begin(), shown.end(), [](const Parsed* file) { return file->kind == Kind::runs; })) return;
    std::map<std::string, const Parsed*> seen;
    for (const Parsed* file : store_.files(Kind::runs)) {
      const auto* runs = std::get_if<std::vector<MeasuredRun>>(&file->content);
      if (runs == nullptr) continue;
      for (const MeasuredRun& run : *runs) {
        const auto [at, fresh] = seen.emplace(run.id, file);
        if (!fresh) twice("the run " + in_quotes(run.id), at->second->path, file->path);
      }
    }
  }

  // Every rule a run or an excluded row names exists and says what its use here means; no row is both.
  void run_rules() {
    if (scope_.alone) return;
    Exclusions all;
    std::set<std::string> left_out;
    for (const Parsed* file : store_.files(Kind::exclusion)) {
      if (const auto* part = std::get_if<Exclusions>(&file->content)) all.rules.insert(all.rules.end(), part->rules.begin(), part->rules.end());
    }
    for (const Parsed* file : store_.files(Kind::exclusion)) {
      const auto* part = std::get_if<Exclusions>(&file->content);
      if (part == nullptr) continue;
      for (const ExcludedRun& run : part->runs) {
        const RunRule* rule = find_rule(all, run.rule);
        if (rule == nullptr) say(*file, "row " + in_quotes(run.id) + " names the rule " + in_quotes(run.rule) + ", which does not exist");
        if (rule != nullptr && rule->effect != RuleEffect::left_out) say(*file, "row " + in_quotes(run.id) + " is left out by the rule " + in_quotes(run.rule) + ", which leaves nothing out");
        if (!left_out.insert(run.id).second) say(*file, "row " + in_quotes(run.id) + " is left out twice");
      }
    }
    for (const Parsed* file : store_.files(Kind::runs)) {
      const auto* runs = std::get_if<std::vector<MeasuredRun>>(&file->content);
      if (runs == nullptr) continue;
      for (const MeasuredRun& run : *runs) {
        if (left_out.contains(run.id)) say(*file, "run " + in_quotes(run.id) + " is also in runs-excluded/");
        if (run.caveat.empty()) continue;
        const RunRule* rule = find_rule(all, run.caveat);
        if (rule == nullptr) say(*file, "run " + in_quotes(run.id) + ": 'caveat' names the rule " + in_quotes(run.caveat) + ", which does not exist");
        if (rule != nullptr && rule->effect == RuleEffect::left_out) say(*file, "run " + in_quotes(run.id) + ": the rule " + in_quotes(run.caveat) + " leaves runs out, but this one is here");
      }
    }
  }

  void unused_sources() {
    for (const Parsed* file : store_.files(Kind::source)) {
      const auto* sources = std::get_if<std::vector<Source>>(&file->content);
      if (sources == nullptr) continue;
      for (const Source& source : *sources) {
        if (!used_.contains(source.id) && !named_in_text(source.id)) say(*file, "source " + in_quotes(source.id) + " is cited nowhere");
      }
    }
  }

  // A source may be cited inside a formula or a note ("0.512 TFLOP/s (grokipedia-mali-g610) / ...").
  bool named_in_text(const std::string& id) {
    if (texts_.empty()) {
      for (const EmbeddedFile& file : embedded_files()) {
        if (file.kind != Kind::source) texts_ += file.text;
      }
    }
    return texts_.find(id) != std::string::npos;
  }

  Store& store_;
  Scope scope_;
  References references_;
  std::vector<Diagnostic> out_;
  std::set<std::string> used_;
  std::string texts_;
};

}  // namespace

void sort_and_unite(std::vector<Diagnostic>& diagnostics) {
  const auto key = [](const Diagnostic& d) { return std::tie(d.file, d.line, d.column, d.message); };
  std::sort(diagnostics.begin(), diagnostics.end(), [&](const Diagnostic& a, const Diagnostic& b) { return key(a) < key(b); });
  const auto same = [&](const Diagnostic& a, const Diagnostic& b) { return key(a) == key(b); };
  diagnostics.erase(std::unique(diagnostics.begin(), diagnostics.end(), same), diagnostics.end());
}

std::vector<Diagnostic> check_rules(Store& store, const Scope& scope) {
  std::vector<Diagnostic> found = Rules(store, scope).run();
  if (scope.only_overlay) {
    std::set<std::string> paths;
    for (const Parsed* file : store.overlay_files()) paths.insert(file->path);
    std::erase_if(found, [&](const Diagnostic& d) { return !paths.contains(d.file); });
  }
  sort_and_unite(found);
  return found;
}

}  // namespace roofline::db
