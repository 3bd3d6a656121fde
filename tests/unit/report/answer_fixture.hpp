// An answer made by hand: what the tests of JSON and of text share.
#pragma once

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "roofline/report/render.hpp"

namespace roofline::test {

// A board of round figures: 10 GB/s, 8 GiB, one CPU and one NPU.
struct AnswerFixture {
  Device device;
  ModelSpec model;
  Quantization q4, w8;
  Engine engine, vendor;
  OperatingPoint point;
  report::Answer answer;

  AnswerFixture() {
    device.id = "board";
    device.name = "Some Board";
    device.chip = "chip";
    device.memories.resize(1);
    device.memories[0].type = "LPDDR4X";
    device.units.resize(2);
    device.units[0].id = "cpu";
    device.units[0].name = "4x Core";
    device.units[1].id = "npu";
    device.units[1].kind = UnitKind::npu;
    device.storages = {{"nvme", "NVMe", {2.0 * unit::GB / unit::s, {}}, std::nullopt}};
    model.id = "model-1b";
    model.name = "Model 1B";
    model.context = 32768;
    model.layers.resize(2);
    q4.id = "q4_k_m";
    w8.id = "w8a8";
    engine.id = "llama.cpp";
    engine.name = "llama.cpp";
    engine.memory.compute_buffer = BufferRule::llama_cpp;
    vendor.id = "rkllm";
    vendor.name = "RKLLM";
    Support refused;
    refused.units = {UnitKind::npu};
    refused.chips = {"*"};
    refused.quantizations = {"q4_k_m"};
    refused.refused = true;
    vendor.support = {refused};
    MemoryPoint memory;
    memory.memory = &device.memories[0];
    memory.bandwidth.value = 10.0 * unit::GB / unit::s;
    memory.capacity.value = memory.usable.value = 8.0 * unit::GiB;
    point.device = &device;
    point.memories = {memory};
    for (const ComputeUnit& unit : device.units) {
      UnitPoint up;
      up.unit = &unit;
      up.bandwidth = memory.bandwidth;
      point.units.push_back(up);
    }
    answer.point = &point;
    answer.model = &model;
    answer.quantization = "int4";
    answer.notes = {"power mode none"};
    answer.survey.estimates = {supported(engine, 0, q4), refused_row()};
    answer.survey.alternatives = {supported(vendor, 1, w8)};
  }

  // 2 GB per token over 10 GB/s: 0.2 s, 5 tok/s at most; expected 4 (3.2 to 5).
  Estimate supported(const Engine& by, std::size_t unit_index, const Quantization& quantization) {
    Estimate e;
    e.model = &model;
    e.engine = &by;
    e.point = &point;
    e.unit = &point.units[unit_index];
    e.quantization = &quantization;
    e.requested = "int4";
    e.supported = true;
    e.workload.kv_k.id = e.workload.kv_v.id = "f16";
    e.memory.weights = 2.0 * unit::GB;
    e.memory.kv_cache = 224.0 * unit::MiB;
    e.memory.compute_buffer = 100.0 * unit::MiB;
    e.verdict = {Verdict::fits, e.memory.total(), 8.0 * unit::GiB, 8.0 * unit::GiB, 8.0 * unit::GiB - e.memory.total(), 32768, ""};
    e.decode.time = 0.2 * unit::s;
    e.decode.tokens = 1.0 * unit::token;
    e.decode.traffic = 2.0 * unit::GB;
    e.decode.work = 4.0 * unit::Gop;
    e.decode.ridge_point = 60.0 * unit::op / unit::B;
    e.prefill = e.decode;
    e.prefill.phase = Phase::prefill;
    e.prefill.tokens = 512.0 * unit::token;
    Expectation x;
    x.phase = e.decode;
    x.phase.time = 0.25 * unit::s;
    x.low = 3.2 * unit::token / unit::s;
    x.high = 5.0 * unit::token / unit::s;
    e.expected_decode = x;
    e.ttft_ceiling = 0.4 * unit::s;
    e.evidence = {"this device and engine", 18, 0.06, {"r1", "r2"}};
    e.prefill_evidence.rung = "not known";
    e.loads = {{&device.storages[0], 1.0 * unit::s, std::nullopt}};
    e.assumptions = {"pinned to 4 cores"};
    e.sources = {"datasheet"};
    return e;
  }

  Estimate refused_row() {
    Estimate e = supported(vendor, 1, q4);
    e.supported = false;
    e.reason = "int4 is not offered on this NPU";
    e.instead = {"w8a8"};
    return e;
  }

  [[nodiscard]] nlohmann::json json() const { return nlohmann::json::parse(report::survey_json(answer)); }
};

inline std::size_t longest_line(const std::string& text) {
  std::istringstream lines(text);
  std::size_t longest = 0;
  for (std::string line; std::getline(lines, line);) longest = std::max(longest, line.size());
  return longest;
}

}  // namespace roofline::test
