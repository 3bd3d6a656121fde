#include "report/memory_text.hpp"

#include <fmt/core.h>

#include "report/headline.hpp"
#include "roofline/report/units.hpp"

namespace roofline::report {
namespace {

constexpr std::string_view head = "Memory   ";
constexpr std::string_view indent = "         ";

// llama.cpp shares the cells out over the sequences; elsewhere each has its own.
std::string kv_label(const Estimate& e) {
  const Workload& w = e.workload;
  const std::string type = w.kv_k.id == w.kv_v.id ? w.kv_k.id : w.kv_k.id + " keys, " + w.kv_v.id + " values";
  std::string tokens = whole(w.context) + " tokens";
  if (w.batch > 1) {
    const bool shared = e.engine->memory.kv_rule == KvRule::llama_cpp;
    tokens = shared ? fmt::format("{} shared by {} sequences", tokens, w.batch) : fmt::format("{} x {}", w.batch, tokens);
  }
  return fmt::format("({}{}{})", tokens, type.empty() ? "" : ", ", type);
}

// The terms of the sum; a part the engine's file does not state is named as not known instead of being shown as 0.
std::string sum_text(const Estimate& e) {
  const Footprint& m = e.memory;
  std::string text = "weights " + binary_size(m.weights - m.host - m.on_storage);
  text += fmt::format(" + KV {} {}", binary_size(m.kv_cache), kv_label(e));
  std::vector<std::string> unknown;
  const bool fitted = m.fitted != nullptr;
  const bool buffer_stated = e.engine->memory.compute_buffer != BufferRule::none || m.compute_buffer > Bytes{};
  const bool runtime_stated = runtime_cost(*e.engine, e.unit->unit->kind, e.point->device->chip).has_value() || m.runtime > Bytes{};
  if (fitted) {
    text += " + buffers and runtime " + binary_size(m.compute_buffer + m.runtime);
  } else {
    if (buffer_stated) text += " + compute " + binary_size(m.compute_buffer);
    else unknown.emplace_back("compute buffer");
    if (runtime_stated) text += " + runtime " + binary_size(m.runtime);
    else unknown.emplace_back("runtime");
  }
  text += fmt::format(" = {} of {} usable", binary_size(m.total()), binary_size(e.verdict.usable));
  if (e.verdict.available < e.verdict.usable) text += fmt::format(", of which {} takes {}", engine_label(e), binary_size(e.verdict.available));
  if (!unknown.empty()) text += fmt::format(" ({} not known, not in the sum)", join(unknown, " and "));
  if (m.on_storage > Bytes{}) text += fmt::format("; {} more stay on storage", binary_size(m.on_storage));
  if (m.host > Bytes{}) text += fmt::format("; {} more in host memory", binary_size(m.host));
  return text;
}

// Only where it differs from the need: second copies beside the mapped file.
std::string resident_text(const Estimate& e) {
  const auto& r = e.memory.resident;
  if (!r || !(r->mapped > Bytes{}) || !(r->repacked > Bytes{})) return {};
  return fmt::format("top shows {} after loading, up to {} at work: {} are repacked beside the file's pages, which can be dropped",
                     binary_size(r->loaded), binary_size(r->working), binary_size(r->repacked));
}

std::string context_text(const Estimate& e) {
  const int most = e.verdict.max_context_tokens;
  if (most > 0) return fmt::format("up to {} tokens of context fit", whole(most));
  return "no context fits: the weights alone are too large";
}

bool fits(const Estimate& e) { return e.verdict.verdict == Verdict::fits || e.verdict.verdict == Verdict::tight; }

std::string would_fit_text(const Answer& answer) {
  std::vector<std::string> parts;
  for (const Estimate& e : answer.would_fit) {
    const auto& speed = e.expected_decode ? e.expected_decode->phase : e.decode;
    parts.push_back(fmt::format("{} ({} {}, {}, {}{} tok/s)", quantization_label(e), kind_label(e), engine_label(e),
                                binary_size(e.memory.total()), e.expected_decode ? "" : "at most ",
                                number(speed.per_sequence().base())));
  }
  return parts.empty() ? std::string{} : "would fit: " + join(parts, ", ");
}

std::string name_of(const Estimate& e) {
  return fmt::format("{} {} {}", kind_label(e), engine_label(e), quantization_label(e));
}

// Estimates whose verdict differs from the leading one's; the table has everyone's size.
std::string others_text(const Answer& answer, const Estimate& first, const TextStyle& style) {
  std::string out;
  for (const Estimate& e : answer.survey.estimates) {
    if (!e.supported || e.verdict.verdict == first.verdict.verdict) continue;
    out += hanging(indent, fmt::format("{}: {} of {}, {}", name_of(e), binary_size(e.memory.total()), binary_size(e.verdict.available),
                                       verdict_text(e)), columns(style));
  }
  return out;
}

}  // namespace

Emphasis emphasis_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::fits: return Emphasis::good;
    case Verdict::tight:
    case Verdict::fits_with_offload: return Emphasis::warning;
    case Verdict::does_not_fit: return Emphasis::bad;
  }
  return Emphasis::none;
}

std::string verdict_text(const Estimate& e) {
  const Fit& v = e.verdict;
  switch (v.verdict) {
    case Verdict::fits: return fmt::format("FITS, {} to spare", binary_size(v.margin));
    case Verdict::tight: return fmt::format("TIGHT, only {} to spare", binary_size(v.margin));
    case Verdict::fits_with_offload:
      return fmt::format("FITS ONLY WITH OFFLOAD, {} have to stay outside{}", binary_size(-1.0 * v.margin),
                         e.offload ? fmt::format(" ({} of {} layers fit)", e.offload->layers, e.offload->of) : "");
    case Verdict::does_not_fit: break;
  }
  const std::string of = v.available < v.usable ? "its share" : "what is usable";
  const std::string times = v.available > Bytes{} ? fmt::format(", {} of {}", factor(v.needed / v.available), of) : "";
  return fmt::format("DOES NOT FIT, {} short{}", binary_size(-1.0 * v.margin), times);
}

std::string memory_text(const Answer& answer, const TextStyle& style) {
  const Estimate* first = leading(answer.survey);
  if (first == nullptr) return std::string(head) + "not estimated: no engine here runs this\n";
  std::string out = hanging(head, sum_text(*first), columns(style));
  const std::string verdict = verdict_text(*first);
  const std::string context = context_text(*first);
  const bool one_line = indent.size() + display_width(verdict) + 2 + display_width(context) <= columns(style);
  const Emphasis emphasis = emphasis_of(first->verdict.verdict);
  if (one_line) {
    out += std::string(indent) + paint(verdict, emphasis, style) + "; " + context + "\n";
  } else {
    for (const std::string& line : wrap(verdict + ";", columns(style) - indent.size())) {
      out += std::string(indent) + paint(line, emphasis, style) + "\n";
    }
    out += hanging(indent, context, columns(style));
  }
  if (!fits(*first) && !first->verdict.reason.empty()) out += hanging(indent, first->verdict.reason, columns(style));
  if (first->verdict.refused_allocation) {
    out += hanging(indent, fmt::format("but its largest allocation is {} in one piece, and {} were refused on such a board with memory free",
                                       binary_size(first->memory.largest_allocation), binary_size(*first->verdict.refused_allocation)), columns(style));
  }
  const std::string resident = resident_text(*first);
  if (!resident.empty()) out += hanging(indent, resident, columns(style));
  const std::string better = would_fit_text(answer);
  if (!better.empty()) out += hanging(indent, better, columns(style));
  return out + others_text(answer, *first, style);
}

}  // namespace roofline::report
