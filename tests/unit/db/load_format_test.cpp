// Storage formats and quantizations.
#include "unit/db/db_test.hpp"

using namespace roofline;
using namespace roofline::db;
using namespace roofline::testing;

namespace {

void refuse(std::string_view from, std::string_view to, std::string_view fragment, std::string_view message) {
  const std::string text = replaced(good_quantization, from, to);
  check_refused(load_quantization(text, "x.toml"), text, fragment, message);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(load_format_files)

BOOST_AUTO_TEST_CASE(a_block_format) {
  const auto loaded = load_format(good_format, "x.toml");
  require_good(loaded);
  BOOST_TEST(loaded.value->block_rows == 1);
  BOOST_TEST(loaded.value->row_bytes == 0);
  BOOST_TEST(loaded.value->fallback == "");
  BOOST_TEST(bits_per_weight(*loaded.value) == 4.5);  // 144 x 8 / 256
  BOOST_TEST((loaded.value->cite.basis == Basis::assumed));
}

BOOST_AUTO_TEST_CASE(a_quantization) {
  const auto loaded = load_quantization(good_quantization, "x.toml");
  require_good(loaded);
  const Quantization& q = *loaded.value;
  BOOST_TEST(q.default_format == "q4_k");
  BOOST_TEST(q.vector_format == "f32");
  BOOST_TEST(q.kv_type == "");
  BOOST_TEST(q.formats.empty());  // the catalog fills them in
  BOOST_REQUIRE(q.rules.size() == 1u);
  BOOST_TEST(q.rules[0].roles.size() == 2u);
  BOOST_TEST((q.rules[0].layers == LayerSelection::more_bits));
  BOOST_TEST(q.rules[0].gqa_at_least.value() == 4);
  BOOST_TEST(!q.rules[0].experts.has_value());
  BOOST_TEST(!q.rules[0].tied.has_value());
}

BOOST_AUTO_TEST_CASE(every_condition_of_a_rule) {
  const auto loaded = load_quantization(good_quantization +
                                            "experts = 8\nexperts_at_least = 2\nmodel_layers = 80\nfamilies = [\"llama\"]\nnot_families = [\"falcon\"]\n"
                                            "importance_matrix = false\ntied = true\n",
                                        "x.toml");
  require_good(loaded);
  const QuantizationRule& rule = loaded.value->rules[0];
  BOOST_TEST(rule.experts.value() == 8);
  BOOST_TEST(rule.experts_at_least.value() == 2);
  BOOST_TEST(rule.model_layers.value() == 80);
  BOOST_TEST(rule.families[0] == "llama");
  BOOST_TEST(rule.not_families[0] == "falcon");
  BOOST_TEST(rule.importance_matrix.value() == false);
  BOOST_TEST(rule.tied.value() == true);
}

BOOST_AUTO_TEST_CASE(each_selection_of_layers) {
  for (const char* selection : {"more_bits", "first_eighth", "first_sixteenth", "first_2", "first_4", "middle"}) {
    BOOST_TEST(load_quantization(replaced(good_quantization, "\"more_bits\"", "\"" + std::string(selection) + "\""), "x.toml").value.has_value(), selection);
  }
  refuse("\"more_bits\"", "\"most_bits\"", "\"most_bits\"", "'layers'");
}

BOOST_AUTO_TEST_CASE(what_a_quantization_can_not_say) {
  refuse("container = \"gguf\"", "container = \"zip\"", "\"zip\"", "'container'");
  refuse("roles = [\"attn_v\", \"ffn_down\"]", "roles = []", "[]", "'roles'");
  refuse("roles = [\"attn_v\", \"ffn_down\"]\n", "", "[[rule]]", "missing key 'roles'");
  refuse("format = \"q6_k\"\n", "", "[[rule]]", "missing key 'format'");
  refuse("gqa_at_least = 4", "gqa_at_least = 0", "0\n", "'gqa_at_least'");
  refuse("default = \"q4_k\"\n", "", "schema", "missing key 'default'");
}

// A rule for a role that no tensor has would never match, in silence.
BOOST_AUTO_TEST_CASE(a_rule_names_known_roles) {
  refuse("roles = [\"attn_v\", \"ffn_down\"]", "roles = [\"attn_v\", \"fnn_down\"]", "[\"attn_v\", \"fnn_down\"]", "unknown tensor role 'fnn_down'");
  refuse("roles = [\"attn_v\", \"ffn_down\"]", "roles = [\"attn_v\", \"fnn_down\"]", "[\"attn_v\", \"fnn_down\"]", "did you mean 'ffn_down'?");
}

BOOST_AUTO_TEST_CASE(a_format_is_not_its_own_fallback) {
  const std::string text = replaced(good_format, "block_bytes = 144", "block_bytes = 144\nfallback = \"test-format\"");
  check_refused(load_format(text, "x.toml"), text, "\"test-format\"\nsource", "its own fallback");
}

BOOST_AUTO_TEST_SUITE_END()
