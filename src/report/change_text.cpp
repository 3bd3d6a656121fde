#include "report/change_text.hpp"

#include <fmt/core.h>

#include "report/headline.hpp"
#include "roofline/report/units.hpp"

namespace roofline::report {
namespace {

double bits(const Estimate& e) { return 8 * e.memory.weights.in(unit::B) / parameter_count(*e.model); }

std::string tokens_kept(const Change& change, const Estimate& asked) {
  return fmt::format("{} of {} tokens", whole(change.estimate.workload.context), whole(asked.workload.context));
}

std::string kv_cost(const Change& change, const Estimate& asked) {
  return fmt::format("keys and values in {} bits instead of {}; quality not measured here",
                     number(bits_per_weight(change.estimate.workload.kv_k)), number(bits_per_weight(asked.workload.kv_k)));
}

}  // namespace

std::string option_text(const Change& change) {
  const Estimate& e = change.estimate;
  const Workload& w = e.workload;
  switch (change.kind) {
    case ChangeKind::other_engine: return fmt::format("--engine {} --unit {}", e.engine->id, to_string(e.unit->unit->kind));
    case ChangeKind::shorter_context: return fmt::format("--context {}", w.context);
    case ChangeKind::smaller_kv: return fmt::format("--kv-type {}", w.kv_k.id);
    case ChangeKind::shorter_context_and_smaller_kv: return fmt::format("--context {} --kv-type {}", w.context, w.kv_k.id);
    case ChangeKind::fewer_sequences: return fmt::format("--batch {}", w.batch);
    case ChangeKind::smaller_quantization: return fmt::format("--quant {}", quantization_label(e));
    case ChangeKind::offload: return fmt::format("--engine {}, {} of {} layers on the card", e.engine->id, e.offload->layers, e.offload->of);
    case ChangeKind::smaller_model: return fmt::format("--model {}", e.model->id);
  }
  return {};
}

std::string cost_text(const Change& change, const Estimate& asked) {
  const Estimate& e = change.estimate;
  switch (change.kind) {
    case ChangeKind::other_engine: return "nothing of the model: another engine needs less";
    case ChangeKind::shorter_context: return tokens_kept(change, asked);
    case ChangeKind::smaller_kv: return kv_cost(change, asked);
    case ChangeKind::shorter_context_and_smaller_kv: return tokens_kept(change, asked) + "; " + kv_cost(change, asked);
    case ChangeKind::fewer_sequences: return fmt::format("{} of {} sequences at a time", e.workload.batch, asked.workload.batch);
    case ChangeKind::smaller_quantization:
      return fmt::format("{} bits per weight instead of {}; quality not measured here", number(bits(e)),
                         number(bits(asked)));
    case ChangeKind::offload:
      return fmt::format("speed: the rest runs from host memory, which has to have {}; how fast is not known here",
                         binary_size(e.offload->host));
    case ChangeKind::smaller_model:
      return fmt::format("another model: {} parameters instead of {}", count(parameter_count(*e.model)), count(parameter_count(*asked.model)));
  }
  return {};
}

std::string speed_text(const Change& change) {
  const Estimate& e = change.estimate;
  if (change.kind == ChangeKind::offload) return "-";
  if (e.expected_decode) return number(e.expected_decode->phase.per_sequence().base());
  return "at most " + number(e.decode.per_sequence().base());
}

}  // namespace roofline::report
