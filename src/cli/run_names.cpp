#include "cli/run_names.hpp"

#include <fmt/core.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "cli/values.hpp"

namespace roofline::cli {
namespace {

std::vector<import::NamedEntry> entries_of(db::Catalog& catalog, db::Kind kind) {
  std::vector<import::NamedEntry> all;
  for (const db::Entry& entry : catalog.entries(kind)) {
    import::NamedEntry named{entry.id, entry.aliases, entry.path};
    named.names.push_back(entry.name);
    all.push_back(std::move(named));
  }
  return all;
}

// A name the file has and the database can not load is the database's mistake: said at once.
template <class T>
const T* loaded(const db::Lookup<T>& lookup) {
  if (lookup.value == nullptr && !lookup.diagnostics.empty()) fail(lookup.diagnostics);
  return lookup.value;
}

std::string read_text(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code failed;
  const auto status = fs::status(path, failed);
  if (!fs::exists(status)) throw UsageError(fmt::format("there is no file '{}'", echo(path)));
  if (fs::is_directory(status)) throw UsageError(fmt::format("'{}' is a directory; give a file of results", echo(path)));
  const import::ResultLimits limits;
  std::ifstream file(path, std::ios::binary);
  if (!file) throw UsageError(fmt::format("'{}' can not be read", echo(path)));
  std::string text;
  std::vector<char> block(1U << 16U);
  while (file) {
    file.read(block.data(), static_cast<std::streamsize>(block.size()));
    text.append(block.data(), static_cast<std::size_t>(file.gcount()));
    if (text.size() > limits.file_bytes) throw UsageError(fmt::format("'{}' has more than {} MiB; a file of results has at most that", echo(path), limits.file_bytes >> 20U));
  }
  return text;
}

std::string at(const std::string& path, const import::RowMessage& message) {
  return fmt::format("{}:{}:{}: {}", path, message.line, message.column, message.message);
}

}  // namespace

import::Names names_of(Context& context) {
  db::Catalog& catalog = context.catalog();
  import::Names names;
  names.devices = entries_of(catalog, db::Kind::device);
  names.engines = entries_of(catalog, db::Kind::engine);
  names.models = entries_of(catalog, db::Kind::model);
  names.quantizations = entries_of(catalog, db::Kind::quantization);
  std::vector<db::Diagnostic> diagnostics;
  names.spellings = catalog.spellings(diagnostics);
  if (!diagnostics.empty()) fail(diagnostics);
  names.device = [&catalog](const std::string& id) { return loaded(catalog.device(id)); };
  names.engine = [&catalog](const std::string& id) { return loaded(catalog.engine(id)); };
  names.model = [&catalog](const std::string& id) { return loaded(catalog.model(id)); };
  names.firmware = [&catalog](const std::string& name) { return catalog.device(name).firmware; };
  return names;
}

ReadResults read_results_file(const std::string& path, const import::Resolver& resolver, const import::Stated& stated) {
  ReadResults out;
  out.path = path;
  const import::Results results = import::read_results(read_text(path));
  out.format = results.format;
  for (const import::RowMessage& problem : results.problems) out.messages.push_back(at(path, problem));
  for (const import::RowMessage& note : results.notes) out.notes.push_back(at(path, note));
  for (const import::ResultRow& row : results.rows) out.runs.push_back(resolver.resolve(row, stated));
  return out;
}

ReadResults committed_runs(Context& context) {
  ReadResults out;
  out.format = "measured runs of the database";
  std::vector<db::Diagnostic> diagnostics;
  const Exclusions rules = context.catalog().exclusions(diagnostics);
  for (MeasuredRun& run : context.catalog().runs(diagnostics)) {
    import::ResolvedRun resolved;
    const auto device = context.catalog().device(run.device);
    resolved.firmware = device.firmware;
    resolved.clocks_low = run.clocks == RunClocks::down || run.clocks == RunClocks::suspect;
    resolved.mode_stated = !run.mode.empty() || run.clocks != RunClocks::unknown;
    const RunRule* rule = run.caveat.empty() ? nullptr : find_rule(rules, run.caveat);
    resolved.prompt_cached = rule != nullptr && rule->effect == RuleEffect::prefill_not_fitted;
    if (rule != nullptr) resolved.notes.push_back(rule->reason);
    if (run.kind == RunKind::estimate) resolved.reason = "a published calculation, not a measurement";
    if (device.value != nullptr) run.device = device.value->id;  // the name may select modes as well
    resolved.run = std::move(run);
    out.runs.push_back(std::move(resolved));
  }
  if (!diagnostics.empty()) fail(diagnostics);
  return out;
}

import::Stated read_stated(const StatedOptions& o) {
  import::Stated stated;
  constexpr int most = 100'000'000;
  stated.device = single(o.device, "--hw").value_or("");
  stated.mode = single(o.mode, "--mode").value_or("");
  stated.unit = single(o.unit, "--unit").value_or("");
  if (!stated.unit.empty() && !unit_kind_from(stated.unit)) fail_choice("--unit", stated.unit, {"cpu", "gpu", "npu", "dla"});
  stated.engine = single(o.engine, "--engine").value_or("");
  stated.engine_version = single(o.engine_version, "--engine-version").value_or("");
  stated.model = single(o.model, "--model").value_or("");
  stated.quantization = single(o.quantization, "--quant").value_or("");
  stated.kv_type = single(o.kv_type, "--kv-type").value_or("");
  stated.quality = single(o.quality, "--quality").value_or("");
  stated.source = single(o.source, "--source").value_or("");
  stated.date = single(o.date, "--date").value_or("");
  stated.prompt = whole_number(o.prompt, "--prompt", 1, most);
  stated.generated = whole_number(o.generate, "--generate", 1, most);
  stated.depth = whole_number(o.depth, "--depth", 0, most);
  stated.batch = whole_number(o.batch, "--batch", 1, 65'536);
  return stated;
}

}  // namespace roofline::cli
