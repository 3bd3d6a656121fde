// Configurations of published models (excerpts in tests/data/configs) give the model of the same name in the database.
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "roofline/core/footprint.hpp"
#include "roofline/core/operators.hpp"
#include "roofline/core/tensors.hpp"
#include "roofline/import/hf_config.hpp"
#include "support/support.hpp"

using namespace roofline;
using namespace roofline::import;
using namespace roofline::testing;

namespace {

std::string read_text(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

// The database has image encoders of many models as tensors; a configuration's encoder is left out on import.
ModelSpec without_encoder(ModelSpec m) {
  std::erase_if(m.extra, [](const ExtraTensor& e) { return e.role == "vision"; });
  return m;
}

double streamed(const ModelSpec& m, const char* quantization_id) { return streamed_weight_bytes(stored_tensors(m, quantization(quantization_id))).in(unit::B); }

ImportedConfig imported(const std::string& text, const ConfigOptions& options = {}) {
  auto result = model_of_config(text, options);
  BOOST_REQUIRE_MESSAGE(result, (result.problem ? result.problem->where + ": " + result.problem->message : ""));
  return std::move(*result.value);
}
std::string problem(const std::string& text, const ConfigOptions& options = {}) {
  const auto result = model_of_config(text, options);
  return result.problem ? result.problem->where + ": " + result.problem->message : "no problem";
}
void check_says(const std::string& text, const std::string& part, const ConfigOptions& options = {}) {
  BOOST_CHECK_MESSAGE(problem(text, options).find(part) != std::string::npos, "'" << part << "' in: " << problem(text, options));
}

constexpr const char* small = R"({"model_type": "llama", "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
  "vocab_size": 100, "max_position_embeddings": 512})";

}  // namespace

BOOST_AUTO_TEST_SUITE(import_hf_config)

BOOST_AUTO_TEST_CASE(public_configurations_are_the_models_of_the_database) {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(std::string(ROOFLINE_TESTS_DIR) + "/data/configs")) {
    const std::string id = entry.path().stem().string();
    BOOST_TEST_CONTEXT(id) {
      const ModelSpec expected = without_encoder(model(id));
      const ImportedConfig got = imported(read_text(entry.path()));
      BOOST_TEST(got.spec.family == expected.family);
      BOOST_TEST(got.spec.architecture == expected.architecture);
      BOOST_TEST(parameter_count(got.spec) == parameter_count(expected));
      BOOST_TEST(active_parameter_count(got.spec) == active_parameter_count(expected));
      BOOST_TEST(got.spec.context == expected.context);
      BOOST_TEST(got.spec.layers.size() == expected.layers.size());
      BOOST_TEST(kv_bytes_per_token(got.spec, format("f16"), format("f16")).in(unit::B) == kv_bytes_per_token(expected, format("f16"), format("f16")).in(unit::B));
      Workload w = workload();
      w.context = std::min(32768, expected.context);
      BOOST_TEST(kv_cache_bytes(got.spec, w, KvRule::llama_cpp, 256).in(unit::B) == kv_cache_bytes(expected, w, KvRule::llama_cpp, 256).in(unit::B));
      BOOST_TEST(streamed(got.spec, "bf16-safetensors") == streamed(expected, "bf16-safetensors"));
      BOOST_TEST(streamed(got.spec, "awq-int4-g128") == streamed(expected, "awq-int4-g128"));
      ++count;
    }
  }
  BOOST_TEST(count >= 40);
}

BOOST_AUTO_TEST_CASE(sizes_by_hand) {
  // Table and head 2 x 100 x 64; each layer 4 x 64 x 64 + 3 x 64 x 128 + 2 x 64; last norm 64.
  const ImportedConfig c = imported(small);
  BOOST_TEST(parameter_count(c.spec) == 2 * 6400.0 + 2 * (4 * 4096.0 + 3 * 8192.0 + 128.0) + 64.0);
  BOOST_TEST(!c.spec.tied_embeddings);
  BOOST_TEST(c.quantization.text.empty());
}

BOOST_AUTO_TEST_CASE(every_missing_key_is_named_and_can_be_stated) {
  const std::string text = R"({"model_type": "llama", "hidden_size": 64, "num_hidden_layers": "two", "vocab_size": 1e3})";
  for (const char* part : {"missing: ", "num_attention_heads", "intermediate_size", "max_position_embeddings", "wrong: num_hidden_layers (no whole number)", "vocab_size (no whole number)", "--set KEY=VALUE"}) {
    check_says(text, part);
  }
  const std::string incomplete = R"({"model_type": "llama", "hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "vocab_size": 100, "intermediate_size": 128})";
  check_says(incomplete, "missing: max_position_embeddings");
  BOOST_TEST(imported(incomplete, {"", {{"max_position_embeddings", "512"}}}).spec.context == 512);
  check_says(incomplete, "the file says it already: 64", {"", {{"hidden_size", "65"}}});
}

