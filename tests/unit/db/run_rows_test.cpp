// The published rows this database was filled from, by their ids: each is a run or left out by a written rule, none is
// both, and none is missing.
#include <map>
#include <set>

#include "unit/db/db_test.hpp"

using namespace roofline;
using namespace roofline::db;
using namespace roofline::testing;

namespace {

struct Rows {
  std::vector<MeasuredRun> runs;
  Exclusions exclusions;
};

Rows committed() {
  Catalog catalog;
  std::vector<Diagnostic> diagnostics;
  Rows rows{catalog.runs(diagnostics), catalog.exclusions(diagnostics)};
  BOOST_TEST(diagnostics.empty(), all(diagnostics));
  return rows;
}

// "jet-" and "o": ids of the two tables the rows came from; field reports and own runs have others.
bool of_the_tables(const std::string& id) { return id.rfind("jet-", 0) == 0 || (id.size() == 5 && id[0] == 'o'); }

const std::string excluded_path = "runs-excluded/test-rows.toml";
const std::string excluded_text = R"(schema = 1
id = "test-rows"

[[rule]]
id = "test-rule"
effect = "left_out"
reason = "a test"

[[excluded]]
id = "test-row-1"
rule = "test-rule"
stated = "a board | an engine | a model"
source = "assumed"
note = "a test"
)";

std::vector<Diagnostic> check_with(const std::string& path, const std::string& text) {
  const TemporaryTree tree;
  tree.write(path, text);
  Catalog catalog;
  auto found = catalog.add_directory(tree.root());
  const auto more = catalog.check();
  found.insert(found.end(), more.begin(), more.end());
  return found;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(run_rows)

BOOST_AUTO_TEST_CASE(every_row_is_a_run_or_left_out) {
  const Rows rows = committed();
  std::set<std::string> kept, left_out;
  for (const MeasuredRun& run : rows.runs) {
    if (of_the_tables(run.id)) BOOST_TEST(kept.insert(run.id).second, run.id << " is there twice");
  }
  for (const ExcludedRun& run : rows.exclusions.runs) {
    BOOST_TEST(left_out.insert(run.id).second, run.id << " is left out twice");
    BOOST_TEST(!kept.contains(run.id), run.id << " is a run and left out");
  }
  // The tables hold 2,244 rows.
  BOOST_TEST(kept.size() + left_out.size() == 2244u);
}

BOOST_AUTO_TEST_CASE(every_rule_named_exists_and_is_used) {
  const Rows rows = committed();
  std::set<std::string> used;
  for (const ExcludedRun& run : rows.exclusions.runs) {
    const RunRule* rule = find_rule(rows.exclusions, run.rule);
    BOOST_REQUIRE_MESSAGE(rule != nullptr, run.id << " names the rule " << run.rule);
    BOOST_TEST((rule->effect == RuleEffect::left_out), run.id);
    used.insert(run.rule);
  }
  for (const MeasuredRun& run : rows.runs) {
    if (run.caveat.empty()) continue;
    const RunRule* rule = find_rule(rows.exclusions, run.caveat);
    BOOST_REQUIRE_MESSAGE(rule != nullptr, run.id << " names the rule " << run.caveat);
    BOOST_TEST((rule->effect != RuleEffect::left_out), run.id);
    used.insert(run.caveat);
  }
  for (const RunRule& rule : rows.exclusions.rules) BOOST_TEST(used.contains(rule.id), "no row has the rule " << rule.id);
}

// A rule is about what a row is, so all rows of a kind have it: one version, one board, one word of the source.
BOOST_AUTO_TEST_CASE(rules_are_applied_to_all_they_describe) {
  for (const MeasuredRun& run : committed().runs) {
    if (run.engine == "tensorrt-edge-llm") BOOST_TEST((run.caveat == "regressed-version") == (run.engine_version.rfind("0.8.", 0) == 0), run.id);
    if (run.note.find("IMPLAUSIBLE: needs") != std::string::npos) BOOST_ERROR(run.id + " is called impossible by its own note");
    if (run.note.find("speculative decoding") != std::string::npos) BOOST_TEST((run.kind == RunKind::speculative), run.id);
    if (run.note.find("low-clock") != std::string::npos) BOOST_TEST((run.clocks == RunClocks::down), run.id);
    if (run.note.find("prefix-cache hit") != std::string::npos) BOOST_TEST(run.caveat == "prefill-cached", run.id);
  }
}

BOOST_AUTO_TEST_CASE(rules_across_files) {
  BOOST_TEST(!says(check_with(excluded_path, excluded_text), "test-r"));
  BOOST_TEST(says(check_with(excluded_path, replaced(excluded_text, "rule = \"test-rule\"", "rule = \"no-such-rule\"")), "'no-such-rule'"));
  BOOST_TEST(says(check_with(excluded_path, replaced(excluded_text, "id = \"test-row-1\"", "id = \"o0316\"")), "'o0316' is also in runs-excluded/"));
  BOOST_TEST(says(check_with(excluded_path, replaced(excluded_text, "rule = \"test-rule\"", "rule = \"few-threads\"")), "leaves nothing out"));
  BOOST_TEST(says(check_with("runs/test-runs.toml", replaced(good_runs, "use = \"hold_out\"", "use = \"hold_out\"\ncaveat = \"no-such-rule\"")), "'no-such-rule'"));
  BOOST_TEST(says(check_with("runs/test-runs.toml", replaced(good_runs, "use = \"hold_out\"", "use = \"hold_out\"\ncaveat = \"above-ceiling\"")), "leaves runs out"));
}

BOOST_AUTO_TEST_SUITE_END()
