#include "db/loaders.hpp"
#include "db/words.hpp"

namespace roofline::db {
namespace {

constexpr std::string_view top_keys[] = {"schema", "id", "source", "note", "run"};
constexpr std::string_view run_keys[] = {"id", "device", "board", "mode", "mode_stated", "clocks", "unit", "engine", "engine_version", "backend",
                                         "model", "model_stated", "quantization", "quantization_stated", "file_gib", "prompt", "generated", "depth",
                                         "batch", "ubatch", "threads", "gpu_layers", "flash_attention", "kv_type", "prefill_tps", "decode_tps",
                                         "ttft_ms", "memory_mb", "power_w", "streamed_bytes", "date", "source", "at", "quality", "kind", "use",
                                         "caveat", "note", "basis"};
constexpr std::string_view exclusion_top_keys[] = {"schema", "id", "note", "rule", "excluded"};
constexpr std::string_view rule_keys[] = {"id", "effect", "reason"};
constexpr std::string_view excluded_keys[] = {"id", "rule", "stated", "source", "at", "note", "basis"};
constexpr std::string_view source_top_keys[] = {"schema", "source"};
constexpr std::string_view source_keys[] = {"id", "title", "publisher", "url", "locator", "read", "note"};

constexpr std::int64_t most_tokens = 1'000'000'000;
constexpr double largest_rate = 1e9;

std::optional<int> count(Table& table, std::string_view key, std::int64_t low) {
  const auto value = table.optional_integer(key, low, most_tokens);
  return value ? std::optional<int>(static_cast<int>(*value)) : std::nullopt;
}

std::optional<double> rate(Table& table, std::string_view key) {
  const auto value = table.optional_number(key, 0, largest_rate);
  if (value && !(*value > 0)) table.error(key, in_quotes(key) + " in " + table.name() + " must be above zero; leave out what is not known");
  return value;
}

RunKind run_kind(Table& table) {
  const std::string kind = table.one_of("kind", {"decode", "end_to_end", "vendor_average", "speculative", "image", "altered", "offload", "estimate"});
  if (kind == "end_to_end") return RunKind::end_to_end;
  if (kind == "vendor_average") return RunKind::vendor_average;
  if (kind == "speculative") return RunKind::speculative;
  if (kind == "image") return RunKind::image;
  if (kind == "altered") return RunKind::altered;
  if (kind == "offload") return RunKind::offload;
  return kind == "estimate" ? RunKind::estimate : RunKind::decode;
}

RunClocks clocks_of(Table& table) {
  const std::string clocks = table.has("clocks") ? table.one_of("clocks", {"locked", "stated", "unknown", "down", "suspect"}) : "unknown";
  if (clocks == "locked") return RunClocks::locked;
  if (clocks == "stated") return RunClocks::stated;
  if (clocks == "down") return RunClocks::down;
  return clocks == "suspect" ? RunClocks::suspect : RunClocks::unknown;
}

// A mode belongs to its device; which modes there are is known when both files are.
std::string mode_of(Table& table, const std::string& device) {
  if (device.empty()) return table.text_or("mode", "");
  std::string mode = table.reference_or("mode", Kind::device, "");
  if (!mode.empty()) table.file().references.back().device = device;
  return mode;
}

std::vector<std::string> measured_keys() { return {"prefill_tps", "decode_tps", "ttft_ms", "memory_mb", "power_w"}; }

MeasuredRun read_run(Table& table) {
  MeasuredRun run;
  run.id = checked_id(table, "id");
  run.device = table.reference("device", Kind::device);
  run.board = table.text_or("board", "");
  run.mode = mode_of(table, run.device);
  run.mode_stated = table.text_or("mode_stated", "");
  run.clocks = clocks_of(table);
  run.unit = unit_kind_from(table.one_of("unit", {"cpu", "gpu", "npu", "dla"})).value_or(UnitKind::gpu);
  run.engine = table.reference("engine", Kind::engine);
  run.engine_version = table.text_or("engine_version", "");
  run.backend = table.has("backend") ? table.one_of("backend", {"cpu", "blas", "cuda", "rocm", "metal", "vulkan", "opencl"}) : "";
  run.model = table.reference("model", Kind::model);
  run.model_stated = table.text_or("model_stated", "");
  run.quantization = table.reference("quantization", Kind::quantization);
  run.quantization_stated = table.text_or("quantization_stated", "");
  run.file_gib = rate(table, "file_gib");
  run.prompt = count(table, "prompt", 1);
  run.generated = count(table, "generated", 0);
  run.depth = count(table, "depth", 0);
  run.batch = count(table, "batch", 1);
  run.ubatch = count(table, "ubatch", 1);
  run.threads = count(table, "threads", 1);
  run.gpu_layers = table.text_or("gpu_layers", "");
  run.flash_attention = table.optional_flag("flash_attention");
  run.kv_type = table.reference_or("kv_type", Kind::format, "");
  run.prefill_tokens_per_second = rate(table, "prefill_tps");
  run.decode_tokens_per_second = rate(table, "decode_tps");
  run.ttft_ms = rate(table, "ttft_ms");
  run.memory_mb = rate(table, "memory_mb");
  run.power_w = rate(table, "power_w");
  run.streamed_bytes = table.optional_number("streamed_bytes", 1, 1e18);
  run.date = table.text_or("date", "");
  run.quality = table.one_of("quality", {"A", "B", "C"});
  run.kind = run_kind(table);
  run.use = table.one_of("use", {"calibrate", "hold_out"}) == "hold_out" ? RunUse::hold_out : RunUse::calibrate;
  run.caveat = table.text_or("caveat", "");
  run.note = table.text_or("note", "");
  run.cite = table.own_citation(Basis::measured);
  const bool says_something = run.prefill_tokens_per_second || run.decode_tokens_per_second || run.ttft_ms || run.memory_mb || run.power_w;
  // A published calculation may give the bandwidth and the bytes alone.
  if (!says_something && run.kind != RunKind::estimate) table.error("id", table.name() + " has no measured number: " + joined(measured_keys()));
  return run;
}

}  // namespace

std::vector<MeasuredRun> read_runs(const toml::table& root, File& file) {
  Table top(root, "runs", top_keys, file);
  check_schema(top);
  checked_id(top, "id");
  top.text_or("note", "");
  // Of every run in the file; a file that groups several sources leaves it out.
  top.reference_or("source", Kind::source, "");
  std::vector<MeasuredRun> runs;
  for (Table& entry : top.tables("run", run_keys)) runs.push_back(read_run(entry));
  return runs;
}

Exclusions read_exclusions(const toml::table& root, File& file) {
  Table top(root, "runs-excluded", exclusion_top_keys, file);
  check_schema(top);
  checked_id(top, "id");
  top.text_or("note", "");
  Exclusions all;
  for (Table& entry : top.tables("rule", rule_keys)) {
    RunRule rule;
    rule.id = checked_id(entry, "id");
    const std::string effect = entry.one_of("effect", {"left_out", "not_fitted", "decode_not_fitted", "prefill_not_fitted"});
    rule.effect = effect == "not_fitted"           ? RuleEffect::not_fitted
                  : effect == "decode_not_fitted"  ? RuleEffect::decode_not_fitted
                  : effect == "prefill_not_fitted" ? RuleEffect::prefill_not_fitted
                                                   : RuleEffect::left_out;
    rule.reason = entry.text("reason");
    all.rules.push_back(std::move(rule));
  }
  for (Table& entry : top.tables("excluded", excluded_keys)) {
    ExcludedRun run;
    run.id = checked_id(entry, "id");
    run.rule = entry.text("rule");
    run.stated = entry.text("stated");
    entry.text_or("note", "");
    run.cite = entry.own_citation(Basis::measured);
    all.runs.push_back(std::move(run));
  }
  return all;
}

std::vector<Source> read_sources(const toml::table& root, File& file) {
  Table top(root, "sources", source_top_keys, file);
  check_schema(top);
  std::vector<Source> sources;
  for (Table& entry : top.tables("source", source_keys)) {
    Source source;
    source.id = checked_id(entry, "id");
    source.title = entry.text("title");
    source.publisher = entry.text("publisher");
    source.url = entry.text_or("url", "");
    source.locator = entry.text_or("locator", "");
    source.read = entry.date_or("read", "");
    source.note = entry.text_or("note", "");
    if (source.read.empty()) entry.error("read", "missing key 'read' in " + entry.name() + " (the date it was read)");
    if (source.url.empty() && source.locator.empty()) entry.error("id", entry.name() + " says neither 'url' nor 'locator': where is it?");
    sources.push_back(std::move(source));
  }
  return sources;
}

std::vector<KnownTable> runs_tables() { return {{"", top_keys}, {"run[]", run_keys}}; }
std::vector<KnownTable> exclusion_tables() { return {{"", exclusion_top_keys}, {"rule[]", rule_keys}, {"excluded[]", excluded_keys}}; }
std::vector<KnownTable> source_tables() { return {{"", source_top_keys}, {"source[]", source_keys}}; }

}  // namespace roofline::db
