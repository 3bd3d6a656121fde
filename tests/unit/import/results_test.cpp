// Result files of each tool as their documents show them, and files that no tool wrote.
#include "roofline/import/results.hpp"

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <iterator>

using namespace roofline::import;
namespace tt = boost::test_tools;

namespace {

Results read(const char* name) {
  std::ifstream file(std::string(ROOFLINE_TESTS_DIR) + "/data/results/" + name, std::ios::binary);
  BOOST_REQUIRE(file.good());
  return read_results(std::string(std::istreambuf_iterator<char>(file), {}));
}

std::string said(const Results& results) {
  std::string out;
  for (const RowMessage& m : results.problems) out += std::to_string(m.line) + ":" + std::to_string(m.column) + ": " + m.message + "\n";
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(import_results)

BOOST_AUTO_TEST_CASE(llama_bench_json) {
  const Results r = read("llama_bench.json");
  BOOST_TEST(r.format == "llama-bench (JSON)");
  BOOST_TEST(said(r) == "");
  BOOST_TEST_REQUIRE(r.rows.size() == 2U);
  const ResultRow& prefill = r.rows[0];
  BOOST_TEST(prefill.line == 2);
  BOOST_TEST(prefill.device == "NVIDIA GeForce RTX 4080");
  BOOST_TEST(prefill.engine == "llama.cpp (CUDA)");
  BOOST_TEST(prefill.engine_version == "b5163 (8cf427ff)");
  BOOST_TEST(prefill.model == "Qwen2.5-7B-Instruct-Q4_K_M.gguf");
  BOOST_TEST(*prefill.prefill_tokens_per_second == 7100.002165);
  BOOST_TEST(*prefill.prompt == 512.0);
  BOOST_TEST(!prefill.decode_tokens_per_second);
  BOOST_TEST(!prefill.flash_attention);  // -1: automatic
  const ResultRow& decode = r.rows[1];
  BOOST_TEST(*decode.decode_tokens_per_second == 118.881588);
  BOOST_TEST(*decode.generated == 128.0);
  BOOST_TEST(*decode.depth == 0.0);
  BOOST_TEST(decode.phases_apart);
  BOOST_TEST(decode.date == "2025-04-24");
  BOOST_TEST(decode.kv_type == "f16");
}

BOOST_AUTO_TEST_CASE(llama_bench_markdown) {
  const Results r = read("llama_bench.md");
  BOOST_TEST_REQUIRE(r.rows.size() == 4U);
  BOOST_TEST(*r.rows[0].prefill_tokens_per_second == 7340.20);
  BOOST_TEST(*r.rows[1].decode_tokens_per_second == 120.60);
  BOOST_TEST(*r.rows[3].decode_tokens_per_second == 116.71);
  BOOST_TEST(*r.rows[3].depth == 512.0);
  // One rate over both phases is a rate of neither.
  BOOST_TEST(said(r).find("11:82: a combined test (pp+tg)") == 0U, said(r));
}

BOOST_AUTO_TEST_CASE(llama_bench_sql) {
  const Results r = read("llama_bench.sql");
  BOOST_TEST(said(r) == "");
  BOOST_TEST_REQUIRE(r.rows.size() == 1U);
  BOOST_TEST(*r.rows[0].decode_tokens_per_second == 119.915244);
  BOOST_TEST(r.rows[0].device == "NVIDIA GeForce RTX 4080");
}

BOOST_AUTO_TEST_CASE(ollama_responses_and_logs) {
  const Results r = read("ollama.jsonl");
  BOOST_TEST(said(r) == "");
  BOOST_TEST_REQUIRE(r.rows.size() == 2U);  // a streamed chunk measures nothing
  const ResultRow& api = r.rows[0];
  BOOST_TEST(api.model == "gemma3:4b");
  BOOST_TEST(*api.decode_tokens_per_second == 18 / 0.052479709, tt::tolerance(1e-9));
  BOOST_TEST(*api.prefill_tokens_per_second == 11 / 0.013074791, tt::tolerance(1e-9));
  BOOST_TEST(api.quantization == "ollama default tag");
  const ResultRow& log = r.rows[1];
  BOOST_TEST(log.device == "agx-orin");
  BOOST_TEST(*log.prefill_tokens_per_second == 11435.0);
  BOOST_TEST(*log.generated == 110.0);
  BOOST_TEST(log.engine == "ollama");
}

BOOST_AUTO_TEST_CASE(vllm_serve_at_one_request_is_decode_alone) {
  const Results one = read("vllm_serve.json");
  BOOST_TEST_REQUIRE(one.rows.size() == 1U);
  // TPOT 22.5 ms: 44.44 tok/s; 40960 / 20 prompt and 2560 / 20 generated tokens a request.
  BOOST_TEST(*one.rows[0].decode_tokens_per_second == 1000 / 22.5, tt::tolerance(1e-9));
  BOOST_TEST(*one.rows[0].prompt == 2048.0);
  BOOST_TEST(*one.rows[0].generated == 128.0);
  BOOST_TEST(*one.rows[0].ttft_ms == 140.0);
  BOOST_TEST((one.rows[0].kind == roofline::RunKind::decode));
  const Results eight = read_results(R"({"model_id":"m","max_concurrency":8,"completed":8,"total_input_tokens":80,"total_output_tokens":80,
    "output_throughput":200.5,"mean_ttft_ms":900,"mean_tpot_ms":30})");
  BOOST_TEST_REQUIRE(eight.rows.size() == 1U);
  BOOST_TEST(*eight.rows[0].decode_tokens_per_second == 200.5);
  BOOST_TEST((eight.rows[0].kind == roofline::RunKind::end_to_end));
  BOOST_TEST(!eight.rows[0].ttft_ms);  // requests waited for their turn
}

BOOST_AUTO_TEST_CASE(vllm_latency_is_of_the_whole_request) {
  const Results r = read_results(R"({"avg_latency": 2.5, "latencies": [2.4, 2.6], "percentiles": {"50": 2.5}})");
  BOOST_TEST_REQUIRE(r.rows.size() == 1U);
  BOOST_TEST(*r.rows[0].latency_ms == 2500.0);
  BOOST_TEST(!r.rows[0].decode_tokens_per_second);
}

BOOST_AUTO_TEST_CASE(rkllm_tables_name_the_chip_above_them) {
  const Results r = read("rkllm.md");
  BOOST_TEST_REQUIRE(r.rows.size() == 4U);
  BOOST_TEST(r.rows[0].device == "RK3588");
  BOOST_TEST(r.rows[0].model == "Qwen2-0.5B");
  BOOST_TEST(*r.rows[0].ttft_ms == 145.90);
  BOOST_TEST(*r.rows[0].decode_tokens_per_second == 41.58);
  BOOST_TEST(*r.rows[0].memory_mb == 669.56);
  BOOST_TEST(r.rows[3].device == "RK3576");
  BOOST_TEST(r.rows[3].model == "Qwen2-0.5B");  // from the row above
  BOOST_TEST(r.rows[3].quantization == "w4a16_g128");
  BOOST_TEST(said(r).find("21:1: none of the fields") == 0U, said(r));
}

BOOST_AUTO_TEST_CASE(own_columns_in_any_order) {
  const Results r = read_results("model,colour,decode_tps,id,notes\nm,red,12.5,a,\"one, \"\"two\"\"\nthree\"\r\nm,blue,x,b,\nm,green,0,c,\nm,only,13\nm,grey,14,d,\n");
  BOOST_TEST_REQUIRE(r.rows.size() == 2U);
  BOOST_TEST(r.rows[0].notes == "one, \"two\"\nthree");
  BOOST_TEST(*r.rows[1].decode_tokens_per_second == 14.0);
  BOOST_TEST(said(r) ==
             "4:8: decode_tps: 'x' is no number\n"
             "5:9: decode_tps: must be above zero; leave it empty where it is not known\n"
             "6:1: the row has 3 fields, the header 5\n");
  BOOST_TEST_REQUIRE(r.notes.size() == 1U);
  BOOST_TEST(r.notes[0].message == "column 'colour' is not known and not used");
}

BOOST_AUTO_TEST_CASE(numbers_are_read_strictly) {
  for (const char* wrong : {"12,5", "12.5 tok/s", "0x10", "nan", "inf", "1e400", "--1", "1_000", "12.5.1"}) {
    const Results r = read_results("model;decode_tps\n");
    BOOST_TEST(r.rows.empty());
    const Results quoted = read_results("model,decode_tps\nm,\"" + std::string(wrong) + "\"\n");
    BOOST_TEST(quoted.rows.empty(), wrong);
    BOOST_TEST(quoted.problems.size() == 1U, wrong);
  }
  BOOST_TEST(*read_results("model,decode_tps\nm, 1.5e1 \n").rows.at(0).decode_tokens_per_second == 15.0);
}

BOOST_AUTO_TEST_CASE(one_broken_line_does_not_take_the_others_with_it) {
  const Results lines = read_results(
      "{\"model\":\"a\",\"decode_tps\":1.0,\"decode_tokens\":5}\n{\"model\":\"b\",\"decode_tps\":\n{\"model\":\"c\",\"decode_tps\":2.0,\"decode_tokens\":5}\n"
      "{\"model\":\"d\",\"decode_tps\":tru,\"decode_tokens\":5}\n{\"model\":\"e\",\"decode_tps\":\"x\",\"decode_tokens\":5}\n");
  BOOST_TEST_REQUIRE(lines.rows.size() == 2U, said(lines));
  BOOST_TEST(lines.rows[1].model == "c");
  BOOST_TEST(said(lines) ==
             "2:1: the JSON object that begins here does not end\n"
             "4:30: this is no valid JSON\n"
             "5:14: decode_tps: 'x' is no number\n");
  const Results quote = read_results("model,decode_tps\na,1\nb,\"2\nc,3\nd,4\n");
  BOOST_TEST(said(quote).find("3:3: the quote opened here is not closed") == 0U, said(quote));
  BOOST_TEST(quote.rows.size() == 3U);
}

BOOST_AUTO_TEST_CASE(hostile_files_cost_little) {
  ResultLimits limits;
  std::vector<std::string> files{
      "", "\n\n\n", std::string(1000, '\0'), "\xff\xfe\xff\xfe", "{", "[", "[[[[", "}{", "|", "|||\n|--|\n|", "\"", "a,b\n\"", "INSERT INTO", "INSERT INTO x (a", "insert into x (a) values ('",
      "a,decode_tps\n" + std::string(100'000, '"'), std::string(200'000, '['), std::string(200'000, '{'), "{\"a\":" + std::string(200'000, '[') + "}",
      "decode_tps,model\n" + std::string(100'000, ','), "decode_tps,model\n" + std::string(70'000, '9') + ",m\n", "decode_tps,model\n1\0,m\n", "# " + std::string(100'000, 'h') + "\n| t/s | test |\n|--|--|\n| 1 | pp5 |\n",
      "| t/s | test |\n|--|--|\n| 1 | pp | \n| -1 | tg5 |\n| 5 | pp99999999999999 |\n| 5 | @d5 |\n"};
  for (int i = 0; i < 5'000; ++i) files.back() += "| x | pp5 |\n";
  for (const std::string& text : files) {
    const Results r = read_results(text, limits);
    BOOST_TEST(r.problems.size() <= limits.messages + 1);
    BOOST_TEST((!r.problems.empty() || !r.rows.empty()));
    for (const RowMessage& problem : r.problems) BOOST_TEST(problem.message.size() < 400U);
  }
  limits.file_bytes = 10;
  BOOST_TEST(said(read_results("model,decode_tps\nm,1\n", limits)).find("a file of 21 bytes; at most 10") != std::string::npos);
  limits = {};
  limits.rows = 2;
  const Results many = read_results("model,decode_tps\na,1\nb,2\nc,3\n", limits);
  BOOST_TEST(many.rows.size() == 2U);
  BOOST_TEST(said(many).find("only the first 2 rows") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
