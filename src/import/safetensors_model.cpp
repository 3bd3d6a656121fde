#include "roofline/import/safetensors_model.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>

#include "import/gguf_cursor.hpp"
#include "import/hf_tensors.hpp"
#include "roofline/core/tensors.hpp"

namespace roofline::import {
namespace {

// Types that store a weight by itself, as formats of the database.
struct Plain {
  std::string_view dtype;
  const char* format;
  std::uint64_t bytes;
};
constexpr std::array plain_types{Plain{"BF16", "bf16", 2}, Plain{"F16", "f16", 2}, Plain{"F32", "f32", 4}};

const Plain* plain(const SafeTensor& tensor) {
  const auto* found = std::find_if(plain_types.begin(), plain_types.end(), [&](const Plain& each) { return each.dtype == tensor.dtype; });
  return found == plain_types.end() ? nullptr : found;
}

// Tensors of a model that one tensor of a checkpoint holds side by side.
std::vector<std::string> roles_in(const std::string& role) {
  if (role == "attn_qkv") return {"attn_qkv", "attn_q", "attn_k", "attn_v"};
  if (role == "attn_kv_b") return {"attn_k_b", "attn_v_b"};
  if (role.rfind("ffn_gate_up", 0) == 0) {
    const std::string kind = role.substr(11);
    return {"ffn_gate" + kind, "ffn_up" + kind};
  }
  return {role};
}

struct Module {
  bool packed = false;
  const SafeTensor* weight = nullptr;  // the largest of its tensors
  HfPlace place;
};

std::map<std::string, Module> modules_of(const SafetensorsHeader& header) {
  std::map<std::string, Module> modules;
  for (const SafeTensor& tensor : header.tensors) {
    HfPlace place = hf_place(tensor.name);
    if (place.bias && !place.packed) continue;
    Module& module = modules[place.stem];
    module.packed = module.packed || place.packed;
    if (module.weight == nullptr || tensor.bytes > module.weight->bytes) {
      module.weight = &tensor;
      module.place = std::move(place);
    }
  }
  return modules;
}

bool is_matrix(const Module& module) { return module.weight->shape.size() > 1 && !module.place.role.empty(); }

class Fit {
 public:
  Fit(const SafetensorsHeader& header, ModelSpec& model, const Quantization& base, const std::function<const WeightFormat*(const std::string&)>& format)
      : header_(header), model_(model), base_(base), format_(format) {}

  Result<CheckpointFit> run() {
    out_.stored = base_;
    out_.stored.name = base_.id + " as stored in the files";
    out_.stored.cite = {Basis::derived, "derived", "tensor list of the files' headers", ""};
    types();
    for (const std::string& id : named_) {
      if (find_format(out_.stored, id) != nullptr) continue;
      const WeightFormat* found = format_(id);
      if (found == nullptr) return Problem{"tensor types", "no storage format is known for '" + id + "'"};
      out_.stored.formats.push_back(*found);
    }
    // The types are what the files say: no rule of a quantizer applies any more.
    for (WeightFormat& each : out_.stored.formats) each.fallback.clear();
    beyond_the_model();
    balance();
    return std::move(out_);
  }

