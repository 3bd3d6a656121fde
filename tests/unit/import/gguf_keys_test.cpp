// Headers that do not say enough: every missing or impossible key is named at once.
#include <boost/test/unit_test.hpp>

#include "roofline/import/gguf_model.hpp"
#include "unit/import/gguf_writer.hpp"

using namespace roofline::import;
using roofline::testing::GgufWriter;
using roofline::testing::read_header;

BOOST_AUTO_TEST_SUITE(import_gguf_keys)

BOOST_AUTO_TEST_CASE(missing_and_wrong_keys_are_listed) {
  GgufWriter none;
  const auto silent = model_of(*read_header(none).value);
  BOOST_TEST(silent.problem.value().where == "general.architecture");

  GgufWriter llama;
  llama.string("general.architecture", "llama");
  llama.number("llama.block_count", 2000000);
  const auto problem = model_of(*read_header(llama).value).problem.value();
  for (const char* part : {"llama.embedding_length", "llama.context_length", "llama.attention.head_count", "llama.feed_forward_length", "vocabulary", "llama.block_count = 2000000"}) {
    BOOST_CHECK_MESSAGE(problem.message.find(part) != std::string::npos, part << " in: " << problem.message);
  }

  GgufWriter other;
  other.string("general.architecture", "mystery");
  other.number("mystery.block_count", 2);
  const auto unknown = model_of(*read_header(other).value).problem.value();
  BOOST_TEST(unknown.message.find("architecture 'mystery' is not known (known: arcee, ") == 0U);
  BOOST_TEST(unknown.message.find("missing: mystery.embedding_length") != std::string::npos);
  BOOST_TEST(unknown.message.find("mystery.block_count") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_name_that_is_none_is_not_repeated_at_length) {
  GgufWriter w;
  w.string("general.architecture", std::string(50'000, 'x'));
  const auto problem = model_of(*read_header(w).value).problem.value();
  BOOST_TEST(problem.where == "general.architecture");
  BOOST_TEST(problem.message.size() < 200U);
}

BOOST_AUTO_TEST_SUITE_END()
