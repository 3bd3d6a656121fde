// report/documents.hpp: generated documents, on two boards, one engine and three runs made by hand.
#include "roofline/report/documents.hpp"

#include <boost/test/unit_test.hpp>

using namespace roofline;

namespace {

template <class Q>
Figure<Q> figure(Q value) {
  return {value, {Basis::specified, "sheet", "", ""}};
}

// 4 cores x 1 GHz x 2048 op = 8.192 TOP/s, sparse twice that; 64 bit / 8 x 4000 MT/s = 32 GB/s.
Device board(const std::string& id) {
  Device d;
  d.id = d.name = id;
  d.chip = "chip-1";
  MemorySystem memory;
  memory.id = "main";
  memory.capacity = figure(8 * unit::GiB);
  memory.bus_bits = figure(64.0);
  memory.data_rate = figure(4000 * unit::MHz);
  d.memories = {memory};
  ComputeUnit npu;
  npu.id = "npu";
  npu.kind = UnitKind::npu;
  npu.memory = "main";
  npu.cores = figure(4.0);
  npu.clock = figure(1 * unit::GHz);
  npu.rates = {{NumberFormat::int8, Accumulate::int32, figure(2048 * unit::op)}};
  npu.sparse = {{NumberFormat::int8, Accumulate::int32, figure(4096 * unit::op)}};
  d.units = {npu};
  return d;
}

Headline claim(const char* text, AnyQuantity value, std::vector<HeadlinePart> parts, const char* note = "") {
  return {text, {value, {Basis::specified, "advert", "", ""}}, "by hand", std::move(parts), "", note};
}

Quantization quantization(const std::string& id, const std::string& container) {
  Quantization q;
  q.id = q.name = id;
  q.container = container;
  return q;
}

Support cell(std::vector<std::string> quantizations, bool refused, const char* source) {
  Support s;
  s.units = {UnitKind::npu};
  s.chips = {"chip-1"};
  s.quantizations = std::move(quantizations);
  s.refused = refused;
  if (refused) s.reason = "no such kernel";
  s.cite = {Basis::specified, source, "page 1", ""};
  return s;
}

MeasuredRun run(const std::string& id, const std::string& device, const std::string& quantization) {
  MeasuredRun r;
  r.id = id;
  r.device = device;
  r.unit = UnitKind::npu;
  r.engine = "engine-1";
  r.quantization = quantization;
  return r;
}

bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

BOOST_AUTO_TEST_SUITE(report_documents)

BOOST_AUTO_TEST_CASE(marketing_numbers_stand_beside_what_the_facts_give) {
  Device a = board("a");
  a.headlines = {claim("16 TOPS", 16.0 * unit::Top / unit::s, {{"npu", NumberFormat::int8, Accumulate::unspecified, true}}, "rounded down"),
                 claim("32 GB/s", 32.0 * unit::GB / unit::s, {}), claim("a number of another kind", 5.0 * unit::W, {})};
  Device b = board("b");
  b.headlines = {a.headlines[0]};
  const Device c = board("c");
  const std::string text = report::consistency_document({{&a, &b, &c}, {}, {}});
  // 16.384 / 16 = 1.024
  BOOST_TEST(holds(text, "| a, b | 16 TOPS | 16.00 TOP/s | 16.38 TOP/s | 1.024 | by hand. **rounded down** | advert |"), text);
  BOOST_TEST(holds(text, "| a | 32 GB/s | 32.00 GB/s | 32.00 GB/s | 1.000 | by hand | advert |"), text);
  BOOST_TEST(holds(text, "| not known | - | by hand | advert |"), text);
  BOOST_TEST(holds(text, "Of 3 numbers that vendors and catalogues print, 2 follow"), text);
  BOOST_TEST(holds(text, "Without a stated number in their files: `c`."), text);
}

BOOST_AUTO_TEST_CASE(parameters_too_far_from_the_stated_ask_for_a_reason) {
  ModelSpec model;
  model.id = "model-1";
  model.hidden = 10;
  model.vocabulary = 100;
  model.embedding_rows = 100;
  model.gguf_vocabulary = 100;
  model.tied_embeddings = true;
  model.stated_parameters = figure(1100.0);
  // The table of 100 x 10 and the output norm of 10: 1,010 parameters, 0.918 of what is stated.
  std::string text = report::consistency_document({{}, {&model}, {}});
  BOOST_TEST(holds(text, "| 0.9182 |"), text);
  BOOST_TEST(holds(text, "**not explained**"), text);
  BOOST_TEST(holds(text, "1 of 1 models have a stated total; 1 of these"), text);
  model.parameters_note = "the rest is a tower";
  text = report::consistency_document({{}, {&model}, {}});
  BOOST_TEST(holds(text, "the rest is a tower"), text);
  BOOST_TEST(!holds(text, "not explained"), text);
}

BOOST_AUTO_TEST_CASE(support_is_a_source_a_run_or_not_known) {
  const Device a = board("a");
  const Device b = board("b");
  const Quantization x = quantization("x", "own");
  const Quantization y = quantization("y", "own");
  const Quantization z = quantization("z", "other");
  const Quantization w = quantization("w", "third");
  Engine engine;
  engine.id = "engine-1";
  engine.name = "Engine One";
  engine.support = {cell({"x", "y"}, false, "manual"), cell({"z"}, true, "run:r9")};
  Engine silent;
  silent.id = silent.name = "Silent";
  const std::string text = report::support_document({{&a, &b}, {&engine, &silent}, {&x, &y, &z, &w}, {run("r1", "a", "x"), run("r2", "b", "x"), run("r3", "a", "z")}});
  BOOST_TEST(holds(text, "| [chip-1](#chip-1) | a, b |"), text);
  BOOST_TEST(holds(text, "| npu | x | runs | 2 runs: `r1`, `r2` | `manual`: page 1 |"), text);
  BOOST_TEST(holds(text, "| npu | y | runs | - | `manual`: page 1 |"), text);
  BOOST_TEST(holds(text, "| npu | z | no, yet measured | 1 run: `r3` | no such kernel (run `r9`) |"), text);
  BOOST_TEST(holds(text, "| npu | w | not known | - | - |"), text);
  BOOST_TEST(holds(text, "Not known on any unit: Silent."), text);
}

BOOST_AUTO_TEST_CASE(a_published_calculation_is_no_evidence) {
  const Device a = board("a");
  const Quantization x = quantization("x", "own");
  Engine engine;
  engine.id = engine.name = "engine-1";
  MeasuredRun estimate = run("r1", "a", "x");
  estimate.kind = RunKind::estimate;
  BOOST_TEST(!holds(report::support_document({{&a}, {&engine}, {&x}, {estimate}}), "r1"));
}

BOOST_AUTO_TEST_SUITE_END()
