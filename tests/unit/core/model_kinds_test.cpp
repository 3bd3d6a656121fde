// Kinds of layers beyond plain attention: shared KV, keys as values, wide heads on full layers, recurrent blocks, single-block layers.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <map>

#include "roofline/core/recurrent_blocks.hpp"
#include "support/support.hpp"

using namespace roofline;
using namespace roofline::testing;

namespace {

double kv_per_token(const std::string& id) { return kv_bytes_per_token(model(id), format("f16"), format("f16")).in(unit::B); }
double kv_bytes(const std::string& id, int context, int batch = 1) {
  Workload w = workload(512, 0, context);
  w.batch = batch;
  return kv_cache_bytes(model(id), w, engine("llama.cpp").memory).in(unit::B);
}
std::string kinds(const ModelSpec& spec) {
  std::string out;
  for (const Layer& layer : spec.layers) {
    if (std::holds_alternative<RecurrentMixer>(layer.mixer)) out += 'M';
    else if (std::holds_alternative<GroupedQueryAttention>(layer.mixer)) out += '*';
    else out += std::holds_alternative<MixtureOfExperts>(layer.feed_forward) ? 'E' : '-';
  }
  return out;
}
const GroupedQueryAttention& attention(const ModelSpec& spec, std::size_t layer) { return std::get<GroupedQueryAttention>(spec.layers.at(layer).mixer); }

}  // namespace

BOOST_AUTO_TEST_SUITE(model_kinds)

BOOST_AUTO_TEST_CASE(gemma_3n_keeps_kv_in_twenty_layers_only) {
  // 20 of 35 layers x 2 KV heads x 256 x (K and V) x 2 B
  BOOST_TEST(kv_per_token("gemma-3n-e4b") == 20.0 * 2 * 256 * 2 * 2);
  BOOST_TEST(kv_per_token("gemma-3n-e2b") == kv_per_token("gemma-3n-e4b"));
  // Layers 4, 9, 14, 19 of the first 20 are full: 4 x 32768 cells; 16 sliding ones: 512 + 512 (ubatch) = 1024; a cell is 2048 B
  BOOST_TEST(kv_bytes("gemma-3n-e4b", 32768) == (4.0 * 32768 + 16.0 * 1024) * 2048);
  BOOST_TEST(kv_layers(model("gemma-3n-e4b")) == 20);
  // The other 15 layers read what the 20 keep: a full layer's KV is read 7 times in decode, once for each full layer of 35.
  const auto stored = stored_tensors(model("gemma-3n-e4b"), quantization("q8_0"));
  for (const Operator& op : decode_operators(model("gemma-3n-e4b"), stored, workload(2000, 0))) {
    if (op.kind == OperatorKind::attention) BOOST_TEST(op.traffic.kv_cache.in(unit::B) == (7.0 * 2000 + 28.0 * 512) * 2048);
  }
}

BOOST_AUTO_TEST_CASE(projections_that_shared_kv_leaves_idle_are_stored_and_not_read) {
  // 15 layers x (2 x 256 rows for K, as many for V) x 2048
  double idle = 0;
  for (const Tensor& tensor : tensors(model("gemma-3n-e4b"), "gguf")) {
    if (tensor.access == Access::never) idle += static_cast<double>(tensor.rows * tensor.row_length);
  }
  BOOST_TEST(idle == 15.0 * 2 * 512 * 2048);
}

BOOST_AUTO_TEST_CASE(per_layer_embeddings_are_read_one_row_per_token) {
  // 262144 rows of 35 x 256; at f16 a token reads 35 x 256 x 2 B of them
  for (const StoredTensor& tensor : stored_tensors(model("gemma-3n-e4b"), quantization("f16"))) {
    if (tensor.tensor.role != "per_layer_token_embd") continue;
    BOOST_TEST(tensor.bytes.in(unit::B) == 262144.0 * 35 * 256 * 2);
    BOOST_TEST(streamed_weight_bytes({tensor}).in(unit::B) == 35.0 * 256 * 2);
  }
}

