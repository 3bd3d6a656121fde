// Runs as a file of the database: what is written is what the loader reads.
#include "roofline/import/runs_toml.hpp"

#include <boost/test/unit_test.hpp>

#include "roofline/db/load.hpp"

using namespace roofline;

BOOST_AUTO_TEST_SUITE(import_runs_toml)

BOOST_AUTO_TEST_CASE(what_is_written_is_read_back) {
  MeasuredRun run;
  run.id = "r-1";
  run.device = "some-board";
  run.mode = "maxn";
  run.unit = UnitKind::npu;
  run.engine = "rkllm";
  run.model = "m";
  run.quantization = "q";
  run.prompt = 128;
  run.depth = 0;
  run.flash_attention = false;
  run.decode_tokens_per_second = 41.58;
  run.ttft_ms = 146;
  run.quality = "A";
  run.kind = RunKind::end_to_end;
  run.cite.source = "src";
  run.note = "a \"quoted\" \\ note\nof two lines, \xc3\xa9 and \xff";
  const std::string text = import::runs_toml("file", "from\na file", {run, run});
  const auto loaded = db::load_runs(text, "file.toml");
  BOOST_TEST_REQUIRE(loaded.diagnostics.empty(), (loaded.diagnostics.empty() ? "" : db::to_string(loaded.diagnostics.front())) << "\n" << text);
  BOOST_TEST_REQUIRE(loaded.value->size() == 2U);
  const MeasuredRun& read = loaded.value->front();
  BOOST_TEST(read.id == "r-1");
  BOOST_TEST(read.mode == "maxn");
  BOOST_TEST((read.unit == UnitKind::npu));
  BOOST_TEST(*read.prompt == 128);
  BOOST_TEST(*read.depth == 0);
  BOOST_TEST(!read.generated);
  BOOST_TEST(!*read.flash_attention);
  BOOST_TEST(*read.decode_tokens_per_second == 41.58);
  BOOST_TEST(*read.ttft_ms == 146.0);
  BOOST_TEST((read.kind == RunKind::end_to_end));
  BOOST_TEST(read.note == "a \"quoted\" \\ note?of two lines, \xc3\xa9 and ?");
  BOOST_TEST(read.cite.source == "src");
}

BOOST_AUTO_TEST_CASE(ids_are_what_the_schema_takes) {
  BOOST_TEST(import::run_id_of("My Bench (2).json") == "my-bench-2-.json");
  BOOST_TEST(import::run_id_of("--a__b--") == "a__b");
  BOOST_TEST(import::run_id_of("\xff\xff") == "");
}

BOOST_AUTO_TEST_SUITE_END()
