// estimate import MODEL: a sheet of what is stored, and the model as a file of the database.
#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "cli/import.hpp"
#include "cli/model_file.hpp"
#include "cli/values.hpp"
#include "roofline/core/footprint.hpp"
#include "roofline/core/tensors.hpp"
#include "roofline/import/model_toml.hpp"
#include "roofline/report/sheet.hpp"
#include "roofline/report/units.hpp"

namespace roofline::cli {
namespace {

using report::Sheet;
using report::Table;
using report::text_cell;
using report::value_cell;

StatedFacts stated_facts(const ImportOptions& options) {
  StatedFacts stated;
  stated.architecture = single(options.architecture, "--architecture").value_or("");
  for (const std::string& text : options.set) {
    const auto equals = text.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == text.size()) {
      throw UsageError(fmt::format("--set: '{}' is not KEY=VALUE (intermediate_size=8192)", echo(text)));
    }
    stated.keys.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  return stated;
}

report::Cell size_cell(double bytes) { return value_cell(report::binary_size(bytes * unit::B), bytes); }
report::Cell count_cell(double n) { return value_cell(report::whole(n), n); }

Table types_table(const import::FileTotals& totals) {
  Table table{"types", "Bytes by type", {{"type", "type"}, {"bytes", "bytes", true}, {"share", "share", true}}, {}};
  std::map<std::string, double> bytes;
  for (const import::RoleTotal& role : totals.roles) {
    for (const auto& [type, amount] : role.bytes_by_type) bytes[type] += amount;
  }
  std::vector<std::pair<std::string, double>> order(bytes.begin(), bytes.end());
  std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  for (const auto& [type, amount] : order) {
    const double share = totals.tensor_bytes > 0 ? amount / totals.tensor_bytes : 0.0;
    table.rows.push_back({text_cell(type), size_cell(amount), value_cell(report::percent(share), share)});
  }
  return table;
}

Table roles_table(const import::FileTotals& totals) {
  Table table{"roles", "Bytes by role", {{"role", "role"}, {"tensors", "tensors", true}, {"elements", "elements", true}, {"bytes", "bytes", true}, {"types", "types"}}, {}};
  for (const import::RoleTotal& role : totals.roles) {
    std::vector<std::string> types;
    for (const auto& [type, amount] : role.bytes_by_type) types.push_back(type);
    table.rows.push_back({text_cell(printable(role.role.substr(0, 60))), count_cell(static_cast<double>(role.tensors)), count_cell(static_cast<double>(role.elements)), size_cell(role.bytes),
                          report::list_cell(types)});
  }
  return table;
}

void model_facts(Context& context, Sheet& sheet, const ModelSpec& m) {
  const auto fact = [&](const char* key, const char* label, report::Cell cell) { sheet.facts.push_back({key, label, std::move(cell)}); };
  fact("family", "family", text_cell(m.family));
  fact("architecture", "architecture", text_cell(m.architecture));
  const double parameters = parameter_count(m);
  fact("parameters", "parameters described", value_cell(report::count(parameters), parameters));
  fact("layers", "layers", count_cell(static_cast<double>(m.layers.size())));
  fact("hidden", "hidden", count_cell(m.hidden));
  fact("vocabulary", "vocabulary", count_cell(static_cast<double>(m.vocabulary)));
  fact("max_context_tokens", "context", count_cell(m.context));
  if (expert_count(m) > 0) fact("experts", "experts per layer", count_cell(expert_count(m)));
  if (const WeightFormat* f16 = context.catalog().format("f16").value) {
    const Bytes token = kv_bytes_per_token(m, *f16, *f16);
    fact("kv_bytes_per_token", "KV per token in f16", size_cell(token.in(unit::B)));
  }
}

Sheet sheet_of(Context& context, const ModelFile& file) {
  Sheet sheet;
  sheet.title = file.spec ? file.spec->name : std::filesystem::path(file.path).filename().string();
  sheet.title = printable(sheet.title);
  const auto fact = [&](const char* key, const char* label, report::Cell cell) { sheet.facts.push_back({key, label, std::move(cell)}); };
  fact("path", "path", text_cell(printable(file.path)));
  fact("kind", "kind", text_cell(file.kind));
  for (const auto& [key, value] : file.details) {
    std::string label = key;
    std::replace(label.begin(), label.end(), '_', ' ');
    fact(key.c_str(), label.c_str(), text_cell(value));
  }
  fact("id", "id", file.spec ? text_cell(file.spec->id) : report::unknown_cell());
  if (file.spec) model_facts(context, sheet, *file.spec);
  fact("quantization", "quantization", file.quantization.empty() ? report::unknown_cell() : text_cell(file.quantization));
  if (!file.quantization_text.empty()) fact("quantization_text", "as the file says it", text_cell(file.quantization_text));
  if (file.totals) {
    fact("tensors", "tensors", count_cell(static_cast<double>(file.tensors)));
    fact("stored_parameters", "parameters stored", count_cell(static_cast<double>(file.totals->parameters)));
    fact("tensor_bytes", "tensors take", size_cell(file.totals->tensor_bytes));
    fact("header_bytes", "headers take", size_cell(static_cast<double>(file.header_bytes)));
    fact("file_bytes", "files take", size_cell(static_cast<double>(file.file_bytes)));
    sheet.tables = {types_table(*file.totals), roles_table(*file.totals)};
  }
  fact("not_understood", "not understood", file.why_no_spec.empty() ? report::unknown_cell() : text_cell(printable(file.why_no_spec)));
  if (sheet.facts.back().cell.text == "-") sheet.facts.pop_back();
  for (const std::string& note : file.notes) sheet.notes.push_back(printable(note));
  return sheet;
}

bool is_id(const std::string& text) {
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return !text.empty() && plain(text.front()) && std::all_of(text.begin(), text.end(), [&](char c) { return plain(c) || c == '-' || c == '.' || c == '_'; });
}

std::string toml_of(ModelFile& file, const ImportOptions& options, const std::string& output) {
  if (!file.spec) throw UsageError(fmt::format("import {}: {}", echo(file.path), printable(file.why_no_spec)));
  if (const auto id = single(options.id, "--id")) {
    if (!is_id(*id)) throw UsageError(fmt::format("--id: '{}' is no id: lower-case letters, digits, '-', '.', '_', beginning with a letter or digit", echo(*id)));
    file.spec->id = *id;
  } else if (const std::string stem = std::filesystem::path(output).stem().string(); output != "-" && is_id(stem)) {
    file.spec->id = stem;
  }
  if (const auto name = single(options.name, "--name")) file.spec->name = printable(*name);
  import::TomlOptions toml;
  const std::filesystem::path path = std::filesystem::absolute(file.path).lexically_normal();
  toml.read_from = (file.kind == "GGUF" ? "header of " : file.kind == "configuration" ? "" : "config.json and headers of ") +
                   (path.has_filename() ? path.filename() : path.parent_path().filename()).string();
  toml.notes = file.notes;
  if (file.totals && file.totals->unknown_tensors == 0 && file.kind == "GGUF") toml.counted_parameters = static_cast<double>(file.totals->parameters);
  if (toml.counted_parameters && *toml.counted_parameters < 1) toml.counted_parameters.reset();
  auto text = import::model_toml(*file.spec, toml);
  if (!text) throw UsageError(fmt::format("import {}: {}", echo(file.path), printable(text.problem->message)));
  const auto loaded = db::load_model(*text.value, output == "-" ? file.path : output);
  if (!loaded.value || !loaded.diagnostics.empty()) fail(loaded.diagnostics);
  return *text.value;
}

}  // namespace

bool is_model_input(const ImportInput& input) {
  if (input.is_folder) return true;
  if (input.head.starts_with("GGUF") || input.lower_name.ends_with(".gguf")) return true;
  if (input.lower_name.ends_with(".safetensors") || input.lower_name.ends_with(".safetensors.index.json")) return true;
  const bool json = input.lower_name.ends_with(".json");
  if (json && input.lower_name.ends_with("config.json")) return true;
  return json && (input.head.find("\"model_type\"") != std::string::npos || input.head.find("\"architectures\"") != std::string::npos || input.head.find("\"num_hidden_layers\"") != std::string::npos);
}

int import_model(Context& context, const ImportOptions& options, const std::string& path) {
  const Format format = context.format({Format::text, Format::json});
  ModelFile file = read_model_file(context, "import", path, stated_facts(options));
  const auto output = single(options.output, "--output");
  if (!output && (!options.id.empty() || !options.name.empty() || options.force)) throw UsageError("import: --id, --name and --force go with --output");
  if (!output && file.kind == "configuration" && !file.spec) throw UsageError(fmt::format("import {}: {}", echo(path), printable(file.why_no_spec)));
  if (output) {
    const std::string toml = toml_of(file, options, *output);
    if (*output == "-") {
      context.print(toml);
      return exit_done;
    }
    write_new_file(*output, toml, options.force);
  }
  const Sheet sheet = sheet_of(context, file);
  context.print(format == Format::json ? report::sheet_json(sheet) : report::sheet_text(sheet, context.style()));
  return exit_done;
}

}  // namespace roofline::cli
