#include "cli/predictions.hpp"

#include <fmt/core.h>

#include <array>
#include <set>
#include <sstream>

#include "roofline/core/survey.hpp"

namespace roofline::cli {
namespace {

// Every kind of unit, engine, weights and kernel that answers are given for: boards, cards, machines of unified memory.
constexpr std::array devices{"rk3588-lpddr4x-16gb", "rk3576-lpddr4x-8gb", "raspberry-pi-5-8gb", "jetson-orin-nano-8gb", "jetson-agx-orin-64gb", "jetson-thor-t5000", "rtx-3090", "rtx-4090", "rtx-5090",
                             "apple-m1", "strix-halo-395", "l4"};
constexpr std::array models{"llama-3.2-1b", "qwen2.5-7b", "llama-3.1-8b", "qwen3-30b-a3b", "gpt-oss-20b", "gemma-3-4b", "qwen3-4b", "llama-3.1-70b"};
constexpr std::array quantizations{"f16", "q8_0", "q4_k_m", "q4_0", "iq3_xxs", "w8a8", "w4a16", "fp8", "nvfp4", "mlx-4bit", "awq-int4-g128", "mxfp4_moe"};

std::string rate(const std::optional<TokensPerSecond>& value) { return value ? fmt::format("{:.4g}", value->base()) : "-"; }

void add_phase(std::string& line, const PhaseEstimate& ceiling, bool known, const std::optional<Expectation>& expected) {
  using Rate = std::optional<TokensPerSecond>;
  const Rate middle = expected ? Rate(expected->phase.per_sequence()) : std::nullopt;
  line += "\t" + rate(known ? Rate(ceiling.per_sequence()) : std::nullopt) + "\t" + rate(middle) + "\t" + rate(expected ? Rate(expected->low) : std::nullopt) + "\t" +
          rate(expected ? Rate(expected->high) : std::nullopt);
}

std::set<std::string> lines_of(const std::string& text) {
  std::set<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.insert(line);
  return lines;
}

}  // namespace

std::string predictions(Context& context) {
  db::Catalog& catalog = context.catalog();
  std::vector<const Engine*> engines;
  for (const db::Entry& entry : catalog.entries(db::Kind::engine)) engines.push_back(&found(catalog.engine(entry.id), "engine", entry.id, ""));
  std::set<std::string> lines;
  for (const char* device_id : devices) {
    const auto device = catalog.device(device_id);
    const Device& d = found(device, "device", device_id, "");
    const OperatingPoint point = operating_point(d, fastest_mode(d, device.firmware));
    for (const char* model_id : models) {
      const ModelSpec& model = found(catalog.model(model_id), "model", model_id, "");
      Question question;
      question.point = &point;
      question.model = &model;
      question.engines = engines;
      question.workload.kv_k = question.workload.kv_v = found(catalog.format("f16"), "format", "f16", "");
      question.find_quantization = [&](const std::string& name) { return catalog.quantization(name).value; };
      question.find_calibration = [&](const std::string& name) { return catalog.calibration(name).value; };
      for (const char* quantization : quantizations) {
        question.quantization = quantization;
        for (const Estimate& e : survey(question).estimates) {
          if (!e.supported) continue;
          std::string line = fmt::format("{}\t{}\t{}\t{}\t{}", d.id, model.id, e.quantization->id, e.engine->id, to_string(e.unit->unit->kind));
          add_phase(line, e.decode, true, e.expected_decode);
          add_phase(line, e.prefill, e.prefill.compute_known, e.expected_prefill);
          line += fmt::format("\t{:.4g}\t{}\n", e.memory.total().in(unit::MiB), e.evidence.rung);
          lines.insert(std::move(line));
        }
      }
    }
  }
  std::string out = "# What is predicted over a fixed grid, tok/s and MiB to four digits, at the fastest mode and the default workload. Written by script/regenerate.\n"
                    "# device\tmodel\tquantization\tengine\tunit\tdecode: ceiling\texpected\tlow\thigh\tprefill: ceiling\texpected\tlow\thigh\tmemory\tnearest runs\n";
  for (const std::string& line : lines) out += line;
  return out;
}

std::string changed_lines(const std::string& before, const std::string& after) {
  constexpr std::size_t most = 60;
  const auto old = lines_of(before), now = lines_of(after);
  // Sorted by what they are about, so that both states of a line come together.
  std::set<std::pair<std::string, std::string>> changes;
  for (const std::string& line : old) {
    if (!now.contains(line)) changes.emplace(line, "- ");
  }
  for (const std::string& line : now) {
    if (!old.contains(line)) changes.emplace(line, "+ ");
  }
  std::string out = fmt::format("{} lines differ:\n", changes.size());
  std::size_t shown = 0;
  for (const auto& [line, sign] : changes) {
    if (shown++ == most) return out + "...\n";
    out += sign + line + "\n";
  }
  return out;
}

}  // namespace roofline::cli
