#include "import/results/formats.hpp"

#include <algorithm>
#include <array>

namespace roofline::import {
namespace {

constexpr double most_sequences = 65'536;

// The file's name without folders: "models/7B/llama-2-7b.Q4_0.gguf".
std::string base_name(const std::string& path) {
  const auto slash = path.find_last_of("/\\");
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

// "2025-04-24T11:57:09Z" -> "2025-04-24"
std::string day_of(const std::string& time) { return time.substr(0, std::min<std::size_t>(10, time.size())); }

std::string in_parentheses(const std::string& name, const std::string& more) { return more.empty() ? name : name + " (" + more + ")"; }

// "pp512", "tg 128", "pp512+tg128", "tg128 @ d512": which phase, how many tokens, at which depth.
struct Test {
  double prompt = 0, generated = 0, depth = 0;
};
std::optional<Test> test_of(std::string_view text) {
  Test test;
  std::string plain;
  for (const char c : text) {
    if (c != ' ') plain += c;
  }
  std::string_view rest = plain;
  if (const auto at = rest.find("@d"); at != std::string_view::npos) {
    const auto depth = strict_number(rest.substr(at + 2));
    if (!depth || *depth < 0 || *depth > 1e8) return std::nullopt;
    test.depth = *depth;
    rest = rest.substr(0, at);
  }
  while (!rest.empty()) {
    const auto plus = std::min(rest.find('+'), rest.size());
    const std::string_view part = rest.substr(0, plus);
    if (part.size() < 3) return std::nullopt;
    const auto tokens = strict_number(part.substr(2));
    if (!tokens || *tokens < 1 || *tokens > 1e8) return std::nullopt;
    if (part.starts_with("pp")) {
      test.prompt = *tokens;
    } else if (part.starts_with("tg")) {
      test.generated = *tokens;
    } else {
      return std::nullopt;
    }
    rest.remove_prefix(std::min(plus + 1, rest.size()));
  }
  return test;
}

// One test of llama-bench: a rate of one phase.
bool set_test(RowReader& in, const Test& test, std::optional<double> rate, std::string_view name) {
  ResultRow& row = in.row();
  if (test.prompt > 0 && test.generated > 0) {
    in.fail(name, "a combined test (pp+tg) has one rate over both phases; it says nothing about either");
    return true;
  }
  row.phases_apart = true;
  row.depth = test.depth;
  if (test.prompt > 0) row.prompt = test.prompt;
  if (test.generated > 0) row.generated = test.generated;
  (test.prompt > 0 ? row.prefill_tokens_per_second : row.decode_tokens_per_second) = rate;
  if (test.prompt <= 0 && test.generated <= 0) in.fail(name, "the test has neither prompt nor generated tokens");
  return true;
}

bool any_of(const Record& record, std::initializer_list<std::string_view> names) {
  return std::any_of(names.begin(), names.end(), [&](std::string_view name) { return record.has(name); });
}

}  // namespace

Tool tool_of(const Record& r) {
  if (r.has("avg_ts") || (r.has("avg_ns") && r.has("n_gen"))) return Tool::llama_bench;
  if (r.has("t/s") && r.has("test")) return Tool::llama_bench_table;
  if (r.has("eval_duration") || (r.has("done") && r.has("created_at"))) return Tool::ollama;
  if (any_of(r, {"prefill_tokens", "decode_tokens"})) return Tool::ollama_log;
  if (r.has("output_throughput") || r.has("mean_tpot_ms")) return Tool::vllm_serve;
  if (r.has("avg_latency")) return Tool::vllm_latency;
  if (any_of(r, {"tokens/s", "token/s"}) && any_of(r, {"ttft(ms)", "ttft", "dtype", "seqlen"})) return Tool::rkllm;
  if (any_of(r, {"decode_tps", "prefill_tps", "ttft_ms"})) return Tool::own;
  return Tool::none;
}

std::string_view to_string(Tool tool) {
  switch (tool) {
    case Tool::none: return "not known";
    case Tool::own: return "measured runs";
    case Tool::llama_bench:
    case Tool::llama_bench_table: return "llama-bench";
    case Tool::ollama: return "Ollama API responses";
    case Tool::ollama_log: return "a log of Ollama runs";
    case Tool::vllm_serve: return "vllm bench serve";
    case Tool::vllm_latency: return "vllm bench latency";
    case Tool::rkllm: return "an RKLLM benchmark table";
  }
  return "?";
}

bool read_own(RowReader& in) {
  ResultRow& row = in.row();
  row.id = in.text("id");
  row.device = in.text("device");
  row.variant = in.text("variant");
  row.power_mode = in.text("power_mode");
  row.unit = in.text("compute_unit");
  row.engine = in.text("engine");
  row.engine_version = in.text("engine_version");
  row.model = in.text("model");
  row.quantization = in.text("quant");
  row.kv_type = in.text("kv_type");
  row.date = in.text("date");
  row.source_repo = in.text("source_repo");
  row.source = in.text("source");
  row.quality = in.text("quality");
  row.notes = in.text("notes");
  row.parameters = in.number("params_b", 0, 1e6);
  row.prompt = in.tokens("n_prompt");
  row.generated = in.tokens("n_gen");
  row.depth = in.tokens("context_depth");
  row.batch = in.number("batch", 1, most_sequences);
  row.threads = in.number("threads", 1, most_sequences);
  // "all" is as good as any large number: nothing stays with the CPU.
  row.gpu_layers_stated = in.text("ngl");
  if (const std::string layers = in.text("ngl"); !layers.empty() && layers != "all") row.gpu_layers = in.number("ngl", -1, 1e6);
  row.flash_attention = in.flag("flash_attn");
  row.prefill_tokens_per_second = in.rate("prefill_tps");
  row.decode_tokens_per_second = in.rate("decode_tps");
  row.ttft_ms = in.rate("ttft_ms");
  row.memory_mb = in.rate("memory_mb");
  row.power_w = in.rate("power_w");
  return true;
}

bool read_llama_bench(RowReader& in) {
  ResultRow& row = in.row();
  const std::string gpu = in.text("gpu_info");
  const std::string backend = in.text("backends");
  row.engine = in_parentheses("llama.cpp", backend);
  row.engine_version = in.text("build_commit");
  if (const std::string number = in.text("build_number"); !number.empty()) row.engine_version = "b" + number + " (" + row.engine_version + ")";
  row.device = gpu.empty() || backend == "CPU" ? in.text("cpu_info") : gpu;
  row.model = base_name(in.text("model_filename"));
  row.quantization = in.text("model_type");
  row.threads = in.number("n_threads", 1, most_sequences);
  row.gpu_layers = in.number("n_gpu_layers", -1, 1e6);
  row.flash_attention = in.flag("flash_attn");
  const std::string kv = in.text("type_k");
  if (kv == in.text("type_v")) row.kv_type = kv;
  if (const auto parameters = in.number("model_n_params", 0, 1e15)) row.parameters = *parameters / 1e9;
  row.date = day_of(in.text("test_time"));
  row.batch = 1;
  const Test test{in.tokens("n_prompt").value_or(0), in.tokens("n_gen").value_or(0), in.tokens("n_depth").value_or(0)};
  return set_test(in, test, in.rate("avg_ts"), "avg_ts");
}

bool read_llama_bench_table(RowReader& in) {
  ResultRow& row = in.row();
  row.engine = in_parentheses("llama.cpp", in.text("backend"));
  row.model = in.text("model");
  row.quantization = row.model;
  row.batch = 1;
  row.threads = in.number("threads", 1, most_sequences);
  row.gpu_layers = in.number("ngl", -1, 1e6);
  row.flash_attention = in.flag("fa");
  const std::string kv = in.text("type_k");
  if (kv == in.text("type_v")) row.kv_type = kv;
  const auto test = test_of(in.text("test"));
  if (!test) {
    in.fail("test", "test: " + quoted(in.text("test")) + " is none of pp, tg and their sums");
    return true;
  }
  // "7340.20 ± 23.45": the spread is left out.
  const std::string shown = in.text("t/s");
  const auto mean = strict_number(std::string_view(shown).substr(0, shown.find("\xc2\xb1")));
  if (!mean || !(*mean > 0)) in.fail("t/s", "t/s: " + quoted(shown) + " is no rate");
  return set_test(in, *test, mean, "test");
}

// Durations are nanoseconds: docs.ollama.com/api/usage.
bool read_ollama(RowReader& in) {
  if (in.text("done") == "false") return false;
  ResultRow& row = in.row();
  constexpr double nanoseconds = 1e9;
  constexpr double longest = 1e15;
  row.engine = "ollama";
  row.model = in.text("model");
  row.quantization = "ollama default tag";
  row.batch = 1;
  row.date = day_of(in.text("created_at"));
  row.prompt = in.tokens("prompt_eval_count");
  row.generated = in.tokens("eval_count");
  row.prompt_cached = in.tokens("prompt_eval_cached_count").value_or(0) > 0;
  const auto prompt_time = in.number("prompt_eval_duration", 0, longest);
  const auto time = in.number("eval_duration", 0, longest);
  if (row.prompt && prompt_time && *row.prompt > 0 && *prompt_time > 0) row.prefill_tokens_per_second = *row.prompt / *prompt_time * nanoseconds;
  if (row.generated && time && *row.generated > 0 && *time > 0) row.decode_tokens_per_second = *row.generated / *time * nanoseconds;
  return true;
}

// One line per run, as bench scripts write it: tokens and rates of both phases, and the wall time.
bool read_ollama_log(RowReader& in) {
  ResultRow& row = in.row();
  const auto first = [&](std::initializer_list<std::string_view> names) {
    for (const std::string_view name : names) {
      if (std::string text = in.text(name); !text.empty()) return text;
    }
    return std::string();
  };
  row.id = in.text("id");
  row.engine = first({"engine", "backend"});
  if (row.engine.empty()) row.engine = "ollama";
  row.engine_version = first({"engine_version", "version"});
  row.device = first({"device", "hw", "hardware"});
  row.power_mode = first({"power_mode", "mode"});
  row.unit = first({"unit", "compute_unit"});
  row.model = in.text("model");
  row.quantization = first({"quant", "quantization"});
  if (row.quantization.empty()) row.quantization = "ollama default tag";
  row.date = day_of(first({"date", "timestamp", "created_at", "ts"}));
  row.notes = first({"notes", "note"});
  row.batch = in.number("batch", 1, most_sequences).value_or(1);
  row.prompt = in.tokens("prefill_tokens");
  row.generated = in.tokens("decode_tokens");
  row.prefill_tokens_per_second = in.rate("prefill_tps");
  row.decode_tokens_per_second = in.rate("decode_tps");
  row.ttft_ms = in.rate("ttft_ms");
  return true;
}

// Keys of vllm/benchmarks/serve.py; TPOT leaves the first token out, so that at one request in flight it is decode alone.
bool read_vllm_serve(RowReader& in) {
  ResultRow& row = in.row();
  row.engine = "vllm";
  row.model = in.text("model_id");
  row.date = in.text("date");
  row.batch = in.number("max_concurrency", 1, most_sequences);
  const auto completed = in.number("completed", 1, 1e9);
  const auto input = in.number("total_input_tokens", 0, 1e12);
  const auto output = in.number("total_output_tokens", 0, 1e12);
  if (completed && input) row.prompt = *input / *completed;
  if (completed && output) row.generated = *output / *completed;
  const auto token_ms = in.number("mean_tpot_ms", 0, 1e9);
  const auto throughput = in.rate("output_throughput");
  row.ttft_ms = in.number("mean_ttft_ms", 0, 1e9);
  if (row.ttft_ms && !(*row.ttft_ms > 0)) row.ttft_ms.reset();
  if (row.batch == 1.0 && token_ms && *token_ms > 0) {
    row.decode_tokens_per_second = 1e3 / *token_ms;
    row.kind = RunKind::decode;
  } else {
    row.decode_tokens_per_second = throughput;
    row.kind = RunKind::end_to_end;
    row.ttft_ms.reset();  // waiting for a place in the batch is in it
  }
  return true;
}

// One latency of a whole batch; how long prompts and answers were is not in the file.
bool read_vllm_latency(RowReader& in) {
  ResultRow& row = in.row();
  row.engine = "vllm";
  row.model = in.text("model");
  row.kind = RunKind::end_to_end;
  row.prompt = in.tokens("input_len");
  row.generated = in.tokens("output_len");
  row.batch = in.number("batch_size", 1, most_sequences);
  const auto seconds = in.number("avg_latency", 0, 1e9);
  if (seconds && *seconds > 0) row.latency_ms = *seconds * 1e3;
  return true;
}

// "RK3588" above the table, model and size in two columns, times in milliseconds.
bool read_rkllm(RowReader& in) {
  ResultRow& row = in.row();
  row.engine = "rkllm";
  row.unit = "npu";
  row.batch = 1;
  row.device = in.text("platform");
  if (row.device.empty()) row.device = in.record().heading;
  row.model = in.text("model");
  for (const char* size : {"model size", "size"}) {
    if (const std::string shown = in.text(size); !shown.empty()) row.model += "-" + shown;
  }
  row.quantization = in.text("dtype");
  row.engine_version = in.text("version");
  row.prompt = in.tokens("seqlen");
  row.generated = in.tokens("new_tokens");
  row.ttft_ms = in.rate(in.record().has("ttft(ms)") ? "ttft(ms)" : "ttft");
  row.decode_tokens_per_second = in.rate(in.record().has("tokens/s") ? "tokens/s" : "token/s");
  row.memory_mb = in.rate("memory(mb)");
  if (const auto gigabytes = in.rate("memory(g)")) row.memory_mb = *gigabytes * 1e3;
  return true;
}

}  // namespace roofline::import
