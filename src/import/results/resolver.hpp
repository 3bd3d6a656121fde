// The parts of the resolver: one for each kind of name, over the same indices and rules.
#pragma once

#include "import/results/words.hpp"
#include "roofline/import/resolve.hpp"

namespace roofline::import {

// A rule with its phrases as words.
struct Rule {
  const Spelling* spelling = nullptr;
  std::vector<Words> phrases;
};

struct Answer {
  std::string id;      // empty: unresolved
  std::string reason;  // why
  std::string note;    // what was read into it
};

struct Book {
  explicit Book(Names given);

  Names names;
  std::vector<Rule> rules;
  NameIndex devices, engines, models, quantizations;
  NameIndex plain_models;  // model names without the words that say nothing

  // Rules of one subject that apply to the run, whose phrase stands in `words`; the longest phrase first.
  struct Match {
    const Spelling* spelling = nullptr;
    std::size_t begin = 0, count = 0;
  };
  [[nodiscard]] std::vector<Match> matches(SpellingOf of, const Words& words, const std::string& engine = {}, const std::string& model = {},
                                           const std::string& version = {}) const;
  [[nodiscard]] bool ignored(SpellingOf of, const Words& words, std::size_t at, std::size_t& count) const;
  // Words without those that say nothing about which entry of the kind is meant.
  [[nodiscard]] Words without_ignored(SpellingOf of, const Words& words) const;
};

struct EngineAnswer : Answer {
  std::optional<UnitKind> unit;  // what its backend names
  std::string backend;
};
EngineAnswer resolve_engine(const Book& book, const std::string& text);

struct DeviceAnswer : Answer {
  std::string firmware;
  std::string alias;  // the name that selects it
};
DeviceAnswer resolve_device(const Book& book, const std::string& text, const std::string& variant);

Answer resolve_model(const Book& book, const std::string& text);

// `model_text` may carry the quantization where no column does ("llama-2-7b.Q4_0.gguf").
Answer resolve_quantization(const Book& book, const std::string& text, const std::string& model_text, const Engine& engine,
                            const std::string& version, const std::string& model, UnitKind unit, const Device& device);

struct ModeAnswer : Answer {
  bool stated = false;  // a mode, or that clocks were at their maximum
};
ModeAnswer resolve_mode(const Book& book, const std::string& text, const Device& device, const std::string& firmware);

std::string in_quotes(const std::string& text);
std::string list_of(const std::set<std::string>& ids);

}  // namespace roofline::import
