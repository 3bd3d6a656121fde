// Result files of benchmarks -> rows of names as they stand and numbers read strictly. What they mean is resolve.hpp's.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "roofline/core/measured_run.hpp"

namespace roofline::import {

// One measurement as its file states it; an empty text or optional is not stated. Rates are over all sequences of a batch.
struct ResultRow {
  int line = 0;    // where it begins
  int column = 0;
  std::string id;  // as stated, else made from the line
  std::string device, variant, power_mode, unit;
  std::string engine, engine_version;
  std::string model, quantization, kv_type;
  std::string date, source_repo, source, quality, notes;
  std::optional<double> prompt, generated, depth, batch, threads;  // averages need not be whole
  std::optional<double> gpu_layers;
  std::string gpu_layers_stated;  // "99", "all"
  std::optional<bool> flash_attention;
  std::optional<double> prefill_tokens_per_second, decode_tokens_per_second, ttft_ms, memory_mb, power_w;
  std::optional<double> latency_ms;  // of the whole request or batch, prompt and answer
  std::optional<double> parameters;  // in units of 1e9
  std::optional<RunKind> kind;       // where the format itself says what it measures
  bool phases_apart = false;         // decode was timed on its own
  bool prompt_cached = false;        // the file says that part of the prompt came from a cache
};

struct RowMessage {
  int line = 0;
  int column = 0;
  std::string message;
};

struct Results {
  std::string format;                // "llama-bench (JSON)", for people
  std::vector<ResultRow> rows;       // in file order
  std::vector<RowMessage> problems;  // rows that could not be read, in file order
  std::vector<RowMessage> notes;     // columns not known and the like
};

// Bounds of what one file can cost; real files stay far below.
struct ResultLimits {
  std::size_t file_bytes = std::size_t{64} << 20U;
  std::size_t rows = 500'000;
  std::size_t columns = 1'000;
  std::size_t field_bytes = 65'536;
  int json_depth = 64;
  std::size_t messages = 1'000;  // further ones are counted, not kept
};

// Reads llama-bench (JSON, JSONL, Markdown, CSV, SQL), Ollama API responses and logs of them, vLLM `bench serve` and
// `bench latency`, RKLLM benchmark tables, and tables with this project's own columns. Which one is told from the content.
Results read_results(std::string_view text, const ResultLimits& limits = {});

}  // namespace roofline::import
