#include "roofline/import/hf_config.hpp"

#include <algorithm>
#include <cstdint>
#include <exception>

#include "import/gguf_cursor.hpp"
#include "import/hf_builder.hpp"
#include "import/hf_quantization.hpp"
#include "import/ids.hpp"

namespace roofline::import {
namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string list;
  for (const std::string& word : words) list += (list.empty() ? "" : ", ") + word;
  return list;
}

// Models that see, hear or speak keep their language model's keys in a part of their own.
Json& text_part(Json& root) {
  for (const char* key : {"text_config", "llm_config", "language_config", "thinker_config"}) {
    const auto part = root.find(key);
    if (part == root.end() || !part->is_object()) continue;
    const auto inner = part->find("text_config");
    return inner != part->end() && inner->is_object() ? *inner : *part;
  }
  return root;
}

}  // namespace

ConfigBuilder::ConfigBuilder(const Json& root, const Json& text, const ConfigOptions& options) : facts_(root, text), options_(options), root_(root) {
  out_.model_type = type_of(text);
  if (out_.model_type.empty()) out_.model_type = type_of(root);
  const std::string wanted = options.architecture.empty() ? out_.model_type : options.architecture;
  architecture_ = find_architecture(wanted);
}

Result<ImportedConfig> ConfigBuilder::build() {
  if (architecture_ == nullptr) return unknown();
  a_ = *architecture_;
  sizes();
  const std::vector<Mixer> mixers = all_mixers();
  const std::vector<FeedForward> forwards = feed_forwards();
  if (facts_.sound()) special_tensors();
  if (!facts_.sound()) {
    return Problem{std::string(a_.type), "the file does not describe the model; " + facts_.complaint() + " (`estimate import FILE --set KEY=VALUE` states what is not there)"};
  }
  for (std::size_t i = 0; i < mixers.size(); ++i) m_.layers.push_back({mixers[i], forwards[i]});
  vision_note();
  out_.quantization = quantization_of_config(root_);
  out_.dtype = facts_.text_or("torch_dtype", facts_.text_or("dtype", ""));
  return std::move(out_);
}

std::string ConfigBuilder::type_of(const Json& object) {
  const auto type = object.find("model_type");
  return type != object.end() && type->is_string() ? printable(type->get_ref<const std::string&>()) : std::string();
}

Problem ConfigBuilder::unknown() {
  const std::string known = "; `estimate import FILE --architecture TYPE` reads it as one of these: " + joined(architecture_types());
  if (!options_.architecture.empty()) return Problem{"--architecture", "'" + printable(options_.architecture) + "' is not known" + known};
  // What every one of them needs, so that the user sees what to state.
  facts_.needed({"num_hidden_layers", "n_layer", "num_layers", "n_layers"}, most_layers);
  facts_.needed({"hidden_size", "n_embd", "d_model"}, widest);
  facts_.needed({"vocab_size", "padded_vocab_size"}, most_words);
  facts_.needed({"num_attention_heads", "n_head"}, most_heads);
  facts_.needed({"intermediate_size", "ffn_hidden_size", "n_inner"}, widest);
  facts_.needed({"max_position_embeddings", "seq_length", "n_positions", "max_sequence_length"}, longest);
  const std::string what = out_.model_type.empty() ? "model_type is missing" : "architecture '" + out_.model_type + "' is not known";
  const std::string rest = facts_.sound() ? "the usual keys are all there, but not how its layers are made up" : facts_.complaint();
  return Problem{out_.model_type.empty() ? "model_type" : out_.model_type, what + "; " + rest + known};
}

int ConfigBuilder::needed(Keys keys, int most) {
  if (facts_.has(keys)) return facts_.needed(keys, most);
  if (const int value = class_default(a_.type, *keys.begin()); value > 0) {
    out_.notes.push_back(std::string(*keys.begin()) + " is not in the file: " + std::to_string(value) + " is the class's own");
    return value;
  }
  return facts_.needed(keys, most);
}

bool ConfigBuilder::says(Says rule, Keys keys) {
  if (rule == Says::by_key) return facts_.flag_or(keys, false);
  return rule == Says::always;
}

