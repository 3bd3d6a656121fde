// One measured run as recorded: what it does not state is empty, not guessed.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "roofline/core/device.hpp"

namespace roofline {

// `altered`: part of the model was replaced; `offload`: some layers ran on another unit; `estimate`: a published
// calculation, not a measurement; shown by explain, never fitted.
enum class RunKind { decode, end_to_end, vendor_average, speculative, image, altered, offload, estimate };
// As run files write it.
constexpr const char* to_string(RunKind kind) {
  switch (kind) {
    case RunKind::decode: return "decode";
    case RunKind::end_to_end: return "end_to_end";
    case RunKind::vendor_average: return "vendor_average";
    case RunKind::speculative: return "speculative";
    case RunKind::image: return "image";
    case RunKind::altered: return "altered";
    case RunKind::offload: return "offload";
    case RunKind::estimate: return "estimate";
  }
  return "?";
}
enum class RunUse { calibrate, hold_out };
// What is known of the clocks: pinned, named by the run, not said, known to have been low, or thought to have been.
enum class RunClocks { locked, stated, unknown, down, suspect };
constexpr const char* to_string(RunClocks clocks) {
  switch (clocks) {
    case RunClocks::locked: return "locked";
    case RunClocks::stated: return "stated";
    case RunClocks::unknown: return "unknown";
    case RunClocks::down: return "down";
    case RunClocks::suspect: return "suspect";
  }
  return "?";
}

struct MeasuredRun {
  std::string id;
  std::string device;
  std::string mode;         // empty: not stated, or none of the device's modes
  std::string mode_stated;  // what the run says of mode and clocks, in its own words
  RunClocks clocks = RunClocks::unknown;
  std::string board;        // machine as the run names it
  UnitKind unit = UnitKind::gpu;
  std::string engine;
  std::string engine_version;
  std::string backend;  // cuda, metal, vulkan ...; empty: not stated
  std::string model;
  std::string model_stated;
  std::string quantization;
  std::string quantization_stated;
  std::optional<int> prompt, generated, depth, batch, ubatch, threads;
  std::string gpu_layers;  // as passed to the engine: "99", "all"
  std::optional<bool> flash_attention;
  std::string kv_type;
  // With a batch, both rates are aggregate: tokens of all sequences per second.
  std::optional<double> prefill_tokens_per_second, decode_tokens_per_second, ttft_ms, memory_mb, power_w;
  std::optional<double> file_gib;        // of the model
  std::optional<double> streamed_bytes;  // kind estimate: what the author divided the bandwidth by
  std::string date;
  std::string quality;  // A, B, C
  RunKind kind = RunKind::decode;
  RunUse use = RunUse::calibrate;
  std::string caveat;  // id of the rule that keeps figures of this run out of the fit; empty: none
  std::string note;
  Citation cite;
};

// What a rule does to the runs it names: they are no runs of what they say, or only some figures are not fitted.
enum class RuleEffect { left_out, not_fitted, decode_not_fitted, prefill_not_fitted };

struct RunRule {
  std::string id;
  RuleEffect effect = RuleEffect::left_out;
  std::string reason;
};

// A published row that is not among the runs.
struct ExcludedRun {
  std::string id;
  std::string rule;
  std::string stated;  // device, engine, model, quantization and figures as published
  Citation cite;
};

struct Exclusions {
  std::vector<RunRule> rules;
  std::vector<ExcludedRun> runs;
};

// Null if no rule has this id.
const RunRule* find_rule(const Exclusions& exclusions, const std::string& id);

}  // namespace roofline
