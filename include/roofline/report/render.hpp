// Answers -> text and JSON. Each function is pure; nothing here reads the terminal or the environment.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "roofline/core/explain.hpp"
#include "roofline/core/survey.hpp"

namespace roofline::report {

struct TextStyle {
  int width = 80;      // columns to stay within
  bool color = false;  // ANSI emphasis
};

// Figures someone measured, as they were judged against one estimate.
struct Judged {
  const Estimate* estimate = nullptr;
  Phase phase = Phase::decode;
  double measured = 0;  // tokens/s
  std::string judgement;
  std::optional<double> ratio;  // measured / expected
  std::vector<std::string> likely_reasons;
};

// One demand of the user ("decode=30") on one estimate. Factors are demanded / offered: above 1 is short of it.
struct Gate {
  const Estimate* estimate = nullptr;  // null: no estimate to ask
  std::string demand;
  bool met = false;
  std::string reason;
  std::optional<double> factor_of_ceiling;
  std::optional<double> factor_of_expected;
};

// One answer with the question it belongs to. What it points to must outlive it.
struct Answer {
  const OperatingPoint* point = nullptr;
  const ModelSpec* model = nullptr;
  std::string quantization;        // as asked for
  Workload workload;
  std::vector<std::string> notes;  // how the question was read: power mode, defaults, overrides
  Survey survey;
  std::optional<Bytes> disk;       // free space the file has to fit
  std::vector<Estimate> would_fit;  // other quantizations that fit where the first supported estimate does not
  std::vector<Judged> judged;
  std::vector<Gate> gates;
};

// The first supported estimate: the one the summary lines speak of; null if every combination refuses.
const Estimate* leading(const Survey& survey);

// What people call a quantization: files of another container go by the name of the quantization they are a form of.
const std::string& shown_id(const Quantization& quantization);

// Main job. JSON contract: docs/json.md.
std::string survey_text(const Answer& answer, const TextStyle& style);
std::string survey_json(const Answer& answer);
// Every step behind one estimate, `steps` being explain(estimate).
std::string explain_text(const Answer& answer, const Estimate& estimate, const std::vector<Step>& steps, const TextStyle& style);
std::string explain_json(const Answer& answer, const Estimate& estimate, const std::vector<Step>& steps);

}  // namespace roofline::report
