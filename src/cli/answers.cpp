#include <algorithm>
#include <set>

#include "cli/inquiry.hpp"

namespace roofline::cli {
namespace {

constexpr std::size_t most_suggestions = 3;

bool fits(const Estimate& e) { return e.verdict.verdict == Verdict::fits || e.verdict.verdict == Verdict::tight; }

struct Candidate {
  const Quantization* quantization = nullptr;
  Bytes weights;
};

// What any engine asked about runs with weights that could fit, the largest (least lossy) first.
std::vector<Candidate> candidates(const Question& question) {
  Bytes room;
  for (const MemoryPoint& memory : question.point->memories) room = std::max(room, memory.capacity.value);
  std::set<std::string> names;
  for (const Engine* engine : question.engines) {
    for (const Support& cell : engine->support) {
      if (!cell.refused) names.insert(cell.quantizations.begin(), cell.quantizations.end());
    }
  }
  std::vector<Candidate> found;
  for (const std::string& name : names) {
    const Quantization* quantization = question.find_quantization(name);
    if (quantization == nullptr) continue;
    const Bytes weights = total_bytes(stored_tensors(*question.model, *quantization));
    if (weights <= room) found.push_back({quantization, weights});
  }
  std::stable_sort(found.begin(), found.end(), [](const Candidate& a, const Candidate& b) { return a.weights > b.weights; });
  return found;
}

// Other quantizations that fit with some engine on some unit asked about, each on the fastest that it fits with.
std::vector<Estimate> would_fit(const Question& question, const Survey& answered) {
  std::set<std::string> shown;
  for (const Estimate& e : answered.estimates) {
    if (e.supported && fits(e)) shown.insert(report::shown_id(*e.quantization));
  }
  std::vector<Estimate> found;
  Question other = question;
  for (const Candidate& candidate : candidates(question)) {
    if (found.size() == most_suggestions) break;
    if (shown.contains(report::shown_id(*candidate.quantization))) continue;
    other.quantization = candidate.quantization->id;
    for (Estimate& e : survey(other).estimates) {
      if (!e.supported || !fits(e) || !shown.insert(report::shown_id(*e.quantization)).second) continue;
      found.push_back(std::move(e));
      break;
    }
  }
  std::stable_sort(found.begin(), found.end(), [](const Estimate& a, const Estimate& b) { return a.memory.weights > b.memory.weights; });
  return found;
}

}  // namespace

report::Answer answer(Context& context, const Inquiry& inquiry) {
  const Question q = question(context, inquiry, *inquiry.point);
  report::Answer a;
  a.point = inquiry.point.get();
  a.model = inquiry.model;
  a.quantization = inquiry.quantization;
  a.workload = inquiry.workload;
  a.notes = inquiry.notes;
  a.disk = inquiry.disk;
  a.survey = survey(q);
  const Estimate* leading = report::leading(a.survey);
  if (leading != nullptr && !fits(*leading)) a.would_fit = would_fit(q, a.survey);
  return a;
}

}  // namespace roofline::cli
