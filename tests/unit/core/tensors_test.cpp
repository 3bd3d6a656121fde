#include <boost/test/unit_test.hpp>
#include <cmath>

#include "support/support.hpp"

using namespace roofline;
using namespace roofline::testing;

BOOST_AUTO_TEST_SUITE(tensor_inventory)

BOOST_AUTO_TEST_CASE(parameters_of_qwen_7b_by_hand) {
  // 28 x (3584 x 3584 x 2 + 2 x 512 x 3584 + 3584 + 1024 bias + 3 x 18944 x 3584 + 2 x 3584) + 2 x 152064 x 3584 + 3584
  const double layer = 2.0 * 3584 * 3584 + 2.0 * 512 * 3584 + 3584 + 1024 + 3.0 * 18944 * 3584 + 2.0 * 3584;
  BOOST_TEST(parameter_count(model("qwen2.5-7b")) == 28 * layer + 2.0 * 152064 * 3584 + 3584);
  BOOST_TEST(parameter_count(model("qwen2.5-7b")) == 7615616512.0);
}

BOOST_AUTO_TEST_CASE(parameters_of_every_model_agree_with_the_stated_total) {
  int checked = 0;
  for (const db::Entry& entry : catalog().entries(db::Kind::model)) {
    const ModelSpec& spec = model(entry.id);
    if (!spec.stated_parameters) continue;
    ++checked;
    const double error = relative_error(parameter_count(spec), spec.stated_parameters->value);
    BOOST_TEST((error <= 0.005 || !spec.parameters_note.empty()), spec.id << ": " << parameter_count(spec) << " against " << spec.stated_parameters->value);
  }
  BOOST_TEST(checked >= 80);
}

BOOST_AUTO_TEST_CASE(mixture_of_experts_counts_all_experts_but_reads_few) {
  // 30.53 B in all, 3.35 B - 0.31 B input table active
  BOOST_TEST(relative_error(parameter_count(model("qwen3-30b-a3b")), 30532122624.0) < 1e-9);
  BOOST_TEST(relative_error(active_parameter_count(model("qwen3-30b-a3b")), 3353032704.0 - 311164928.0) < 1e-3);
}

BOOST_AUTO_TEST_CASE(cross_attention_layers_are_not_read_for_text) {
  const ModelSpec& vision = model("llama-3.2-11b-vision");
  Bytes image;
  for (const StoredTensor& tensor : stored_tensors(vision, quantization("q8_0"))) {
    if (tensor.tensor.access == Access::image_only && tensor.tensor.layer >= 0) image += tensor.bytes;
  }
  // 8 layers of about 218 M weights at 8.5 bit
  BOOST_TEST(image.in(unit::GB) > 1.6);
  BOOST_TEST(image.in(unit::GB) < 2.0);
}

BOOST_AUTO_TEST_CASE(more_bits_layers_of_28) {
  // n/8 = 3, 7n/8 = 24: 0-2, then 5, 8, 11, 14, 17, 20, 23, then 24-27
  std::string chosen;
  for (int i = 0; i < 28; ++i) chosen += selects(LayerSelection::more_bits, i, 28) ? 'x' : '.';
  BOOST_TEST(chosen == "xxx..x..x..x..x..x..x..xxxxx");
}

BOOST_AUTO_TEST_CASE(rows_that_no_block_covers_fall_back) {
  // Qwen2.5-0.5B: rows of 896 are 3.5 blocks of 256, so q4_k becomes q5_0 and q6_k becomes q8_0
  for (const StoredTensor& tensor : stored_tensors(model("qwen2.5-0.5b"), quantization("q4_k_m"))) {
    if (tensor.tensor.role == "attn_q") BOOST_TEST(tensor.format->id == "q5_0");
    if (tensor.tensor.role == "token_embd") BOOST_TEST(tensor.format->id == "q8_0");
  }
}

BOOST_AUTO_TEST_CASE(block_formats_by_hand) {
  BOOST_TEST(stored_bytes(format("q4_k"), 10, 512).in(unit::B) == 10 * 2 * 144.0);
  BOOST_TEST(stored_bytes(format("q8_0"), 3, 64).in(unit::B) == 3 * 2 * 34.0);
  BOOST_TEST(bits_per_weight(format("q6_k")) == 6.5625);
}

BOOST_AUTO_TEST_SUITE_END()
