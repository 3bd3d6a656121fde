#include <boost/test/unit_test.hpp>

#include "support/support.hpp"

using namespace roofline;
using namespace roofline::testing;

BOOST_AUTO_TEST_SUITE(refusals)

BOOST_AUTO_TEST_CASE(a_context_beyond_the_engine_is_refused_with_the_limit) {
  const Answer a = ask({"rk3588", "qwen2.5-7b", "w8a8", "rkllm", UnitKind::npu, "", workload(512, 128, 20000)});
  BOOST_TEST(!a.first().supported);
  BOOST_TEST(a.first().reason.find("16384") != std::string::npos, a.first().reason);
}

BOOST_AUTO_TEST_CASE(what_no_source_and_no_run_supports_is_not_known) {
  const Answer a = ask({"rk3588", "qwen2.5-7b", "q4_k_m", "llama.cpp", UnitKind::gpu});
  BOOST_TEST(!a.first().supported);
  BOOST_TEST(a.first().reason.find("not known") != std::string::npos, a.first().reason);
}

BOOST_AUTO_TEST_CASE(aliases_resolve_per_engine) {
  BOOST_TEST(ask({"agx-orin", "llama-3.1-8b", "int4", "llama.cpp", UnitKind::gpu}).first().quantization->id == "q4_k_m");
  BOOST_TEST(ask({"thor", "llama-3.1-8b", "w4a16", "vllm", UnitKind::gpu}).first().quantization->id == "awq-int4-g128");
  BOOST_TEST(ask({"agx-orin", "llama-3.1-8b", "int8", "llama.cpp", UnitKind::gpu}).first().quantization->id == "q8_0");
}

BOOST_AUTO_TEST_CASE(same_decode_different_prefill_by_arithmetic) {
  // On Thor NVFP4 multiplies in fp4 and W4A16 in fp16: about the same bytes, well above twice the prefill ceiling
  // but for the 16-bit head and attention, which both share.
  const Answer fp4 = ask({"thor", "qwen3-8b", "nvfp4", "tensorrt-edge-llm", UnitKind::gpu});
  const Answer awq = ask({"thor", "qwen3-8b", "awq-int4-g128", "tensorrt-edge-llm", UnitKind::gpu});
  BOOST_TEST_REQUIRE(fp4.first().supported);
  BOOST_TEST_REQUIRE(awq.first().supported);
  BOOST_TEST(relative_error(fp4.first().decode.per_sequence().base(), awq.first().decode.per_sequence().base()) < 0.1);
  const double ratio = fp4.first().prefill.per_sequence() / awq.first().prefill.per_sequence();
  BOOST_TEST(ratio > 1.5);
}

BOOST_AUTO_TEST_CASE(expectation_lies_below_the_ceiling_and_inside_its_interval) {
  for (const char* hw : {"agx-orin", "orin-nx", "thor", "rtx-4090", "rtx-4000-ada"}) {
    const Answer a = ask({hw, "llama-3.1-8b", "q4_k_m", "llama.cpp", UnitKind::gpu});
    const Estimate& e = a.first();
    BOOST_TEST_REQUIRE(e.expected_decode.has_value(), hw);
    BOOST_TEST(e.expected_decode->phase.per_sequence() .base()<= e.decode.per_sequence().base(), hw);
    BOOST_TEST(e.expected_decode->low.base() <= e.expected_decode->phase.per_sequence().base(), hw);
    BOOST_TEST(e.expected_decode->high.base() >= e.expected_decode->phase.per_sequence().base(), hw);
    BOOST_TEST(e.expected_decode->high.base() <= e.decode.per_sequence().base(), hw);
    BOOST_TEST(!e.sources.empty(), hw);
  }
}

BOOST_AUTO_TEST_CASE(a_prompt_looks_back_at_what_is_cached) {
  const auto attention = [](int cached) {
    Workload w = workload(4, 0, 16384);
    w.cached = cached;
    const Answer a = ask({"rk3588", "llama-3.2-1b", "q4_k_m", "llama.cpp", UnitKind::cpu, "", w});
    Ops work;
    for (const OperatorEstimate& e : a.first().prefill.operators) {
      if (e.op.kind == OperatorKind::attention) work += e.op.work;
    }
    return work.base();
  };
  // 16 layers x 32 heads x (64 + 64) x 2 ops for each position seen: 1 + 2 + 3 + 4, or 8,001 + 8,002 + 8,003 + 8,004
  const double per_position = 16.0 * 32 * 128 * 2;
  BOOST_TEST(attention(0) == 10 * per_position);
  BOOST_TEST(attention(8000) == 32010 * per_position);
}

BOOST_AUTO_TEST_CASE(several_sequences_are_expected_from_runs_of_such) {
  const auto of = [](const char* hw, int batch) {
    Workload w = workload(512, 128, 65536);
    w.batch = batch;
    return ask({hw, "llama-3.1-8b", "awq-int4-g128", "tensorrt-edge-llm", UnitKind::gpu, "", w});
  };
  const Answer one = of("thor", 1), eight = of("thor", 8), elsewhere = of("orin-nx", 8), many = of("thor", 1000);
  BOOST_TEST_REQUIRE(eight.first().expected_decode.has_value());
  const auto low = [](const Answer& a) { return a.first().expected_decode->low / a.first().expected_decode->phase.per_sequence(); };
  // Never more certain of eight than of one.
  BOOST_TEST(low(eight) <= low(one));
  BOOST_TEST(eight.first().evidence.rung == "several sequences, this device");
  BOOST_TEST(!eight.first().evidence.run_ids.empty());
  BOOST_TEST(elsewhere.first().evidence.rung == "several sequences, other devices");
  BOOST_TEST(low(elsewhere) <= low(of("orin-nx", 1)));
  // More than anybody measured: the ceiling alone.
  BOOST_TEST(!many.first().expected_decode.has_value());
  BOOST_TEST(many.first().evidence.rung.find("not known: no measured run of more than") == 0U, many.first().evidence.rung);
}

BOOST_AUTO_TEST_SUITE_END()