void ConfigBuilder::sizes() {
  m_.name = facts_.text_or("_name_or_path", "");
  m_.name = m_.name.substr(m_.name.rfind('/') == std::string::npos ? 0 : m_.name.rfind('/') + 1);
  if (m_.name.empty()) m_.name = printable(options_.name);
  if (m_.name.empty()) m_.name = out_.model_type.empty() ? std::string(a_.type) : out_.model_type;
  m_.id = id_of(m_.name);
  m_.family = a_.family;
  const Json* classes = facts_.find("architectures");
  const auto named = root_.find("architectures");
  if (named != root_.end() && named->is_array()) classes = &*named;
  if (classes != nullptr && classes->is_array() && !classes->empty() && classes->front().is_string()) {
    m_.architecture = printable(classes->front().get_ref<const std::string&>());
  }
  layers_ = needed({"num_hidden_layers", "n_layer", "num_layers", "n_layers"}, most_layers);
  if (a_.layout == Layout::blocks) block_pattern();
  if (a_.layout == Layout::blocks && facts_.has({"num_experts_per_tok"}) && facts_.has({"n_routed_experts"})) m_.family = "nemotron_h_moe";
  m_.hidden = needed({"hidden_size", "n_embd", "d_model"}, widest);
  m_.vocabulary = needed({"vocab_size", "padded_vocab_size"}, most_words);
  m_.embedding_rows = m_.vocabulary;
  m_.context = needed({"max_position_embeddings", "seq_length", "n_positions", "max_sequence_length", "max_seq_len"}, longest);
  m_.tied_embeddings = facts_.flag_or({"tie_word_embeddings", "tie_embedding"}, a_.tied);
  m_.norms_per_layer = a_.norms;
  m_.norm_bias = a_.norm_bias;
  if (a_.type == "falcon" && facts_.flag_or({"new_decoder_architecture"}, false)) m_.norms_per_layer = 2;
  if (a_.type == "stablelm" && facts_.flag_or({"use_parallel_residual"}, false)) m_.norms_per_layer = 1;
  if (a_.type == "cohere" && facts_.flag_or({"use_qk_norm"}, false)) facts_.wrong("use_qk_norm (norms of every head on its own are not modelled)");
  m_.rope_freqs = 0;
  if (const Json* scaling = facts_.find("rope_scaling"); scaling != nullptr && scaling->is_object()) {
    const auto type = scaling->find("rope_type");
    // llama.cpp's converter writes the factors of this scheme as a tensor of half a head. [llama.cpp convert_hf_to_gguf.py, rope_freqs]
    llama3_rope_ = type != scaling->end() && type->is_string() && *type == "llama3";
  }
}

void ConfigBuilder::extra(const char* role, std::int64_t rows, std::int64_t columns, std::int64_t count, bool vector, Access access) {
  if (count <= 0 || columns <= 0) return;
  ExtraTensor tensor;
  tensor.role = role;
  tensor.rows = rows;
  tensor.columns = columns;
  tensor.count = count;
  tensor.vector = vector;
  tensor.access = access;
  m_.extra.push_back(std::move(tensor));
}

// What an architecture has besides the layers' usual tensors.
void ConfigBuilder::special_tensors() {
  const int experts = facts_.number_or({"num_experts", "num_local_experts", "n_routed_experts"}, 0, most_heads, 0);
  if (a_.layout == Layout::delta_hybrid) {
    // Attention layers gate their output: as many rows as the queries once more.
    const GroupedQueryAttention g = attention();
    extra("attn_q", static_cast<std::int64_t>(g.heads) * g.head_dim_k, m_.hidden, attending_layers(), false);
  }
  if (experts > 0 && (a_.layout == Layout::delta_hybrid || a_.type == "qwen2_moe")) extra("ffn_gate_inp", 1, m_.hidden, layers_, true);
  if (a_.type == "gpt_oss") {
    // Biases of gate, up (expert width each) and down (hidden); those of the chosen experts are read. One sink per head.
    const GroupedQueryAttention g = attention();
    const MixtureOfExperts moe = mixture(experts > 0 ? experts : 1);
    const std::int64_t each = 2LL * moe.size + m_.hidden;
    extra("ffn_up_exps", 1, each * moe.top_k, layers_, true);
    extra("ffn_up_exps", 1, each * (moe.count - moe.top_k), layers_, true, Access::never);
    extra("attn_output", 1, g.heads, layers_, true);
  }
  if (a_.layout == Layout::per_layer) layer_embeddings(experts);
  if (a_.layout == Layout::rwkv7) extra("token_embd", 1, 2LL * m_.hidden, 1, true);  // a norm with its bias before the first layer
  if (a_.type == "phi") extra("output", 1, m_.vocabulary, 1, true);
  if (a_.layout == Layout::cross) {
    const GroupedQueryAttention g = attention();
    // Norms of query and key heads, and two gates.
    extra("cross_attn_q", 1, 2LL * g.head_dim_k + 2, static_cast<std::int64_t>(facts_.numbers({"cross_attention_layers"}, 0, layers_ - 1).size()), true, Access::image_only);
  }
}

