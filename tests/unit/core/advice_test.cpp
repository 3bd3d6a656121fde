#include "roofline/core/advice.hpp"

#include <boost/test/unit_test.hpp>

#include "support/support.hpp"

namespace {

using namespace roofline;
using namespace roofline::testing;

struct Case {
  std::unique_ptr<OperatingPoint> point;
  AdviceQuestion advice;
  Survey answered;
};

Case ask_for_advice(const std::string& hw, const std::string& model_id, const std::string& quant, const std::string& engine_id, const Workload& work) {
  Case c;
  const Device& hardware = device(hw);
  c.point = std::make_unique<OperatingPoint>(operating_point(hardware, fastest_mode(hardware)));
  Question& q = c.advice.question;
  q.point = c.point.get();
  q.model = &model(model_id);
  q.engines = {&engine(engine_id)};
  q.unit = UnitKind::gpu;
  q.quantization = quant;
  q.workload = work;
  q.find_quantization = [](const std::string& name) { return catalog().quantization(name).value; };
  q.find_calibration = [](const std::string& name) { return catalog().calibration(name).value; };
  c.answered = survey(q);
  c.advice.smaller_kv = format("q8_0");
  return c;
}

std::vector<Change> changes_of(Case& c) {
  c.advice.answered = &c.answered;
  return changes_that_fit(c.advice);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(advice)

BOOST_AUTO_TEST_CASE(what_fits_needs_no_change) {
  Case c = ask_for_advice("rtx-4090", "llama-3.1-8b", "q4_k_m", "llama.cpp", workload());
  BOOST_TEST(changes_of(c).empty());
}

// 131,072 cells of Llama-3.1-8B in f16 are 16 GiB, in q8_0 8.5 GiB; q4_k_m weights less the table about 4.3 GiB: on 16 GiB only
// the first is too much.
BOOST_AUTO_TEST_CASE(a_smaller_cache_type_is_enough) {
  Case c = ask_for_advice("rtx-4060-ti-16gb", "llama-3.1-8b", "q4_k_m", "llama.cpp", workload(512, 128, 131072));
  const auto changes = changes_of(c);
  BOOST_REQUIRE(changes.size() == 3u);
  BOOST_TEST((changes[0].kind == ChangeKind::shorter_context));
  BOOST_TEST(changes[0].estimate.workload.context < 131072);
  BOOST_TEST((changes[1].kind == ChangeKind::smaller_kv));
  BOOST_TEST(changes[1].estimate.memory.kv_cache.in(unit::GiB) == 8.5);
  BOOST_TEST((changes[2].kind == ChangeKind::offload));
  for (std::size_t i = 0; i < 2; ++i) BOOST_TEST(fits_as_asked(changes[i].estimate));
}

BOOST_AUTO_TEST_CASE(the_shorter_context_is_the_longest_that_fits) {
  Case c = ask_for_advice("rtx-4060-ti-16gb", "llama-3.1-8b", "q4_k_m", "llama.cpp", workload(512, 128, 131072));
  const Estimate shorter = changes_of(c).front().estimate;
  Workload longer = shorter.workload;
  longer.context += 256;
  BOOST_TEST((memory_at(shorter, longer).verdict.needed > shorter.verdict.available));
}

BOOST_AUTO_TEST_CASE(a_context_too_short_for_the_prompt_is_no_help) {
  Case c = ask_for_advice("rtx-4060-ti-16gb", "llama-3.1-8b", "q4_k_m", "llama.cpp", workload(130000, 128, 131072));
  for (const Change& change : changes_of(c)) BOOST_TEST((change.kind != ChangeKind::shorter_context));
}

BOOST_AUTO_TEST_CASE(fewer_sequences_where_each_has_its_own) {
  Workload many = workload();
  many.batch = 64;
  Case c = ask_for_advice("rtx-4090", "llama-3.1-8b", "awq-int4-g128", "vllm", many);
  const auto changes = changes_of(c);
  const auto fewer = std::find_if(changes.begin(), changes.end(), [](const Change& x) { return x.kind == ChangeKind::fewer_sequences; });
  BOOST_REQUIRE((fewer != changes.end()));
  Workload more = fewer->estimate.workload;
  ++more.batch;
  BOOST_TEST((memory_at(fewer->estimate, more).verdict.needed > fewer->estimate.verdict.available));
}

BOOST_AUTO_TEST_CASE(cache_types_need_whole_blocks_and_flash_attention) {
  const Engine& llama = engine("llama.cpp");
  Workload w = workload();
  BOOST_TEST(takes_kv_type(llama, model("llama-3.1-8b"), w, format("q8_0")));
  // Heads of 80 elements are not a whole number of blocks of 32.
  BOOST_TEST(!takes_kv_type(llama, model("phi-2"), w, format("q8_0")));
  BOOST_TEST(takes_kv_type(llama, model("phi-2"), w, format("f16")));
  w.flash_attention = FlashAttention::off;
  BOOST_TEST(!takes_kv_type(llama, model("llama-3.1-8b"), w, format("q8_0")));
  BOOST_TEST(!takes_kv_type(engine("mlc-llm"), model("llama-3.1-8b"), w, format("q8_0")));
}

BOOST_AUTO_TEST_SUITE_END()
