// Memory that engines report against what is fitted to it, each model left out in turn.
#include <boost/test/unit_test.hpp>
#include <algorithm>
#include <cmath>

#include "roofline/validate/memory_fit.hpp"
#include "support/support.hpp"

namespace {

using namespace roofline;
using namespace roofline::testing;
using namespace roofline::validate;

std::vector<MemoryRow> rows_of(const std::string& engine_id) {
  std::vector<db::Diagnostic> diagnostics;
  std::vector<MemoryRow> rows;
  for (const MeasuredRun& run : catalog().runs(diagnostics)) {
    if (run.engine != engine_id || !run.memory_mb) continue;
    const auto row = memory_row(run, device(run.device).chip, engine(engine_id), model(run.model), quantization(run.quantization),
                                format(run.kv_type.empty() ? "f16" : run.kv_type));
    if (row) rows.push_back(*row);
  }
  return rows;
}

std::vector<const MemoryRow*> of_rule(const std::vector<MemoryRow>& rows, const std::string& scope) {
  std::vector<const MemoryRow*> own;
  for (const MemoryRow& row : rows) {
    if (row.scope == scope && row.of_rule) own.push_back(&row);
  }
  return own;
}

const MemoryFitRule& rule(const std::string& engine_id, const std::string& scope) {
  const auto& rules = engine(engine_id).memory.fit_rules;
  return *std::find_if(rules.begin(), rules.end(), [&](const MemoryFitRule& r) { return r.scope == scope; });
}

double left_out_median(const std::string& engine_id, const std::string& scope) {
  const auto rows = rows_of(engine_id);
  return median_error(leave_models_out(rule(engine_id, scope), of_rule(rows, scope)));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(fitted_memory_of_engines)

BOOST_AUTO_TEST_CASE(rkllm_tables_of_1_2_1_to_1_3_0) {
  BOOST_TEST(of_rule(rows_of("rkllm"), "npu").size() >= 100u);
  BOOST_TEST(left_out_median("rkllm", "npu") <= 0.05);
}

BOOST_AUTO_TEST_CASE(edge_llm_on_thor_and_on_orin) {
  BOOST_TEST(left_out_median("tensorrt-edge-llm", "thor") <= 0.02);
  BOOST_TEST(left_out_median("tensorrt-edge-llm", "orin") <= 0.06);
}

// The older tables and users' readings are no part of the fit: nothing is tuned to them, and they are worse.
BOOST_AUTO_TEST_CASE(older_versions_stand_apart) {
  const auto rows = rows_of("rkllm");
  const auto others = std::count_if(rows.begin(), rows.end(), [](const MemoryRow& row) { return !row.of_rule; });
  BOOST_TEST(others >= 30);
  const FittedMemory fitted = fit_memory(rule("rkllm", "npu"), of_rule(rows, "npu"));
  for (const MemoryRow& row : rows) {
    if (row.of_rule) BOOST_TEST((std::find(fitted.run_ids.begin(), fitted.run_ids.end(), row.run.id) != fitted.run_ids.end()));
    else BOOST_TEST((std::find(fitted.run_ids.begin(), fitted.run_ids.end(), row.run.id) == fitted.run_ids.end()));
  }
}

// Phi-3-mini w8a8 on RK3588, rknn-llm 1.3.0: 3758.34 MiB reported (o0011). The estimate for the same 192 tokens.
BOOST_AUTO_TEST_CASE(an_estimate_counts_what_was_fitted) {
  Workload w = workload(128, 64, 192);
  const Answer a = ask({.hw = "rk3588", .model = "phi-3-mini-4k", .quant = "w8a8", .engine = "rkllm", .unit = UnitKind::npu, .work = w});
  const Estimate& e = a.first();
  BOOST_REQUIRE(e.memory.fitted != nullptr);
  BOOST_TEST(relative_error(e.memory.total().in(unit::MiB), 3758.34) <= 0.05);
  // Its input table of 32,064 x 3072 f16 values stays on storage.
  BOOST_TEST(e.memory.on_storage.in(unit::B) == 32064.0 * 3072 * 2);
}

// Qwen3-8B NVFP4 on Thor: 5361 MiB reported (jet-0119), without KV cache and input table (151,936 x 4096 bf16).
BOOST_AUTO_TEST_CASE(what_a_figure_leaves_out_is_counted_beside_it) {
  const Answer a = ask({.hw = "thor", .model = "qwen3-8b", .quant = "nvfp4", .engine = "tensorrt-edge-llm", .unit = UnitKind::gpu});
  const Estimate& e = a.first();
  const double table = 151936.0 * 4096 * 2;
  BOOST_TEST(relative_error((e.memory.total() - e.memory.kv_cache).in(unit::B) - table, 5361.0 * 1024 * 1024) <= 0.01);
}

// vLLM takes its share whatever the model: users' readings with their own settings of it.
BOOST_AUTO_TEST_CASE(vllm_takes_its_share) {
  for (const CsvRow& row : read_csv("data/reference/vllm_memory.csv")) {
    const Device& card = device(row.at("device"));
    const double share = engine("vllm").memory.fraction->value;
    const double ours = share * card.memories.front().capacity.value.in(unit::MiB);
    BOOST_TEST(relative_error(ours, std::stod(row.at("memory_mb"))) <= 0.10, row.at("id"));
  }
}

// MLC's own plan for Llama-3-8B q4f16_1 (o1625): parameters 4308 MB and temporary buffers 1185 MB, 5492.76 in all.
BOOST_AUTO_TEST_CASE(mlc_plans_what_it_says) {
  const Answer a = ask({.hw = "rk3588", .model = "llama-3-8b", .quant = "q4f16_1", .engine = "mlc-llm", .unit = UnitKind::gpu});
  const Footprint& m = a.first().memory;
  BOOST_TEST(relative_error((m.weights + m.compute_buffer).in(unit::MiB), 5492.76) <= 0.05);
}

BOOST_AUTO_TEST_SUITE_END()
