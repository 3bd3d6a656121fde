// Closed forms of llama.cpp's memory accounting, checked against the engine's own figures in tests/unit/core.
#include <algorithm>

#include "roofline/core/footprint.hpp"

namespace roofline {
namespace {

constexpr double f32_bytes = 4.0;
// Side of the fixed Hadamard block that quantized K and V are rotated with. [model.md#compute-buffer]
constexpr double rotation_side = 64.0;

// Up to a whole multiple; llama.cpp pads cells so. [model.md#kv-cache]
double pad(double cells, int padding) {
  const int step = std::max(1, padding);
  return static_cast<double>((static_cast<long long>(cells) + step - 1) / step * step);
}

bool is_quantized(const WeightFormat& format) { return format.block_weights > 1; }
bool is_f32(const WeightFormat& format) { return format.block_weights == 1 && format.block_bytes == 4; }

// The model's dimensions under the names of the closed forms.
struct Shape {
  double d = 0;        // hidden
  double heads = 0;
  double head_dim = 0;
  double a = 0;        // heads x head_dim
  double kv = 0;       // kv heads x head_dim
  double ff = 0;
  double experts_used = 0;  // 0: dense
  double vocabulary = 0;
  bool windowed = false;
  int window = 0;
};

Shape shape_of(const ModelSpec& model) {
  Shape s;
  const AttentionShape attention = attention_shape(model);
  s.d = model.hidden;
  s.heads = attention.heads;
  s.head_dim = attention.head_dim;
  s.a = s.heads * s.head_dim;
  s.kv = attention.kv_heads * s.head_dim;
  s.vocabulary = static_cast<double>(model.gguf_vocabulary > 0 ? model.gguf_vocabulary : model.vocabulary);
  for (const Layer& layer : model.layers) {
    if (const auto* dense = std::get_if<DenseFeedForward>(&layer.feed_forward)) s.ff = std::max(s.ff, static_cast<double>(dense->size));
    if (const auto* moe = std::get_if<MixtureOfExperts>(&layer.feed_forward)) {
      s.ff = moe->size;
      s.experts_used = moe->top_k;
    }
    const auto* grouped = std::get_if<GroupedQueryAttention>(&layer.mixer);
    if (grouped != nullptr && grouped->window_kind != WindowKind::none) {
      s.windowed = true;
      s.window = grouped->window;
    }
  }
  return s;
}

}  // namespace

Bytes llama_compute_buffer(const ModelSpec& model, const Workload& workload, BufferForm form, int padding) {
  const Shape s = shape_of(model);
  const bool gemma = form == BufferForm::gemma;
  const bool flash = workload.flash_attention != FlashAttention::off;
  const double sequences = workload.batch;
  const double streams = workload.unified_kv ? 1 : sequences;
  const double cells = streams > 1 ? pad(pad(workload.context, padding) / sequences, padding) : pad(workload.context, padding);
  double n = cells;
  if (s.windowed) {
    const double window_cells = workload.full_window_cache ? cells : std::min(cells, pad(s.window * (workload.unified_kv ? sequences : 1) + workload.ubatch, padding));
    n += window_cells;
  }
  const double ub = std::min(workload.ubatch, workload.context);
  const double outputs = workload.outputs > 0 ? std::min<double>(workload.outputs, ub) : ub;
  const bool quantized = is_quantized(workload.kv_k) || is_quantized(workload.kv_v);
  const bool f32_kv = is_f32(workload.kv_k) || is_f32(workload.kv_v);

  const double mask = (flash ? 2.0 : 4.0) * n * ub;
  const double small = (s.windowed ? 40.0 : 24.0) * ub;
  const double rotation = quantized ? (s.windowed ? 2.0 : 1.0) * f32_bytes * (s.head_dim * s.head_dim + rotation_side * rotation_side) : 0.0;
  const double hole = s.a < 2 * s.d ? s.a : s.a - s.d;

  double logits = f32_bytes * outputs * (s.vocabulary + 2 * s.d);
  if (gemma && outputs >= ub && n >= 1024) logits += f32_bytes * outputs * s.d;

  double ffn = 0;
  const double cast = f32_bytes * n * s.kv;
  const bool casting = f32_kv && flash;
  if (s.experts_used > 0) {
    const double wide = s.ff * s.experts_used;
    ffn = f32_bytes * ub * std::max(3 * wide + 4 * s.d, wide + 2 * s.d * s.experts_used + 3 * s.d) + mask;
  } else {
    double residual = 3 * s.d + hole;
    if (quantized && flash) {
      residual = form == BufferForm::llama ? 3 * s.d : form == BufferForm::qwen3 ? 3 * s.d + hole : 3 * s.d + 2 * s.a;
    }
    const bool cast_is_small = cast <= f32_bytes * ub * s.d;
    if (casting && !cast_is_small) residual = 3 * s.d;
    ffn = f32_bytes * ub * (3 * s.ff + residual) + mask + small + rotation;
    if (casting && cast_is_small) ffn += cast;
  }

  double attention = 0;
  if (gemma && !flash) {
    attention = f32_bytes * ub * (3 * s.d + 2 * s.a + 4 * s.kv + std::max(3 * s.ff, s.heads * cells)) + mask;
  } else {
    attention = f32_bytes * ub * ((flash ? 0.0 : s.heads * n) + 3 * s.d + 2 * s.a + 2 * s.kv) + mask;
  }
  if (casting && cast > f32_bytes * ub * s.d) attention = f32_bytes * ub * (3 * s.d + 2 * s.a) + cast + mask;

  return std::max({logits, ffn, attention}) * unit::B;
}

namespace {

// One cell's keys or values. A scale per tensor is one per layer, whatever the cells, and not counted.
Bytes kv_row(const WeightFormat& format, std::int64_t elements) {
  return stored_bytes(format, 1, elements) - static_cast<double>(format.tensor_bytes) * unit::B;
}

// Cells of one layer's cache, summed over sequences.
double layer_cells(const GroupedQueryAttention& a, const Workload& w, KvRule rule, int padding) {
  const auto padded = [&](double cells) { return pad(cells, padding); };
  const bool windowed = a.window_kind != WindowKind::none && a.window > 0;
  const double sequences = w.batch;
  if (rule == KvRule::dense) {
    const double cells = windowed ? std::min(w.context, a.window) : w.context;
    return sequences * padded(cells);
  }
  const bool one = w.unified_kv || w.batch == 1;
  const double cells = one ? padded(w.context) : padded(padded(w.context) / sequences);
  const double streams = one ? 1 : sequences;
  if (!windowed || w.full_window_cache) return streams * cells;
  return streams * std::min(cells, padded(static_cast<double>(a.window) * (w.unified_kv ? sequences : 1) + w.ubatch));
}

}  // namespace

namespace {

// What one layer keeps for all sequences.
Bytes layer_cache(const Layer& layer, const Workload& workload, KvRule rule, int padding) {
  if (const auto* a = std::get_if<GroupedQueryAttention>(&layer.mixer)) {
    if (a->shares_kv) return {};
    const Bytes row = kv_row(workload.kv_k, static_cast<std::int64_t>(a->kv_heads) * a->head_dim_k) +
                      kv_row(workload.kv_v, static_cast<std::int64_t>(a->kv_heads) * a->head_dim_v);
    return layer_cells(*a, workload, rule, padding) * row;
  }
  if (const auto* m = std::get_if<LatentAttention>(&layer.mixer)) {
    GroupedQueryAttention whole;
    const Bytes row = kv_row(workload.kv_k, static_cast<std::int64_t>(m->kv_lora_rank) + m->rope_dim);
    return layer_cells(whole, workload, rule, padding) * row;
  }
  if (const auto* c = std::get_if<CrossAttention>(&layer.mixer)) {
    const std::int64_t width = static_cast<std::int64_t>(c->kv_heads) * c->head_dim;
    const double rows = static_cast<double>(workload.batch) * workload.image_tokens;
    return rows * (stored_bytes(workload.kv_k, 1, width) + stored_bytes(workload.kv_v, 1, width));
  }
  if (const auto* r = std::get_if<RecurrentMixer>(&layer.mixer)) {
    return workload.batch * f32_bytes * static_cast<double>(r->state_elements + r->conv_elements) * unit::B;
  }
  return {};
}

}  // namespace

Bytes kv_cache_bytes(const ModelSpec& model, const Workload& workload, KvRule rule, int padding) {
  Bytes total;
  for (const Layer& layer : model.layers) total += layer_cache(layer, workload, rule, padding);
  return total;
}

std::vector<Bytes> kv_cache_by_layer(const ModelSpec& model, const Workload& workload, const MemoryRules& rules) {
  std::vector<Bytes> layers;
  for (const Layer& layer : model.layers) layers.push_back(layer_cache(layer, workload, rules.kv_rule, rules.kv_padding));
  return layers;
}

Bytes kv_cache_bytes(const ModelSpec& model, const Workload& workload, const MemoryRules& rules) {
  return kv_cache_bytes(model, workload, rules.kv_rule, rules.kv_padding);
}

Bytes kv_bytes_per_token(const ModelSpec& model, const WeightFormat& k, const WeightFormat& v) {
  Bytes total;
  for (const Layer& layer : model.layers) {
    if (const auto* a = std::get_if<GroupedQueryAttention>(&layer.mixer)) {
      if (a->shares_kv) continue;
      total += kv_row(k, static_cast<std::int64_t>(a->kv_heads) * a->head_dim_k) +
               kv_row(v, static_cast<std::int64_t>(a->kv_heads) * a->head_dim_v);
    } else if (const auto* m = std::get_if<LatentAttention>(&layer.mixer)) {
      total += kv_row(k, static_cast<std::int64_t>(m->kv_lora_rank) + m->rope_dim);
    }
  }
  return total;
}

}  // namespace roofline
