// Architectures whose layers are not alike, with the tensors llama.cpp's converter writes for real models (names: llama.cpp
// src/llama-arch.cpp): the parameters are those their publishers state, KV cache and state those of the database's model.
#include <boost/test/unit_test.hpp>

#include "roofline/core/footprint.hpp"
#include "roofline/core/tensors.hpp"
#include "support/support.hpp"
#include "unit/import/model_header.hpp"

using namespace roofline;
using namespace roofline::import;
using namespace roofline::testing;

namespace {

using Tensors = std::vector<std::pair<std::string, Shape>>;

struct Hybrid : ModelHeader {
  using ModelHeader::ModelHeader;
  // KV heads of each layer, 0 where it does not attend; feed-forward widths alike.
  void per_layer(const std::string& key, const std::vector<std::int32_t>& values) { w.array(arch + "." + key, 5, values); }
  void layer(std::uint32_t i, const Tensors& tensors) {
    for (const auto& [role, shape] : tensors) tensor("blk." + std::to_string(i) + "." + role, shape);
  }
};

Tensors attention(std::uint64_t hidden, std::uint64_t heads, std::uint64_t kv, std::uint64_t dim) {
  return {{"attn_q.weight", {hidden, heads * dim}}, {"attn_k.weight", {hidden, kv * dim}}, {"attn_v.weight", {hidden, kv * dim}}, {"attn_output.weight", {heads * dim, hidden}}};
}
Tensors qk_norms(std::uint64_t dim) { return {{"attn_q_norm.weight", {dim}}, {"attn_k_norm.weight", {dim}}}; }
Tensors mamba2(std::uint64_t hidden, std::uint64_t heads, std::uint64_t dim, std::uint64_t groups, std::uint64_t state) {
  const std::uint64_t inner = heads * dim;
  const std::uint64_t mixed = inner + 2 * groups * state;
  return {{"ssm_in.weight", {hidden, inner + mixed + heads}}, {"ssm_conv1d.weight", {4, mixed}}, {"ssm_conv1d.bias", {mixed}}, {"ssm_dt.bias", {heads}}, {"ssm_a", {1, heads}}, {"ssm_d", {1, heads}},
          {"ssm_norm.weight", {inner / groups, groups}}, {"ssm_out.weight", {inner, hidden}}};
}

double f16_kv(const ModelSpec& m) { return kv_bytes_per_token(m, format("f16"), format("f16")).in(unit::B); }
double cache(const ModelSpec& m) {
  Workload w = workload();
  w.context = 16384;
  return kv_cache_bytes(m, w, KvRule::llama_cpp, 256).in(unit::B);
}

ImportedModel check(const Hybrid& m, const std::string& id) {
  ImportedModel got = m.import();
  ModelSpec expected = model(id);
  std::erase_if(expected.extra, [](const ExtraTensor& e) { return e.role == "vision"; });
  BOOST_TEST_CONTEXT(id) {
    BOOST_TEST(got.spec.family == expected.family);
    // Files may have more rows in the table than the checkpoint.
    ModelSpec same_rows = expected;
    if (expected.gguf_vocabulary > 0) same_rows.vocabulary = same_rows.embedding_rows = expected.gguf_vocabulary;
    BOOST_TEST(parameter_count(got.spec) == parameter_count(same_rows));
    BOOST_TEST(active_parameter_count(got.spec) == active_parameter_count(same_rows));
    BOOST_TEST(static_cast<double>(got.totals.parameters) == parameter_count(got.spec));
    BOOST_TEST(f16_kv(got.spec) == f16_kv(expected));
    BOOST_TEST(cache(got.spec) == cache(expected));
    for (const std::string& note : got.notes) BOOST_ERROR(note);
  }
  return got;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(import_gguf_architectures)

BOOST_AUTO_TEST_CASE(granite_4_h_tiny) {
  Hybrid m("granitehybrid", 40, 1536, 131072);
  m.ends(100352, false);
  std::vector<std::int32_t> kv(40, 0);
  for (const std::size_t i : {5U, 15U, 25U, 35U}) kv[i] = 4;
  m.number("attention.head_count", 12);
  m.per_layer("attention.head_count_kv", kv);
  for (const auto& [key, value] : std::vector<std::pair<std::string, std::uint32_t>>{{"ssm.conv_kernel", 4}, {"ssm.state_size", 128}, {"ssm.group_count", 1}, {"ssm.inner_size", 3072}, {"ssm.time_step_rank", 48}}) m.number(key, value);
  m.norms({"attn_norm", "ffn_norm"});
  for (std::uint32_t i = 0; i < 40; ++i) m.layer(i, kv[i] > 0 ? attention(1536, 12, 4, 128) : mamba2(1536, 48, 64, 1, 128));
  m.number("feed_forward_length", 512);
  m.experts(64, 6, 512);
  m.number("expert_shared_feed_forward_length", 1024);
  m.each({{"ffn_gate_shexp.weight", {1536, 1024}}, {"ffn_up_shexp.weight", {1536, 1024}}, {"ffn_down_shexp.weight", {1024, 1536}}});
  check(m, "granite-4.0-h-tiny");
}

BOOST_AUTO_TEST_CASE(nemotron_nano_9b_v2_has_one_block_in_each_layer) {
  Hybrid m("nemotron_h", 56, 4480, 131072);
  m.ends(131072, true);
  const std::vector<std::uint32_t> attends{14, 21, 30, 39};
  const std::vector<std::uint32_t> feeds{1, 3, 5, 8, 10, 12, 15, 17, 19, 22, 24, 26, 28, 31, 33, 35, 37, 40, 42, 45, 47, 49, 51, 53, 55};
  std::vector<std::int32_t> kv(56, 0);
  std::vector<std::int32_t> widths(56, 0);
  for (const std::uint32_t i : attends) kv[i] = 8;
  for (const std::uint32_t i : feeds) widths[i] = 15680;
  m.number("attention.head_count", 40);
  m.number("attention.key_length", 128);
  m.number("attention.value_length", 128);
  m.per_layer("attention.head_count_kv", kv);
  m.per_layer("feed_forward_length", widths);
  for (const auto& [key, value] : std::vector<std::pair<std::string, std::uint32_t>>{{"ssm.conv_kernel", 4}, {"ssm.state_size", 128}, {"ssm.group_count", 8}, {"ssm.inner_size", 10240}, {"ssm.time_step_rank", 128}}) m.number(key, value);
  m.norms({"attn_norm"});
  for (std::uint32_t i = 0; i < 56; ++i) {
    if (kv[i] > 0) m.layer(i, attention(4480, 40, 8, 128));
    else if (widths[i] > 0) m.layer(i, {{"ffn_up.weight", {4480, 15680}}, {"ffn_down.weight", {15680, 4480}}});
    else m.layer(i, mamba2(4480, 128, 80, 8, 128));
  }
  const ImportedModel got = check(m, "nemotron-nano-9b-v2");
  BOOST_CHECK(std::holds_alternative<std::monostate>(got.spec.layers[1].mixer));
  BOOST_CHECK(std::holds_alternative<std::monostate>(got.spec.layers[14].feed_forward));
}

BOOST_AUTO_TEST_CASE(lfm2_350m) {
  Hybrid m("lfm2", 16, 1024, 128000);
  m.ends(65536, false);
  std::vector<std::int32_t> kv(16, 0);
  for (const std::size_t i : {2U, 5U, 8U, 10U, 12U, 14U}) kv[i] = 8;
  m.number("attention.head_count", 16);
  m.per_layer("attention.head_count_kv", kv);
  m.number("shortconv.l_cache", 3);
  m.norms({"attn_norm", "ffn_norm"});
  for (std::uint32_t i = 0; i < 16; ++i) {
    if (kv[i] == 0) {
      m.layer(i, {{"shortconv.conv.weight", {3, 1024}}, {"shortconv.in_proj.weight", {1024, 3072}}, {"shortconv.out_proj.weight", {1024, 1024}}});
    } else {
      m.layer(i, attention(1024, 16, 8, 64));
      m.layer(i, qk_norms(64));
    }
  }
  m.dense(4608);
  check(m, "lfm2-350m");
}

BOOST_AUTO_TEST_CASE(mamba_2_8b_has_nothing_but_state) {
  Hybrid m("mamba", 64, 2560, 2048);
  m.ends(50280, false);
  m.number("attention.head_count", 0);
  m.number("feed_forward_length", 0);
  for (const auto& [key, value] : std::vector<std::pair<std::string, std::uint32_t>>{{"ssm.conv_kernel", 4}, {"ssm.state_size", 16}, {"ssm.inner_size", 5120}, {"ssm.time_step_rank", 160}}) m.number(key, value);
  m.norms({"attn_norm"});
  m.each({{"ssm_in.weight", {2560, 10240}}, {"ssm_conv1d.weight", {4, 5120}}, {"ssm_conv1d.bias", {5120}}, {"ssm_x.weight", {5120, 192}}, {"ssm_dt.weight", {160, 5120}}, {"ssm_dt.bias", {5120}},
          {"ssm_a", {16, 5120}}, {"ssm_d", {5120}}, {"ssm_out.weight", {5120, 2560}}});
  const ImportedModel got = check(m, "mamba-2.8b");
  BOOST_TEST(got.spec.layers.size() == 64U);
}

BOOST_AUTO_TEST_CASE(rwkv7_world3_1_5b) {
  Hybrid m("rwkv7", 24, 2048, 4096);
  m.ends(65536, true);
  m.tensor("output_norm.bias", {2048});
  m.tensor("token_embd_norm.weight", {2048});
  m.tensor("token_embd_norm.bias", {2048});
  m.number("attention.head_count", 0);
  m.number("wkv.head_size", 64);
  m.number("feed_forward_length", 8192);
  m.norms({"attn_norm", "attn_norm_2"});
  m.each({{"attn_norm.bias", {2048}}, {"attn_norm_2.bias", {2048}}});
  for (std::uint32_t i = 0; i < 24; ++i) {
    const auto low_rank = [&](const std::string& name, std::uint64_t rank) { m.layer(i, {{"time_mix_" + name + "1.weight", {2048, rank}}, {"time_mix_" + name + "2.weight", {rank, 2048}}}); };
    low_rank("w", 96);
    low_rank("a", 96);
    if (i > 0) low_rank("v", 64);
    low_rank("g", 256);
    m.layer(i, {{"time_mix_w0.weight", {2048}}, {"time_mix_a0.weight", {2048}}, {"time_mix_lerp_fused.weight", {2048, 1, 1, 6}}, {"time_mix_k_k.weight", {2048}}, {"time_mix_k_a.weight", {2048}},
                {"time_mix_r_k.weight", {2048}}, {"time_mix_ln.weight", {2048}}, {"time_mix_ln.bias", {2048}}, {"channel_mix_lerp_k.weight", {2048}}});
    if (i > 0) m.layer(i, {{"time_mix_v0.weight", {2048}}});
    for (const char* name : {"receptance", "key", "value", "output"}) m.layer(i, {{std::string("time_mix_") + name + ".weight", {2048, 2048}}});
    m.layer(i, {{"channel_mix_key.weight", {2048, 8192}}, {"channel_mix_value.weight", {8192, 2048}}});
  }
  check(m, "rwkv7-world3-1.5b");
}

BOOST_AUTO_TEST_CASE(qwen3_5_35b_a3b_gates_its_attention) {
  Hybrid m("qwen35moe", 40, 2048, 262144);
  m.ends(248320, true);
  m.number("attention.head_count", 16);
  m.number("attention.head_count_kv", 2);
  m.number("attention.key_length", 256);
  m.number("attention.value_length", 256);
  for (const auto& [key, value] : std::vector<std::pair<std::string, std::uint32_t>>{{"ssm.conv_kernel", 4}, {"ssm.state_size", 128}, {"ssm.group_count", 16}, {"ssm.inner_size", 4096}, {"ssm.time_step_rank", 32}}) m.number(key, value);
  m.norms({"attn_norm", "post_attention_norm"});
  for (std::uint32_t i = 0; i < 40; ++i) {
    if (i % 4 == 3) {
      m.layer(i, {{"attn_q.weight", {2048, 8192}}, {"attn_k.weight", {2048, 512}}, {"attn_v.weight", {2048, 512}}, {"attn_output.weight", {4096, 2048}}});
      m.layer(i, qk_norms(256));
    } else {
      m.layer(i, {{"attn_qkv.weight", {2048, 8192}}, {"attn_gate.weight", {2048, 4096}}, {"ssm_conv1d.weight", {4, 8192}}, {"ssm_dt.bias", {32}}, {"ssm_a", {32}}, {"ssm_beta.weight", {2048, 32}},
                  {"ssm_alpha.weight", {2048, 32}}, {"ssm_norm.weight", {128}}, {"ssm_out.weight", {4096, 2048}}});
    }
  }
  m.experts(256, 8, 512);
  m.number("expert_shared_feed_forward_length", 512);
  m.each({{"ffn_gate_inp_shexp.weight", {2048}}, {"ffn_gate_shexp.weight", {2048, 512}}, {"ffn_up_shexp.weight", {2048, 512}}, {"ffn_down_shexp.weight", {512, 2048}}});
  check(m, "qwen3.5-35b-a3b");
}

BOOST_AUTO_TEST_CASE(gemma_3n_e4b_shares_its_last_caches) {
  Hybrid m("gemma3n", 35, 2048, 32768);
  m.ends(262144, false);
  m.attention(8, 2, 256);
  m.each(qk_norms(256));
  m.number("attention.sliding_window", 512);
  m.number("attention.shared_kv_layers", 15);
  m.norms({"attn_norm", "ffn_norm", "post_attention_norm", "post_ffw_norm"});
  m.dense(16384);
  m.tensor("per_layer_token_embd.weight", {8960, 262144});
  m.tensor("per_layer_model_proj.weight", {2048, 8960});
  m.tensor("per_layer_proj_norm.weight", {256});
  m.tensor("altup_proj.weight", {2048, 2048, 3});
  m.tensor("altup_unembd_proj.weight", {2048, 2048, 3});
  m.each({{"inp_gate.weight", {2048, 256}}, {"proj.weight", {256, 2048}}, {"post_norm.weight", {2048}}, {"altup_correct_coef.weight", {4, 4}}, {"altup_correct_scale.weight", {2048}},
          {"altup_predict_coef.weight", {4, 16}}, {"altup_router.weight", {2048, 4}}, {"altup_router_norm.weight", {2048}}, {"laurel_l.weight", {2048, 64}}, {"laurel_r.weight", {64, 2048}}, {"laurel_post_norm.weight", {2048}}});
  const ImportedModel got = m.import();
  const ModelSpec& expected = model("gemma-3n-e4b");
  // The checkpoint's table has 262,400 rows, the file's 262,144: 256 x 2048 less.
  BOOST_TEST(parameter_count(got.spec) == parameter_count(expected) - 256.0 * 2048);
  BOOST_TEST(f16_kv(got.spec) == f16_kv(expected));
  BOOST_TEST(cache(got.spec) == cache(expected));
  BOOST_TEST(std::get<GroupedQueryAttention>(got.spec.layers[20].mixer).shares_kv);
  BOOST_TEST(!std::get<GroupedQueryAttention>(got.spec.layers[19].mixer).shares_kv);
}

BOOST_AUTO_TEST_CASE(gemma_4_31b_has_wide_full_layers_without_value_matrices) {
  Hybrid m("gemma4", 60, 5376, 262144);
  m.ends(262144, false);
  m.tensor("rope_freqs.weight", {256});
  std::vector<std::int32_t> kv;
  for (int i = 0; i < 60; ++i) kv.push_back(i % 6 == 5 ? 4 : 16);
  m.number("attention.head_count", 32);
  m.per_layer("attention.head_count_kv", kv);
  m.number("attention.key_length", 512);
  m.number("attention.value_length", 512);
  m.number("attention.key_length_swa", 256);
  m.number("attention.value_length_swa", 256);
  m.number("attention.sliding_window", 1024);
  m.norms({"attn_norm", "ffn_norm", "post_attention_norm", "post_ffw_norm"});
  for (std::uint32_t i = 0; i < 60; ++i) {
    if (i % 6 == 5) {
      m.layer(i, {{"attn_q.weight", {5376, 32 * 512}}, {"attn_k.weight", {5376, 4 * 512}}, {"attn_output.weight", {32 * 512, 5376}}});
      m.layer(i, qk_norms(512));
    } else {
      m.layer(i, attention(5376, 32, 16, 256));
      m.layer(i, qk_norms(256));
    }
  }
  m.each({{"layer_output_scale.weight", {1}}});
  m.dense(21504);
  check(m, "gemma-4-31b");
}

BOOST_AUTO_TEST_CASE(llama_4_scout_attends_in_chunks) {
  Hybrid m("llama4", 48, 5120, 10485760);
  m.ends(202048, true);
  m.norms({"attn_norm", "ffn_norm"});
  m.attention(40, 8, 128);
  m.number("feed_forward_length", 16384);
  m.number("interleave_moe_layer_step", 1);
  m.experts(16, 1, 8192);
  m.each({{"ffn_gate_shexp.weight", {5120, 8192}}, {"ffn_up_shexp.weight", {5120, 8192}}, {"ffn_down_shexp.weight", {8192, 5120}}});
  const ImportedModel got = check(m, "llama-4-scout");
  BOOST_CHECK(std::get<GroupedQueryAttention>(got.spec.layers[0].mixer).window_kind == WindowKind::chunked);
}

BOOST_AUTO_TEST_CASE(llama_3_2_11b_vision_as_ollama_writes_it) {
  Hybrid m("mllama", 40, 4096, 131072);
  m.tensor("token_embd.weight", {4096, 128264});
  m.tensor("output_norm.weight", {4096});
  m.tensor("output.weight", {4096, 128256});
  m.tensor("rope_freqs.weight", {64});
  m.norms({"attn_norm", "ffn_norm"});
  m.number("attention.head_count", 32);
  m.number("attention.head_count_kv", 8);
  for (std::uint32_t i = 0; i < 40; ++i) {
    if (i % 5 != 3) {
      m.layer(i, attention(4096, 32, 8, 128));
    } else {
      m.layer(i, {{"cross_attn_q_proj.weight", {4096, 4096}}, {"cross_attn_k_proj.weight", {4096, 1024}}, {"cross_attn_v_proj.weight", {4096, 1024}}, {"cross_attn_o_proj.weight", {4096, 4096}},
                  {"cross_attn_q_norm.weight", {128}}, {"cross_attn_k_norm.weight", {128}}, {"cross_attn_attn_gate", {1}}, {"cross_attn_mlp_gate", {1}}});
    }
  }
  m.dense(14336);
  const ImportedModel got = m.import();
  ModelSpec expected = model("llama-3.2-11b-vision");
  std::erase_if(expected.extra, [](const ExtraTensor& e) { return e.role == "vision"; });
  BOOST_TEST(parameter_count(got.spec) == parameter_count(expected));
  BOOST_TEST(active_parameter_count(got.spec) == active_parameter_count(expected));
  BOOST_TEST(f16_kv(got.spec) == f16_kv(expected));
}

BOOST_AUTO_TEST_CASE(falcon_7b_and_phi_2_norm_once_with_bias) {
  Hybrid falcon("falcon", 32, 4544, 2048);
  falcon.ends(65024, false);
  falcon.tensor("output_norm.bias", {4544});
  falcon.number("attention.head_count", 71);
  falcon.number("attention.head_count_kv", 1);
  falcon.number("feed_forward_length", 18176);
  falcon.norms({"attn_norm"});
  falcon.each({{"attn_norm.bias", {4544}}, {"attn_qkv.weight", {4544, 73 * 64}}, {"attn_output.weight", {4544, 4544}}, {"ffn_up.weight", {4544, 18176}}, {"ffn_down.weight", {18176, 4544}}});
  check(falcon, "falcon-7b");

  Hybrid phi("phi2", 32, 2560, 2048);
  phi.ends(51200, true);
  phi.tensor("output_norm.bias", {2560});
  phi.tensor("output.bias", {51200});
  phi.number("attention.head_count", 32);
  phi.number("attention.head_count_kv", 32);
  phi.number("feed_forward_length", 10240);
  phi.norms({"attn_norm"});
  phi.each({{"attn_norm.bias", {2560}}, {"attn_qkv.weight", {2560, 7680}}, {"attn_qkv.bias", {7680}}, {"attn_output.weight", {2560, 2560}}, {"attn_output.bias", {2560}},
            {"ffn_up.weight", {2560, 10240}}, {"ffn_up.bias", {10240}}, {"ffn_down.weight", {10240, 2560}}, {"ffn_down.bias", {2560}}});
  check(phi, "phi-2");
}

BOOST_AUTO_TEST_CASE(glm_4_5_air_drafts_with_a_layer_of_its_own) {
  Hybrid m("glm4moe", 47, 4096, 131072);
  m.ends(151552, true);
  m.norms({"attn_norm", "post_attention_norm"});
  m.attention(96, 8, 128);
  m.each({{"attn_q.bias", {12288}}, {"attn_k.bias", {1024}}, {"attn_v.bias", {1024}}});
  m.number("leading_dense_block_count", 1);
  m.number("nextn_predict_layers", 1);
  m.number("expert_shared_count", 1);
  m.dense(10944, 0, 1);
  m.experts(128, 8, 1408, 1);
  m.each({{"exp_probs_b.bias", {128}}, {"ffn_gate_shexp.weight", {4096, 1408}}, {"ffn_up_shexp.weight", {4096, 1408}}, {"ffn_down_shexp.weight", {1408, 4096}}}, 1);
  m.each({{"nextn.eh_proj.weight", {8192, 4096}}, {"nextn.enorm.weight", {4096}}, {"nextn.hnorm.weight", {4096}}, {"nextn.shared_head_norm.weight", {4096}}}, 46);
  const ImportedModel got = m.import();
  const ModelSpec& expected = model("glm-4.5-air");
  BOOST_TEST(got.spec.layers.size() == 46U);
  BOOST_TEST(active_parameter_count(got.spec) == active_parameter_count(expected));
  BOOST_TEST(f16_kv(got.spec) == f16_kv(expected));
  BOOST_TEST(static_cast<double>(got.totals.parameters) == parameter_count(got.spec));
  BOOST_REQUIRE(got.notes.size() == 1U);
  BOOST_TEST(got.notes[0] == "1 layers for drafting are stored and not read");
}

BOOST_AUTO_TEST_CASE(minicpm3_4b) {
  Hybrid m("minicpm3", 62, 2560, 32768);
  m.ends(73448, false);
  m.norms({"attn_norm", "ffn_norm"});
  for (const auto& [key, value] : std::vector<std::pair<std::string, std::uint32_t>>{{"attention.head_count", 40}, {"attention.head_count_kv", 40}, {"attention.q_lora_rank", 768}, {"attention.kv_lora_rank", 256},
           {"rope.dimension_count", 32}, {"attention.key_length", 96}, {"attention.value_length", 64}}) m.number(key, value);
  m.each({{"attn_q_a.weight", {2560, 768}}, {"attn_q_a_norm.weight", {768}}, {"attn_q_b.weight", {768, 3840}}, {"attn_kv_a_mqa.weight", {2560, 288}}, {"attn_kv_a_norm.weight", {256}},
          {"attn_kv_b.weight", {256, 40 * 128}}, {"attn_output.weight", {2560, 2560}}});
  m.dense(6400);
  check(m, "minicpm3-4b");
}

BOOST_AUTO_TEST_CASE(the_usual_ones_under_their_own_names) {
  Hybrid chatglm("chatglm", 28, 4096, 8192);
  chatglm.ends(65024, true);
  chatglm.number("attention.head_count", 32);
  chatglm.number("attention.head_count_kv", 2);
  chatglm.number("feed_forward_length", 13696);
  chatglm.norms({"attn_norm", "ffn_norm"});
  chatglm.each({{"attn_qkv.weight", {4096, 36 * 128}}, {"attn_qkv.bias", {36 * 128}}, {"attn_output.weight", {4096, 4096}}, {"ffn_up.weight", {4096, 2 * 13696}}, {"ffn_down.weight", {13696, 4096}}});
  check(chatglm, "chatglm3-6b");

  Hybrid cohere("command-r", 40, 8192, 131072);
  cohere.ends(256000, false);
  cohere.attention(64, 64, 128);
  cohere.norms({"attn_norm"});
  cohere.dense(22528);
  check(cohere, "command-r-35b");

  Hybrid stable("stablelm", 32, 2560, 4096);
  stable.ends(50304, true);
  stable.tensor("output_norm.bias", {2560});
  stable.attention(32, 32, 80);
  stable.norms({"attn_norm", "ffn_norm"});
  stable.each({{"attn_norm.bias", {2560}}, {"ffn_norm.bias", {2560}}});
  stable.dense(6912);
  check(stable, "stablelm-3b");

  Hybrid smol("smollm3", 36, 2048, 65536);
  smol.ends(128256, false);
  smol.attention(16, 4, 128);
  smol.norms({"attn_norm", "ffn_norm"});
  smol.dense(11008);
  check(smol, "smollm3-3b");

  // StarCoder2 3B by hand: 30 x (2 x 3072 x 3072 + 2 x 256 x 3072 + 2 x 12288 x 3072, biases 3072 + 512 + 3072 + 12288 + 3072,
  // norms 4 x 3072) + 49152 x 3072 + 2 x 3072 = 3,030,371,328, which is what its publisher states.
  Hybrid star("starcoder2", 30, 3072, 16384);
  star.ends(49152, false);
  star.tensor("output_norm.bias", {3072});
  star.attention(24, 2, 128);
  star.norms({"attn_norm", "ffn_norm"});
  star.number("feed_forward_length", 12288);
  star.each({{"attn_norm.bias", {3072}}, {"ffn_norm.bias", {3072}}, {"attn_q.bias", {3072}}, {"attn_k.bias", {256}}, {"attn_v.bias", {256}}, {"attn_output.bias", {3072}}, {"ffn_up.weight", {3072, 12288}}, {"ffn_up.bias", {12288}},
             {"ffn_down.weight", {12288, 3072}}, {"ffn_down.bias", {3072}}});
  const ImportedModel got = star.import();
  BOOST_TEST(parameter_count(got.spec) == 3030371328.0);
  BOOST_TEST(active_parameter_count(got.spec) == 3030371328.0);
}

BOOST_AUTO_TEST_CASE(attention_beside_state_space_is_refused) {
  Hybrid m("falcon-h1", 2, 64, 512);
  m.ends(100, true);
  m.attention(4, 4, 16);
  m.number("ssm.inner_size", 64);
  m.number("ssm.state_size", 16);
  m.each(mamba2(64, 4, 16, 1, 16));
  m.norms({"attn_norm", "ffn_norm"});
  m.dense(128);
  const auto header = read_header(m.w);
  const auto got = model_of(*header.value);
  BOOST_REQUIRE(got.problem.has_value());
  BOOST_TEST(got.problem->message.find("attention and state space side by side") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
