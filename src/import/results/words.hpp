// Names as people write them, compared by their words: no case, no punctuation, spacing left out where that is the only
// difference ("Llama-3.2-3B", "llama3.2:3b").
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace roofline::import {

using Words = std::vector<std::string>;

// Letters, digits, and dots between digits; "16 GB" is one word, the + of "Max+" is the word plus.
Words words_of(std::string_view text);
std::string compact(const Words& words, std::size_t begin = 0, std::size_t count = static_cast<std::size_t>(-1));
// Where `phrase` stands in `words` from `from` on; words.size() if it does not.
std::size_t find_phrase(const Words& words, const Words& phrase, std::size_t from = 0);
// What stands before the first parenthesis, and what stands inside of them.
std::string outside_parentheses(std::string_view text);
std::vector<std::string> inside_parentheses(std::string_view text);

// Names of one kind, by the words they are made of and by what is left without spacing ("q4_0" and "q40" are two names
// of words and one without).
class NameIndex {
 public:
  struct Hit {
    std::set<std::string> ids;
    std::string name;  // as the database writes the first of them
  };
  void add(const std::string& name, const std::string& id);
  void add(const Words& words, const std::string& id);
  // As it is written but for case; null if no name or several are so.
  [[nodiscard]] const Hit* find_text(const std::string& text) const;
  [[nodiscard]] const Hit* find(const Words& words, std::size_t begin = 0, std::size_t count = static_cast<std::size_t>(-1)) const;

  // The longest runs of words that are a name, left to right and without overlap; `left` are the words of none.
  struct Window {
    std::size_t begin = 0, count = 0;
    const Hit* hit = nullptr;
  };
  [[nodiscard]] std::vector<Window> windows(const Words& words) const;

 private:
  std::map<std::string, Hit> texts_, spaced_, compact_;
};

}  // namespace roofline::import
