#include <algorithm>

#include "import/results/record.hpp"
#include "import/results/resolver.hpp"

namespace roofline::import {

std::string in_quotes(const std::string& text) { return quoted(text); }

std::string list_of(const std::set<std::string>& ids) {
  std::string out;
  for (const std::string& id : ids) out += (out.empty() ? "" : ", ") + id;
  return out;
}

Book::Book(Names given) : names(std::move(given)) {
  for (const Spelling& spelling : names.spellings) {
    Rule rule{&spelling, {}};
    for (const std::string& phrase : spelling.phrases) rule.phrases.push_back(words_of(phrase));
    rules.push_back(std::move(rule));
  }
  const auto fill = [](NameIndex& index, const std::vector<NamedEntry>& entries) {
    for (const NamedEntry& entry : entries) {
      index.add(entry.id, entry.id);
      for (const std::string& name : entry.names) index.add(name, entry.id);
    }
  };
  fill(devices, names.devices);
  fill(engines, names.engines);
  fill(models, names.models);
  fill(quantizations, names.quantizations);
  for (const NamedEntry& entry : names.models) {
    plain_models.add(without_ignored(SpellingOf::model, words_of(entry.id)), entry.id);
    for (const std::string& name : entry.names) plain_models.add(without_ignored(SpellingOf::model, words_of(name)), entry.id);
  }
}

std::vector<Book::Match> Book::matches(SpellingOf of, const Words& words, const std::string& engine, const std::string& model,
                                       const std::string& version) const {
  const auto applies = [](const std::vector<std::string>& only, const std::string& id) {
    return only.empty() || std::find(only.begin(), only.end(), id) != only.end();
  };
  const auto of_version = [&](const std::vector<std::string>& only) {
    return only.empty() || std::any_of(only.begin(), only.end(), [&](const std::string& start) { return version.starts_with(start); });
  };
  std::vector<Match> found;
  for (const Rule& rule : rules) {
    if (rule.spelling->of != of || rule.spelling->ignored) continue;
    if (!applies(rule.spelling->engines, engine) || !applies(rule.spelling->models, model) || !of_version(rule.spelling->versions)) continue;
    for (const Words& phrase : rule.phrases) {
      const std::size_t at = find_phrase(words, phrase);
      if (at < words.size()) found.push_back({rule.spelling, at, phrase.size()});
    }
  }
  // Of rules for the same phrase, one that names engines or models is the more particular.
  std::stable_sort(found.begin(), found.end(), [](const Match& a, const Match& b) {
    const auto particular = [](const Match& m) { return (m.spelling->engines.empty() ? 0 : 1) + (m.spelling->models.empty() ? 0 : 1) + (m.spelling->versions.empty() ? 0 : 1); };
    return a.count != b.count ? a.count > b.count : particular(a) > particular(b);
  });
  return found;
}

bool Book::ignored(SpellingOf of, const Words& words, std::size_t at, std::size_t& count) const {
  count = 0;
  for (const Rule& rule : rules) {
    if (rule.spelling->of != of || !rule.spelling->ignored) continue;
    for (const Words& phrase : rule.phrases) {
      if (phrase.size() > count && find_phrase(words, phrase, at) == at) count = phrase.size();
    }
  }
  return count > 0;
}

Words Book::without_ignored(SpellingOf of, const Words& words) const {
  Words kept;
  for (std::size_t i = 0; i < words.size();) {
    std::size_t count = 0;
    if (ignored(of, words, i, count)) {
      i += count;
    } else {
      kept.push_back(words[i++]);
    }
  }
  return kept.empty() ? words : kept;
}

}  // namespace roofline::import
