// report/render.hpp: the layout of the text, on answers made by hand.
#include "roofline/report/render.hpp"

#include <boost/test/unit_test.hpp>

#include "unit/report/answer_fixture.hpp"

using namespace roofline;

BOOST_FIXTURE_TEST_SUITE(report_text, test::AnswerFixture)

BOOST_AUTO_TEST_CASE(text_says_what_matters) {
  const std::string text = report::survey_text(answer, {200, false});
  for (const char* part : {"Model 1B", "int4", "Some Board", "10.0 GB/s", "FITS", "32,768 tokens", "5.00", "4.00 (3.20-5.00)", "> 400 ms",
                           "int4 is not offered on this NPU", "w8a8 is: 4.00 tok/s", "NVMe", "pinned to 4 cores", "18 runs"}) {
    BOOST_TEST(text.find(part) != std::string::npos, part);
  }
  BOOST_TEST(text.find('\x1b') == std::string::npos);
}

BOOST_AUTO_TEST_CASE(text_stays_within_the_width) {
  for (const int width : {60, 80, 120, 200}) BOOST_TEST(test::longest_line(report::survey_text(answer, {width, false})) <= static_cast<std::size_t>(width));
}

// 512 tokens at 2,048 tok/s and one step of 250 ms.
BOOST_AUTO_TEST_CASE(time_to_first_token_says_when_it_is_rough) {
  Estimate& e = answer.survey.estimates[0];
  Expectation x;
  x.phase = e.prefill;
  x.phase.time = 0.25 * unit::s;
  x.low = 1600.0 * unit::token / unit::s;
  x.high = 2500.0 * unit::token / unit::s;
  e.expected_prefill = x;
  e.ttft = 0.5 * unit::s;
  std::string text = report::survey_text(answer, {200, false});
  BOOST_TEST(text.find("500 ms") != std::string::npos);
  BOOST_TEST(text.find("~") == std::string::npos);
  e.expected_prefill->low = 1024.0 * unit::token / unit::s;  // 500 ms of prefill
  e.expected_prefill->high = 4096.0 * unit::token / unit::s;  // 125 ms
  text = report::survey_text(answer, {200, false});
  BOOST_TEST(text.find("~500 ms") != std::string::npos);
  BOOST_TEST(text.find("TTFT 375 ms to 750 ms (80 %)") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(one_run_is_one_run) {
  answer.survey.estimates[0].evidence.runs = 1;
  for (const int width : {60, 200}) {
    const std::string text = report::survey_text(answer, {width, false});
    BOOST_TEST(text.find("1 runs") == std::string::npos);
    BOOST_TEST(text.find("1 run,") != std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(what_would_fit_says_on_what) {
  Estimate& e = answer.survey.estimates[0];
  e.verdict.verdict = Verdict::does_not_fit;
  answer.would_fit = {supported(vendor, 1, w8)};
  BOOST_TEST(report::survey_text(answer, {120, false}).find("would fit: w8a8 (NPU RKLLM, 2.18 GiB, 4.00 tok/s)") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(colour_only_where_asked) {
  BOOST_TEST(report::survey_text(answer, {80, true}).find("\x1b[32m") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_does_not_fit_says_by_how_much) {
  Estimate& e = answer.survey.estimates[0];
  e.memory.weights = 16.0 * unit::GiB - e.memory.kv_cache - e.memory.compute_buffer;
  e.verdict = {Verdict::does_not_fit, 16.0 * unit::GiB, 8.0 * unit::GiB, 8.0 * unit::GiB, -8.0 * unit::GiB, 0, "the weights alone are more than the usable memory"};
  const std::string text = report::survey_text(answer, {});
  BOOST_TEST(text.find("DOES NOT FIT, 8.00 GiB short, 2.00x of what is usable") != std::string::npos);
  BOOST_TEST(json().at("memory").at("verdict") == "does_not_fit");
  BOOST_TEST(json().at("memory").at("margin_bytes") == -8589934592);
}

BOOST_AUTO_TEST_SUITE_END()
