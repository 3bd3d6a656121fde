// One measured run as recorded: what it does not state is empty, not guessed.
#pragma once

#include <optional>
#include <string>

#include "roofline/core/device.hpp"

namespace roofline {

// `estimate`: a published calculation, not a measurement; shown by explain, never fitted.
enum class RunKind { decode, end_to_end, vendor_average, speculative, image, estimate };
enum class RunUse { calibrate, hold_out };

struct MeasuredRun {
  std::string id;
  std::string device;
  std::string mode;  // empty: not stated
  UnitKind unit = UnitKind::gpu;
  std::string engine;
  std::string engine_version;
  std::string model;
  std::string quantization;
  std::optional<int> prompt, generated, depth, batch, threads;
  std::optional<bool> flash_attention;
  std::string kv_type;
  std::optional<double> prefill_tokens_per_second, decode_tokens_per_second, ttft_ms, memory_mb, power_w;
  std::optional<double> streamed_bytes;  // kind estimate: what the author divided the bandwidth by
  std::string date;
  std::string quality;  // A, B, C
  RunKind kind = RunKind::decode;
  RunUse use = RunUse::calibrate;
  std::string note;
  Citation cite;
};

}  // namespace roofline
