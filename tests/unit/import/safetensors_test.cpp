// Safetensors headers: exact bytes, indices, and files that lie.
#include <boost/test/unit_test.hpp>
#include <random>
#include <sstream>

#include "roofline/core/tensors.hpp"
#include "roofline/import/hf_config.hpp"
#include "roofline/import/safetensors.hpp"
#include "roofline/import/safetensors_model.hpp"
#include "support/support.hpp"
#include "unit/import/safetensors_writer.hpp"

using namespace roofline;
using namespace roofline::import;
using namespace roofline::testing;

namespace {

Result<SafetensorsHeader> read(const std::string& bytes, const SafetensorsLimits& limits = {}) {
  std::istringstream in(bytes);
  return read_safetensors(in, bytes.size(), limits);
}
template <class T>
std::string message(const Result<T>& result) {
  return result.problem ? result.problem->where + ": " + result.problem->message : std::string("no problem");
}
void check_says(const std::string& bytes, const std::string& part, const SafetensorsLimits& limits = {}) {
  const auto result = read(bytes, limits);
  BOOST_CHECK_MESSAGE(message(result).find(part) != std::string::npos, "'" << part << "' in: " << message(result));
}
std::string framed(const std::string& json, std::size_t data = 0) { return little_endian(json.size()) + json + std::string(data, '\0'); }

struct Folder {
  std::filesystem::path path = std::filesystem::temp_directory_path() / ("roofline-safetensors-" + std::to_string(std::random_device{}()));
  Folder() { write_tiny_checkpoint(path); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  void write(const std::string& name, const std::string& bytes) const { std::ofstream(path / name, std::ios::binary) << bytes; }
  void check_says(const std::string& part) const {
    const auto result = read_safetensors_path(path);
    BOOST_CHECK_MESSAGE(message(result).find(part) != std::string::npos, "'" << part << "' in: " << message(result));
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(import_safetensors)

BOOST_AUTO_TEST_CASE(every_type_by_its_bytes) {
  // 24 elements: 24 x bits / 8 bytes.
  const std::vector<std::pair<std::string, std::uint64_t>> types{{"BOOL", 24}, {"U8", 24}, {"I8", 24}, {"F8_E5M2", 24}, {"F8_E4M3", 24}, {"F8_E8M0", 24}, {"I16", 48}, {"U16", 48}, {"F16", 48},
                                                                 {"BF16", 48}, {"I32", 96}, {"U32", 96}, {"F32", 96}, {"F64", 192}, {"I64", 192}, {"U64", 192}, {"C64", 192}, {"F4", 12}, {"F6_E2M3", 18}, {"F6_E3M2", 18}};
  std::string json;
  std::uint64_t at = 0;
  for (const auto& [type, bytes] : types) {
    json += (json.empty() ? "{\"__metadata__\":{\"format\":\"pt\"}," : ",") + std::string("\"t.") + type + "\":{\"dtype\":\"" + type + "\",\"shape\":[4,6],\"data_offsets\":[" + std::to_string(at) + "," +
            std::to_string(at + bytes) + "]}";
    at += bytes;
  }
  const auto header = read(framed(json + "}   ", at));
  BOOST_REQUIRE_MESSAGE(header, message(header));
  BOOST_REQUIRE(header.value->tensors.size() == types.size());
  for (std::size_t i = 0; i < types.size(); ++i) BOOST_TEST(header.value->tensors[i].bytes == types[i].second);
  BOOST_TEST(header.value->tensor_bytes == at);
  BOOST_TEST(header.value->metadata.at("format") == "pt");
  // A type that does not exist yet: its offsets give the bytes.
  const auto later = read(framed(R"({"x":{"dtype":"F2_E1","shape":[16],"data_offsets":[0,4]}})", 4));
  BOOST_REQUIRE_MESSAGE(later, message(later));
  BOOST_TEST(later.value->tensor_bytes == 4U);
}

BOOST_AUTO_TEST_CASE(no_tensors_and_scalars) {
  BOOST_TEST(read(framed("{}")).value.has_value());
  const auto scalar = read(framed(R"({"s":{"dtype":"F32","shape":[],"data_offsets":[0,4]},"none":{"dtype":"F32","shape":[0,7],"data_offsets":[4,4]}})", 4));
  BOOST_REQUIRE_MESSAGE(scalar, message(scalar));
  BOOST_TEST(scalar.value->tensor_bytes == 4U);
}

BOOST_AUTO_TEST_CASE(what_is_no_safetensors_file) {
  check_says("", "byte 0: the file ends inside the length");
  check_says(std::string("GGUF\x03\0\0\0", 8), "not a safetensors file");
  check_says(little_endian(0), "does not begin with '{'");
  check_says(little_endian(1000) + "{}", "the file ends inside its header: 1000 bytes needed, 2 left");
  check_says(little_endian(0xFFFFFFFFFFFFFFFFU) + "{}", "18446744073709551615 bytes long");
  check_says(framed("[]"), "does not begin with '{'");
  check_says(framed("{\"a\":"), "no JSON");
  check_says(framed("{\"a\":1}"), "a number where the format has none");
  check_says(framed("{\"a\":{\"b\":1}}"), "has the key 'b'");
  check_says(framed("{\"a\":{\"dtype\":\"F32\"}}"), "does not state dtype, shape and data_offsets");
  check_says(framed("{\"a\":{\"shape\":" + std::string(100'000, '[')), "an array where the format has none");
  check_says(framed("{\"a\":{\"shape\":[[1]]}}"), "an array where the format has none");
  check_says(framed("{" + std::string(100'000, '{')), "no JSON");
}

BOOST_AUTO_TEST_CASE(what_contradicts_itself) {
  const auto one = [](const std::string& body) { return framed("{\"a\":{" + body + "}}", 16); };
  check_says(one(R"("dtype":"F32","shape":[3],"data_offsets":[0,16])"), "3 elements of F32 do not take 16 bytes");
  check_says(one(R"("dtype":"F32","shape":[4],"data_offsets":[16,0])"), "not a beginning and an end");
  check_says(one(R"("dtype":"F32","shape":[4],"data_offsets":[0])"), "not a beginning and an end");
  check_says(one(R"("dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,16])"), "too many elements");
  check_says(one(R"("dtype":"F32","shape":[-4],"data_offsets":[0,16])"), "a negative number");
  check_says(one(R"("dtype":"F32","shape":[4],"shape":[4],"data_offsets":[0,16])"), "states 'shape' twice");
  check_says(one(R"("dtype":"F32","shape":[2],"data_offsets":[0,8])"), "8 bytes after the last tensor belong to none");
  check_says(one(R"("dtype":"F32","shape":[8],"data_offsets":[0,32])"), "they need 32 bytes, 16 are there");
  check_says(one(R"("dtype":"F32","shape":[2],"data_offsets":[8,16])"), "begins at byte 8");
  const std::string a = R"("dtype":"F32","shape":[2],"data_offsets":[0,8])";
  check_says(framed("{\"a\":{" + a + "},\"a\":{" + a + "}}", 16), "stands twice");
  check_says(framed("{\"a\":{" + a + "},\"b\":{" + a + "}}", 8), "begins at byte 0 of the data, the one before it ends at 8");
}

BOOST_AUTO_TEST_CASE(limits_hold) {
  SafetensorsLimits limits;
  limits.tensors = 2;
  check_says(tiny_checkpoint_part(0).file(), "more than 2 tensors", limits);
  limits = {};
  limits.header_bytes = 64;
  check_says(tiny_checkpoint_part(0).file(), "at most 64 are read", limits);
  limits = {};
  limits.name_bytes = 8;
  check_says(tiny_checkpoint_part(0).file(), "a tensor name of", limits);
}

BOOST_AUTO_TEST_CASE(every_truncation_is_a_problem) {
  const std::string whole = tiny_checkpoint_part(1).file();
  for (std::size_t length = 0; length < whole.size(); length += length < 2000 ? 1 : 501) BOOST_REQUIRE_MESSAGE(!read(whole.substr(0, length)), "cut to " << length);
  std::istringstream in(whole.substr(0, 100));
  BOOST_TEST(!read_safetensors(in, whole.size()));
}

BOOST_AUTO_TEST_CASE(seeded_mutations_never_crash) {
  std::mt19937 random(20240229);
  const std::string whole = tiny_checkpoint_part(1).file();
  const std::size_t interesting = tiny_checkpoint_part(1).json().size() + 8;
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = whole;
    for (auto flips = 1 + random() % 3; flips > 0; --flips) bytes[random() % interesting] = "{}[]\",:0919e-\\x\x80"[random() % 16];
    const auto header = read(bytes);
    BOOST_REQUIRE(header.value.has_value() != header.problem.has_value());
  }
}

BOOST_AUTO_TEST_CASE(checkpoints_of_several_files) {
  const Folder folder;
  for (const char* name : {"", "model.safetensors.index.json", "model-00002-of-00002.safetensors"}) {
    const auto header = read_safetensors_path(*name == '\0' ? folder.path : folder.path / name);
    BOOST_REQUIRE_MESSAGE(header, message(header));
    BOOST_TEST(header.value->tensors.size() == 21U);
    BOOST_TEST(header.value->files.size() == 2U);
    BOOST_TEST(static_cast<double>(header.value->tensor_bytes) == tiny_checkpoint_bytes);
    BOOST_TEST(header.value->notes.empty());
  }
}

BOOST_AUTO_TEST_CASE(indices_that_lie) {
  const Folder folder;
  const std::string good = tiny_index();
  const auto replaced = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    text.replace(text.find(from), from.size(), to);
    folder.write("model.safetensors.index.json", text);
  };
  replaced("model-00001-of-00002.safetensors", "../model-00001-of-00002.safetensors");
  folder.check_says("is no name of a .safetensors file in the same folder");
  replaced("model-00001-of-00002.safetensors", "/etc/passwd");
  folder.check_says("is no name of a .safetensors file in the same folder");
  replaced("model-00001-of-00002.safetensors", "absent.safetensors");
  folder.check_says("absent.safetensors: no such file");
  replaced("\"model.norm.weight\"", "\"model.norm.wight\"");
  folder.check_says("tensor 'model.norm.wight' is not in model-00002-of-00002.safetensors");
  replaced("\"model.norm.weight\":\"model-00002", "\"model.norm.weight\":\"model-00001");
  folder.check_says("which the index has in another file");
  replaced("weight_map", "wight_map");
  folder.check_says("it has no 'weight_map'");
  folder.write("model.safetensors.index.json", std::string(200'000, '['));
  folder.check_says("nested more than 8 deep");
  replaced("\"total_size\":", "\"total_size\":1");
  const auto header = read_safetensors_path(folder.path);
  BOOST_REQUIRE_MESSAGE(header, message(header));
  BOOST_TEST(header.value->notes.size() == 1U);
  std::filesystem::remove(folder.path / "model.safetensors.index.json");
  folder.check_says("2 .safetensors files and none is called model.safetensors");
}

BOOST_AUTO_TEST_CASE(a_checkpoint_is_counted_as_it_is_stored) {
  const Folder folder;
  const auto header = read_safetensors_path(folder.path);
  BOOST_REQUIRE(header);
  const auto config = model_of_config(tiny_config);
  BOOST_REQUIRE_MESSAGE(config, message(config));
  ModelSpec m = config.value->spec;
  BOOST_TEST(plain_type(*header.value) == "bf16");
  const auto fit = fit_checkpoint(*header.value, m, quantization("bf16-safetensors"), [](const std::string& id) { return catalog().format(id).value; });
  BOOST_REQUIRE_MESSAGE(fit, message(fit));
  BOOST_TEST(fit.value->notes.empty());
  BOOST_TEST(total_bytes(stored_tensors(m, fit.value->stored)).in(unit::B) == tiny_checkpoint_bytes);
  BOOST_TEST(parameter_count(m) == tiny_checkpoint_bytes / 2);
}

// AWQ of a 128 x 128 matrix with one group of 128: qweight 128 x 16 I32 (8192 B), qzeros 1 x 16 I32 (64 B), scales 1 x 128 F16 (256 B).
BOOST_AUTO_TEST_CASE(packed_tensors_take_the_checkpoints_quantization_and_plain_ones_their_own_type) {
  SafetensorsWriter w;
  w.tensor("model.embed_tokens.weight", "F16", {100, 128}, 2);
  for (const char* name : {"self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj", "mlp.gate_proj", "mlp.up_proj", "mlp.down_proj"}) {
    const std::string stem = std::string("model.layers.0.") + name;
    w.tensor(stem + ".qweight", "I32", {128, 16}, 4);
    w.tensor(stem + ".qzeros", "I32", {1, 16}, 4);
    w.tensor(stem + ".scales", "F16", {1, 128}, 2);
  }
  w.tensor("model.layers.0.input_layernorm.weight", "F16", {128}, 2);
  w.tensor("model.layers.0.post_attention_layernorm.weight", "F16", {128}, 2);
  w.tensor("model.norm.weight", "F16", {128}, 2);
  w.tensor("visual.patch.weight", "F16", {10, 10}, 2);
  w.tensor("mtp.fc.weight", "F16", {10}, 2);
  const auto header = read(w.file());
  BOOST_REQUIRE_MESSAGE(header, message(header));
  const double bytes = 2.0 * 12800 + 7 * (8192 + 64 + 256.0) + 3 * 256 + 200 + 20;
  BOOST_TEST(static_cast<double>(header.value->tensor_bytes) == bytes);
  const auto config = model_of_config(R"({"model_type": "llama", "hidden_size": 128, "intermediate_size": 128, "num_hidden_layers": 1, "num_attention_heads": 4, "vocab_size": 100,
    "max_position_embeddings": 512, "tie_word_embeddings": true})");
  BOOST_REQUIRE_MESSAGE(config, message(config));
  ModelSpec m = config.value->spec;
  const auto fit = fit_checkpoint(*header.value, m, quantization("awq-int4-g128"), [](const std::string& id) { return catalog().format(id).value; });
  BOOST_REQUIRE_MESSAGE(fit, message(fit));
  const auto stored = stored_tensors(m, fit.value->stored);
  BOOST_TEST(total_bytes(stored).in(unit::B) == bytes);
  double idle = 0;
  for (const StoredTensor& t : stored) {
    if (t.tensor.role == "token_embd") BOOST_TEST(t.format->id == "f16");
    if (t.tensor.access == Access::never || t.tensor.access == Access::image_only) idle += t.bytes.in(unit::B);
  }
  BOOST_TEST(idle == 220.0);
}

BOOST_AUTO_TEST_SUITE_END()
