// What the fields of each tool mean. A reader takes a record and hands over a row, or says what is wrong with it.
#pragma once

#include "import/results/record.hpp"

namespace roofline::import {

enum class Tool { none, own, llama_bench, llama_bench_table, ollama, ollama_log, vllm_serve, vllm_latency, rkllm };
Tool tool_of(const Record& record);
std::string_view to_string(Tool tool);

// Collects a row from a record; every mistake is kept with its place and the row is then dropped.
class RowReader {
 public:
  RowReader(const Record& record, std::vector<RowMessage>& problems) : record_(record), problems_(problems) {
    row_.line = record.line;
    row_.column = record.column;
  }

  [[nodiscard]] std::string text(std::string_view name) const;
  // Empty where the field is missing or blank; a message where it is no finite number in [low, high].
  std::optional<double> number(std::string_view name, double low, double high);
  std::optional<double> rate(std::string_view name);    // above zero
  std::optional<double> tokens(std::string_view name);  // zero or more
  std::optional<bool> flag(std::string_view name);
  void fail(std::string_view name, std::string message);
  [[nodiscard]] bool good() const { return good_; }
  ResultRow& row() { return row_; }
  [[nodiscard]] const Record& record() const { return record_; }

 private:
  const Record& record_;
  std::vector<RowMessage>& problems_;
  ResultRow row_;
  bool good_ = true;
};

// False: the record is none of a run (a warm-up chunk, a test that says nothing about one phase); no message then.
bool read_own(RowReader& in);
bool read_llama_bench(RowReader& in);
bool read_llama_bench_table(RowReader& in);
bool read_ollama(RowReader& in);
bool read_ollama_log(RowReader& in);
bool read_vllm_serve(RowReader& in);
bool read_vllm_latency(RowReader& in);
bool read_rkllm(RowReader& in);

// A number as a whole text: "12.5", "1e3". Nothing else around it.
std::optional<double> strict_number(std::string_view text);

}  // namespace roofline::import
