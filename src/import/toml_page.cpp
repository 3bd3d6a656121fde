#include "import/toml_page.hpp"

#include <array>
#include <string_view>

namespace roofline::import {
namespace {

// The schema's closed list of roles, longest first where one begins like another.
constexpr std::array<std::string_view, 40> roles{
    "per_layer_token_embd", "per_layer_model_proj", "time_mix_lora", "channel_mix", "inp_gate", "time_mix", "altup", "laurel", "ssm_dt", "ssm_x", "proj", "cross_attn_output", "ffn_gate_shexp", "ffn_down_shexp", "attn_kv_a_mqa", "ffn_gate_exps", "ffn_down_exps", "cross_attn_q", "cross_attn_k",
    "cross_attn_v", "ffn_up_shexp", "ffn_gate_inp", "ffn_up_exps", "attn_output", "token_embd", "attn_q_a", "attn_q_b", "attn_k_b", "attn_v_b", "attn_qkv", "ffn_gate",
    "ffn_down", "ssm_out", "ffn_up", "attn_q", "attn_k", "attn_v", "ssm_in", "output", "vision"};

}  // namespace

std::string nearest_role(const std::string& role) {
  for (const std::string_view known : roles) {
    if (role == known) return role;
  }
  if (role.rfind("shortconv.out", 0) == 0) return "ssm_out";
  if (role.rfind("shortconv.", 0) == 0 || role.rfind("attn_gate", 0) == 0) return "ssm_in";
  for (const std::string_view low_rank : {"time_mix_w", "time_mix_a", "time_mix_v1", "time_mix_v2", "time_mix_g1", "time_mix_g2"}) {
    if (role.rfind(low_rank, 0) == 0) return "time_mix_lora";
  }
  for (const std::string_view known : roles) {
    if (role.rfind(known, 0) == 0) return std::string(known);
  }
  if (role.rfind("ffn", 0) == 0) return "ffn_down";
  if (role.rfind("ssm", 0) == 0) return "ssm_in";
  if (role.rfind("v.", 0) == 0 || role.rfind("mm.", 0) == 0) return "vision";
  return "attn_output";
}

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c < ' ' || c > '~' ? '?' : c;
  }
  return out + "\"";
}

std::string list(const std::vector<std::string>& words) {
  std::string out = "[";
  for (const std::string& word : words) out += (out.size() > 1 ? ", " : "") + quoted(word);
  return out + "]";
}

std::string list(const std::vector<std::size_t>& numbers) {
  std::string out = "[";
  for (const std::size_t n : numbers) out += (out.size() > 1 ? ", " : "") + std::to_string(n);
  return out + "]";
}

}  // namespace roofline::import
