#include "roofline/db/load.hpp"

#include "db/loaders.hpp"

namespace roofline::db {
namespace {

template <class Read>
auto load(std::string_view text, std::string_view path, Read&& read) {
  using Value = decltype(read(std::declval<const toml::table&>(), std::declval<File&>()));
  Loaded<Value> loaded;
  File file;
  file.path = std::string(path);
  if (const auto root = parse(text, file)) {
    Value value = read(*root, file);
    if (file.diagnostics.empty()) loaded.value = std::move(value);
  }
  loaded.diagnostics = std::move(file.diagnostics);
  return loaded;
}

}  // namespace

std::string to_string(const Diagnostic& d) {
  std::string out = d.file;
  if (d.line > 0) out += ":" + std::to_string(d.line) + ":" + std::to_string(d.column);
  return out + ": " + d.message;
}

void check_schema(Table& top) {
  constexpr std::int64_t current = 1;
  const toml::node* node = top.raw().get("schema");
  const auto version = node != nullptr ? node->value_exact<std::int64_t>() : std::nullopt;
  if (version != current) top.error("schema", node == nullptr ? "missing key 'schema', expected schema = 1" : "expected schema = 1");
}

Loaded<std::vector<Source>> load_sources(std::string_view text, std::string_view path) { return load(text, path, read_sources); }
Loaded<DeviceFile> load_device(std::string_view text, std::string_view path) { return load(text, path, read_device); }
Loaded<ModelSpec> load_model(std::string_view text, std::string_view path) { return load(text, path, read_model); }
Loaded<WeightFormat> load_format(std::string_view text, std::string_view path) { return load(text, path, read_format); }
Loaded<Quantization> load_quantization(std::string_view text, std::string_view path) { return load(text, path, read_quantization); }
Loaded<Engine> load_engine(std::string_view text, std::string_view path) { return load(text, path, read_engine); }
Loaded<Calibration> load_calibration(std::string_view text, std::string_view path) { return load(text, path, read_calibration); }
Loaded<MemoryFit> load_memory(std::string_view text, std::string_view path) { return load(text, path, read_memory_fit); }
Loaded<FitRules> load_fit(std::string_view text, std::string_view path) { return load(text, path, read_fit); }
Loaded<std::vector<MeasuredRun>> load_runs(std::string_view text, std::string_view path) { return load(text, path, read_runs); }
Loaded<std::vector<Spelling>> load_spellings(std::string_view text, std::string_view path) { return load(text, path, read_spellings); }
Loaded<Exclusions> load_exclusions(std::string_view text, std::string_view path) { return load(text, path, read_exclusions); }
Loaded<CpuCore> load_core(std::string_view text, std::string_view path) { return load(text, path, read_core); }

std::vector<std::string> known_keys(Kind kind) {
  const auto tables = [&] {
    switch (kind) {
      case Kind::source: return source_tables();
      case Kind::device: return device_tables();
      case Kind::model: return model_tables();
      case Kind::format: return format_tables();
      case Kind::quantization: return quantization_tables();
      case Kind::engine: return engine_tables();
      case Kind::calibration: return calibration_tables();
      case Kind::memory: return memory_fit_tables();
      case Kind::fit: return fit_tables();
      case Kind::runs: return runs_tables();
      case Kind::spelling: return spelling_tables();
      case Kind::exclusion: return exclusion_tables();
      case Kind::core: return core_tables();
    }
    return std::vector<KnownTable>{};
  }();
  std::vector<std::string> keys;
  for (const KnownTable& table : tables) {
    for (const std::string_view key : table.keys) keys.push_back(table.table.empty() ? std::string(key) : table.table + "." + std::string(key));
  }
  return keys;
}

}  // namespace roofline::db
