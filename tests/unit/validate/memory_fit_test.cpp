#include "roofline/validate/memory_fit.hpp"

#include <boost/test/unit_test.hpp>

using namespace roofline;
using namespace roofline::validate;

namespace {

// memory = 1.25 x resident + KV + 1000 B x vocabulary + 50 MB x sequences + 300 MB, in round figures.
MemoryRow row(const std::string& name, double resident_mb, double vocabulary, double sequences, double measured_mb) {
  MemoryRow r;
  r.run.id = r.run.model = name;
  r.run.device = "board";
  r.run.quantization = "q";
  r.scope = "all";
  r.of_rule = true;
  r.resident = resident_mb * unit::MB;
  r.vocabulary = vocabulary;
  r.sequences = sequences;
  r.measured = measured_mb * unit::MB;
  return r;
}

std::vector<MemoryRow> exact_rows() {
  return {row("a", 400, 32000, 1, 500 + 32 + 50 + 300), row("b", 800, 150000, 1, 1000 + 150 + 50 + 300), row("c", 1600, 128000, 8, 2000 + 128 + 400 + 300),
          row("d", 3200, 32000, 4, 4000 + 32 + 200 + 300), row("e", 6400, 250000, 2, 8000 + 250 + 100 + 300), row("f", 1000, 64000, 8, 1250 + 64 + 400 + 300)};
}

std::vector<const MemoryRow*> pointers(const std::vector<MemoryRow>& rows) {
  std::vector<const MemoryRow*> all;
  for (const MemoryRow& r : rows) all.push_back(&r);
  return all;
}

MemoryFitRule four_terms() {
  MemoryFitRule rule;
  rule.scope = "all";
  rule.terms = {MemoryTerm::weights, MemoryTerm::vocabulary, MemoryTerm::sequences, MemoryTerm::fixed};
  return rule;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(memory_fit)

BOOST_AUTO_TEST_CASE(terms_of_exact_rows_are_found) {
  const auto rows = exact_rows();
  const FittedMemory f = fit_memory(four_terms(), pointers(rows));
  BOOST_TEST(f.extra_per_weight_byte == 0.25, boost::test_tools::tolerance(1e-6));
  BOOST_TEST(f.per_vocabulary_row.in(unit::B) == 1000.0, boost::test_tools::tolerance(1e-6));
  BOOST_TEST(f.per_sequence.in(unit::MB) == 50.0, boost::test_tools::tolerance(1e-6));
  BOOST_TEST(f.fixed.in(unit::MB) == 300.0, boost::test_tools::tolerance(1e-6));
  BOOST_TEST(f.runs == 6);
  BOOST_TEST(f.models == 6);
  for (const MemoryError& e : leave_models_out(four_terms(), pointers(rows))) BOOST_TEST(std::abs(e.error) < 1e-3);
}

BOOST_AUTO_TEST_CASE(no_term_is_negative) {
  // Memory falls with the vocabulary here: the term is left at nothing instead.
  auto rows = exact_rows();
  for (MemoryRow& r : rows) r.measured = 1.25 * r.resident + 500.0 * unit::MB - r.vocabulary * (500.0 * unit::B);
  const FittedMemory f = fit_memory(four_terms(), pointers(rows));
  BOOST_TEST(f.per_vocabulary_row.base() == 0.0);
  BOOST_TEST(f.per_sequence.base() >= 0.0);
  BOOST_TEST(f.fixed.base() > 0.0);
}

BOOST_AUTO_TEST_CASE(versions_of_a_configuration_count_once) {
  auto rows = exact_rows();
  const FittedMemory once = fit_memory(four_terms(), pointers(rows));
  for (int i = 0; i < 20; ++i) rows.push_back(rows.front());
  const FittedMemory often = fit_memory(four_terms(), pointers(rows));
  BOOST_TEST(often.fixed.base() == once.fixed.base());
  BOOST_TEST(often.runs == 26);
}

BOOST_AUTO_TEST_CASE(cells_of_the_engine_are_fitted_where_asked) {
  // 2 KB a token: 1000 cells for each sequence.
  MemoryFitRule rule = four_terms();
  rule.terms = {MemoryTerm::kv_tokens, MemoryTerm::fixed};
  std::vector<MemoryRow> rows;
  for (const double n : {1.0, 2.0, 4.0, 8.0}) {
    rows.push_back(row("m" + std::to_string(n), 1000, 0, n, 1000 + 100 + n * 1000 * 0.002));
    rows.back().kv_per_token = 2.0 * unit::kB;
  }
  const FittedMemory f = fit_memory(rule, pointers(rows));
  BOOST_TEST(f.kv_tokens == 1000.0, boost::test_tools::tolerance(1e-6));
  BOOST_TEST(f.fixed.in(unit::MB) == 100.0, boost::test_tools::tolerance(1e-6));
}

BOOST_AUTO_TEST_CASE(rows_of_images_and_second_models_are_not_used) {
  MeasuredRun run;
  run.memory_mb = 1000;
  run.unit = UnitKind::gpu;
  Engine engine;
  engine.memory.fit_rules.push_back(four_terms());
  engine.memory.fit_rules.front().units = {UnitKind::gpu};
  engine.memory.fit_rules.front().reported_mb.value = 1.0 * unit::MiB;
  const ModelSpec model;
  const Quantization quantization;
  const WeightFormat kv;
  for (const RunKind kind : {RunKind::speculative, RunKind::image, RunKind::estimate}) {
    run.kind = kind;
    BOOST_TEST(!memory_row(run, "chip", engine, model, quantization, kv).has_value());
  }
}

BOOST_AUTO_TEST_SUITE_END()
