#include <fmt/core.h>

#include <algorithm>
#include <cstdint>

#include "cli/inquiry.hpp"
#include "cli/values.hpp"
#include "roofline/db/units.hpp"
#include "roofline/report/units.hpp"

namespace roofline::cli {
namespace {

// Larger than any model's context; what remains representable through every product of token counts.
constexpr int most_tokens = 100'000'000;
constexpr int most_sequences = 65'536;

// KV types at least one of the engines keeps; empty if one of them does not restrict them.
std::vector<std::string> known_kv_types(const std::vector<const Engine*>& engines) {
  std::vector<std::string> types;
  for (const Engine* engine : engines) {
    if (engine->kv_types.empty()) return {};
    types.insert(types.end(), engine->kv_types.begin(), engine->kv_types.end());
  }
  std::sort(types.begin(), types.end());
  types.erase(std::unique(types.begin(), types.end()), types.end());
  return types;
}

WeightFormat kv_format(Context& context, const std::string& id, const std::string& option, const std::vector<std::string>& known) {
  const auto lookup = context.catalog().format(id);
  if (!lookup.diagnostics.empty()) fail(lookup.diagnostics);
  const bool listed = known.empty() || (lookup.value != nullptr && std::find(known.begin(), known.end(), lookup.value->id) != known.end());
  if (lookup.value != nullptr && listed) return *lookup.value;
  if (!known.empty()) fail_choice(option, id, known);
  return found(lookup, option + ": the KV type", id, "estimate list formats");
}

struct KvTypes {
  std::string k = "f16", v = "f16";
  std::string k_option = "--kv-type", v_option = "--kv-type";
};

KvTypes read_kv_types(const InquiryOptions& options) {
  KvTypes types;
  const auto both = single(options.kv_type, "--kv-type");
  const auto k = single(options.kv_type_k, "--kv-type-k");
  const auto v = single(options.kv_type_v, "--kv-type-v");
  if (both && (k || v)) throw UsageError("--kv-type sets keys and values; give either it or --kv-type-k and --kv-type-v");
  if (both) {
    const auto comma = both->find(',');
    types.k = both->substr(0, comma);
    types.v = comma == std::string::npos ? types.k : both->substr(comma + 1);
  }
  if (k) types = {*k, types.v, "--kv-type-k", types.v_option};
  if (v) types = {types.k, *v, types.k_option, "--kv-type-v"};
  return types;
}

FlashAttention read_flash_attention(const Values& values) {
  const auto text = single(values, "--flash-attn");
  if (!text || *text == "auto") return FlashAttention::automatic;
  if (*text == "on") return FlashAttention::on;
  if (*text == "off") return FlashAttention::off;
  fail_choice("--flash-attn", *text, {"on", "off", "auto"});
}

std::string tokens_text(double count) { return report::whole(count) + " tokens"; }

std::string asked_of(const Workload& w) {
  const std::string cached = w.cached > 0 ? fmt::format("--cached {}, ", w.cached) : "";
  return fmt::format("{}--prompt {} and --generate {}", cached, w.prompt, w.generated);
}

void refuse_beyond_model(const Workload& w, const ModelSpec& model) {
  if (w.tokens() <= model.context) return;
  throw UsageError(fmt::format("{} need {}; {} takes at most {}", asked_of(w), tokens_text(static_cast<double>(w.tokens())), model.name, tokens_text(model.context)));
}

// The context is of all sequences with llama.cpp and of each elsewhere: where it is of each, the survey refuses what the
// model does not take.
int given_context(const Workload& w, int asked, const ModelSpec& model) {
  const std::int64_t most = std::int64_t{model.context} * w.batch;
  if (asked > most) {
    const std::string all = w.batch > 1 ? fmt::format(", {} for {} sequences", report::whole(static_cast<double>(most)), w.batch) : "";
    throw UsageError(fmt::format("--context {}: {} takes at most {} per sequence{}", asked, model.name, tokens_text(model.context), all));
  }
  refuse_beyond_model(w, model);
  if (w.tokens() > asked) throw UsageError(fmt::format("--context {}: {} need {}", asked, asked_of(w), tokens_text(static_cast<double>(w.tokens()))));
  return asked;
}

int default_context(const Workload& w, const ModelSpec& model, std::vector<std::string>& notes) {
  refuse_beyond_model(w, model);
  const int needed = static_cast<int>(w.tokens());
  const int usual = Workload{}.context;
  const int context = std::min(std::max(usual, needed), model.context);
  if (context > usual) notes.push_back(fmt::format("context {}: what {}prompt and generation need", tokens_text(context), w.cached > 0 ? "cache, " : ""));
  if (context < usual) notes.push_back(fmt::format("context {}: the most {} takes", tokens_text(context), model.name));
  return context;
}

int read_batch(const InquiryOptions& options) {
  const auto batch = whole_number(options.batch, "--batch", 1, most_sequences);
  const auto parallel = whole_number(options.parallel, "--parallel", 1, most_sequences);
  if (batch && parallel) throw UsageError("--parallel is another name of --batch; give one of them");
  return batch ? *batch : parallel.value_or(Workload{}.batch);
}

// Layers of their own keep an image's tokens where the model has such; elsewhere they are part of the prompt.
void add_image(Workload& w, int tokens, const ModelSpec& model, std::vector<std::string>& notes) {
  if (tokens == 0) return;
  const bool layers_of_their_own =
      std::any_of(model.layers.begin(), model.layers.end(), [](const Layer& layer) { return std::holds_alternative<CrossAttention>(layer.mixer); });
  if (layers_of_their_own) {
    w.image_tokens = tokens;
    return;
  }
  if (tokens > most_tokens - w.prompt) throw UsageError(fmt::format("--image-tokens {}: too many beside the prompt", tokens));
  w.prompt += tokens;
  notes.push_back(fmt::format("{} of images stand in the prompt, as text does: {} has no layers of their own for them", tokens_text(tokens), model.name));
}

// What the program accepts is what it may advise.
std::string advice(const Workload& w) {
  const std::int64_t enough = w.tokens() * w.batch;
  return enough <= most_tokens ? fmt::format("raise --context to {}", enough) : "ask for fewer sequences";
}

}  // namespace

Workload read_workload(Context& context, const InquiryOptions& o, const ModelSpec& model, const std::vector<const Engine*>& engines,
                       std::vector<std::string>& notes) {
  Workload w;
  w.prompt = whole_number(o.prompt, "--prompt", 1, most_tokens).value_or(w.prompt);
  w.cached = whole_number(o.cached, "--cached", 0, most_tokens).value_or(w.cached);
  w.generated = whole_number(o.generate, "--generate", 1, most_tokens).value_or(w.generated);
  w.batch = read_batch(o);
  w.ubatch = whole_number(o.ubatch, "--ubatch", 1, most_tokens).value_or(w.ubatch);
  w.unified_kv = o.kv_unified;
  w.full_window_cache = o.swa_full;
  w.mapped_file = !o.no_mmap;
  w.repack = !o.no_repack;
  add_image(w, whole_number(o.image_tokens, "--image-tokens", 0, most_tokens).value_or(0), model, notes);
  w.flash_attention = read_flash_attention(o.flash_attention);
  const auto asked = whole_number(o.context, "--context", 1, most_tokens);
  w.context = asked ? given_context(w, *asked, model) : default_context(w, model, notes);
  const KvTypes kv = read_kv_types(o);
  const auto known = known_kv_types(engines);
  w.kv_k = kv_format(context, lower(kv.k), kv.k_option, known);
  w.kv_v = kv_format(context, lower(kv.v), kv.v_option, known);
  if (w.cached > 0) notes.push_back(fmt::format("{} of each sequence stand in the KV cache before the prompt (--cached)", tokens_text(w.cached)));
  const int share = w.context / w.batch;
  const bool any_shares = std::any_of(engines.begin(), engines.end(), [](const Engine* engine) { return engine->memory.kv_rule == KvRule::llama_cpp; });
  if (w.batch > 1 && any_shares && share < w.tokens()) {
    notes.push_back(fmt::format("engines whose sequences share the context (llama.cpp) leave {} to each, less than {}prompt and generation "
                                "need: {}",
                                tokens_text(share), w.cached > 0 ? "cache, " : "", advice(w)));
  }
  return w;
}

}  // namespace roofline::cli
