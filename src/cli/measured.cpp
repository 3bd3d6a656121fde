#include "cli/inquiry.hpp"
#include "cli/values.hpp"
#include "roofline/validate/comparison.hpp"

namespace roofline::cli {
namespace {

report::Judged judged(const Estimate& estimate, Phase phase, const validate::PhaseComparison& comparison) {
  report::Judged result;
  result.estimate = &estimate;
  result.phase = phase;
  result.measured = comparison.measured;
  result.judgement = validate::to_string(comparison.judgement);
  if (!comparison.expected && comparison.judgement != validate::Judgement::above_ceiling) {
    result.judgement = "not above the ceiling; there is no expected speed to compare with";
  }
  result.ratio = comparison.ratio;
  result.likely_reasons = comparison.likely_reasons;
  return result;
}

// The same engine, unit and quantization at every other power mode whose clocks are known.
std::vector<Estimate> at_other_modes(Context& context, const Inquiry& inquiry, const Estimate& estimate,
                                     std::vector<std::unique_ptr<OperatingPoint>>& points) {
  std::vector<Estimate> result;
  for (const PowerMode& mode : inquiry.device->modes) {
    if (!mode.unknown.empty() || &mode == inquiry.point->mode) continue;
    points.push_back(point_at(inquiry, &mode));
    Question q = question(context, inquiry, *points.back());
    q.engines = {estimate.engine};
    q.unit = estimate.unit->unit->kind;
    q.quantization = estimate.quantization->id;
    for (Estimate& other : survey(q).estimates) {
      if (other.supported) result.push_back(std::move(other));
    }
  }
  return result;
}

}  // namespace

std::vector<report::Judged> judge(Context& context, const Inquiry& inquiry, const report::Answer& answer, const InquiryOptions& options) {
  const auto decode = positive_number(options.measured_decode, "--measured-decode");
  const auto prefill = positive_number(options.measured_prefill, "--measured-prefill");
  if (!decode && !prefill) return {};
  const Estimate* estimate = report::leading(answer.survey);
  if (estimate == nullptr) return {};
  std::vector<std::unique_ptr<OperatingPoint>> points;  // outlive the estimates made from them
  const auto others = at_other_modes(context, inquiry, *estimate, points);
  const auto comparison = validate::compare(*estimate, decode, prefill, others);
  std::vector<report::Judged> result;
  if (comparison.decode) result.push_back(judged(*estimate, Phase::decode, *comparison.decode));
  if (comparison.prefill) result.push_back(judged(*estimate, Phase::prefill, *comparison.prefill));
  return result;
}

}  // namespace roofline::cli