// Gemma 3n and 4. Vectors of 3n's layers: router and its norm, corrections and predictions between n streams, post norms.
// (modeling_gemma3n.py, Gemma3nTextAltUp, Gemma3nTextLaurelBlock; modeling_gemma4.py)
void ConfigBuilder::layer_embeddings(int experts) {
  const std::int64_t hidden = m_.hidden;
  const std::int64_t width = facts_.number_or({"hidden_size_per_layer_input"}, 0, widest, 0);
  const std::int64_t rows = facts_.number_or({"vocab_size_per_layer_input"}, 1, most_words, static_cast<int>(m_.vocabulary));
  const bool third = a_.type == "gemma3n_text";
  if (width > 0) {
    extra("per_layer_token_embd", rows, width * layers_, 1, false, Access::one_row);
    extra("per_layer_model_proj", width * layers_, hidden, 1, false);
    extra("inp_gate", width, hidden, layers_, false);
    extra("proj", hidden, width, layers_, false);
    extra("per_layer_model_proj", 1, width, 1, true);
    if (!third) extra("proj", 1, hidden, layers_, true);
  }
  if (third) {
    const std::int64_t streams = facts_.needed({"altup_num_inputs"}, 64);
    const std::int64_t rank = facts_.needed({"laurel_rank"}, widest);
    extra("altup", hidden, hidden, 2 * (streams - 1), false);
    extra("laurel", rank, hidden, layers_, false);
    extra("laurel", hidden, rank, layers_, false);
    extra("altup", 1, hidden * (streams + 4) + streams * streams + streams * streams * streams, layers_, true);
    return;
  }
  extra("proj", 1, 1, layers_, true);
  if (experts == 0) return;
  m_.norms_per_layer = 7;
  extra("ffn_gate_inp", 1, hidden, layers_, true);
  extra("ffn_down_exps", 1, experts, layers_, true);
}

void ConfigBuilder::vision_note() {
  for (const char* key : {"vision_config", "audio_config", "visual", "vit_config"}) {
    if (root_.find(key) == root_.end()) continue;
    out_.notes.push_back(std::string(key) + ": the encoder it describes is not in the sizes; a text token does not read it");
  }
}

Result<ImportedConfig> model_of_config(const std::string& text, const ConfigOptions& options) {
  try {
    JsonLimits limits;
    limits.bytes = std::uint64_t{4} << 20U;
    limits.values = 200'000;
    Result<Json> json = parse_json(text, limits);
    if (!json) return *json.problem;
    Json& root = *json.value;
    if (!root.is_object()) return Problem{"line 1, column 1", "no object: a config.json begins with '{'"};
    Json& part = text_part(root);
    for (const auto& [key, value] : options.stated) {
      Result<Json> stated = parse_json(value, limits);
      if (!stated) stated = Result<Json>(Json(value));  // a word
      if (const auto at = part.find(key); at != part.end() && !at->is_null()) return Problem{"--set " + printable(key), "the file says it already: " + printable(at->dump())};
      part[key] = *stated.value;
    }
    return ConfigBuilder(root, part, options).build();
  } catch (const std::exception& error) {
    return Problem{"line 1, column 1", printable(error.what())};
  }
}

std::vector<std::string> config_architectures() { return architecture_types(); }

}  // namespace roofline::import
