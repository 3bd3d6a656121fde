#include "db/roles.hpp"

#include <algorithm>

#include "db/words.hpp"

namespace roofline::db {
namespace {

// GGUF's names, and one name for several where all of them are stored alike: `vision` for an image encoder, `altup` and `laurel`
// (Gemma 3n), `time_mix`, `time_mix_lora` and `channel_mix` (RWKV).
constexpr std::string_view roles[] = {
    "token_embd",     "output",       "attn_q",         "attn_k",       "attn_v",        "attn_qkv",      "attn_output",
    "attn_q_a",       "attn_q_b",     "attn_kv_a_mqa",  "attn_k_b",     "attn_v_b",      "ffn_gate",      "ffn_up",
    "ffn_down",       "ffn_gate_exps", "ffn_up_exps",   "ffn_down_exps", "ffn_gate_shexp", "ffn_up_shexp", "ffn_down_shexp",
    "ffn_gate_inp",   "cross_attn_q", "cross_attn_k",   "cross_attn_v", "cross_attn_output", "per_layer_token_embd", "ssm_in",
    "ssm_out",        "vision",       "ssm_x",          "ssm_dt",       "per_layer_model_proj", "inp_gate",  "proj",
    "altup",          "laurel",       "time_mix",       "time_mix_lora", "channel_mix"};

bool is_role(std::string_view text) { return std::find(std::begin(roles), std::end(roles), text) != std::end(roles); }

std::string unknown(const Table& table, std::string_view text) {
  return "unknown tensor role " + in_quotes(text) + " in " + table.name() + did_you_mean(text, {std::begin(roles), std::end(roles)});
}

}  // namespace

std::span<const std::string_view> tensor_roles() { return roles; }

std::string checked_role(Table& table, std::string_view key) {
  std::string text = table.text(key);
  if (!text.empty() && !is_role(text)) table.error(key, unknown(table, text));
  return text;
}

std::vector<std::string> checked_roles(Table& table, std::string_view key) {
  auto texts = table.required_strings(key);
  for (const std::string& text : texts) {
    if (!is_role(text)) table.error(key, unknown(table, text));
  }
  return texts;
}

}  // namespace roofline::db
