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

BOOST_AUTO_TEST_SUITE_END()