// Counts of transformers' Gemma3nTextConfig at these sizes, by hand for E2B: embedding 262400 x 2048 = 537,395,200; per layer
// attention 2 x 2048 x 2048 + 2 x 512 x 2048 + 2 x 256 = 10,486,272, feed-forward 3 x 8192 x 2048 = 50,331,648, four norms 8,192,
// laurel 2 x 64 x 2048 + 2048 = 264,192, altup 4 x 2048 + 64 + 16 + 2 x 2048 = 12,368, per-layer input 2 x 256 x 2048 + 2048 = 1,050,624;
// once: altup 6 x 2048^2 = 25,165,824, per-layer projection 7680 x 2048 + 256 = 15,728,896, norm 2,048, PLE 262144 x 7680 = 2,013,265,920.
BOOST_AUTO_TEST_CASE(parameters_of_gemma_3n_e2b) {
  const double layer = 10486272.0 + 50331648 + 8192 + 264192 + 12368 + 1050624;
  BOOST_TEST(parameter_count(model("gemma-3n-e2b")) == 537395200.0 + 30 * layer + 25165824 + 15728896 + 2048 + 2013265920.0);
}

BOOST_AUTO_TEST_CASE(gemma_4_has_wider_heads_and_keys_for_values_on_full_layers) {
  const ModelSpec& m = model("gemma-4-31b");
  BOOST_TEST(attention(m, 0).head_dim_k == 256);
  BOOST_TEST(attention(m, 5).head_dim_k == 512);
  BOOST_TEST(attention(m, 5).kv_heads == 4);
  BOOST_TEST(attention(m, 5).value_from_key);
  // 50 sliding layers x 16 x 256 x 2 x 2 B + 10 full x 4 x 512 x 2 x 2 B: the value is cached although it has no matrix
  BOOST_TEST(kv_per_token("gemma-4-31b") == 50.0 * 16384 + 10.0 * 8192);
  // sliding: 1024 + 512 = 1536 cells
  BOOST_TEST(kv_bytes("gemma-4-31b", 8192) == 50.0 * 16384 * 1536 + 10.0 * 8192 * 8192);
  std::map<std::string, int> count;
  for (const Tensor& tensor : tensors(m, "gguf")) ++count[tensor.role];
  BOOST_TEST(count["attn_k"] == 60);
  BOOST_TEST(count["attn_v"] == 50);
}

BOOST_AUTO_TEST_CASE(gemma_4_e2b_is_twice_as_wide_where_kv_is_shared) {
  const ModelSpec& m = model("gemma-4-e2b");
  BOOST_TEST(std::get<DenseFeedForward>(m.layers[14].feed_forward).size == 6144);
  BOOST_TEST(std::get<DenseFeedForward>(m.layers[15].feed_forward).size == 12288);
  BOOST_TEST(!attention(m, 14).shares_kv);
  BOOST_TEST(attention(m, 15).shares_kv);
  // of the first 15 layers 4, 9, 14 are full: 3 x 1 x 512 x 2 x 2 B + 12 x 1 x 256 x 2 x 2 B
  BOOST_TEST(kv_per_token("gemma-4-e2b") == 3.0 * 2048 + 12.0 * 1024);
}

BOOST_AUTO_TEST_CASE(nemotron_h_layers_are_one_block_each) {
  BOOST_TEST(kinds(model("nemotron-nano-9b-v2")) == "M-M-M-MM-M-M-M*-M-M-M*-M-M-M-M*-M-M-M-M*-M-MM-M-M-M-M-M-");
  BOOST_TEST(kinds(model("nemotron-3-nano-30b-a3b")) == "MEMEM*EMEMEM*EMEMEM*EMEMEM*EMEMEM*EMEMEMEM*EMEMEMEME");
  // 4 attention layers x 8 x 128 x 2 x 2 B; 27 states of 128 x 80 x 128 and 3 x (10240 + 2 x 8 x 128) inputs, 4 B each
  BOOST_TEST(kv_per_token("nemotron-nano-9b-v2") == 4.0 * 4096);
  const double state = 27.0 * 4 * (128.0 * 80 * 128 + 3.0 * 12288);
  BOOST_TEST(kv_bytes("nemotron-nano-9b-v2", 4096) == 4096.0 * 4 * 4096 + state);
  // The context is shared out over the sequences, the state is not: 2 x 2048 cells, 2 states
  BOOST_TEST(kv_bytes("nemotron-nano-9b-v2", 4096, 2) == 4096.0 * 4 * 4096 + 2 * state);
  // 23 of 52 layers are routed; they have no gate matrices
  int gates = 0;
  for (const Tensor& tensor : tensors(model("nemotron-3-nano-30b-a3b"), "gguf")) gates += tensor.role == "ffn_gate_exps" ? 1 : 0;
  BOOST_TEST(gates == 0);
}

