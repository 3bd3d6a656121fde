#include "report/headline.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>

#include "report/layout.hpp"
#include "roofline/report/units.hpp"

namespace roofline::report {
namespace {

std::string model_text(const ModelSpec& model) {
  const double parameters = parameter_count(model);
  const double active = active_parameter_count(model);
  std::string text = count(parameters) + " parameters";
  if (expert_count(model) > 0) text += fmt::format(", {} active", count(active));
  text += fmt::format(", {} layers", model.layers.size());
  const AttentionShape shape = attention_shape(model);
  if (shape.heads > 0 && shape.kv_heads > 0) {
    const char* kind = shape.kv_heads == shape.heads ? "MHA" : shape.kv_heads == 1 ? "MQA" : "GQA";
    text += fmt::format(", {} {}/{}", kind, shape.heads, shape.kv_heads);
  }
  return text;
}

std::string device_text(const OperatingPoint& point) {
  const MemoryPoint& memory = point.memories.front();
  std::string text = fmt::format("{}, {}", binary_size(memory.capacity.value), rate(memory.bandwidth.value));
  if (point.mode != nullptr) text += fmt::format(", mode {}", point.mode->name.empty() ? point.mode->id : point.mode->name);
  return text;
}

}  // namespace

std::string headline(const Answer& answer, const TextStyle& style) {
  const std::string name = answer.model->name.empty() ? answer.model->id : answer.model->name;
  const std::string text = fmt::format("{} ({}) as {} on {} ({})", name, model_text(*answer.model), answer.quantization,
                                       answer.point->device->name, device_text(*answer.point));
  std::string out;
  for (const std::string& line : wrap(text, columns(style))) out += paint(line, Emphasis::strong, style) + "\n";
  return out;
}

std::string notes_text(const std::vector<std::string>& notes, const TextStyle& style) {
  std::vector<std::string> printed;
  std::string out;
  for (const std::string& note : notes) {
    if (note.empty() || std::find(printed.begin(), printed.end(), note) != printed.end()) continue;
    printed.push_back(note);
    out += hanging(out.empty() ? "Notes    - " : "         - ", note, columns(style));
  }
  return out.empty() ? out : "\n" + out;
}

std::string kind_label(const Estimate& estimate) {
  if (estimate.unit == nullptr) return "-";
  std::string text(to_string(estimate.unit->unit->kind));
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

std::string unit_label(const Estimate& estimate) {
  if (estimate.unit == nullptr) return "-";
  const std::string& name = estimate.unit->unit->name;
  return name.empty() ? kind_label(estimate) : kind_label(estimate) + " " + name;
}

std::string engine_label(const Estimate& estimate) {
  return estimate.engine->name.empty() ? estimate.engine->id : estimate.engine->name;
}

std::string quantization_label(const Estimate& estimate) {
  return estimate.quantization != nullptr ? shown_id(*estimate.quantization) : "-";
}

const std::string& shown_id(const Quantization& quantization) {
  return quantization.variant_of.empty() ? quantization.id : quantization.variant_of;
}

}  // namespace roofline::report