 private:
  void types() {
    std::map<std::string, std::map<std::string, std::set<int>>> found;  // role -> type, empty if packed -> layers
    std::map<std::string, std::uint64_t> vectors;
    for (const auto& [stem, module] : modules_of(header_)) {
      const Plain* type = plain(*module.weight);
      const bool by_itself = !module.packed && type != nullptr;
      if (!is_matrix(module)) {
        if (by_itself && module.weight->shape.size() == 1 && module.place.role != "vision") vectors[type->format] += module.weight->bytes;
        continue;
      }
      for (const std::string& role : roles_in(module.place.role)) found[role][by_itself ? type->format : ""].insert(module.place.layer);
    }
    std::vector<QuantizationRule> rules;
    for (const auto& [role, kinds] : found) {
      for (const auto& [type, layers] : kinds) {
        if (type.empty()) continue;
        named_.insert(type);
        if (role == "ffn_gate_inp") out_.stored.router_format = type;
        QuantizationRule rule;
        rule.roles = {role};
        if (role == "token_embd") rule.roles = {model_.tied_embeddings ? "output" : "token_embd"};
        rule.format = type;
        if (kinds.size() > 1) rule.only_layers.assign(layers.begin(), layers.end());
        rules.push_back(std::move(rule));
      }
    }
    rules.insert(rules.end(), out_.stored.rules.begin(), out_.stored.rules.end());
    out_.stored.rules = std::move(rules);
    const auto most = std::max_element(vectors.begin(), vectors.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
    if (most != vectors.end()) {
      out_.stored.vector_format = most->first;
      named_.insert(most->first);
    }
  }

  // Bytes as a vector of the quantization's vector format; the rest that does not divide is left out (a byte at most).
  ExtraTensor as_vector(const char* role, std::uint64_t bytes, Access access) const {
    const WeightFormat* format = find_format(out_.stored, out_.stored.vector_format);
    const auto each = static_cast<std::uint64_t>(format != nullptr ? format->block_bytes : 1);
    ExtraTensor extra;
    extra.role = role;
    extra.rows = 1;
    extra.columns = static_cast<std::int64_t>(bytes / std::max<std::uint64_t>(each, 1));
    extra.vector = true;
    extra.access = access;
    extra.parameter = false;
    return extra;
  }

  // Encoders of images and draft layers: stored, and not read by a text token.
  void beyond_the_model() {
    std::uint64_t vision = 0;
    std::uint64_t draft = 0;
    std::uint64_t vision_elements = 0;
    const int layers = static_cast<int>(model_.layers.size());
    for (const SafeTensor& tensor : header_.tensors) {
      const HfPlace place = hf_place(tensor.name);
      if (place.role == "vision") {
        vision += tensor.bytes;
        vision_elements += element_count(tensor);
      } else if (place.role == "mtp" || place.layer >= layers) {
        draft += tensor.bytes;
      }
    }
    const bool counted = std::any_of(model_.extra.begin(), model_.extra.end(), [](const ExtraTensor& e) { return e.role == "vision"; });
    if (vision > 0 && !counted) {
      model_.extra.push_back(as_vector("vision", vision, Access::image_only));
      out_.notes.push_back("image or sound encoder: " + std::to_string(vision) + " bytes, " + std::to_string(vision_elements) + " parameters; a text token does not read it");
    }
    if (draft > 0) {
      model_.extra.push_back(as_vector("mtp", draft, Access::never));
      out_.notes.push_back("layers for drafting: " + std::to_string(draft) + " bytes, stored and not read");
    }
  }

  void balance() {
    const double described = total_bytes(stored_tensors(model_, out_.stored)).in(unit::B);
    const double difference = static_cast<double>(header_.tensor_bytes) - described;
    if (difference == 0) return;
    const std::string amount = std::to_string(static_cast<std::int64_t>(std::abs(difference)));
    if (difference < 0) {
      out_.notes.push_back("the files hold " + amount + " bytes less than the configuration describes");
    } else if (ExtraTensor rest = as_vector("rest", static_cast<std::uint64_t>(difference), Access::every_token); rest.columns > 0) {
      model_.extra.push_back(std::move(rest));
      out_.notes.push_back("the files hold " + amount + " bytes more than the configuration describes (scales, indices, tensors of unknown use); they are counted as read for every token");
    }
  }

  const SafetensorsHeader& header_;
  ModelSpec& model_;
  const Quantization& base_;
  const std::function<const WeightFormat*(const std::string&)>& format_;
  CheckpointFit out_;
  std::set<std::string> named_;
};

}  // namespace

FileTotals totals_of(const SafetensorsHeader& header) {
  FileTotals totals;
  std::map<std::string, RoleTotal> roles;
  for (const SafeTensor& tensor : header.tensors) {
    const HfPlace place = hf_place(tensor.name);
    const std::uint64_t elements = element_count(tensor);
    RoleTotal& total = roles[place.role.empty() ? "other" : place.bias ? place.role + ".bias" : place.role];
    ++total.tensors;
    total.elements += elements;
    total.bytes += static_cast<double>(tensor.bytes);
    total.bytes_by_type[printable(tensor.dtype)] += static_cast<double>(tensor.bytes);
    totals.elements += elements;
    totals.tensor_bytes += static_cast<double>(tensor.bytes);
  }
  totals.parameters = totals.elements;
  for (auto& [role, total] : roles) {
    total.role = role;
    totals.roles.push_back(total);
  }
  return totals;
}

std::string plain_type(const SafetensorsHeader& header) {
  std::map<std::string, std::uint64_t> bytes;
  for (const auto& [stem, module] : modules_of(header)) {
    if (!is_matrix(module)) continue;
    const Plain* type = plain(*module.weight);
    bytes[module.packed || type == nullptr ? "" : type->format] += module.weight->bytes;
  }
  const auto most = std::max_element(bytes.begin(), bytes.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  return most == bytes.end() ? std::string() : most->first;
}

Result<CheckpointFit> fit_checkpoint(const SafetensorsHeader& header, ModelSpec& model, const Quantization& base,
                                     const std::function<const WeightFormat*(const std::string&)>& format) {
  return Fit(header, model, base, format).run();
}

}  // namespace roofline::import