BOOST_AUTO_TEST_CASE(unknown_architectures_say_what_is_missing_and_can_be_read_as_known_ones) {
  const std::string text = R"({"model_type": "mystery", "hidden_size": 64, "intermediate_size": 128, "num_attention_heads": 4, "vocab_size": 100, "max_position_embeddings": 512})";
  for (const char* part : {"mystery: architecture 'mystery' is not known; missing: num_hidden_layers", "--architecture TYPE` reads it as one of these: chatglm, ", "qwen3_moe"}) check_says(text, part);
  check_says(R"({"hidden_size": 64})", "model_type is missing");
  check_says(text, "--architecture: 'no-such' is not known", {"no-such", {}});
  const ImportedConfig c = imported(text, {"llama", {{"num_hidden_layers", "2"}}});
  BOOST_TEST(parameter_count(c.spec) == parameter_count(imported(small).spec));
  BOOST_TEST(c.spec.family == "llama");
}

BOOST_AUTO_TEST_CASE(quantization_schemes) {
  const auto scheme = [](const std::string& json) {
    std::string text = small;
    text.insert(text.size() - 1, ", \"quantization_config\": " + json);
    return imported(text).quantization;
  };
  BOOST_TEST(scheme(R"({"quant_method": "awq", "bits": 4, "group_size": 128, "version": "gemm", "zero_point": true})").id == "awq-int4-g128");
  BOOST_TEST(scheme(R"({"quant_method": "gptq", "bits": 4, "group_size": 128, "desc_act": false})").id == "gptq-int4-g128");
  BOOST_TEST(scheme(R"({"quant_method": "fp8", "weight_block_size": [128, 128]})").id == "fp8-block128");
  BOOST_TEST(scheme(R"({"quant_method": "modelopt", "quant_algo": "NVFP4"})").id == "nvfp4");
  BOOST_TEST(scheme(R"({"quant_method": "mxfp4"})").id == "mxfp4");
  BOOST_TEST(scheme(R"({"quant_method": "compressed-tensors", "config_groups": {"group_0": {"weights": {"num_bits": 8, "type": "float", "strategy": "channel"}}}})").id == "fp8");
  BOOST_TEST(scheme(R"({"quant_method": "gptq", "bits": 3, "group_size": 64})").text == "gptq, 3 bits, groups of 64");
  BOOST_TEST(scheme(R"({"quant_method": "exl2", "bits": 4.25})").id == "exl2-4.25bpw");
  BOOST_TEST(scheme(R"({"quant_method": "exl3", "bits": 4})").id == "exl3-4.0bpw");
  BOOST_TEST(scheme(R"({"quant_method": "hqq", "quant_config": {"weight_quant_params": {"nbits": 4, "group_size": 64}}})").id == "hqq-int4-g64");
  BOOST_TEST(scheme(R"({"quant_method": "bitsandbytes", "load_in_4bit": true, "bnb_4bit_quant_type": "nf4", "bnb_4bit_use_double_quant": true})").id == "bnb-nf4-dq");
  BOOST_TEST(scheme(R"({"quant_method": "new-thing"})").id.empty());
  BOOST_TEST(scheme(R"({"quant_method": 7, "bits": "four"})").text == "unnamed");
}

BOOST_AUTO_TEST_CASE(hostile_text) {
  check_says("", "no JSON");
  check_says("[]", "no object");
  check_says("{\"a\": 1,\n \"b\": tru}", "line 2, column");
  check_says(std::string(1'000'000, '['), "nested more than 64 deep");
  check_says("{\"a\":" + std::string(100'000, '[') + std::string(100'000, ']') + "}", "nested more than 64 deep");
  std::string many = "{\"a\":[0";
  for (int i = 0; i < 300'000; ++i) many += ",0";
  check_says(many + "]}", "more than 200000 values");
  check_says(std::string(5'000'000, ' '), "longer than the");
  check_says("{\"model_type\": \"x\x1b[31m\"}", "no JSON");
  check_says(R"({"model_type": {"a": 1}})", "model_type is missing");
  check_says(R"({"model_type": "llama", "hidden_size": 99999999999999999999, "num_hidden_layers": -1, "layer_types": "x"})", "num_hidden_layers = -1");
  check_says(R"({"model_type": "llama", "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 5, "num_key_value_heads": 2, "vocab_size": 9, "max_position_embeddings": 5})",
             "no multiple of num_key_value_heads");
  // Python's own words for numbers JSON has none for.
  std::string text = small;
  text.insert(text.size() - 1, ", \"a\": Infinity, \"b\": [-Infinity, NaN], \"c\": \"NaN \\\" Infinity\"");
  BOOST_TEST(imported(text).spec.hidden == 64);
}

BOOST_AUTO_TEST_SUITE_END()
