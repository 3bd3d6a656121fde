// Reading headers: every tensor type, both versions and byte orders, arrays, split files.
#include <boost/test/unit_test.hpp>
#include <fstream>
#include <random>

#include "unit/import/gguf_writer.hpp"

using namespace roofline::import;
using roofline::testing::GgufWriter;
using roofline::testing::read;

namespace {

// Number, id, and the bytes of 512 weights, worked out by hand from the block sizes of ggml-common.h: 512 / 256 x 144 = 288 ...
struct Expected {
  std::uint32_t number;
  const char* id;
  std::uint64_t bytes;
};
constexpr Expected types[] = {{0, "f32", 2048},    {1, "f16", 1024},     {2, "q4_0", 288},    {3, "q4_1", 320},      {6, "q5_0", 352},   {7, "q5_1", 384},
                              {8, "q8_0", 544},    {9, "q8_1", 576},     {10, "q2_k", 168},   {11, "q3_k", 220},     {12, "q4_k", 288},  {13, "q5_k", 352},
                              {14, "q6_k", 420},   {15, "q8_k", 584},    {16, "iq2_xxs", 132}, {17, "iq2_xs", 148},  {18, "iq3_xxs", 196}, {19, "iq1_s", 100},
                              {20, "iq4_nl", 288}, {21, "iq3_s", 220},   {22, "iq2_s", 164},  {23, "iq4_xs", 272},   {24, "i8", 512},    {25, "i16", 1024},
                              {26, "i32", 2048},   {27, "i64", 4096},    {28, "f64", 4096},   {29, "iq1_m", 112},    {30, "bf16", 1024}, {34, "tq1_0", 108},
                              {35, "tq2_0", 132},  {39, "mxfp4", 272},   {40, "nvfp4-gguf", 288}, {41, "q1_0", 72},  {42, "q2_0", 144}};

std::string message(const Result<GgufHeader>& result) {
  return result.problem ? result.problem->where + ": " + result.problem->message : std::string("no problem");
}
bool says(const Result<GgufHeader>& result, const std::string& part) { return message(result).find(part) != std::string::npos; }

struct Folder {
  std::filesystem::path path;
  explicit Folder(const std::string& name) : path(std::filesystem::temp_directory_path() / ("roofline-gguf-" + name + "-" + std::to_string(std::random_device{}()))) {
    std::filesystem::remove_all(path);
    std::filesystem::create_directories(path);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  std::filesystem::path write(const std::string& name, const std::string& bytes) const {
    std::ofstream(path / name, std::ios::binary) << bytes;
    return path / name;
  }
};

GgufWriter part(std::uint16_t number, std::uint16_t count, std::int32_t tensors, const std::string& tensor) {
  GgufWriter w;
  w.pair("split.no", 2, w.raw(number));
  w.pair("split.count", 2, w.raw(count));
  w.pair("split.tensors.count", 5, w.raw(tensors));
  if (number == 0) w.string("general.architecture", "llama");
  w.tensor(tensor, {32, 2}, 8, 68);
  return w;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(import_gguf)

BOOST_AUTO_TEST_CASE(every_tensor_type_in_every_version_and_byte_order) {
  for (const std::uint32_t version : {2U, 3U}) {
    for (const bool big : {false, true}) {
      GgufWriter w(version, big);
      w.string("general.architecture", "llama");
      for (const Expected& type : types) w.tensor(std::string("t.") + type.id, {256, 2}, type.number, type.bytes);
      const auto header = read(w.file());
      BOOST_REQUIRE_MESSAGE(header, message(header));
      BOOST_TEST(header.value->version == static_cast<int>(version));
      BOOST_TEST(header.value->big_endian == big);
      BOOST_TEST(header.value->header_bytes == w.header().size());
      BOOST_TEST(header.value->file_bytes == w.file().size());
      BOOST_REQUIRE(header.value->tensors.size() == std::size(types));
      for (std::size_t i = 0; i < std::size(types); ++i) {
        const GgufTensor& tensor = header.value->tensors[i];
        BOOST_TEST(tensor.type == types[i].id);
        BOOST_TEST(tensor.type_number == types[i].number);
        BOOST_TEST(tensor.bytes == static_cast<double>(types[i].bytes));
        BOOST_TEST(element_count(tensor) == 512U);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(unknown_and_removed_types_are_reported_by_number) {
  for (const std::uint32_t number : {4U, 5U, 31U, 33U, 36U, 38U, 43U, 142U, 4294967295U}) {
    GgufWriter w;
    w.tensor("t", {7}, number, 64);
    const auto header = read(w.file());
    BOOST_REQUIRE_MESSAGE(header, message(header));
    BOOST_TEST(header.value->tensors[0].type == "type " + std::to_string(number));
    BOOST_TEST(!header.value->tensors[0].bytes_known);
    BOOST_TEST(header.value->tensors[0].bytes == 0.0);
  }
}

BOOST_AUTO_TEST_CASE(values_of_every_kind) {
  for (const bool big : {false, true}) {
    GgufWriter w(3, big);
    w.pair("a", 0, w.raw(std::uint8_t{200}));
    w.pair("b", 1, w.raw(std::int8_t{-3}));
    w.pair("c", 2, w.raw(std::uint16_t{60000}));
    w.pair("d", 3, w.raw(std::int16_t{-300}));
    w.pair("e", 4, w.raw(std::uint32_t{4000000000U}));
    w.pair("f", 5, w.raw(std::int32_t{-5}));
    w.pair("g", 6, w.raw(1.5F));
    w.pair("h", 7, w.raw(std::uint8_t{1}));
    w.string("i", "text");
    w.pair("j", 10, w.raw(std::uint64_t{1} << 40U));
    w.pair("k", 11, w.raw(std::int64_t{-7}));
    w.pair("l", 12, w.raw(2.25));
    const auto header = read(w.file());
    BOOST_REQUIRE_MESSAGE(header, message(header));
    const auto& m = header.value->metadata;
    BOOST_TEST(std::get<std::uint64_t>(m.at("a")) == 200U);
    BOOST_TEST(std::get<std::int64_t>(m.at("b")) == -3);
    BOOST_TEST(std::get<std::uint64_t>(m.at("c")) == 60000U);
    BOOST_TEST(std::get<std::int64_t>(m.at("d")) == -300);
    BOOST_TEST(std::get<std::uint64_t>(m.at("e")) == 4000000000U);
    BOOST_TEST(std::get<std::int64_t>(m.at("f")) == -5);
    BOOST_TEST(std::get<double>(m.at("g")) == 1.5);
    BOOST_TEST(std::get<bool>(m.at("h")));
    BOOST_TEST(std::get<std::string>(m.at("i")) == "text");
    BOOST_TEST(std::get<std::uint64_t>(m.at("j")) == std::uint64_t{1} << 40U);
    BOOST_TEST(std::get<std::int64_t>(m.at("k")) == -7);
    BOOST_TEST(std::get<double>(m.at("l")) == 2.25);
  }
}

BOOST_AUTO_TEST_CASE(arrays_are_summarised_and_the_tokenizer_is_sized) {
  GgufWriter w;
  const std::string before = w.header();
  w.strings("tokenizer.ggml.tokens", std::vector<std::string>(100'000, "tok"));
  w.array("tokenizer.ggml.scores", 6, std::vector<float>(100'000, -1.0F));
  const std::size_t tokenizer = w.header().size() - before.size();
  w.array("llama.attention.head_count_kv", 5, std::vector<std::int32_t>{8, 4, 8});
  w.tensor("token_embd.weight", {32, 4}, 8, 136);
  const auto header = read(w.file());
  BOOST_REQUIRE_MESSAGE(header, message(header));
  BOOST_TEST(header.value->tokenizer_tokens == 100'000U);
  BOOST_TEST(header.value->tokenizer_bytes == tokenizer);
  const auto& tokens = std::get<ArraySummary>(header.value->metadata.at("tokenizer.ggml.tokens"));
  BOOST_TEST(tokens.element_type == "string");
  BOOST_TEST(tokens.first.size() == 8U);
  BOOST_TEST(tokens.bytes == 4U + 8U + 100'000U * (8U + 3U));
  BOOST_TEST(std::get<ArraySummary>(header.value->metadata.at("tokenizer.ggml.scores")).first.size() == 8U);
  const auto& heads = std::get<ArraySummary>(header.value->metadata.at("llama.attention.head_count_kv"));
  BOOST_REQUIRE(heads.first.size() == 3U);
  BOOST_TEST(std::get<std::int64_t>(heads.first[1]) == 4);
}

BOOST_AUTO_TEST_CASE(split_files_are_put_together_from_any_part) {
  const Folder folder("split");
  const auto first = folder.write("m-00001-of-00003.gguf", part(0, 3, 3, "a.weight").file());
  folder.write("m-00002-of-00003.gguf", part(1, 3, 3, "b.weight").file());
  const auto last = folder.write("m-00003-of-00003.gguf", part(2, 3, 3, "c.weight").file());
  for (const auto& path : {first, last}) {
    const auto header = read_gguf_file(path);
    BOOST_REQUIRE_MESSAGE(header, message(header));
    BOOST_REQUIRE(header.value->tensors.size() == 3U);
    BOOST_TEST(header.value->tensors[0].name == "a.weight");
    BOOST_TEST(header.value->tensors[2].part == 2U);
    BOOST_TEST(header.value->metadata.contains("general.architecture"));
    BOOST_TEST(header.value->file_bytes == std::filesystem::file_size(first) + 2 * std::filesystem::file_size(last));
  }
}

BOOST_AUTO_TEST_CASE(split_files_that_do_not_belong_together_are_refused) {
  const Folder folder("broken-split");
  const auto first = folder.write("m-00001-of-00002.gguf", part(0, 2, 2, "a.weight").file());
  BOOST_TEST(says(read_gguf_file(first), "m-00002-of-00002.gguf: no such file"));
  folder.write("m-00002-of-00002.gguf", part(1, 2, 2, "a.weight").file());
  BOOST_TEST(says(read_gguf_file(first), "'a.weight' stands in an earlier part"));
  folder.write("m-00002-of-00002.gguf", part(0, 2, 2, "b.weight").file());
  BOOST_TEST(says(read_gguf_file(first), "says it is part 1 of 2"));
  folder.write("m-00002-of-00002.gguf", "GGUF");
  BOOST_TEST(says(read_gguf_file(first), "m-00002-of-00002.gguf: byte 4"));
  const auto alone = folder.write("renamed.gguf", part(0, 2, 2, "a.weight").file());
  BOOST_TEST(says(read_gguf_file(alone), "must end in -00001-of-00002.gguf"));
  folder.write("n-00001-of-00002.gguf", part(0, 2, 5, "a.weight").file());
  folder.write("n-00002-of-00002.gguf", part(1, 2, 5, "b.weight").file());
  BOOST_TEST(says(read_gguf_file(folder.path / "n-00001-of-00002.gguf"), "hold 2 tensors, split.tensors.count says 5"));
}

// Llama 3.1 405B in F16: there is nothing behind the header here, so whoever asks for a byte of a tensor is at the end of the stream.
BOOST_AUTO_TEST_CASE(a_file_of_812_gb_is_read_by_its_header_alone) {
  GgufWriter w;
  w.string("general.architecture", "llama");
  const auto matrix = [&](const std::string& name, std::uint64_t length, std::uint64_t rows) { w.tensor(name, {length, rows}, 1, length * rows * 2); };
  matrix("token_embd.weight", 16384, 128256);
  matrix("output.weight", 16384, 128256);
  for (int layer = 0; layer < 126; ++layer) {
    const std::string blk = "blk." + std::to_string(layer) + ".";
    matrix(blk + "attn_q.weight", 16384, 16384);
    matrix(blk + "attn_k.weight", 16384, 1024);
    matrix(blk + "attn_v.weight", 16384, 1024);
    matrix(blk + "attn_output.weight", 16384, 16384);
    matrix(blk + "ffn_gate.weight", 16384, 53248);
    matrix(blk + "ffn_up.weight", 16384, 53248);
    matrix(blk + "ffn_down.weight", 53248, 16384);
  }
  // A layer: 16384 x (2 x 16384 + 2 x 1024 + 3 x 53248) = 3,187,671,040 weights; 126 of them and two tables of 2,101,346,304; 2 B each.
  constexpr std::uint64_t bytes = 2 * (126 * std::uint64_t{3187671040} + 2 * std::uint64_t{2101346304});
  const std::string header = w.header();
  const std::uint64_t file_size = (header.size() + 31) / 32 * 32 + bytes;
  std::istringstream in(header);
  const auto read = read_gguf(in, file_size);
  BOOST_TEST_REQUIRE(read.value.has_value());
  double sum = 0;
  for (const GgufTensor& tensor : read.value->tensors) sum += tensor.bytes;
  BOOST_TEST(sum == static_cast<double>(bytes));
  BOOST_TEST(read.value->file_bytes == file_size);
  // And a byte less than its last tensor needs is said.
  std::istringstream again(header);
  BOOST_TEST(!read_gguf(again, file_size - 1).value.has_value());
}

BOOST_AUTO_TEST_CASE(paths_that_are_no_files) {
  const Folder folder("paths");
  BOOST_TEST(says(read_gguf_file(folder.path), "not a regular file"));
  BOOST_TEST(says(read_gguf_file(folder.path / "none.gguf"), "no such file"));
  BOOST_TEST(says(read_gguf_file(folder.write("empty.gguf", "")), "byte 0"));
}

BOOST_AUTO_TEST_SUITE_END()
