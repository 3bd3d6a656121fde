#include "import/results/words.hpp"

#include "import/results/record.hpp"

#include <algorithm>

namespace roofline::import {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

std::string spaced(const Words& words, std::size_t begin, std::size_t count) {
  std::string out;
  for (std::size_t i = begin; i < words.size() && i - begin < count; ++i) out += words[i] + " ";
  return out;
}

bool is_number(const std::string& word) {
  return std::all_of(word.begin(), word.end(), [](char c) { return is_digit(c) || c == '.'; });
}

}  // namespace

Words words_of(std::string_view text) {
  constexpr std::size_t longest = 4'000;
  text = text.substr(0, longest);
  Words words;
  std::string word;
  const auto end_word = [&] {
    if (word.empty()) return;
    const bool unit = word == "gb" || word == "gib";
    if (unit && !words.empty() && is_number(words.back())) {
      words.back() += "gb";
    } else {
      words.push_back(word.size() > 3 && word.ends_with("gib") && is_digit(word.front()) ? word.substr(0, word.size() - 3) + "gb" : word);
    }
    word.clear();
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool dot = c == '.' && i > 0 && i + 1 < text.size() && is_digit(text[i - 1]) && is_digit(text[i + 1]);
    if (is_digit(c) || is_letter(c) || dot) {
      word += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    } else {
      const bool plus = c == '+' && !word.empty() && (i + 1 == text.size() || !(is_digit(text[i + 1]) || is_letter(text[i + 1])));
      end_word();
      if (plus) words.emplace_back("plus");
    }
  }
  end_word();
  return words;
}

std::string compact(const Words& words, std::size_t begin, std::size_t count) {
  std::string out;
  for (std::size_t i = begin; i < words.size() && i - begin < count; ++i) out += words[i];
  return out;
}

std::size_t find_phrase(const Words& words, const Words& phrase, std::size_t from) {
  if (phrase.empty() || phrase.size() > words.size()) return words.size();
  for (std::size_t i = from; i + phrase.size() <= words.size(); ++i) {
    if (std::equal(phrase.begin(), phrase.end(), words.begin() + static_cast<std::ptrdiff_t>(i))) return i;
  }
  return words.size();
}

std::string outside_parentheses(std::string_view text) {
  std::string out;
  int depth = 0;
  for (const char c : text) {
    if (c == '(') ++depth;
    if (depth == 0) out += c;
    if (c == ')' && depth > 0) {
      --depth;
      out += ' ';
    }
  }
  return out;
}

std::vector<std::string> inside_parentheses(std::string_view text) {
  std::vector<std::string> out;
  int depth = 0;
  for (const char c : text) {
    if (c == ')' && depth > 0) --depth;
    if (depth > 0) out.back() += c;
    if (c == '(' && depth++ == 0) out.emplace_back();
  }
  return out;
}

void NameIndex::add(const std::string& name, const std::string& id) {
  const Words words = words_of(name);
  if (words.empty()) return;
  const auto into = [&](Hit& hit) {
    hit.ids.insert(id);
    if (hit.name.empty()) hit.name = name;
  };
  into(texts_[folded(trimmed(name))]);
  into(spaced_[spaced(words, 0, words.size())]);
  into(compact_[compact(words)]);
}

void NameIndex::add(const Words& words, const std::string& id) {
  if (words.empty()) return;
  spaced_[spaced(words, 0, words.size())].ids.insert(id);
  compact_[compact(words)].ids.insert(id);
}

const NameIndex::Hit* NameIndex::find_text(const std::string& text) const {
  const auto at = texts_.find(folded(trimmed(text)));
  return at == texts_.end() || at->second.ids.size() != 1 ? nullptr : &at->second;
}

const NameIndex::Hit* NameIndex::find(const Words& words, std::size_t begin, std::size_t count) const {
  if (const auto at = spaced_.find(spaced(words, begin, count)); at != spaced_.end()) return &at->second;
  const auto at = compact_.find(compact(words, begin, count));
  return at == compact_.end() ? nullptr : &at->second;
}

std::vector<NameIndex::Window> NameIndex::windows(const Words& words) const {
  constexpr std::size_t longest = 12;
  std::vector<Window> found;
  for (std::size_t i = 0; i < words.size();) {
    Window window;
    for (std::size_t count = std::min(longest, words.size() - i); count > 0 && window.hit == nullptr; --count) {
      if (const Hit* hit = find(words, i, count)) window = {i, count, hit};
    }
    if (window.hit != nullptr) found.push_back(window);
    i += window.hit != nullptr ? window.count : 1;
  }
  return found;
}

}  // namespace roofline::import
