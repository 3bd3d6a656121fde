// Prints (the shape; figures are an example):
//
//   Qwen2.5-7B (7.62 B parameters, 28 layers, GQA 28/4) as int4 on Rockchip RK3588 (LPDDR4X 16 GiB, 33.8 GB/s)
//
//   Memory   weights 4.36 GiB + KV 224 MiB (4,096 tokens, f16) + compute 296 MiB + runtime 60 MiB = 4.93 GiB of 15.4 GiB usable
//            FITS, 10.5 GiB to spare; up to 32,768 tokens of context fit
//
//     unit               engine     weights  ceiling  expected (80 %)   TTFT     bound by  evidence
//                                            tok/s    tok/s             512 tok
//     CPU 4x Cortex-A76  llama.cpp  q4_k_m   7.70     5.30 (4.40-6.20)  34.0 s   memory    18 runs, this device, error 6 %
//     NPU                RKLLM      -  int4 is not offered here; w8a8 is: 4.40 tok/s, TTFT 1.62 s (--quant w8a8)
//
//   Load     eMMC: 17.5 s at least (interface limit)
//   Notes    - power mode ...
#include <fmt/core.h>

#include <algorithm>

#include "report/headline.hpp"
#include "report/layout.hpp"
#include "report/memory_text.hpp"
#include "report/speed_table.hpp"
#include "report/survey_text.hpp"
#include "roofline/report/render.hpp"
#include "roofline/report/units.hpp"

namespace roofline::report {
namespace {

// A read rate that is assumed makes the time "about"; without one the interface only says how fast it can not be.
std::string load_text(const Estimate& e, const TextStyle& style) {
  std::vector<std::string> parts;
  for (const LoadTime& load : e.loads) {
    const std::string name = load.storage->name.empty() ? load.storage->id : load.storage->name;
    if (load.holds_file && !*load.holds_file) {
      parts.push_back(fmt::format("{}: too small for the file ({} of {})", name, decimal_size(total_bytes(e.stored)), decimal_size(load.storage->capacity->value)));
      continue;
    }
    const std::string least = duration(load.at_interface_limit);
    if (!load.at_sequential_read) {
      parts.push_back(fmt::format("{}: at least {}", name, least));
      continue;
    }
    const bool assumed = load.storage->sequential_read && load.storage->sequential_read->cite.basis == Basis::assumed;
    parts.push_back(fmt::format("{}: {}{} (at least {})", name, assumed ? "about " : "", duration(*load.at_sequential_read), least));
  }
  return parts.empty() ? std::string{} : "\n" + hanging("Load     ", join(parts, "; "), columns(style));
}

}  // namespace

std::string disk_text(const Answer& answer, const TextStyle& style) {
  const Estimate* first = leading(answer.survey);
  if (!answer.disk || first == nullptr) return {};
  const Bytes file = total_bytes(first->stored);
  return "\n" + hanging("Disk     ", fmt::format("the file takes {} of {} free: {}", decimal_size(file), decimal_size(*answer.disk),
                                                 file <= *answer.disk ? "fits" : "DOES NOT FIT"), columns(style));
}

namespace {

std::string name_of(const Estimate* e) {
  return e != nullptr ? fmt::format("{}, {}", unit_label(*e), engine_label(*e)) : "no estimate";
}

}  // namespace

std::string gates_text(const std::vector<Gate>& gates, const TextStyle& style) {
  std::string out;
  for (const Gate& gate : gates) {
    out +=
        hanging(out.empty() ? "Required " : "         ",
                fmt::format("{}: {} ({}): {}", gate.demand, gate.met ? "YES" : "NO", name_of(gate.estimate), gate.reason), columns(style));
  }
  return out.empty() ? out : "\n" + out;
}

namespace {

std::string judged_text(const std::vector<Judged>& judged, const TextStyle& style) {
  std::string out;
  for (const Judged& one : judged) {
    const std::string ratio = one.ratio ? fmt::format(", {} of the expected", factor(*one.ratio)) : "";
    out += hanging(
        out.empty() ? "Measured " : "         ",
        fmt::format("{} {} tok/s ({}): {}{}", to_string(one.phase), number(one.measured), name_of(one.estimate), one.judgement, ratio),
        columns(style));
    for (const std::string& reason : one.likely_reasons) out += hanging("         - ", reason, columns(style));
  }
  return out.empty() ? out : "\n" + out;
}

// The headline names the mode, the table what an alias became.
bool shown_elsewhere(const Estimate& e, const std::string& note) {
  if (note.starts_with("power mode ")) return true;
  if (e.quantization == nullptr) return false;
  const auto says = [&](const std::string& id) { return note == e.requested + " means " + id + " for " + e.engine->name; };
  return says(e.quantization->id) || says(shown_id(*e.quantization));
}

struct OwnedNote {
  std::string text;
  std::vector<std::string> owners;
};

}  // namespace

// Assumptions every supported estimate makes are stated once and plainly; the others name who makes them.
std::vector<std::string> all_notes(const Answer& answer) {
  std::vector<OwnedNote> owned;
  std::size_t supported = 0;
  for (const Estimate& e : answer.survey.estimates) {
    if (!e.supported) continue;
    ++supported;
    for (const std::string& text : e.assumptions) {
      if (shown_elsewhere(e, text)) continue;
      auto same = std::find_if(owned.begin(), owned.end(), [&](const OwnedNote& note) { return note.text == text; });
      if (same == owned.end()) same = owned.insert(owned.end(), {text, {}});
      same->owners.push_back(kind_label(e) + " " + engine_label(e));
    }
  }
  std::vector<std::string> notes = answer.notes;
  for (const OwnedNote& note : owned) {
    notes.push_back(note.owners.size() == supported ? note.text : fmt::format("{}: {}", join(note.owners, ", "), note.text));
  }
  return notes;
}

std::string survey_text(const Answer& answer, const TextStyle& style) {
  std::string out = headline(answer, style);
  out += "\n" + memory_text(answer, style);
  out += speed_table(answer, style);
  if (const Estimate* first = leading(answer.survey)) out += load_text(*first, style);
  out += disk_text(answer, style);
  out += gates_text(answer.gates, style);
  out += judged_text(answer.judged, style);
  out += notes_text(all_notes(answer), style);
  return out;
}

}  // namespace roofline::report
