// Laws the model must obey on any input, checked over random devices, models and workloads with a fixed seed.
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <random>

#include "support/support.hpp"

namespace {

using namespace roofline;
using namespace roofline::testing;
namespace data = boost::unit_test::data;

constexpr int samples = 200;

// One random but valid configuration per seed.
struct World {
  explicit World(unsigned seed) : random(seed) {
    hardware.id = hardware.name = hardware.chip = hardware.family = "random";
    MemorySystem memory;
    memory.id = "dram";
    memory.capacity.value = uniform(4, 128) * unit::GiB;
    memory.bus_bits.value = 64 * (1 + pick(8));
    memory.data_rate = Figure<Hertz>{uniform(2000, 9000) * unit::MHz, {}};
    hardware.memories.push_back(memory);
    ComputeUnit gpu;
    gpu.id = "gpu";
    gpu.kind = UnitKind::gpu;
    gpu.cores.value = 1 + pick(64);
    gpu.clock.value = uniform(500, 2500) * unit::MHz;
    for (const NumberFormat format : {NumberFormat::fp32, NumberFormat::fp16, NumberFormat::int8}) {
      gpu.rates.push_back({format, Accumulate::unspecified, {uniform(64, 4096) * unit::op, {}}});
    }
    hardware.units.push_back(gpu);

    spec.id = spec.name = spec.family = "random";
    const int head_dim = 64 * (1 + pick(2));
    const int kv_heads = 1 << pick(4);
    const int heads = kv_heads * (1 << pick(4));
    spec.hidden = 256 * (1 + pick(16));
    spec.vocabulary = spec.embedding_rows = 1000 * (1 + pick(200));
    spec.context = 131072;
    spec.tied_embeddings = pick(2) == 0;
    const int layers = 1 + pick(40);
    const bool experts = pick(3) == 0;
    const int ffn = 256 * (1 + pick(40));
    for (int i = 0; i < layers; ++i) {
      Layer layer;
      layer.mixer = GroupedQueryAttention{.heads = heads, .kv_heads = kv_heads, .head_dim_k = head_dim, .head_dim_v = head_dim};
      if (experts) {
        layer.feed_forward = MixtureOfExperts{.count = 16, .top_k = 1 + pick(8), .size = ffn};
      } else {
        layer.feed_forward = DenseFeedForward{.size = ffn};
      }
      spec.layers.push_back(layer);
    }
    runtime.id = runtime.name = "random";
    runtime.prefill_chunk = PrefillChunk::ubatch;
    runtime.memory.kv_rule = KvRule::llama_cpp;
    runtime.memory.kv_padding = 256;
    for (const char* format_id : {"f16", "f32", "q8_0", "q4_0", "q4_k", "q5_0", "q6_k", "bf16"}) {
      runtime.arithmetic.push_back({{}, {}, {format_id}, {NumberFormat::int8, NumberFormat::fp16}, {}});
    }
    work = workload(16 + pick(2000), pick(500), 4096);
  }

  int pick(int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); }
  double uniform(double low, double high) { return std::uniform_real_distribution<double>(low, high)(random); }

  Estimate estimate_with(const std::string& quant) {
    point = operating_point(hardware, nullptr);
    EstimateInput input;
    input.point = &point;
    input.unit = &point.units.front();
    input.model = &spec;
    input.engine = &runtime;
    input.quantization = &quantization(quant);
    input.workload = work;
    return estimate(input);
  }

  std::mt19937 random;
  Device hardware;
  ModelSpec spec;
  Engine runtime;
  Workload work;
  OperatingPoint point;
};

constexpr double rounding = 1e-9;

int rank(Verdict verdict) { return static_cast<int>(verdict); }

}  // namespace

BOOST_AUTO_TEST_SUITE(laws)

BOOST_DATA_TEST_CASE(an_operator_takes_at_least_its_work_and_its_traffic, data::xrange(samples), seed) {
  World w(static_cast<unsigned>(seed));
  const Estimate e = w.estimate_with("q4_k_m");
  Seconds sum;
  for (const OperatorEstimate& op : e.decode.operators) {
    BOOST_TEST(op.time.base() >= (op.op.traffic.total() / op.ceilings.bandwidth.value).base() * (1 - rounding));
    if (op.ceilings.peak) BOOST_TEST(op.time.base() >= (op.op.work / op.ceilings.peak->value).base() * (1 - rounding));
    sum += op.time;
  }
  BOOST_TEST(relative_error(sum.base(), e.decode.time.base()) < rounding);
}

BOOST_DATA_TEST_CASE(more_bandwidth_or_more_peak_is_never_slower, data::xrange(samples), seed) {
  World w(static_cast<unsigned>(seed));
  const Estimate before = w.estimate_with("q8_0");
  w.hardware.memories.front().data_rate->value = 1.5 * w.hardware.memories.front().data_rate->value;
  const Estimate wider = w.estimate_with("q8_0");
  BOOST_TEST(wider.decode.time.base() <= before.decode.time.base() * (1 + rounding));
  BOOST_TEST(wider.prefill.time.base() <= before.prefill.time.base() * (1 + rounding));
  w.hardware.units.front().clock.value = 1.5 * w.hardware.units.front().clock.value;
  const Estimate faster = w.estimate_with("q8_0");
  BOOST_TEST(faster.decode.time.base() <= wider.decode.time.base() * (1 + rounding));
  BOOST_TEST(faster.prefill.time.base() <= wider.prefill.time.base() * (1 + rounding));
}

