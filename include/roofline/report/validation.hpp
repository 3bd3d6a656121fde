// Measured runs beside their predictions, and the statistics over them -> text, JSON, CSV, Markdown.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "roofline/core/error_statistics.hpp"
#include "roofline/report/render.hpp"

namespace roofline::report {

// Rates are over all sequences of the batch, as measured.
struct JudgedPhase {
  double measured = 0;
  std::string from;  // "rate", or "ttft" where prefill is known by the time to the first token
  std::optional<double> ceiling, expected, low, high;
  std::optional<double> ratio;  // measured / expected
  std::optional<bool> inside_interval;
  std::string verdict;          // ok, above_ceiling, above_expected, below_expected, far_below, no_expectation, not_comparable
  std::vector<std::string> likely_reasons;
  bool counted = false;         // in the statistics
};

struct JudgedRun {
  std::string id;
  std::string file;
  int line = 0;
  bool judged = false;
  std::string reason;  // why not
  std::string device, mode, unit, engine, model, quantization, kind, quality;
  bool mode_stated = false;
  std::optional<int> prompt, generated, depth, batch;
  std::vector<std::string> notes;
  std::optional<JudgedPhase> decode, prefill;
};

struct StatisticsGroup {
  std::string by;    // device, engine, unit, quality, mode, batch
  std::string name;
  PhaseStatistics decode, prefill;
};

// A limit the user asked for.
struct ValidationGate {
  std::string option;  // --max-median-error
  std::string phase;
  double limit = 0;
  std::optional<double> value;  // empty: nothing to take it of
  bool met = false;
  std::string sentence;
};

struct Validation {
  std::vector<std::string> files;
  std::vector<JudgedRun> runs;  // in file order
  PhaseStatistics decode, prefill;
  std::vector<StatisticsGroup> groups;
  std::vector<ValidationGate> gates;
  std::vector<std::string> messages;  // rows that could not be read
  int not_counted = 0;                // judged, and kept out of the statistics by a rule
};

std::string validation_text(const Validation& validation, const TextStyle& style);
std::string validation_json(const Validation& validation);
std::string validation_csv(const Validation& validation);
std::string validation_markdown(const Validation& validation);

}  // namespace roofline::report
