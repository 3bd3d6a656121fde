#include "support/support.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <fstream>
#include <stdexcept>

#ifndef ROOFLINE_TESTS_DIR
#error "ROOFLINE_TESTS_DIR is set by tests/CMakeLists.txt"
#endif

namespace roofline::testing {
namespace {

template <class T>
const T& need(const db::Lookup<T>& lookup, const std::string& name) {
  if (lookup.value == nullptr) {
    std::string why = "no '" + name + "' in the database";
    for (const db::Diagnostic& diagnostic : lookup.diagnostics) why += "\n" + db::to_string(diagnostic);
    throw std::runtime_error(why);
  }
  return *lookup.value;
}

std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (const char c : line) {
    if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      fields.emplace_back();
    } else if (c != '\r') {
      fields.back() += c;
    }
  }
  return fields;
}

}  // namespace

db::Catalog& catalog() {
  static db::Catalog instance;
  return instance;
}

const Device& device(const std::string& name) { return need(catalog().device(name), name); }
const ModelSpec& model(const std::string& name) { return need(catalog().model(name), name); }
const Quantization& quantization(const std::string& name) { return need(catalog().quantization(name), name); }
const Engine& engine(const std::string& name) { return need(catalog().engine(name), name); }
const WeightFormat& format(const std::string& id) { return need(catalog().format(id), id); }

Workload workload(int prompt, int generated, int context, const std::string& kv) {
  Workload w;
  w.prompt = prompt;
  w.generated = generated;
  w.context = context;
  w.kv_k = w.kv_v = format(kv);
  return w;
}

Answer ask(const Asked& asked) {
  const auto found = catalog().device(asked.hw);
  const Device& hardware = need(found, asked.hw);
  const PowerMode* mode = asked.mode.empty() ? fastest_mode(hardware, found.firmware) : find_mode(hardware, asked.mode, found.firmware);
  if (!asked.mode.empty() && mode == nullptr) throw std::runtime_error("no mode " + asked.mode);
  Answer answer;
  answer.point = std::make_unique<OperatingPoint>(operating_point(hardware, mode));
  Question question;
  question.point = answer.point.get();
  question.model = &model(asked.model);
  question.engines = {&engine(asked.engine)};
  question.unit = asked.unit;
  question.quantization = asked.quant;
  question.workload = asked.work;
  question.find_quantization = [](const std::string& name) { return catalog().quantization(name).value; };
  question.find_calibration = [](const std::string& name) { return catalog().calibration(name).value; };
  answer.survey = survey(question);
  return answer;
}

std::vector<CsvRow> read_csv(const std::string& path_below_tests) {
  const std::string path = std::string(ROOFLINE_TESTS_DIR) + "/" + path_below_tests;
  std::ifstream file(path);
  if (!file) throw std::runtime_error("can not read " + path);
  std::string line;
  std::getline(file, line);
  const std::vector<std::string> header = split(line);
  std::vector<CsvRow> rows;
  while (std::getline(file, line)) {
    const std::vector<std::string> fields = split(line);
    if (fields.size() != header.size()) continue;
    CsvRow row;
    for (std::size_t i = 0; i < header.size(); ++i) row[header[i]] = fields[i];
    rows.push_back(std::move(row));
  }
  return rows;
}

double relative_error(double a, double b) { return std::abs(a / b - 1.0); }

}  // namespace roofline::testing