// 25 feed-forwards among 56 layers are counted as they come, out of 56: 0-6 (56/8 = 7), then every third from 9: 9, 12, 15, 18, 21, 24.
BOOST_AUTO_TEST_CASE(feed_forwards_of_single_block_layers_are_counted_as_they_come) {
  int index = 0;
  std::string wide;
  for (const StoredTensor& tensor : stored_tensors(model("nemotron-nano-9b-v2"), quantization("q4_k_m"))) {
    if (tensor.tensor.role != "ffn_down") continue;
    BOOST_TEST(tensor.tensor.ordinal == index++);
    wide += tensor.format->id == "q8_0" ? 'x' : '.';  // rows of 15680 = 61.25 x 256: q6_k falls back to q8_0, q4_k to q5_0
  }
  BOOST_TEST(wide == "xxxxxxx..x..x..x..x..x..x");
}

BOOST_AUTO_TEST_CASE(mamba_state_does_not_grow) {
  // 64 layers x (5120 x 16 + 3 x 5120) x 4 B
  const double state = 64.0 * (81920 + 15360) * 4;
  BOOST_TEST(kv_bytes("mamba-2.8b", 256) == state);
  BOOST_TEST(kv_bytes("mamba-2.8b", 100000) == state);
  BOOST_TEST(kv_bytes("mamba-2.8b", 256, 3) == 3 * state);
  // embedding 50280 x 2560; per layer 2 x 5120 x 2560 + 5120 x 5 + 192 x 5120 + 5120 x 160 + 5120 + 5120 x 16 + 5120 + 2560 x 5120 + 2560
  BOOST_TEST(parameter_count(model("mamba-2.8b")) == 50280.0 * 2560 + 64 * (26214400.0 + 25600 + 983040 + 819200 + 5120 + 81920 + 5120 + 13107200 + 2560) + 2560);
}

BOOST_AUTO_TEST_CASE(rwkv_7_keeps_a_matrix_per_head_and_two_shifted_tokens) {
  // 24 layers x (32 heads x 64 x 64 + 2 x 2048) x 4 B
  BOOST_TEST(kv_bytes("rwkv7-world3-1.5b", 4096) == 24.0 * (131072 + 4096) * 4);
  BOOST_TEST(kv_per_token("rwkv7-world3-1.5b") == 0.0);
  // tables 2 x 65536 x 2048; per layer 4 x 2048^2 + 2 x 8192 x 2048 + 4096 x (96 + 96 + 64 + 256) + 19 x 2048 vectors;
  // layer 0 has no value residual: 4096 x 64 + 2048 less; norms of input and output: 4 x 2048
  const double layer = 4.0 * 2048 * 2048 + 2.0 * 8192 * 2048 + 4096.0 * 512 + 19.0 * 2048;
  BOOST_TEST(parameter_count(model("rwkv7-world3-1.5b")) == 2.0 * 65536 * 2048 + 24 * layer - (4096.0 * 64 + 2048) + 4.0 * 2048);
}

BOOST_AUTO_TEST_CASE(short_convolutions_keep_two_inputs) {
  // 22 layers x 2 x 2048 x 4 B, 8 attention layers x 8 x 64 x 2 x 2 B x 4096
  BOOST_TEST(kv_bytes("lfm2-2.6b", 4096) == 22.0 * 4096 * 4 + 8.0 * 2048 * 4096);
  // the sums that lfm2-1.2b states are those of the block
  const auto& layers = model("lfm2-1.2b").layers;
  const auto stated = std::find_if(layers.begin(), layers.end(), [](const Layer& layer) { return std::holds_alternative<RecurrentMixer>(layer.mixer); });
  BOOST_TEST((std::get<RecurrentMixer>(stated->mixer) == short_conv_mixer(2048, 3)));
}

