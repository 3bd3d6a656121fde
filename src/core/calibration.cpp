#include "roofline/core/calibration.hpp"

namespace roofline {

std::string_view model_class(const ModelSpec& model) {
  for (const Layer& layer : model.layers) {
    if (std::holds_alternative<RecurrentMixer>(layer.mixer)) return "recurrent";
  }
  return expert_count(model) > 0 ? "routed" : "dense";
}

const Constant* find_constant(const Calibration& calibration, Phase phase, UnitKind unit, std::string_view device,
                              std::string_view family, std::string_view format_family, std::string_view model_class) {
  const Constant* best = nullptr;
  int best_score = -1;
  for (const Constant& constant : calibration.constants) {
    if (constant.phase != phase || constant.unit != unit) continue;
    if (!constant.device.empty() && constant.device != device) continue;
    if (!constant.family.empty() && constant.family != family) continue;
    if (!constant.format_family.empty() && constant.format_family != format_family) continue;
    if (!constant.model_class.empty() && constant.model_class != model_class) continue;
    const int score = (constant.model_class.empty() ? 0 : 8) + (constant.device.empty() ? 0 : 4) + (constant.family.empty() ? 0 : 2) + (constant.format_family.empty() ? 0 : 1);
    if (score > best_score) {
      best = &constant;
      best_score = score;
    }
  }
  return best;
}

}  // namespace roofline
