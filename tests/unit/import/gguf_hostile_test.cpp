// Files that lie, end early or were damaged: a Problem that names a byte, bounded memory, never a crash.
#include <boost/test/unit_test.hpp>
#include <random>

#include "roofline/import/gguf_model.hpp"
#include "unit/import/gguf_writer.hpp"

using namespace roofline::import;
using roofline::testing::GgufWriter;
using roofline::testing::read;

namespace {

std::string message(const Result<GgufHeader>& result) {
  return result.problem ? result.problem->where + ": " + result.problem->message : std::string("no problem");
}
void check_says(const std::string& bytes, const std::string& part, const GgufLimits& limits = {}) {
  const auto result = read(bytes, limits);
  BOOST_CHECK_MESSAGE(message(result).find(part) != std::string::npos, "'" << part << "' in: " << message(result));
}

GgufWriter small_model(bool big = false) {
  GgufWriter w(3, big);
  w.string("general.architecture", "llama");
  w.number("llama.block_count", 1);
  w.number("llama.embedding_length", 32);
  w.number("llama.context_length", 64);
  w.array("llama.feed_forward_length", 5, std::vector<std::int32_t>{64});
  w.number("llama.attention.head_count", 2);
  w.array("llama.attention.head_count_kv", 4, std::vector<std::uint32_t>{1});
  w.number("llama.expert_count", 4);
  w.number("llama.expert_used_count", 2);
  w.strings("tokenizer.ggml.tokens", {"a", "b", "", "d"});
  w.pair("general.flag", 7, w.raw(std::uint8_t{0}));
  w.tensor("token_embd.weight", {32, 4}, 8, 136);
  w.tensor("blk.0.attn_norm.weight", {32}, 0, 128);
  w.tensor("blk.0.ffn_up_exps.bias", {64, 4}, 0, 1024);
  return w;
}

// Whatever is read is also turned into a model, the way the program does.
bool survives(const std::string& bytes) {
  GgufLimits limits;
  limits.memory_bytes = 16U << 20U;
  const auto header = read(bytes, limits);
  if (!header) return !header.problem->message.empty() && header.problem->where.rfind("byte ", 0) == 0;
  const auto model = model_of(*header.value);
  return model.value.has_value() != model.problem.has_value();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(import_gguf_hostile)

BOOST_AUTO_TEST_CASE(what_is_no_gguf_file) {
  check_says("", "byte 0: the file ends inside the magic");
  check_says("PK\x03\x04 something else", "byte 0: not a GGUF file");
  check_says(GgufWriter(1).file(), "byte 4: GGUF version 1 is not read");
  check_says(GgufWriter(1, true).file(), "byte 4: GGUF version 1 is not read");
  check_says(GgufWriter(0).file(), "version 0 is not known");
  check_says(GgufWriter(4).file(), "version 4 is not known");
}

BOOST_AUTO_TEST_CASE(every_truncation_is_a_problem) {
  for (const bool big : {false, true}) {
    const std::string whole = small_model(big).file();
    BOOST_REQUIRE(read(whole));
    // The last tensor ends with the file, so that not one byte can be missing.
    for (std::size_t length = 0; length < whole.size(); ++length) {
      const auto result = read(whole.substr(0, length));
      BOOST_REQUIRE_MESSAGE(!result, "cut to " << length);
      BOOST_REQUIRE(result.problem->where.rfind("byte ", 0) == 0);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_file_shorter_than_stated_is_a_problem) {
  const std::string whole = small_model().file();
  for (std::size_t length = 0; length < small_model().header().size(); length += 7) {
    std::istringstream in(whole.substr(0, length));
    BOOST_TEST(!read_gguf(in, whole.size()));
  }
}

BOOST_AUTO_TEST_CASE(a_header_alone_is_read_where_that_is_asked_for) {
  GgufLimits limits;
  limits.data_present = false;
  BOOST_TEST(read(small_model().header(), limits).value.has_value());
  check_says(small_model().header(), "the file ends before its tensors do");
}

BOOST_AUTO_TEST_CASE(seeded_mutations_never_crash) {
  std::mt19937 random(20240229);
  for (const bool big : {false, true}) {
    const std::string whole = small_model(big).file();
    const std::size_t interesting = small_model(big).header().size();
    for (int round = 0; round < 20'000; ++round) {
      std::string bytes = whole;
      for (unsigned flips = 1 + random() % 4; flips > 0; --flips) {
        constexpr unsigned char values[] = {0, 1, 2, 8, 9, 0x7F, 0x80, 0xFF};
        const std::size_t at = random() % interesting;
        bytes[at] = random() % 2 == 0 ? static_cast<char>(values[random() % std::size(values)]) : static_cast<char>(bytes[at] ^ (1 << random() % 8));
      }
      if (random() % 8 == 0) bytes.erase(random() % bytes.size(), 1 + random() % 16);
      BOOST_REQUIRE_MESSAGE(survives(bytes), "round " << round);
    }
  }
}

BOOST_AUTO_TEST_CASE(every_byte_by_every_extreme_never_crashes) {
  const std::string whole = small_model().file();
  for (std::size_t at = 0; at < small_model().header().size(); ++at) {
    for (const int value : {0x00, 0x01, 0x09, 0x7F, 0x80, 0xFF}) {
      std::string bytes = whole;
      bytes[at] = static_cast<char>(value);
      BOOST_REQUIRE_MESSAGE(survives(bytes), "byte " << at);
    }
  }
}

BOOST_AUTO_TEST_CASE(counts_and_lengths_are_checked_before_memory_is_asked_for) {
  const GgufWriter w;
  const std::uint64_t huge = 0xFFFFFFFFFFFFFFFFU;
  const std::string start = "GGUF" + w.raw(std::uint32_t{3});
  check_says(start + w.raw(huge) + w.raw(std::uint64_t{0}), "byte 8: tensor count 18446744073709551615; at most");
  check_says(start + w.raw(std::uint64_t{100'000}) + w.raw(std::uint64_t{0}), "100000 tensor entries of at least 24 bytes do not fit");
  check_says(start + w.raw(std::uint64_t{0}) + w.raw(std::uint64_t{60'000}), "60000 metadata pairs of at least 13 bytes do not fit");
  GgufWriter text;
  text.pair("k", 8, text.raw(huge));
  check_says(text.file(), "a metadata string of 18446744073709551615 bytes");
  for (std::uint32_t type = 0; type <= 12; ++type) {
    GgufWriter array;
    array.pair("k", 9, array.raw(type) + array.raw(huge));
    check_says(array.file(), "array elements of at least");
  }
}

BOOST_AUTO_TEST_CASE(limits_hold) {
  GgufLimits limits;
  limits.memory_bytes = 4096;
  GgufWriter many;
  for (int i = 0; i < 200; ++i) many.number("key." + std::to_string(i), 1);
  check_says(many.file(), "more than 4096 bytes of memory", limits);
  limits = {};
  limits.header_bytes = 100;
  check_says(small_model().file(), "longer than 100 bytes", limits);
  limits = {};
  limits.kept_string_bytes = 3;
  const auto cut = read(small_model().file(), limits);
  BOOST_REQUIRE(cut);
  BOOST_TEST(std::get<std::string>(cut.value->metadata.at("general.architecture")) == "lla");
}

BOOST_AUTO_TEST_CASE(arrays_within_arrays_end) {
  GgufWriter w;
  std::string nested = w.raw(std::uint32_t{4}) + w.raw(std::uint64_t{1}) + w.raw(std::uint32_t{7});
  for (int depth = 0; depth < 2; ++depth) nested = w.raw(std::uint32_t{9}) + w.raw(std::uint64_t{1}) + nested;
  w.pair("k", 9, nested);
  BOOST_TEST(read(w.file()).value.has_value());
  for (int depth = 0; depth < 10'000; ++depth) nested = w.raw(std::uint32_t{9}) + w.raw(std::uint64_t{1}) + nested;
  GgufWriter deep;
  deep.pair("k", 9, nested);
  check_says(deep.file(), "arrays within arrays");
}

BOOST_AUTO_TEST_CASE(what_contradicts_itself) {
  GgufWriter twice;
  twice.number("a.key", 1);
  twice.number("a.key", 2);
  check_says(twice.file(), "metadata key 'a.key' stands twice");
  GgufWriter tensors;
  tensors.tensor("t", {32}, 0, 128);
  tensors.tensor("t", {32}, 0, 128);
  check_says(tensors.file(), "tensor 't' stands twice");
  GgufWriter odd;
  odd.tensor("t", {100, 2}, 12, 64);
  check_says(odd.file(), "rows of 100 are no whole number of q4_k blocks of 256");
  GgufWriter vast;
  vast.tensor("t", {std::uint64_t{1} << 40U, std::uint64_t{1} << 40U}, 0, 64);
  check_says(vast.file(), "too many elements");
  GgufWriter flat;
  flat.tensor("t", {1, 1, 1, 1, 1}, 0, 64);
  check_says(flat.file(), "5 dimensions");
  GgufWriter truth;
  truth.pair("k", 7, truth.raw(std::uint8_t{2}));
  check_says(truth.file(), "a truth value of 2");
  GgufWriter kind;
  kind.pair("k", 13, "");
  check_says(kind.file() + std::string(32, '\0'), "value type 13 is not known");
  GgufWriter aligned;
  aligned.number("general.alignment", 24);
  check_says(aligned.file(), "no power of two");
  GgufWriter key;
  key.number("a\x01" "b", 24);
  check_says(key.file(), "'a?b' is empty or no plain ASCII");
  GgufWriter split;
  split.number("split.count", 2);
  split.number("split.no", 2);
  check_says(split.file(), "split.no 2 of split.count 2");
}

BOOST_AUTO_TEST_SUITE_END()