BOOST_AUTO_TEST_CASE(a_mamba_2_block_has_the_sums_of_a_hybrid_that_states_them) {
  // Granite 4.0 H 1B: inner 3072 = 48 heads x 64, state 128, one group, kernel 4
  const RecurrentMixer block = mamba2_mixer(1536, {.heads = 48, .head_dim = 64, .state = 128, .groups = 1, .kernel = 4});
  BOOST_TEST((std::get<RecurrentMixer>(model("granite-4.0-h-1b").layers.front().mixer) == block));
}

// Llama-3.1-8B: 32 layers, keys and values of 8 x 128 = 1024 elements each; a scale per tensor is no part of a cell.
BOOST_AUTO_TEST_CASE(every_kv_type_takes_its_bytes) {
  const std::map<std::string, double> row{{"f32", 4096}, {"f16", 2048}, {"bf16", 2048}, {"q8_0", 32 * 34}, {"q5_1", 32 * 24}, {"q5_0", 32 * 22},
                                          {"q4_1", 32 * 20}, {"q4_0", 32 * 18}, {"iq4_nl", 32 * 18}, {"fp8", 1024}, {"fp8-e4m3", 1024}};
  for (const auto& [type, bytes] : row) {
    BOOST_TEST(kv_bytes_per_token(model("llama-3.1-8b"), format(type), format(type)).in(unit::B) == 2 * 32 * bytes, type);
  }
}

// Llama-3.1-8B has 4 heads per KV head. IQ3_XXS without a matrix: ffn_down Q4_K in layers 0 to 3, else Q3_K; with one: IQ3_XXS.
BOOST_AUTO_TEST_CASE(an_importance_matrix_changes_what_the_rules_give) {
  Quantization q = quantization("iq3_xxs");
  BOOST_TEST(q.importance_matrix);  // llama-quantize refuses this type without one
  const auto down = [&] {
    std::map<std::string, int> count;
    for (const StoredTensor& tensor : stored_tensors(model("llama-3.1-8b"), q)) count[tensor.format->id] += tensor.tensor.role == "ffn_down" ? 1 : 0;
    return count;
  };
  BOOST_TEST(down()["iq3_xxs"] == 32);
  q.importance_matrix = false;
  BOOST_TEST(down()["q4_k"] == 4);
  BOOST_TEST(down()["q3_k"] == 28);
  BOOST_TEST(depends_on_importance_matrix(q));
  BOOST_TEST(!depends_on_importance_matrix(quantization("q4_k_m")));
}

BOOST_AUTO_TEST_CASE(formats_by_the_bits_they_are_named_after) {
  const std::map<std::string, double> bits{{"exl2-4.25bpw", 4.25}, {"exl3-2.25bpw", 2.25},  {"hqq-int4-g64", 4.5},      {"mlx-affine4-g64", 4.5},
                                           {"mlx-affine8-g64", 8.5}, {"bnb-nf4", 4.5},      {"mlc-q4f32-g32", 5.0},     {"mlc-q4f16-g32", 4.5},
                                           {"nvfp4", 4.5},           {"mxfp4", 4.25},       {"int4-g128-awq", 4.15625}, {"fp8-e4m3", 8.0}};
  for (const auto& [id, wanted] : bits) BOOST_TEST(bits_per_weight(format(id)) == wanted, id);
  // 8192 B of values, 256 of 8-bit scales, 4 of their scale: 4.127 bits
  BOOST_TEST(bits_per_weight(format("bnb-nf4-dq")) == 8.0 * 8452 / 16384, boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(one_fused_matrix_holds_queries_keys_and_values) {
  ModelSpec spec;
  spec.hidden = 64;
  spec.vocabulary = spec.embedding_rows = 100;
  spec.layers = {Layer{GroupedQueryAttention{.heads = 4, .kv_heads = 2, .head_dim_k = 16, .head_dim_v = 16, .fused_qkv = true}, {}}};
  // 4 x 16 + 2 x 16 + 2 x 16 rows
  int fused = 0;
  for (const Tensor& tensor : tensors(spec, "gguf")) {
    BOOST_TEST(tensor.role != "attn_v");
    if (tensor.role == "attn_qkv") fused += static_cast<int>(tensor.rows);
  }
  BOOST_TEST(fused == 128);
}

BOOST_AUTO_TEST_SUITE_END()
