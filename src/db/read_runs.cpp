#include "db/loaders.hpp"

namespace roofline::db {
namespace {

constexpr std::string_view top_keys[] = {"schema", "id", "source", "note", "run"};
constexpr std::string_view run_keys[] = {"id", "device", "mode", "unit", "engine", "engine_version", "model", "quantization", "prompt", "generated",
                                         "depth", "batch", "threads", "flash_attention", "kv_type", "prefill_tps", "decode_tps", "ttft_ms",
                                         "memory_mb", "power_w", "streamed_bytes", "date", "source", "at", "quality", "kind", "use", "note", "basis"};
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
  if (value && !(*value > 0)) table.error(key, "'" + std::string(key) + "' in " + table.name() + " must be above zero; leave out what is not known");
  return value;
}

RunKind run_kind(Table& table) {
  const std::string kind = table.one_of("kind", {"decode", "end_to_end", "vendor_average", "speculative", "image", "estimate"});
  if (kind == "end_to_end") return RunKind::end_to_end;
  if (kind == "vendor_average") return RunKind::vendor_average;
  if (kind == "speculative") return RunKind::speculative;
  if (kind == "image") return RunKind::image;
  return kind == "estimate" ? RunKind::estimate : RunKind::decode;
}

MeasuredRun read_run(Table& table) {
  MeasuredRun run;
  run.id = checked_id(table, "id");
  run.device = table.text("device");
  run.mode = table.text_or("mode", "");
  run.unit = unit_kind_from(table.one_of("unit", {"cpu", "gpu", "npu", "dla"})).value_or(UnitKind::gpu);
  run.engine = table.text("engine");
  run.engine_version = table.text_or("engine_version", "");
  run.model = table.text("model");
  run.quantization = table.text("quantization");
  run.prompt = count(table, "prompt", 1);
  run.generated = count(table, "generated", 0);
  run.depth = count(table, "depth", 0);
  run.batch = count(table, "batch", 1);
  run.threads = count(table, "threads", 1);
  run.flash_attention = table.optional_flag("flash_attention");
  run.kv_type = table.text_or("kv_type", "");
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
  run.note = table.text_or("note", "");
  run.cite = table.own_citation(Basis::measured);
  return run;
}

}  // namespace

std::vector<MeasuredRun> read_runs(const toml::table& root, File& file) {
  Table top(root, "runs", top_keys, file);
  check_schema(top);
  checked_id(top, "id");
  top.text_or("note", "");
  if (const toml::node* node = root.get("source")) {
    // Of every run in the file; a file that groups several sources leaves it out.
    file.cited.push_back({top.text("source"), static_cast<int>(node->source().begin.line), static_cast<int>(node->source().begin.column)});
  }
  std::vector<MeasuredRun> runs;
  for (Table& entry : top.tables("run", run_keys)) runs.push_back(read_run(entry));
  return runs;
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
std::vector<KnownTable> source_tables() { return {{"", source_top_keys}, {"source[]", source_keys}}; }

}  // namespace roofline::db
