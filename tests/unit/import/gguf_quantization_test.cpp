#include <boost/test/unit_test.hpp>

#include "roofline/core/tensors.hpp"
#include "roofline/import/gguf_model.hpp"
#include "support/support.hpp"
#include "unit/import/tiny_llama.hpp"

using namespace roofline;
using namespace roofline::import;
using namespace roofline::testing;

BOOST_AUTO_TEST_SUITE(gguf_quantization)

BOOST_AUTO_TEST_CASE(every_tensor_is_counted_in_the_type_the_file_gives_it) {
  const auto header = read(tiny_llama_gguf());
  BOOST_TEST_REQUIRE(header.value.has_value(), (header.problem ? header.problem->message : ""));
  BOOST_TEST(file_type_id(*header.value) == "q4_k_m");
  const auto model = model_of(*header.value);
  BOOST_TEST_REQUIRE(model.value.has_value());
  const auto q = quantization_of(*header.value, "q4_k_m", [](const std::string& id) { return catalog().format(id).value; });
  BOOST_TEST_REQUIRE(q.value.has_value());
  const auto stored = stored_tensors(model.value->spec, *q.value);
  BOOST_TEST(total_bytes(stored).in(unit::B) == tiny_llama_bytes);
  BOOST_TEST(model.value->totals.tensor_bytes == tiny_llama_bytes);
  for (const StoredTensor& tensor : stored) {
    if (tensor.tensor.role == "attn_v") BOOST_TEST(tensor.format->id == (tensor.tensor.layer == 0 ? "q6_k" : "q4_k"));
    if (tensor.tensor.role == "token_embd") BOOST_TEST(tensor.format->id == "q6_k");
  }
}

BOOST_AUTO_TEST_CASE(a_type_without_a_storage_format_is_said) {
  const auto header = read(tiny_llama_gguf());
  const auto q = quantization_of(*header.value, "q4_k_m", [](const std::string&) { return static_cast<const WeightFormat*>(nullptr); });
  BOOST_TEST_REQUIRE(q.problem.has_value());
  BOOST_TEST(q.problem->message.find("no storage format") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
