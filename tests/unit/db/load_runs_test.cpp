// Measured runs and the bibliography.
#include "unit/db/db_test.hpp"

using namespace roofline;
using namespace roofline::db;
using namespace roofline::testing;

namespace {

void refuse(std::string_view from, std::string_view to, std::string_view fragment, std::string_view message) {
  const std::string text = replaced(good_runs, from, to);
  check_refused(load_runs(text, "x.toml"), text, fragment, message);
}

void refuse_source(std::string_view from, std::string_view to, std::string_view fragment, std::string_view message) {
  const std::string text = replaced(good_sources, from, to);
  check_refused(load_sources(text, "x.toml"), text, fragment, message);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(load_runs_files)

// What a run does not state is unknown, not guessed.
BOOST_AUTO_TEST_CASE(a_run_as_written) {
  const auto loaded = load_runs(good_runs, "x.toml");
  require_good(loaded);
  const MeasuredRun& run = loaded.value->at(0);
  BOOST_TEST(run.prompt.value() == 512);
  BOOST_TEST(!run.generated.has_value());
  BOOST_TEST(!run.flash_attention.has_value());
  BOOST_TEST(!run.prefill_tokens_per_second.has_value());
  BOOST_TEST(run.decode_tokens_per_second.value() == 100.5);
  BOOST_TEST(run.mode == "");
  BOOST_TEST((run.kind == RunKind::decode));
  BOOST_TEST((run.use == RunUse::hold_out));
  BOOST_TEST((run.cite.basis == Basis::measured));
}

BOOST_AUTO_TEST_CASE(each_kind_of_run) {
  for (const char* kind : {"decode", "end_to_end", "vendor_average", "speculative", "image", "altered", "offload", "estimate"}) {
    BOOST_TEST(load_runs(replaced(good_runs, "kind = \"decode\"", "kind = \"" + std::string(kind) + "\""), "x.toml").value.has_value(), kind);
  }
  refuse("kind = \"decode\"", "kind = \"guess\"", "\"guess\"", "'kind'");
}

BOOST_AUTO_TEST_CASE(circumstances_of_a_run) {
  const auto loaded = load_runs(replaced(good_runs, "use = \"hold_out\"",
                                         "use = \"hold_out\"\nboard = \"a box\"\nmode_stated = \"450W\"\nclocks = \"suspect\"\nbackend = \"vulkan\"\n"
                                         "ubatch = 2048\ngpu_layers = \"all\"\nmodel_stated = \"L3\"\nquantization_stated = \"4-bit\"\nfile_gib = 4.58\n"
                                         "caveat = \"some-rule\""),
                                "x.toml");
  require_good(loaded);
  const MeasuredRun& run = loaded.value->at(0);
  BOOST_TEST(run.board == "a box");
  BOOST_TEST(run.mode_stated == "450W");
  BOOST_TEST((run.clocks == RunClocks::suspect));
  BOOST_TEST(run.backend == "vulkan");
  BOOST_TEST(run.ubatch.value() == 2048);
  BOOST_TEST(run.gpu_layers == "all");
  BOOST_TEST(run.model_stated == "L3");
  BOOST_TEST(run.quantization_stated == "4-bit");
  BOOST_TEST(run.file_gib.value() == 4.58);
  BOOST_TEST(run.caveat == "some-rule");
  BOOST_TEST((load_runs(good_runs, "x.toml").value->at(0).clocks == RunClocks::unknown));
  refuse("use = \"hold_out\"", "use = \"hold_out\"\nclocks = \"fast\"", "\"fast\"", "'clocks'");
  refuse("use = \"hold_out\"", "use = \"hold_out\"\nbackend = \"directx\"", "\"directx\"", "'backend'");
}

BOOST_AUTO_TEST_CASE(each_effect_of_a_rule) {
  const std::string good = "schema = 1\nid = \"x\"\n\n[[rule]]\nid = \"r\"\neffect = \"left_out\"\nreason = \"a test\"\n";
  for (const char* effect : {"left_out", "not_fitted", "decode_not_fitted", "prefill_not_fitted"}) {
    require_good(load_exclusions(replaced(good, "left_out", effect), "x.toml"));
  }
  const std::string bad = replaced(good, "left_out", "ignored");
  check_refused(load_exclusions(bad, "x.toml"), bad, "\"ignored\"", "'effect'");
  const std::string silent = replaced(good, "reason = \"a test\"\n", "");
  check_refused(load_exclusions(silent, "x.toml"), silent, "[[rule]]", "missing key 'reason'");
}

BOOST_AUTO_TEST_CASE(what_a_run_can_not_say) {
  for (const std::string value : {"0", "-1", "nan", "inf", "\"fast\""}) {
    refuse("decode_tps = 100.5", "decode_tps = " + value, value + "\ndate", "'decode_tps'");
  }
  refuse("batch = 1", "batch = 0", "0\ndecode", "'batch'");
  refuse("prompt = 512", "prompt = 51.2", "51.2", "'prompt'");
  refuse("quality = \"B\"", "quality = \"D\"", "\"D\"", "'quality'");
  refuse("use = \"hold_out\"\n", "", "[[run]]", "missing key 'use'");
  refuse("model = \"llama-3.1-8b\"\n", "", "[[run]]", "missing key 'model'");
  refuse("decode_tps", "decode_tsp", "decode_tsp", "did you mean 'decode_tps'?");
}

BOOST_AUTO_TEST_CASE(a_run_measures_something) {
  refuse("decode_tps = 100.5\n", "", "\"test-run-1\"", "no measured number");
  for (const std::string key : {"prefill_tps", "ttft_ms", "memory_mb", "power_w"}) {
    require_good(load_runs(replaced(good_runs, "decode_tps", key), "x.toml"));
  }
  require_good(load_runs(replaced(replaced(good_runs, "decode_tps = 100.5\n", ""), "kind = \"decode\"", "kind = \"estimate\""), "x.toml"));
}

BOOST_AUTO_TEST_CASE(a_source_as_written) {
  const auto loaded = load_sources(good_sources, "x.toml");
  require_good(loaded);
  const Source& s = loaded.value->at(0);
  BOOST_TEST(s.id == "test-source");
  BOOST_TEST(s.read == "2026-01-31");
  BOOST_TEST(s.locator == "");
}

BOOST_AUTO_TEST_CASE(a_source_can_be_found_again) {
  refuse_source("url = \"https://example.org/\"\n", "", "\"test-source\"", "'locator'");
  BOOST_TEST(load_sources(replaced(good_sources, "url = \"https://example.org/\"", "locator = \"table 3\""), "x.toml").value.has_value());
  refuse_source("read = 2026-01-31", "read = \"2026-01-31\"", "\"2026-01-31\"", "'read'");
  refuse_source("read = 2026-01-31\n", "", "[[source]]", "missing key 'read'");
  refuse_source("publisher = \"Tests\"\n", "", "[[source]]", "missing key 'publisher'");
}

BOOST_AUTO_TEST_SUITE_END()
