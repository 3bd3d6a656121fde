// Headers of published models, written with the shapes their files have: the specification that comes out counts exactly the
// parameters their publishers state (safetensors totals of the checkpoints on Hugging Face).
#include <boost/test/unit_test.hpp>

#include "roofline/core/tensors.hpp"
#include "roofline/import/gguf_model.hpp"
#include "unit/import/model_header.hpp"

using namespace roofline;
using namespace roofline::import;
using namespace roofline::testing;

namespace {

using Model = ModelHeader;

void check(const ImportedModel& model, double parameters) {
  BOOST_TEST(parameter_count(model.spec) == parameters);
  BOOST_TEST(static_cast<double>(model.totals.parameters) == parameters);
  for (const std::string& note : model.notes) BOOST_ERROR(note);
}
const GroupedQueryAttention& attention_of(const ImportedModel& model, std::size_t layer) {
  return std::get<GroupedQueryAttention>(model.spec.layers.at(layer).mixer);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(import_gguf_model)

BOOST_AUTO_TEST_CASE(llama_3_1_8b) {
  Model m("llama", 32, 4096, 131072);
  m.ends(128256, true);
  m.tensor("rope_freqs.weight", {64});
  m.norms({"attn_norm", "ffn_norm"});
  m.attention(32, 8, 128);
  m.dense(14336);
  const ImportedModel model = m.import();
  check(model, 8030261248.0);
  BOOST_TEST(!model.spec.tied_embeddings);
  BOOST_TEST(model.spec.context == 131072);
  BOOST_TEST(model.spec.rope_freqs == 64);
  BOOST_TEST(model.spec.id == "test-llama");
  // f16 matrices, f32 norms and rope_freqs: 65 norms of 4096 and 64 factors are 4 bytes each.
  BOOST_TEST(model.totals.tensor_bytes == 2.0 * (8030261248.0 - 65 * 4096) + 4.0 * (65 * 4096 + 64));
  for (const RoleTotal& role : model.totals.roles) {
    if (role.role != "attn_k") continue;
    BOOST_TEST(role.tensors == 32U);
    BOOST_TEST(role.bytes == 32.0 * 4096 * 1024 * 2);
    BOOST_TEST(role.bytes_by_type.at("f16") == role.bytes);
  }
}

BOOST_AUTO_TEST_CASE(mixtral_8x7b) {
  Model m("llama", 32, 4096, 32768);
  m.ends(32000, true);
  m.norms({"attn_norm", "ffn_norm"});
  m.attention(32, 8, 128);
  m.number("feed_forward_length", 14336);
  m.number("expert_count", 8);
  m.number("expert_used_count", 2);
  // The oldest files hold one tensor per expert.
  m.each({{"ffn_gate_inp.weight", {4096, 8}}});
  for (int e = 0; e < 8; ++e) {
    const std::string end = "." + std::to_string(e) + ".weight";
    m.each({{"ffn_gate" + end, {4096, 14336}}, {"ffn_up" + end, {4096, 14336}}, {"ffn_down" + end, {14336, 4096}}});
  }
  const ImportedModel model = m.import();
  check(model, 46702792704.0);
  BOOST_TEST(std::get<MixtureOfExperts>(model.spec.layers[0].feed_forward).top_k == 2);
}

BOOST_AUTO_TEST_CASE(qwen2_5_1_5b_has_biases_and_no_head) {
  Model m("qwen2", 28, 1536, 32768);
  m.ends(151936, false);
  m.norms({"attn_norm", "ffn_norm"});
  m.attention(12, 2, 128);
  m.each({{"attn_q.bias", {1536}}, {"attn_k.bias", {256}}, {"attn_v.bias", {256}}});
  m.dense(8960);
  const ImportedModel model = m.import();
  check(model, 1543714304.0);
  BOOST_TEST(model.spec.tied_embeddings);
  BOOST_TEST(attention_of(model, 0).qkv_bias);
}

BOOST_AUTO_TEST_CASE(qwen3_30b_a3b) {
  Model m("qwen3moe", 48, 2048, 40960);
  m.ends(151936, true);
  m.norms({"attn_norm", "ffn_norm"});
  m.attention(32, 4, 128);
  m.each({{"attn_q_norm.weight", {128}}, {"attn_k_norm.weight", {128}}});
  m.number("feed_forward_length", 6144);
  m.experts(128, 8, 768);
  const ImportedModel model = m.import();
  check(model, 30532122624.0);
  BOOST_CHECK(attention_of(model, 0).qk_norm == QkNorm::per_head);
}

BOOST_AUTO_TEST_CASE(qwen1_5_moe_a2_7b_has_a_gated_shared_expert) {
  Model m("qwen2moe", 24, 2048, 8192);
  m.ends(151936, true);
  m.norms({"attn_norm", "ffn_norm"});
  m.attention(16, 16, 128);
  m.each({{"attn_q.bias", {2048}}, {"attn_k.bias", {2048}}, {"attn_v.bias", {2048}}, {"ffn_gate_inp_shexp.weight", {2048}}});
  m.number("feed_forward_length", 5632);
  m.experts(60, 4, 1408);
  m.each({{"ffn_gate_shexp.weight", {2048, 5632}}, {"ffn_up_shexp.weight", {2048, 5632}}, {"ffn_down_shexp.weight", {5632, 2048}}});
  const ImportedModel model = m.import();
  check(model, 14315784192.0);
  BOOST_TEST(std::get<MixtureOfExperts>(model.spec.layers[0].feed_forward).shared_size == 5632);
}

BOOST_AUTO_TEST_CASE(gemma_2_2b_alternates_windows) {
  Model m("gemma2", 26, 2304, 8192);
  m.ends(256000, false);
  m.norms({"attn_norm", "ffn_norm", "post_attention_norm", "post_ffw_norm"});
  m.attention(8, 4, 256);
  m.dense(9216);
  const ImportedModel model = m.import();
  check(model, 2614341888.0);
  BOOST_TEST(attention_of(model, 0).window == 4096);
  BOOST_CHECK(attention_of(model, 1).window_kind == WindowKind::none);
}

BOOST_AUTO_TEST_CASE(gemma_3_1b_sees_everything_in_every_sixth_layer) {
  Model m("gemma3", 26, 1152, 32768);
  m.ends(262144, false);
  m.norms({"attn_norm", "ffn_norm", "post_attention_norm", "post_ffw_norm"});
  m.attention(4, 1, 256);
  m.number("attention.sliding_window", 512);
  m.each({{"attn_q_norm.weight", {256}}, {"attn_k_norm.weight", {256}}});
  m.dense(6912);
  const ImportedModel model = m.import();
  check(model, 999885952.0);
  for (std::size_t i = 0; i < 26; ++i) BOOST_TEST(attention_of(model, i).window == (i % 6 == 5 ? 0 : 512));
}

BOOST_AUTO_TEST_CASE(phi_3_mini_fuses_its_matrices) {
  Model m("phi3", 32, 3072, 131072);
  m.ends(32064, true);
  m.tensor("rope_factors_long.weight", {48});
  m.tensor("rope_factors_short.weight", {48});
  m.norms({"attn_norm", "ffn_norm"});
  m.number("attention.head_count", 32);
  m.number("attention.head_count_kv", 32);
  m.number("feed_forward_length", 8192);
  m.each({{"attn_qkv.weight", {3072, 9216}}, {"attn_output.weight", {3072, 3072}}, {"ffn_up.weight", {3072, 16384}}, {"ffn_down.weight", {8192, 3072}}});
  const ImportedModel model = m.import();
  check(model, 3821079552.0);
  BOOST_TEST(attention_of(model, 0).head_dim_k == 96);
  BOOST_TEST(std::get<DenseFeedForward>(model.spec.layers[0].feed_forward).gated);
}

BOOST_AUTO_TEST_CASE(olmo_2_7b_norms_whole_projections) {
  Model m("olmo2", 32, 4096, 4096);
  m.ends(100352, true);
  m.norms({"post_attention_norm", "post_ffw_norm", "attn_q_norm", "attn_k_norm"});
  m.attention(32, 32, 128);
  m.dense(11008);
  const ImportedModel model = m.import();
  check(model, 7298617344.0);
  BOOST_CHECK(attention_of(model, 0).qk_norm == QkNorm::full_width);
}

BOOST_AUTO_TEST_CASE(gpt_oss_20b_has_sinks_and_expert_biases) {
  Model m("gpt-oss", 24, 2880, 131072);
  m.ends(201088, true);
  m.norms({"attn_norm", "post_attention_norm"});
  m.attention(64, 8, 64);
  m.number("attention.sliding_window", 128);
  m.each({{"attn_q.bias", {4096}}, {"attn_k.bias", {512}}, {"attn_v.bias", {512}}, {"attn_output.bias", {2880}}, {"attn_sinks.weight", {64}}});
  m.experts(32, 4, 2880);
  m.each({{"ffn_gate_inp.bias", {32}}, {"ffn_gate_exps.bias", {2880, 32}}, {"ffn_up_exps.bias", {2880, 32}}, {"ffn_down_exps.bias", {2880, 32}}});
  const ImportedModel model = m.import();
  check(model, 20914757184.0);
  BOOST_TEST(attention_of(model, 0).window == 128);
  BOOST_TEST(attention_of(model, 1).window == 0);
  std::int64_t idle = 0;
  for (const ExtraTensor& extra : model.spec.extra) idle += extra.access == Access::never ? extra.columns * extra.count : 0;
  BOOST_TEST(idle == 24 * 28 * 3 * 2880);
}

BOOST_AUTO_TEST_CASE(deepseek_v2_lite_before_and_after_the_split_of_its_latent_projection) {
  for (const bool later : {false, true}) {
    Model m("deepseek2", 27, 2048, 163840);
    m.ends(102400, true);
    m.norms({"attn_norm", "ffn_norm"});
    m.number("attention.head_count", 16);
    m.number("attention.head_count_kv", later ? 1 : 16);
    m.number("attention.kv_lora_rank", 512);
    m.number("rope.dimension_count", 64);
    m.number("attention.key_length", later ? 576 : 192);
    m.number("attention.value_length", later ? 512 : 128);
    if (later) m.number("attention.key_length_mla", 192);
    if (later) m.number("attention.value_length_mla", 128);
    m.each({{"attn_q.weight", {2048, 3072}}, {"attn_kv_a_mqa.weight", {2048, 576}}, {"attn_kv_a_norm.weight", {512}}, {"attn_output.weight", {2048, 2048}}});
    if (later) m.each({{"attn_k_b.weight", {128, 512, 16}}, {"attn_v_b.weight", {512, 128, 16}}});
    else m.each({{"attn_kv_b.weight", {512, 4096}}});
    m.number("leading_dense_block_count", 1);
    m.number("expert_shared_count", 2);
    m.dense(10944, 0, 1);
    m.experts(64, 6, 1408, 1);
    m.each({{"ffn_gate_shexp.weight", {2048, 2816}}, {"ffn_up_shexp.weight", {2048, 2816}}, {"ffn_down_shexp.weight", {2816, 2048}}}, 1);
    const ImportedModel model = m.import();
    check(model, 15706484224.0);
    const auto& latent = std::get<LatentAttention>(model.spec.layers[0].mixer);
    BOOST_TEST(latent.nope_dim == 128);
    BOOST_TEST(latent.value_dim == 128);
    BOOST_CHECK(std::holds_alternative<DenseFeedForward>(model.spec.layers[0].feed_forward));
    BOOST_TEST(std::get<MixtureOfExperts>(model.spec.layers[1].feed_forward).shared_size == 2816);
  }
}

BOOST_AUTO_TEST_CASE(arrays_give_each_layer_its_own_sizes) {
  Model m("llama", 3, 64, 128);
  m.w.array("llama.attention.head_count_kv", 5, std::vector<std::int32_t>{4, 2, 1});
  m.w.array("llama.feed_forward_length", 4, std::vector<std::uint32_t>{128, 128, 256});
  m.number("attention.head_count", 4);
  m.w.strings("tokenizer.ggml.tokens", {"a", "b", "c"});
  const ImportedModel model = m.import();
  BOOST_TEST(attention_of(model, 1).kv_heads == 2);
  BOOST_TEST(attention_of(model, 2).head_dim_k == 16);
  BOOST_TEST(std::get<DenseFeedForward>(model.spec.layers[2].feed_forward).size == 256);
  BOOST_TEST(model.spec.vocabulary == 3);
  BOOST_TEST(model.notes.size() == 1U);
}

BOOST_AUTO_TEST_CASE(what_does_not_add_up_is_said) {
  Model m("llama", 1, 64, 128);
  m.ends(10, true);
  m.norms({"attn_norm", "ffn_norm"});
  m.attention(4, 4, 16);
  m.number("feed_forward_length", 128);
  m.each({{"ffn_gate.weight", {64, 999}}, {"ffn_up.weight", {64, 128}}, {"ffn_down.weight", {128, 64}}});
  const ImportedModel model = m.import();
  BOOST_REQUIRE(model.notes.size() == 1U);
  BOOST_TEST(model.notes[0].find("the keys describe") == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