BOOST_DATA_TEST_CASE(fewer_bits_per_weight_are_never_slower_nor_larger, data::xrange(samples), seed) {
  World w(static_cast<unsigned>(seed));
  double time = 1e30;
  double bytes = 1e30;
  // Each next one stores no tensor in more bits than the one before.
  for (const char* quant : {"f16", "q8_0", "q6_k", "q4_k_m"}) {
    const Estimate e = w.estimate_with(quant);
    BOOST_TEST(e.decode.time.base() <= time * (1 + rounding), quant);
    BOOST_TEST(e.memory.weights.base() <= bytes, quant);
    time = e.decode.time.base();
    bytes = e.memory.weights.base();
  }
}

BOOST_DATA_TEST_CASE(scaling_work_and_peak_together_changes_nothing, data::xrange(samples), seed) {
  World w(static_cast<unsigned>(seed));
  const double k = w.uniform(0.1, 10);
  Operator op;
  op.work = w.uniform(1, 1e12) * unit::op;
  op.traffic.weights = w.uniform(1, 1e10) * unit::B;
  Ceilings c;
  c.peak = Figure<OpsPerSecond>{w.uniform(1e9, 1e13) * unit::op / unit::s, {}};
  c.bandwidth.value = w.uniform(1e9, 1e12) * unit::B / unit::s;
  const Seconds before = roofline_time(op, c).time;
  op.work = k * op.work;
  c.peak->value = k * c.peak->value;
  BOOST_TEST(relative_error(roofline_time(op, c).time.base(), before.base()) < rounding);
  op.work = Ops{};
  BOOST_TEST(roofline_time(op, c).time.base() == (op.traffic.total() / c.bandwidth.value).base());
}

BOOST_DATA_TEST_CASE(kv_cache_is_linear_in_context_and_gqa_of_equal_heads_is_mha, data::xrange(samples), seed) {
  World w(static_cast<unsigned>(seed));
  Workload one = w.work;
  one.context = 256 * (1 + w.pick(64));
  Workload two = one;
  two.context = 2 * one.context;
  const double a = kv_cache_bytes(w.spec, one, KvRule::llama_cpp, 256).base();
  BOOST_TEST(kv_cache_bytes(w.spec, two, KvRule::llama_cpp, 256).base() == 2 * a);
  // MHA by definition: every head has its own keys and values.
  const auto& attention = std::get<GroupedQueryAttention>(w.spec.layers.front().mixer);
  ModelSpec mha = w.spec;
  for (Layer& layer : mha.layers) std::get<GroupedQueryAttention>(layer.mixer).kv_heads = attention.heads;
  const double by_hand = static_cast<double>(mha.layers.size()) * 2 * attention.heads * attention.head_dim_k * 2 * one.context;
  BOOST_TEST(kv_cache_bytes(mha, one, KvRule::llama_cpp, 256).base() == by_hand);
}

BOOST_DATA_TEST_CASE(decode_never_beats_bandwidth_over_active_weights, data::xrange(samples), seed) {
  World w(static_cast<unsigned>(seed));
  const Estimate e = w.estimate_with("q4_0");
  const double limit = (w.point.units.front().bandwidth.value / streamed_weight_bytes(e.stored)).base();
  BOOST_TEST(e.decode.per_sequence().base() <= limit * (1 + rounding));
}

BOOST_DATA_TEST_CASE(larger_batches_never_lower_the_aggregate_nor_longer_prompts_the_first_token, data::xrange(samples), seed) {
  World w(static_cast<unsigned>(seed));
  double aggregate = 0;
  for (const int batch : {1, 2, 4, 8, 16}) {
    w.work.batch = batch;
    const double now = w.estimate_with("q4_k_m").decode.aggregate().base();
    BOOST_TEST(now >= aggregate * (1 - rounding), batch);
    aggregate = now;
  }
  w.work.batch = 1;
  double ttft = 0;
  for (const int prompt : {1, 16, 511, 512, 513, 2000, 4000}) {
    w.work.prompt = prompt;
    const double now = w.estimate_with("q4_k_m").ttft_ceiling->base();
    BOOST_TEST(now >= ttft * (1 - rounding), prompt);
    ttft = now;
  }
}

BOOST_DATA_TEST_CASE(more_memory_never_turns_fits_into_does_not_fit, data::xrange(samples), seed) {
  World w(static_cast<unsigned>(seed));
  int largest = 0;
  Verdict verdict = Verdict::does_not_fit;
  for (const double gib : {1.0, 2.0, 4.0, 8.0, 16.0, 64.0, 256.0}) {
    w.hardware.memories.front().capacity.value = gib * unit::GiB;
    const Estimate e = w.estimate_with("q4_k_m");
    BOOST_TEST(e.verdict.max_context_tokens >= largest);
    BOOST_TEST(rank(e.verdict.verdict) <= rank(verdict));
    largest = e.verdict.max_context_tokens;
    verdict = e.verdict.verdict;
  }
}

BOOST_DATA_TEST_CASE(the_largest_context_fits_and_the_next_one_does_not, data::xrange(samples), seed) {
  World w(static_cast<unsigned>(seed));
  const Estimate e = w.estimate_with("q8_0");
  const int largest = e.verdict.max_context_tokens;
  if (largest == 0) {
    BOOST_TEST(rank(e.verdict.verdict) == rank(Verdict::does_not_fit));
    return;
  }
  w.work.context = largest;
  BOOST_TEST(w.estimate_with("q8_0").verdict.margin.base() >= 0);
  if (largest < w.spec.context) {
    w.work.context = largest + 256;
    BOOST_TEST(w.estimate_with("q8_0").verdict.margin.base() < 0);
  }
}

BOOST_AUTO_TEST_SUITE_END()
