// "Llama-3.2-3B-Instruct-Q4_K_M.gguf", "qwen2.5:7b", "allura-org_Qwen3.5-27B-Anko": the model of the database. Names of
// finetunes hold the name of what they were tuned from; that one has the same dimensions, and a note says so.
#include <algorithm>

#include "import/results/record.hpp"
#include "import/results/resolver.hpp"

namespace roofline::import {
namespace {

std::string without_extension(std::string text) {
  for (const std::string_view extension : {".gguf", ".safetensors", ".rkllm", ".bin"}) {
    if (folded(text).ends_with(extension)) text.resize(text.size() - extension.size());
  }
  return text;
}

// Trailing words that are a quantization: "... Q4_K_M", "... UD Q4_K_XL".
Words without_quantization(const Book& book, const Words& words) {
  for (std::size_t begin = 1; begin < words.size(); ++begin) {
    const Words tail(words.begin() + static_cast<std::ptrdiff_t>(begin), words.end());
    const bool name = book.quantizations.find(tail) != nullptr;
    const auto rules = book.matches(SpellingOf::quantization, tail);
    const bool rule = std::any_of(rules.begin(), rules.end(), [&](const auto& match) { return match.count == tail.size(); });
    if (name || rule) return {words.begin(), words.begin() + static_cast<std::ptrdiff_t>(begin)};
  }
  return words;
}

// The name itself, and without the publisher in front of it: "nvidia/NAME", "Qwen_NAME".
std::vector<std::string> readings(const std::string& text) {
  std::vector<std::string> all{text};
  if (const auto slash = text.rfind('/'); slash != std::string::npos) all.push_back(text.substr(slash + 1));
  const std::string last = all.back();
  if (const auto bar = last.find('_'); bar != std::string::npos && bar > 0) all.push_back(last.substr(bar + 1));
  return all;
}

// A size in a name: "7b", "1.5b", "e2b", "a3b", "270m".
bool is_size(const std::string& word) {
  std::size_t at = !word.empty() && (word.front() == 'e' || word.front() == 'a') ? 1 : 0;
  const std::size_t digits = word.find_first_not_of("0123456789.", at);
  return digits != std::string::npos && digits > at && digits + 1 == word.size() && (word.back() == 'b' || word.back() == 'm');
}

bool names_size(const Words& words, std::size_t begin, std::size_t count) {
  const auto from = words.begin() + static_cast<std::ptrdiff_t>(begin);
  return std::any_of(from, from + static_cast<std::ptrdiff_t>(count), is_size);
}

Answer several(const std::string& text, const std::set<std::string>& ids) {
  return {"", "model " + in_quotes(text) + " may be " + list_of(ids), ""};
}

// One model's name, with its size, among words none of which makes it another model.
Answer finetune(const Book& book, const Words& words, const std::string& text) {
  for (const auto& match : book.matches(SpellingOf::model, words)) {
    if (!match.spelling->refused.empty()) return {"", "model " + in_quotes(text) + ": " + match.spelling->refused, ""};
  }
  const NameIndex::Hit* found = nullptr;
  std::size_t covered = 0;
  for (const NameIndex* index : {&book.models, &book.plain_models}) {
    for (const auto& window : index->windows(words)) {
      if (!names_size(words, window.begin, window.count)) continue;
      if (found != nullptr && found->ids != window.hit->ids) return several(text, [&] {
        auto ids = found->ids;
        ids.insert(window.hit->ids.begin(), window.hit->ids.end());
        return ids;
      }());
      found = window.hit;
      covered = std::max(covered, window.count);
      for (std::size_t i = 0; i < words.size(); ++i) {
        if ((i < window.begin || i >= window.begin + window.count) && is_size(words[i])) return {};
      }
    }
    if (found != nullptr) break;
  }
  if (found == nullptr) return {};
  if (found->ids.size() > 1) return several(text, found->ids);
  return {*found->ids.begin(), "", "model " + in_quotes(text) + " is taken as a finetune of " + *found->ids.begin() + ": the same dimensions"};
}

}  // namespace

Answer resolve_model(const Book& book, const std::string& text) {
  if (trimmed(text).empty()) return {"", "the model is not stated", ""};
  const auto named = readings(without_extension(text));
  Answer unclear;
  // From the name as it stands to what is left of it when publisher, file type and words like "instruct" are gone.
  for (const std::string& reading : named) {
    if (const auto* hit = book.models.find_text(reading)) return {*hit->ids.begin(), "", ""};
    const Words words = words_of(reading);
    const Words bare = without_quantization(book, words);
    const Words plain_words = book.without_ignored(SpellingOf::model, bare);
    for (const Words& form : {words, bare, plain_words}) {
      const auto rules = book.matches(SpellingOf::model, form);
      for (const auto& match : rules) {
        if (!match.spelling->means.empty() && match.count == form.size()) return {match.spelling->means, "", match.spelling->note};
      }
      if (const auto* hit = book.models.find(form)) {
        if (hit->ids.size() == 1) return {*hit->ids.begin(), "", ""};
        unclear = several(text, hit->ids);
      }
    }
    for (const NameIndex* index : {&book.models, &book.plain_models}) {
      const auto* hit = index->find(plain_words);
      if (hit == nullptr) continue;
      if (hit->ids.size() == 1) return {*hit->ids.begin(), "", ""};
      if (unclear.reason.empty()) unclear = several(text, hit->ids);
    }
  }
  if (!unclear.reason.empty()) return unclear;
  Answer tuned = finetune(book, without_quantization(book, words_of(named.front())), text);
  if (!tuned.id.empty() || !tuned.reason.empty()) return tuned;
  return {"", "model " + in_quotes(text) + " is not in the database", ""};
}

}  // namespace roofline::import
