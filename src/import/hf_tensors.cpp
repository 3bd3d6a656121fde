#include "import/hf_tensors.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace roofline::import {
namespace {

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

// Parts of one packed matrix, by scheme: AWQ and GPTQ; compressed-tensors; FP8; bitsandbytes; MLX; EXL2; EXL3; MXFP4.
constexpr std::array<std::string_view, 36> packed_endings{
    ".qweight", ".qzeros", ".scales", ".g_idx", ".weight_packed", ".weight_shape", ".weight_zero_point", ".weight_g_idx", ".weight_global_scale", ".input_global_scale",
    ".weight_scale", ".weight_scale_inv", ".weight_scale_2", ".input_scale", ".activation_scale", ".k_scale", ".v_scale", ".absmax", ".quant_map", ".nested_absmax",
    ".nested_quant_map", ".SCB", ".biases", ".q_weight", ".q_scale", ".q_scale_max", ".q_groups", ".q_group_map", ".q_invperm", ".q_perm", ".trellis", ".suh",
    ".svh", "_blocks", "_scales", ".mcg"};

struct Named {
  std::string_view ending;
  std::string_view role;
};
// The longest ending that fits counts.
constexpr std::array names{
    Named{"embed_tokens", "token_embd"}, Named{"wte", "token_embd"}, Named{"word_embeddings", "token_embd"}, Named{"tok_embeddings", "token_embd"}, Named{"backbone.embeddings", "token_embd"},
    Named{"lm_head", "output"}, Named{"output_layer", "output"}, Named{"embed_out", "output"}, Named{"ff_out", "output"},
    Named{"q_proj", "attn_q"}, Named{"k_proj", "attn_k"}, Named{"v_proj", "attn_v"}, Named{"o_proj", "attn_output"}, Named{"attention.wo", "attn_output"}, Named{"self_attention.dense", "attn_output"},
    Named{"self_attn.dense", "attn_output"}, Named{"attn_out", "attn_output"}, Named{"self_attn.out_proj", "attn_output"}, Named{"qkv_proj", "attn_qkv"}, Named{"query_key_value", "attn_qkv"},
    Named{"wqkv", "attn_qkv"}, Named{"att_proj", "attn_qkv"}, Named{"in_proj_qkvz", "attn_qkv"}, Named{"in_proj_qkv", "attn_qkv"}, Named{"in_proj_z", "ssm_in"}, Named{"in_proj_ba", "ssm_in"},
    Named{"in_proj_a", "ssm_in"}, Named{"in_proj_b", "ssm_in"}, Named{"in_proj", "ssm_in"}, Named{"out_proj", "ssm_out"}, Named{"q_a_proj", "attn_q_a"}, Named{"q_b_proj", "attn_q_b"},
    Named{"kv_a_proj_with_mqa", "attn_kv_a_mqa"}, Named{"kv_b_proj", "attn_kv_b"}, Named{"gate_proj", "ffn_gate"}, Named{"up_proj", "ffn_up"}, Named{"down_proj", "ffn_down"}, Named{"gate_up_proj", "ffn_gate_up"},
    Named{"w1", "ffn_gate"}, Named{"w3", "ffn_up"}, Named{"w2", "ffn_down"}, Named{"dense_h_to_4h", "ffn_up"}, Named{"dense_4h_to_h", "ffn_down"}, Named{"fc1", "ffn_up"}, Named{"fc2", "ffn_down"},
    Named{"c_fc", "ffn_up"}, Named{"c_proj", "ffn_down"}, Named{"mlp.gate", "ffn_gate_inp"}, Named{"router", "ffn_gate_inp"}, Named{"block_sparse_moe.gate", "ffn_gate_inp"}, Named{"feed_forward.gate", "ffn_gate_inp"},
    Named{"router.layer", "ffn_gate_inp"}, Named{"feed_forward.router", "ffn_gate_inp"}, Named{"input_linear", "ffn_gate_up"}, Named{"output_linear", "ffn_down"}};

std::string role_of(std::string_view stem) {
  const Named* best = nullptr;
  for (const Named& each : names) {
    if (!stem.ends_with(each.ending)) continue;
    const std::size_t before = stem.size() - each.ending.size();
    if (before > 0 && stem[before - 1] != '.') continue;
    if (best == nullptr || each.ending.size() > best->ending.size()) best = &each;
  }
  if (best == nullptr) return {};
  std::string role(best->role);
  if (contains(stem, "cross_attn.") && role.rfind("attn_", 0) == 0) return "cross_" + role;
  if (role.rfind("ffn_", 0) == 0 && role != "ffn_gate_inp") {
    if (contains(stem, "shared_expert") || contains(stem, "shared_mlp")) role += "_shexp";
    else if (contains(stem, "experts.") || contains(stem, "block_sparse_moe.")) role += "_exps";
  }
  return role;
}

}  // namespace

HfPlace hf_place(std::string_view name) {
  HfPlace place;
  std::string_view stem = name;
  // bitsandbytes keeps a tensor named after the scheme: weight.quant_state.bitsandbytes__nf4.
  for (const std::string_view mark : {".weight.absmax", ".weight.quant_map", ".weight.nested_absmax", ".weight.nested_quant_map", ".weight.quant_state", ".weight_format"}) {
    if (const std::size_t at = stem.find(mark); at != std::string_view::npos) {
      place.packed = true;
      stem = stem.substr(0, at);
    }
  }
  for (const std::string_view ending : packed_endings) {
    if (place.packed || !stem.ends_with(ending)) continue;
    place.packed = true;
    stem.remove_suffix(ending.size());
  }
  if (stem.ends_with(".bias") || stem.ends_with("_bias")) {
    place.bias = true;
    stem.remove_suffix(5);
  }
  if (stem.ends_with(".weight")) stem.remove_suffix(7);
  place.stem = std::string(stem);
  for (const std::string_view part : {"vision", "visual", "vit.", "image_", "multi_modal_projector", "mm_projector", "audio", "embed_vision", "embed_audio"}) {
    if (contains(stem, part)) {
      place.role = "vision";
      return place;
    }
  }
  if (stem.rfind("mtp.", 0) == 0 || contains(stem, ".mtp.")) {
    place.role = "mtp";
    return place;
  }
  for (const std::string_view list : {"layers.", "h.", "blocks."}) {
    const std::size_t at = stem.rfind("." + std::string(list)) != std::string_view::npos ? stem.rfind("." + std::string(list)) + 1 : stem.rfind(list, 0) == 0 ? 0 : std::string_view::npos;
    if (at == std::string_view::npos) continue;
    const std::string_view digits = stem.substr(at + list.size());
    int layer = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), layer);
    if (error == std::errc{} && layer >= 0 && end != digits.data()) {
      place.layer = layer;
      break;
    }
  }
  place.role = role_of(stem);
  return place;
}

}  // namespace roofline::import
