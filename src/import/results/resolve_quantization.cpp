// "INT4 AWQ / FP16", "UD-Q4_K_XL", "Q4_K_M (ollama default, not stated)", "W4A16": the quantization an engine means by it.
#include <algorithm>

#include "import/results/record.hpp"
#include "import/results/resolver.hpp"

namespace roofline::import {
namespace {

// Of several an engine may mean, the first it is known to run here; else the first.
std::string candidate(const std::vector<std::string>& ids, const Engine& engine, UnitKind unit, const Device& device, const ModelSpec* model) {
  for (const std::string& id : ids) {
    const Support* cell = find_support(engine, unit, device.chip, id, model != nullptr ? model->family : "");
    if (cell != nullptr && !cell->refused) return id;
  }
  return ids.empty() ? "" : ids.front();
}

// The words before a name say how the file was made ("mostly", "QAT") or repeat the model; behind it nothing may follow.
const NameIndex::Hit* at_the_end(const NameIndex& index, const Words& words) {
  for (std::size_t begin = 0; begin < words.size(); ++begin) {
    if (const auto* hit = index.find(words, begin)) return hit;
  }
  return nullptr;
}

// Weights first, then what is said of the head or the vision part: "INT4 AWQ / FP16", "BF16 + FlashHead".
std::string first_part(const std::string& text) {
  return std::string(trimmed(text.substr(0, std::min({text.find('/'), text.find('+'), text.find("->"), text.size()}))));
}

}  // namespace

Answer resolve_quantization(const Book& book, const std::string& text, const std::string& model_text, const Engine& engine,
                            const std::string& version, const std::string& model, UnitKind unit, const Device& device) {
  const ModelSpec* spec = book.names.model ? book.names.model(model) : nullptr;
  const auto meant = [&](const std::string& name) -> Answer {
    const auto alias = engine.resolve.find(folded(name));
    if (alias != engine.resolve.end()) return {candidate(alias->second, engine, unit, device, spec), "", ""};
    if (const auto* hit = book.quantizations.find_text(name)) return {*hit->ids.begin(), "", ""};
    if (const auto* hit = book.quantizations.find(words_of(name))) {
      if (hit->ids.size() == 1) return {*hit->ids.begin(), "", ""};
      return {"", "quantization " + in_quotes(text) + " may be " + list_of(hit->ids), ""};
    }
    return {};
  };
  // Inside a longer text a phrase of one word may be about something else, as the 16 bit of a head.
  const auto by_rule = [&](const Words& words, bool whole, bool particular = false) -> Answer {
    for (const auto& match : book.matches(SpellingOf::quantization, words, engine.id, model, version)) {
      if (match.count != words.size() && (whole || match.count < 2)) continue;
      if (particular && match.spelling->engines.empty() && match.spelling->models.empty()) continue;
      if (!match.spelling->refused.empty()) return {"", "quantization " + in_quotes(text) + ": " + match.spelling->refused, ""};
      // What a rule means may itself be an engine's own name for something.
      Answer answer = meant(match.spelling->means);
      if (answer.id.empty()) answer.id = match.spelling->means;
      answer.reason.clear();
      answer.note = match.spelling->note.empty() ? "" : "quantization " + in_quotes(text) + ": " + match.spelling->note;
      return answer;
    }
    return {};
  };
  const auto done = [](const Answer& answer) { return !answer.id.empty() || !answer.reason.empty(); };

  if (trimmed(text).empty()) {
    const Words words = words_of(model_text.ends_with(".gguf") ? model_text.substr(0, model_text.size() - 5) : model_text);
    if (const auto* hit = at_the_end(book.quantizations, words); hit != nullptr && hit->ids.size() == 1) {
      return {*hit->ids.begin(), "", "the quantization is taken from the name " + in_quotes(model_text)};
    }
    return {"", "the quantization is not stated", ""};
  }
  const Words all = words_of(text);
  const std::string outside = outside_parentheses(text);
  const std::string weights = first_part(outside);
  // A name the database has means that entry, unless a rule says what this engine or model makes of it.
  if (Answer answer = by_rule(all, true, true); done(answer)) return answer;
  if (Answer answer = meant(text); done(answer)) return answer;
  if (Answer answer = by_rule(all, true); done(answer)) return answer;
  for (const std::string& part : {outside, weights}) {
    if (Answer answer = by_rule(words_of(part), true, true); done(answer)) return answer;
    if (Answer answer = meant(part); done(answer)) return answer;
    if (Answer answer = by_rule(words_of(part), true); done(answer)) return answer;
  }
  if (Answer answer = by_rule(all, false); done(answer)) return answer;
  const Words plain = book.without_ignored(SpellingOf::quantization, words_of(weights));
  if (const auto alias = engine.resolve.find(compact(plain)); alias != engine.resolve.end()) {
    return {candidate(alias->second, engine, unit, device, spec), "", ""};
  }
  for (const Words& words : {plain, all}) {
    const auto* hit = at_the_end(book.quantizations, words);
    if (hit != nullptr && hit->ids.size() == 1) return {*hit->ids.begin(), "", ""};
  }
  return {"", "quantization " + in_quotes(text) + " is not known", ""};
}

}  // namespace roofline::import
