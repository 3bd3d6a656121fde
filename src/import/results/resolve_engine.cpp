// "llama.cpp (CUDA)", "ollama or llama.cpp", "TensorRT-LLM 0.7.1": the engine, and the unit its backend names.
#include <algorithm>

#include "import/results/resolver.hpp"

namespace roofline::import {
namespace {

// "0.7.1", "v0.12", "b6077": a build, not a name.
bool is_version(const std::string& word) {
  const std::size_t digits = word.find_first_of("0123456789");
  return digits != std::string::npos && digits <= 1 && word.find_first_not_of("0123456789.", digits) == std::string::npos;
}

void read_unit(const Book& book, const Words& words, EngineAnswer& answer) {
  for (const auto& match : book.matches(SpellingOf::unit, words)) {
    if (answer.backend.empty()) answer.backend = match.spelling->backend;
    if (!match.spelling->means.empty() && !answer.unit) answer.unit = unit_kind_from(match.spelling->means);
  }
}

// Engines that share their constants run the same kernels: which of them it was makes no difference to a prediction.
std::string pool_of(const Book& book, const std::string& id) {
  const Engine* engine = book.names.engine ? book.names.engine(id) : nullptr;
  return engine != nullptr && !engine->calibration.empty() ? engine->calibration : id;
}

void choose(const Book& book, const std::vector<NameIndex::Window>& windows, const std::string& text, EngineAnswer& answer) {
  std::set<std::string> ids;
  std::set<std::string> pools;
  std::string first;
  for (const auto& window : windows) {
    for (const std::string& id : window.hit->ids) {
      if (first.empty()) first = id;
      ids.insert(id);
      pools.insert(pool_of(book, id));
    }
  }
  if (pools.size() > 1) {
    answer.reason = "engine " + in_quotes(text) + " names several: " + list_of(ids);
    return;
  }
  answer.id = first;
  if (ids.size() > 1) answer.note = "engine " + in_quotes(text) + " is taken as " + first + "; they run the same kernels";
}

}  // namespace

EngineAnswer resolve_engine(const Book& book, const std::string& text) {
  EngineAnswer answer;
  const Words all = words_of(text);
  if (all.empty()) {
    answer.reason = "the engine is not stated";
    return answer;
  }
  read_unit(book, all, answer);
  for (const auto& match : book.matches(SpellingOf::engine, all)) {
    if (!match.spelling->refused.empty()) {
      answer.reason = "engine " + in_quotes(text) + ": " + match.spelling->refused;
      return answer;
    }
    answer.id = match.spelling->means;
    answer.note = match.spelling->note;
    return answer;
  }
  if (const auto* hit = book.engines.find(all); hit != nullptr && hit->ids.size() == 1) {
    answer.id = *hit->ids.begin();
    return answer;
  }
  // What stands in parentheses qualifies the name; in the name itself every word has to be understood.
  const Words words = words_of(outside_parentheses(text));
  const auto windows = book.engines.windows(words);
  std::vector<bool> known(words.size(), false);
  for (const auto& window : windows) std::fill_n(known.begin() + static_cast<std::ptrdiff_t>(window.begin), window.count, true);
  for (const auto& match : book.matches(SpellingOf::unit, words)) std::fill_n(known.begin() + static_cast<std::ptrdiff_t>(match.begin), match.count, true);
  for (std::size_t i = 0; i < words.size(); ++i) {
    std::size_t count = 0;
    if (book.ignored(SpellingOf::engine, words, i, count)) std::fill_n(known.begin() + static_cast<std::ptrdiff_t>(i), count, true);
    if (!known[i] && !is_version(words[i])) {
      answer.reason = "engine " + in_quotes(text) + " is not known";
      return answer;
    }
  }
  if (windows.empty()) {
    answer.reason = "engine " + in_quotes(text) + " is not known";
    return answer;
  }
  choose(book, windows, text, answer);
  return answer;
}

}  // namespace roofline::import
