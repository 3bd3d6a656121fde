// Writing a model and loading it again gives the same tensors: held for every model of the database.
#include <boost/test/unit_test.hpp>

#include "roofline/core/footprint.hpp"
#include "roofline/core/operators.hpp"
#include "roofline/core/tensors.hpp"
#include "roofline/db/load.hpp"
#include "roofline/import/model_toml.hpp"
#include "support/support.hpp"

using namespace roofline;
using namespace roofline::testing;

namespace {

bool same(const std::vector<Tensor>& a, const std::vector<Tensor>& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i].role != b[i].role || a[i].rule_role != b[i].rule_role || a[i].kind != b[i].kind || a[i].layer != b[i].layer || a[i].rows != b[i].rows || a[i].row_length != b[i].row_length ||
        a[i].copies != b[i].copies || a[i].access != b[i].access || a[i].active_copies != b[i].active_copies || a[i].parameter != b[i].parameter) {
      return false;
    }
  }
  return true;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(import_model_toml)

BOOST_AUTO_TEST_CASE(every_model_of_the_database_survives_the_round_trip) {
  int written = 0;
  for (const db::Entry& entry : catalog().entries(db::Kind::model)) {
    const ModelSpec& before = model(entry.id);
    const auto toml = import::model_toml(before, {.read_from = "a test", .notes = {}, .counted_parameters = std::nullopt});
    BOOST_REQUIRE_MESSAGE(toml, entry.id + ": " + (toml.problem ? toml.problem->message : ""));
    const auto after = db::load_model(*toml.value, "round-trip.toml");
    for (const db::Diagnostic& diagnostic : after.diagnostics) BOOST_ERROR(entry.id + ": " + db::to_string(diagnostic));
    BOOST_REQUIRE(after.value.has_value());
    for (const char* container : {"gguf", "safetensors"}) {
      BOOST_CHECK_MESSAGE(same(tensors(before, container), tensors(*after.value, container)), entry.id << " differs in " << container);
    }
    Workload w = workload();
    w.context = before.context;
    BOOST_TEST(kv_cache_bytes(before, w, KvRule::llama_cpp, 256).base() == kv_cache_bytes(*after.value, w, KvRule::llama_cpp, 256).base());
    BOOST_TEST(after.value->context == before.context);
    ++written;
  }
  BOOST_TEST(written > 100);
}

BOOST_AUTO_TEST_CASE(what_the_schema_can_not_say_is_a_problem) {
  ModelSpec m = model("llama-3.2-1b");
  std::get<GroupedQueryAttention>(m.layers[3].mixer).heads *= 2;
  const auto toml = import::model_toml(m, {.read_from = "a test", .notes = {}, .counted_parameters = std::nullopt});
  BOOST_REQUIRE(toml.problem.has_value());
  BOOST_TEST(toml.problem->message.find("attention that differs from layer to layer") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(names_can_not_break_out_of_their_quotes) {
  ModelSpec m = model("llama-3.2-1b");
  m.name = "a \"quoted\"\nname \\ with\x1b[31m";
  const auto toml = import::model_toml(m, {.read_from = "\"]\n[x", .notes = {"n\"\n"}, .counted_parameters = 1.0});
  BOOST_REQUIRE(toml);
  const auto after = db::load_model(*toml.value, "x.toml");
  for (const db::Diagnostic& diagnostic : after.diagnostics) BOOST_ERROR(db::to_string(diagnostic));
  BOOST_REQUIRE(after.value.has_value());
  BOOST_TEST(after.value->name == "a \"quoted\"?name \\ with?[31m");
}

BOOST_AUTO_TEST_SUITE_END()
