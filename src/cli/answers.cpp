#include <algorithm>
#include <set>

#include "cli/inquiry.hpp"

namespace roofline::cli {
namespace {

constexpr std::size_t most_suggestions = 3;

bool fits(const Estimate& e) { return e.verdict.verdict == Verdict::fits || e.verdict.verdict == Verdict::tight; }

// Other quantizations of the same engine on the same unit that fit, the largest (least lossy) first.
std::vector<Estimate> would_fit(const Question& question, const Estimate& leading) {
  std::set<std::string> names;
  for (const Support& cell : leading.engine->support) names.insert(cell.quantizations.begin(), cell.quantizations.end());
  std::vector<Estimate> found;
  Question other = question;
  other.engines = {leading.engine};
  other.unit = leading.unit->unit->kind;
  for (const std::string& name : names) {
    const Quantization* quantization = question.find_quantization(name);
    if (quantization == nullptr || total_bytes(stored_tensors(*question.model, *quantization)) > leading.verdict.usable) continue;
    other.quantization = name;
    for (Estimate& e : survey(other).estimates) {
      if (e.supported && fits(e)) found.push_back(std::move(e));
    }
  }
  std::stable_sort(found.begin(), found.end(), [](const Estimate& a, const Estimate& b) { return a.memory.weights > b.memory.weights; });
  if (found.size() > most_suggestions) found.resize(most_suggestions);
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
  a.survey = survey(q);
  const Estimate* leading = report::leading(a.survey);
  if (leading != nullptr && !fits(*leading)) a.would_fit = would_fit(q, *leading);
  return a;
}

}  // namespace roofline::cli
