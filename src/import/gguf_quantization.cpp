// The types a file's tensors really have, as a quantization.
#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "import/gguf_facts.hpp"
#include "roofline/import/gguf_model.hpp"

namespace roofline::import {
namespace {

// general.file_type by number: llama.cpp include/llama.h, enum llama_ftype.
struct FileType {
  std::uint64_t number;
  std::string_view id;
};
constexpr std::array file_types{
    FileType{0, "f32"},      FileType{1, "f16"},     FileType{2, "q4_0"},    FileType{3, "q4_1"},    FileType{7, "q8_0"},
    FileType{8, "q5_0"},     FileType{9, "q5_1"},    FileType{10, "q2_k"},   FileType{11, "q3_k_s"}, FileType{12, "q3_k_m"},
    FileType{13, "q3_k_l"},  FileType{14, "q4_k_s"}, FileType{15, "q4_k_m"}, FileType{16, "q5_k_s"}, FileType{17, "q5_k_m"},
    FileType{18, "q6_k"},    FileType{19, "iq2_xxs"}, FileType{20, "iq2_xs"}, FileType{21, "q2_k_s"}, FileType{22, "iq3_xs"},
    FileType{23, "iq3_xxs"}, FileType{24, "iq1_s"},  FileType{25, "iq4_nl"}, FileType{26, "iq3_s"},  FileType{27, "iq3_m"},
    FileType{28, "iq2_s"},   FileType{29, "iq2_m"},  FileType{30, "iq4_xs"}, FileType{31, "iq1_m"},  FileType{32, "bf16"},
    FileType{36, "tq1_0"},   FileType{37, "tq2_0"},  FileType{38, "mxfp4_moe"}, FileType{40, "q1_0"},    FileType{41, "q2_0"},
};

bool is_matrix(const GgufTensor& tensor) { return tensor.shape.size() > 1; }

std::string role_of(const GgufTensor& tensor) { return place_of(tensor.name).role; }

// Of the tensors that `wanted` picks, the type that most bytes are in; `otherwise` if there are none.
template <class Wanted>
std::string main_type(const GgufHeader& header, const std::string& otherwise, Wanted&& wanted) {
  std::map<std::string, double> bytes;
  for (const GgufTensor& tensor : header.tensors) {
    if (wanted(tensor)) bytes[tensor.type] += tensor.bytes;
  }
  const auto most = std::max_element(bytes.begin(), bytes.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  return most == bytes.end() ? otherwise : most->first;
}

// Names under which a model counts what the file stores in one tensor, or under another name.
std::vector<std::string> counted_as(const std::string& role, const std::set<std::string>& roles) {
  std::vector<std::string> names{role};
  const auto absent = [&](const std::string& other) { return !roles.contains(other); };
  if (role == "token_embd" && absent("output")) names.emplace_back("output");  // a tied embedding is looked up as the head
  if (role == "ffn_up" && absent("ffn_gate")) names.emplace_back("ffn_gate");  // fused
  if (role == "ffn_gate_up_exps") names.insert(names.end(), {"ffn_gate_exps", "ffn_up_exps"});
  if (role == "attn_kv_b" && absent("attn_k_b")) names.insert(names.end(), {"attn_k_b", "attn_v_b"});
  for (const char* matrix : {"ffn_gate", "ffn_up", "ffn_down"}) {
    if (role == matrix && absent("ffn_up_shexp")) names.push_back(role + "_shexp");
    if (role.rfind(std::string(matrix) + ".", 0) == 0) names.push_back(std::string(matrix) + "_exps");  // one tensor per expert
  }
  for (const char* matrix : {"q", "k", "v", "o"}) {
    if (role == std::string("cross_attn_") + matrix + "_proj") names.push_back(std::string("cross_attn_") + (*matrix == 'o' ? "output" : matrix));
  }
  return names;
}

std::vector<QuantizationRule> rules_of(const GgufHeader& header) {
  std::map<std::string, std::map<std::string, std::set<int>>> layers;  // role -> type -> layers
  std::set<std::string> roles;
  for (const GgufTensor& tensor : header.tensors) {
    const TensorPlace place = place_of(tensor.name);
    roles.insert(place.role);
    if (is_matrix(tensor)) layers[place.role][tensor.type].insert(place.layer);
  }
  std::vector<QuantizationRule> rules;
  for (const auto& [role, types] : layers) {
    for (const auto& [type, which] : types) {
      QuantizationRule rule;
      rule.roles = counted_as(role, roles);
      rule.format = type;
      if (types.size() > 1) {
        rules.push_back({.roles = {typed_role(role, type)}, .format = type});
        rule.only_layers.assign(which.begin(), which.end());
      }
      rules.push_back(std::move(rule));
    }
  }
  return rules;
}

}  // namespace

std::string file_type_id(const GgufHeader& header) {
  const auto found = header.metadata.find("general.file_type");
  if (found == header.metadata.end()) return {};
  const auto* number = std::get_if<std::uint64_t>(&found->second);
  if (number == nullptr) return {};
  for (const FileType& type : file_types) {
    if (type.number == *number) return std::string(type.id);
  }
  return {};
}

Result<Quantization> quantization_of(const GgufHeader& header, const std::string& id,
                                     const std::function<const WeightFormat*(const std::string&)>& format) {
  Quantization q;
  q.id = id;
  q.name = id + " as stored in the file";
  q.container = "gguf";
  q.default_format = main_type(header, "f16", is_matrix);
  q.vector_format = main_type(header, "f32", [](const GgufTensor& tensor) { return !is_matrix(tensor); });
  q.router_format = main_type(header, "f32", [](const GgufTensor& tensor) { return role_of(tensor) == "ffn_gate_inp"; });
  q.rules = rules_of(header);
  q.cite = {Basis::derived, "derived", "tensor list of the file's header", ""};
  std::set<std::string> types{q.default_format, q.vector_format, q.router_format};
  for (const QuantizationRule& rule : q.rules) types.insert(rule.format);
  for (const std::string& type : types) {
    const WeightFormat* found = format(type);
    if (found == nullptr) return Problem{"tensor types", "no storage format is known for '" + type + "'"};
    q.formats.push_back(*found);
    // The type is what the file says: no rule of a quantizer applies any more.
    q.formats.back().fallback.clear();
  }
  return q;
}

}  // namespace roofline::import
