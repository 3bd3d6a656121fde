#include "roofline/core/offload.hpp"

#include <boost/test/unit_test.hpp>

#include "roofline/core/advice.hpp"
#include "support/support.hpp"

namespace {

using namespace roofline;
using namespace roofline::testing;

// 4 layers of 589,824 f16 weights (q and o 256 x 256, k and v 128 x 256, three feed-forward matrices of 512 x 256) and two f32
// norms of 256: 1,179,648 + 2,048 = 1,181,696 B each. Tables of 1000 x 256 f16 = 512,000 B; the last norm is 1,024 B.
ModelSpec four_layers(bool tied) {
  ModelSpec spec;
  spec.id = spec.family = "small";
  spec.hidden = 256;
  spec.vocabulary = spec.embedding_rows = 1000;
  spec.context = 4096;
  spec.tied_embeddings = tied;
  for (int i = 0; i < 4; ++i) {
    Layer layer;
    layer.mixer = GroupedQueryAttention{.heads = 2, .kv_heads = 1, .head_dim_k = 128, .head_dim_v = 128};
    layer.feed_forward = DenseFeedForward{.size = 512};
    spec.layers.push_back(layer);
  }
  return spec;
}

// Keys and values of 256 cells in f16: 256 x 2 x 128 x 2 B = 131,072 B per layer.
constexpr double layer_bytes = 1'181'696 + 131'072;
constexpr double table_bytes = 512'000;
constexpr double head_bytes = 512'000 + 1'024;
constexpr double buffer_bytes = 1'000'000;

Offload at(double available, bool tied = false) {
  const ModelSpec spec = four_layers(tied);
  Footprint footprint;
  footprint.compute_buffer = buffer_bytes * unit::B;
  return offload(spec, stored_tensors(spec, quantization("f16")), workload(128, 64, 256), engine("llama.cpp").memory, footprint, available * unit::B);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(offload_to_host)

BOOST_AUTO_TEST_CASE(layers_go_to_the_card_one_by_one) {
  const Offload two = at(buffer_bytes + 2 * layer_bytes);
  BOOST_TEST(two.layers == 2);
  BOOST_TEST(two.of == 5);
  BOOST_TEST(two.device.in(unit::B) == buffer_bytes + 2 * layer_bytes);
  BOOST_TEST(two.host.in(unit::B) == 2 * layer_bytes + table_bytes + head_bytes);
  BOOST_TEST(at(buffer_bytes + 2 * layer_bytes - 1).layers == 1);
}

BOOST_AUTO_TEST_CASE(the_head_goes_last_and_the_table_never) {
  BOOST_TEST(at(buffer_bytes + 4 * layer_bytes).layers == 4);
  const Offload all = at(buffer_bytes + 4 * layer_bytes + head_bytes);
  BOOST_TEST(all.whole());
  BOOST_TEST(all.host.in(unit::B) == table_bytes);
}

BOOST_AUTO_TEST_CASE(a_tied_table_is_in_both_places) {
  const Offload all = at(buffer_bytes + 4 * layer_bytes + head_bytes, true);
  BOOST_TEST(all.whole());
  BOOST_TEST(all.host.in(unit::B) == table_bytes);
}

BOOST_AUTO_TEST_CASE(too_little_for_any_layer) {
  const Offload none = at(buffer_bytes + layer_bytes - 1);
  BOOST_TEST(none.layers == 0);
  BOOST_TEST(none.host.in(unit::B) == 4 * layer_bytes + table_bytes + head_bytes);
}

// llama_buffers.csv, Llama-3.2-1B Q4_K_M on CUDA: 762.81 MiB on the card, and the tied table of 205.49 MiB in host memory as well.
BOOST_AUTO_TEST_CASE(a_real_log_says_so_too) {
  const Answer a = ask({.hw = "rtx-4090", .model = "llama-3.2-1b", .quant = "q4_k_m", .engine = "llama.cpp", .unit = UnitKind::gpu});
  const Estimate& e = a.survey.estimates.front();
  BOOST_REQUIRE(e.offload.has_value());
  BOOST_TEST(e.offload->whole());
  BOOST_TEST((e.memory.weights - e.memory.host).in(unit::MiB) == 762.81, boost::test_tools::tolerance(1e-4));
  BOOST_TEST(e.offload->host.in(unit::MiB) == 205.49, boost::test_tools::tolerance(1e-4));
}

BOOST_AUTO_TEST_CASE(the_split_is_whole_exactly_where_the_verdict_is_fits) {
  for (const char* model : {"llama-3.1-8b", "qwen2.5-32b", "llama-3.1-70b"}) {
    for (const char* quant : {"q4_k_m", "q8_0", "f16"}) {
      const Answer a = ask({.hw = "rtx-4090", .model = model, .quant = quant, .engine = "llama.cpp", .unit = UnitKind::gpu});
      const Estimate& e = a.survey.estimates.front();
      BOOST_REQUIRE(e.offload.has_value());
      BOOST_TEST(e.offload->whole() == fits_as_asked(e), model << " " << quant);
      BOOST_TEST((e.offload->device <= e.verdict.available), model << " " << quant);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
