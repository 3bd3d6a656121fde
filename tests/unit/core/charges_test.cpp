#include <boost/test/unit_test.hpp>
#include <cmath>

#include "roofline/core/charges.hpp"
#include "support/support.hpp"

using namespace roofline;
using namespace roofline::testing;

namespace {

const ChargeItem* find(const std::vector<ChargeItem>& items, Charge charge) {
  for (const ChargeItem& item : items) {
    if (item.charge == charge) return &item;
  }
  return nullptr;
}

std::vector<ChargeItem> decode_items(const Answer& a) {
  const Estimate& e = a.first();
  return decode_charges(e.decode, *e.unit, *e.model);
}

double in_us(const ChargeItem* item) { return item == nullptr ? 0 : item->physical.in(unit::us); }

const UnitPoint& unit_of(const OperatingPoint& point, UnitKind kind) {
  for (const UnitPoint& unit : point.units) {
    if (unit.unit->kind == kind) return unit;
  }
  throw std::runtime_error("no such unit");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(charges)

// Counted by hand from the model cards' architectures; on a CPU one count is 1 us.
BOOST_AUTO_TEST_CASE(every_normalisation_counts) {
  const auto norms = [](const char* model) { return in_us(find(decode_items(ask({"rk3588", model, "q8_0", "llama.cpp", UnitKind::cpu})), Charge::norms)); };
  const auto close = boost::test_tools::tolerance(1e-12);
  BOOST_TEST(norms("llama-3.2-1b") == 16 * 2.0, close);
  BOOST_TEST(norms("qwen3-0.6b") == 28 * (2.0 + 2), close);      // of queries and keys, each head
  BOOST_TEST(norms("gemma-2-2b") == 26 * 4.0, close);            // before and after both halves of a layer
  BOOST_TEST(norms("minicpm3-4b") == 62 * (2.0 + 2), close);     // of the compressed query and the compressed keys and values
  BOOST_TEST(norms("lfm2-1.2b") == 16 * 2.0 + 6 * 2, close);     // 10 of 16 layers are convolutions
}

// A short convolution keeps no state that is scanned.
BOOST_AUTO_TEST_CASE(a_convolution_is_no_recurrent_layer) {
  const auto recurrent = [](const char* model) { return in_us(find(decode_items(ask({"rk3588", model, "q8_0", "llama.cpp", UnitKind::cpu})), Charge::recurrent_layers)); };
  BOOST_TEST(recurrent("lfm2-1.2b") == 0.0);
  BOOST_TEST(recurrent("qwen3.5-2b") == 18.0, boost::test_tools::tolerance(1e-12));  // three of four of 24 layers
}

// Llama 3.1 8B: 32 x (4 of attention + 3 of the feed-forward) + the head = 225 products, whatever the formats of single ones.
BOOST_AUTO_TEST_CASE(a_launch_takes_cycles_of_the_gpu) {
  for (const char* mode : {"maxn", "15w"}) {
    const Answer a = ask({"agx-orin", "llama-3.1-8b", "q4_k_m", "llama.cpp", UnitKind::gpu, mode});
    const double mhz = a.first().unit->clock.value.in(unit::MHz);
    BOOST_TEST(in_us(find(decode_items(a), Charge::launches)) == 225 * 1000 / mhz, boost::test_tools::tolerance(1e-9));
  }
}

BOOST_AUTO_TEST_CASE(a_launch_takes_a_microsecond_of_a_cpu) {
  const auto launches = [](const char* model) { return in_us(find(decode_items(ask({"agx-orin", model, "q8_0", "llama.cpp", UnitKind::cpu})), Charge::launches)); };
  const auto close = boost::test_tools::tolerance(1e-9);
  BOOST_TEST(launches("llama-3.1-8b") == 225.0, close);
  BOOST_TEST(launches("qwen2.5-0.5b") == 24 * 7 + 1.0, close);
  // Each of 48 layers: 4 of attention, the router, 3 of the experts; and the head.
  BOOST_TEST(launches("qwen3-30b-a3b") == 48 * 8 + 1.0, close);
}

// An NPU leaves what is between its products to its host: 10,000 operations at 16 op x 2.352 GHz of a Cortex-A76 and 8 op x 2.304 GHz of an A72.
BOOST_AUTO_TEST_CASE(a_launch_takes_operations_of_an_npus_host) {
  const auto launches = [](const char* hw) { return in_us(find(decode_items(ask({hw, "qwen2-1.5b", "w8a8", "rkllm", UnitKind::npu})), Charge::launches)); };
  const double products = 28 * 7 + 1;
  BOOST_TEST(launches("rk3588") == products * 10000 / (16 * 2352.0), boost::test_tools::tolerance(1e-9));
  BOOST_TEST(launches("rk3576") == products * 10000 / (8 * 2304.0), boost::test_tools::tolerance(1e-9));
}

// A prompt in three passes launches its products three times.
BOOST_AUTO_TEST_CASE(every_chunk_launches_again) {
  const Answer a = ask({"agx-orin", "llama-3.1-8b", "q4_k_m", "llama.cpp", UnitKind::gpu, "maxn", workload(1536)});
  const Estimate& e = a.first();
  const auto once = prefill_charges(e.prefill, *e.unit, *e.model, 1), thrice = prefill_charges(e.prefill, *e.unit, *e.model, 3);
  BOOST_TEST(in_us(find(once, Charge::launches)) == 225 * 1000 / e.unit->clock.value.in(unit::MHz), boost::test_tools::tolerance(1e-9));
  BOOST_TEST(in_us(find(thrice, Charge::launches)) == 3 * in_us(find(once, Charge::launches)), boost::test_tools::tolerance(1e-9));
}

// 108 SMs x 4 schedulers x 32 lanes x 2 x 1.41 GHz = 38.98 Tera, twice its fp32 peak of 19.49; unpacking takes one of them a weight.
BOOST_AUTO_TEST_CASE(instructions_are_issued_for_more_lanes_than_do_fp32) {
  const OperatingPoint a100 = operating_point(device("a100-sxm-80gb"), nullptr);
  const UnitPoint& gpu = unit_of(a100, UnitKind::gpu);
  BOOST_TEST(issue_rate(gpu)->value.base() == 108 * 4 * 32 * 2 * 1.41e9, boost::test_tools::tolerance(1e-9));
  BOOST_TEST(issue_rate(gpu)->value.base() == 2 * vector_peak(gpu, NumberFormat::fp32)->value.base(), boost::test_tools::tolerance(1e-9));
  const OperatingPoint rtx = operating_point(device("rtx-4090"), nullptr);
  BOOST_TEST(!issue_rate(unit_of(rtx, UnitKind::gpu)).has_value());
}

// Jetson AGX Orin: 204.8 GB/s specified (256 bit x 6.4 GT/s), 152.8 read by a kernel.
BOOST_AUTO_TEST_CASE(bytes_know_how_far_a_streaming_test_stays_below_the_specification) {
  const Answer a = ask({"agx-orin", "llama-3.1-8b", "q4_k_m", "llama.cpp", UnitKind::gpu, "maxn"});
  const auto items = decode_items(a);
  const ChargeItem* weights = find(items, Charge::weights);
  BOOST_TEST_REQUIRE(weights->shortfall.has_value());
  BOOST_TEST(*weights->shortfall == std::log(204.7 / 152.8), boost::test_tools::tolerance(0.003));
  BOOST_TEST(!find(items, Charge::launches)->shortfall.has_value());
  BOOST_TEST(!find(items, Charge::unpack)->shortfall.has_value());
  // Half the memory clock halves both rates.
  const Answer slow = ask({"agx-orin", "llama-3.1-8b", "q4_k_m", "llama.cpp", UnitKind::gpu, "15w"});
  BOOST_TEST_REQUIRE((slow.first().unit->bandwidth.value < a.first().unit->bandwidth.value));
  BOOST_TEST(*find(decode_items(slow), Charge::weights)->shortfall == *weights->shortfall, boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(a_bandwidth_set_by_hand_is_no_specification) {
  const Answer a = ask({"agx-orin", "llama-3.1-8b", "q4_k_m", "llama.cpp", UnitKind::gpu, "maxn"});
  OperatingPoint point = *a.point;
  BOOST_TEST(apply_override(point, {"memory.bandwidth", 160.0 * unit::GB / unit::s, "memory.bandwidth=160GB/s"}) == "");
  const auto items = decode_charges(a.first().decode, unit_of(point, UnitKind::gpu), *a.first().model);
  BOOST_TEST(!find(items, Charge::weights)->shortfall.has_value());
}

// One core's copy says nothing about what all of them draw: Raspberry Pi 5 has no other test.
BOOST_AUTO_TEST_CASE(a_test_of_one_core_is_no_streaming_test) {
  const OperatingPoint pi = operating_point(device("raspberry-pi-5-8gb"), nullptr);
  BOOST_TEST_REQUIRE(!device("raspberry-pi-5-8gb").memories.front().sustained.empty());
  BOOST_TEST((unit_of(pi, UnitKind::cpu).streamed == nullptr));
}

BOOST_AUTO_TEST_SUITE_END()
