#include <boost/test/unit_test.hpp>
#include <cmath>

#include "roofline/core/roofline.hpp"
#include "support/support.hpp"

using namespace roofline;
using namespace roofline::testing;

BOOST_AUTO_TEST_SUITE(operators)

BOOST_AUTO_TEST_CASE(one_token_reads_top_k_experts_and_many_tokens_nearly_all) {
  BOOST_TEST(distinct_experts(128, 8, 1) == 8.0, boost::test_tools::tolerance(1e-12));
  // 8 of 64, 16 tokens: 64 (1 - (7/8)^16) = 56.44
  BOOST_TEST(distinct_experts(64, 8, 16) == 56.44, boost::test_tools::tolerance(1e-3));
  BOOST_TEST(distinct_experts(8, 8, 1) == 8.0);
}

// What must be read is the experts of one token; what even routing reads is more, and alike for one token.
BOOST_AUTO_TEST_CASE(a_ceiling_knows_no_routing) {
  const ModelSpec& spec = model("qwen3-30b-a3b");  // 8 of 128 experts
  const auto stored = stored_tensors(spec, quantization("f16"));
  const auto ratio = [&](int batch) {
    Workload w = workload(100, 0);
    w.batch = batch;
    Bytes must, likely;
    for (const Operator& op : decode_operators(spec, stored, w)) {
      if (op.kind != OperatorKind::expert_matmul) continue;
      must += op.traffic.weights;
      likely += op.routed;
    }
    return likely / must;
  };
  BOOST_TEST(ratio(1) == 1.0, boost::test_tools::tolerance(1e-12));
  // 128 (1 - (120 / 128)^8) = 51.62 of 8
  BOOST_TEST(ratio(8) == 51.62 / 8, boost::test_tools::tolerance(1e-3));
}

BOOST_AUTO_TEST_CASE(decode_work_is_two_ops_per_weight) {
  const auto stored = stored_tensors(model("llama-3.1-8b"), quantization("f16"));
  Ops work;
  Bytes kv;
  for (const Operator& op : decode_operators(model("llama-3.1-8b"), stored, workload(1000, 0))) {
    if (op.kind == OperatorKind::matmul) work += op.work;
    kv += op.traffic.kv_cache;
  }
  // 7,504,924,672 weights read per token, of which 65 x 4096 are norms
  BOOST_TEST(work.base() == 2.0 * (7504924672.0 - 65 * 4096));
  // 32 layers x 8 heads x 128 x 2 (K and V) x 2 B x 1000 tokens
  BOOST_TEST(kv.in(unit::B) == 131072.0 * 1000);
}

BOOST_AUTO_TEST_CASE(prefill_attention_is_a_triangle) {
  const ModelSpec& spec = model("llama-3.2-1b");
  const auto stored = stored_tensors(spec, quantization("f16"));
  const auto attention_ops = [&](int position, int tokens) {
    for (const Operator& op : prefill_operators(spec, stored, workload(512, 0), position, tokens, false)) {
      if (op.kind == OperatorKind::attention) return op.work.base();
    }
    return -1.0;
  };
  // 16 layers x 32 heads x (64 + 64) x 2 ops per position seen; 4 tokens see 1 + 2 + 3 + 4 = 10
  const double per_position = 16.0 * 32 * 128 * 2;
  BOOST_TEST(attention_ops(0, 4) == 10 * per_position);
  BOOST_TEST(attention_ops(100, 2) == (101 + 102) * per_position);
  BOOST_TEST(attention_ops(0, 512) == attention_ops(0, 256) + attention_ops(256, 256));
}

BOOST_AUTO_TEST_CASE(activations_are_what_products_take_in_and_give_out) {
  ModelSpec spec;
  spec.hidden = 64;
  spec.vocabulary = spec.embedding_rows = 100;
  spec.tied_embeddings = true;
  Layer layer;
  layer.mixer = GroupedQueryAttention{.heads = 2, .kv_heads = 1, .head_dim_k = 32, .head_dim_v = 32};
  spec.layers = {layer, layer};
  const auto stored = stored_tensors(spec, quantization("f16"));
  Bytes sum;
  for (const Operator& op : prefill_operators(spec, stored, workload(3, 0), 0, 3, false)) sum += op.activations;
  // q 64 -> 64, k and v 64 -> 32, output 64 -> 64: 128 + 96 + 96 + 128 = 448 elements of 2 B, in 2 layers, for 3 tokens
  BOOST_TEST(sum.in(unit::B) == 448.0 * 2 * 2 * 3);
}

BOOST_AUTO_TEST_CASE(a_sliding_window_limits_what_is_seen) {
  ModelSpec spec;
  spec.hidden = 64;
  spec.vocabulary = spec.embedding_rows = 100;
  Layer layer;
  layer.mixer = GroupedQueryAttention{.heads = 1, .kv_heads = 1, .head_dim_k = 32, .head_dim_v = 32, .window_kind = WindowKind::sliding, .window = 4};
  spec.layers = {layer};
  const auto stored = stored_tensors(spec, quantization("f16"));
  // tokens 1..6 see 1 2 3 4 4 4 = 18 positions; 1 head x 64 x 2 ops
  for (const Operator& op : prefill_operators(spec, stored, workload(6, 0), 0, 6, true)) {
    if (op.kind == OperatorKind::attention) BOOST_TEST(op.work.base() == 18.0 * 128);
  }
  // at depth 1000 a token reads 4 positions of 2 x 32 x 2 B
  for (const Operator& op : decode_operators(spec, stored, workload(1000, 0))) {
    if (op.kind == OperatorKind::attention) BOOST_TEST(op.traffic.kv_cache.in(unit::B) == 4 * 128.0);
  }
}

BOOST_AUTO_TEST_CASE(the_roofline_takes_the_longer_of_the_two_and_adds_dispatch) {
  Operator op;
  op.work = 100.0 * unit::Gop;
  op.traffic.weights = 1.0 * unit::GB;
  Ceilings c;
  c.peak = Figure<OpsPerSecond>{200.0 * unit::Gop / unit::s, {}};
  c.bandwidth.value = 10.0 * unit::GB / unit::s;
  c.dispatch = 1.0 * unit::ms;
  const OperatorEstimate e = roofline_time(op, c);
  BOOST_TEST(e.time.in(unit::ms) == 501.0, boost::test_tools::tolerance(1e-12));
  BOOST_TEST((e.bound == Bound::compute));
  BOOST_TEST(ridge_point(c)->base() == 20.0, boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(latent_attention_caches_one_compressed_vector) {
  // DeepSeek-V3: (512 + 64) x 2 B x 61 layers = 70,272 B per token; 2196 MiB at 32768 tokens by llama.cpp's log
  BOOST_TEST(kv_bytes_per_token(model("deepseek-v3"), format("f16"), format("f16")).in(unit::B) == 70272.0);
  BOOST_TEST(kv_cache_bytes(model("deepseek-v3"), workload(512, 0, 32768), engine("llama.cpp").memory).in(unit::MiB) == 2196.0);
}

BOOST_AUTO_TEST_SUITE_END()
