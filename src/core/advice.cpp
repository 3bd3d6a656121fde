#include "roofline/core/advice.hpp"

#include <algorithm>

#include "core/text.hpp"

namespace roofline {
namespace {

const Estimate* leading_of(const Survey& survey) {
  const auto found = std::find_if(survey.estimates.begin(), survey.estimates.end(), [](const Estimate& e) { return e.supported; });
  return found == survey.estimates.end() ? nullptr : &*found;
}

// llama.cpp's sequences share the context; elsewhere each has one of that length.
std::int64_t cells_needed(const Engine& engine, const Workload& w) {
  const std::int64_t each = w.tokens();
  return engine.memory.kv_rule == KvRule::llama_cpp ? each * w.batch : each;
}

class Adviser {
 public:
  Adviser(const AdviceQuestion& asked, const Estimate& leading) : asked_(asked), leading_(leading) {}

  std::vector<Change> all() {
    other_engine();
    const Workload& w = leading_.workload;
    shorten(ChangeKind::shorter_context, w);
    std::optional<Workload> small_kv;
    if (asked_.smaller_kv && takes_kv_type(*leading_.engine, *leading_.model, w, *asked_.smaller_kv)) small_kv = with_kv(w, *asked_.smaller_kv);
    if (small_kv) {
      if (!try_workload(ChangeKind::smaller_kv, *small_kv)) shorten(ChangeKind::shorter_context_and_smaller_kv, *small_kv);
    }
    fewer_sequences();
    for (const Estimate& e : asked_.quantizations) changes_.push_back({ChangeKind::smaller_quantization, e});
    leave_layers();
    smaller_model();
    return std::move(changes_);
  }

 private:
  static Workload with_kv(Workload w, const WeightFormat& type) {
    w.kv_k = w.kv_v = type;
    return w;
  }

  // The leading engine on its unit, with another workload; null where it refuses that.
  std::optional<Estimate> again(const Workload& workload) const {
    Question q = asked_.question;
    q.engines = {leading_.engine};
    q.unit = leading_.unit->unit->kind;
    q.workload = workload;
    for (Estimate& e : survey(q).estimates) {
      if (e.supported && e.unit == leading_.unit) return std::move(e);
    }
    return std::nullopt;
  }

  bool try_workload(ChangeKind kind, const Workload& workload) {
    auto e = again(workload);
    if (!e || !fits_as_asked(*e)) return false;
    changes_.push_back({kind, std::move(*e)});
    return true;
  }

  void shorten(ChangeKind kind, Workload w) {
    const int most = memory_at(leading_, w).verdict.max_context_tokens;
    if (most >= w.context || most < cells_needed(*leading_.engine, w)) return;
    w.context = most;
    try_workload(kind, w);
  }

  void other_engine() {
    for (const Estimate& e : asked_.answered->estimates) {
      if (!e.supported || !fits_as_asked(e)) continue;
      changes_.push_back({ChangeKind::other_engine, e});
      return;
    }
  }

  // With the first engine that can: the leading one may keep everything on the card.
  void leave_layers() {
    for (const Estimate& e : asked_.answered->estimates) {
      if (!e.supported || !e.offload || e.offload->layers == 0 || e.offload->whole()) continue;
      changes_.push_back({ChangeKind::offload, e});
      return;
    }
  }

  // Where each sequence has its own cache: the most of them that fit.
  void fewer_sequences() {
    Workload w = leading_.workload;
    if (w.batch == 1 || leading_.engine->memory.kv_rule == KvRule::llama_cpp) return;
    int low = 0;
    int high = w.batch;
    while (high - low > 1) {
      w.batch = low + (high - low) / 2;
      const MemoryAnswer at = memory_at(leading_, w);
      (at.verdict.needed <= at.verdict.available ? low : high) = w.batch;
    }
    if (low == 0) return;
    w.batch = low;
    try_workload(ChangeKind::fewer_sequences, w);
  }

  void smaller_model() {
    for (const ModelSpec* sibling : asked_.siblings) {
      Question q = asked_.question;
      q.model = sibling;
      if (q.workload.tokens() > sibling->context) continue;
      for (Estimate& e : survey(q).estimates) {
        if (!e.supported || !fits_as_asked(e)) continue;
        changes_.push_back({ChangeKind::smaller_model, std::move(e)});
        return;
      }
    }
  }

  const AdviceQuestion& asked_;
  const Estimate& leading_;
  std::vector<Change> changes_;
};

// Every row that is stored in the type: the heads of a layer, or the latent.
bool divides(const ModelSpec& model, int block) {
  return std::all_of(model.layers.begin(), model.layers.end(), [&](const Layer& layer) {
    if (const auto* a = std::get_if<GroupedQueryAttention>(&layer.mixer)) return a->head_dim_k % block == 0 && a->head_dim_v % block == 0;
    if (const auto* m = std::get_if<LatentAttention>(&layer.mixer)) return (m->kv_lora_rank + m->rope_dim) % block == 0;
    return true;
  });
}

}  // namespace

std::string_view to_string(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::other_engine: return "other_engine";
    case ChangeKind::shorter_context: return "shorter_context";
    case ChangeKind::smaller_kv: return "smaller_kv";
    case ChangeKind::shorter_context_and_smaller_kv: return "shorter_context_and_smaller_kv";
    case ChangeKind::fewer_sequences: return "fewer_sequences";
    case ChangeKind::smaller_quantization: return "smaller_quantization";
    case ChangeKind::offload: return "offload";
    case ChangeKind::smaller_model: return "smaller_model";
  }
  return "?";
}

bool fits_as_asked(const Estimate& e) { return e.verdict.verdict == Verdict::fits || e.verdict.verdict == Verdict::tight; }

bool takes_kv_type(const Engine& engine, const ModelSpec& model, const Workload& workload, const WeightFormat& type) {
  if (!engine.kv_types.empty() && !text::contains(engine.kv_types, type.id)) return false;
  if (type.block_weights <= 1) return true;
  // Quantized values need flash attention; `auto` turns it on. [model.md#kv-cache]
  return workload.flash_attention != FlashAttention::off && divides(model, type.block_weights);
}

std::vector<Change> changes_that_fit(const AdviceQuestion& question) {
  const Estimate* leading = leading_of(*question.answered);
  if (leading == nullptr || fits_as_asked(*leading)) return {};
  return Adviser(question, *leading).all();
}

}  // namespace roofline
