// A device's name with what else is said of the board: memory size and type choose among the variants of a chip.
#include <algorithm>

#include "import/results/resolver.hpp"

namespace roofline::import {
namespace {

bool is_capacity(const std::string& word) {
  return word.size() > 2 && word.ends_with("gb") && word.find_first_not_of("0123456789.") == word.size() - 2;
}

const NamedEntry* entry_of(const Book& book, const std::string& id) {
  const auto at = std::find_if(book.names.devices.begin(), book.names.devices.end(), [&](const NamedEntry& entry) { return entry.id == id; });
  return at == book.names.devices.end() ? nullptr : &*at;
}

std::string firmware_of(const Book& book, const std::string& name) { return book.names.firmware ? book.names.firmware(name) : ""; }

// Of the variants of the same chip, the one whose names hold most of what is said of the board, if only one does.
std::string variant_of(const Book& book, const NamedEntry& base, const Words& said) {
  std::size_t most = 0;
  std::vector<std::string> best;
  for (const NamedEntry& entry : book.names.devices) {
    if (entry.group != base.group || entry.group.empty()) continue;
    std::vector<std::string> names = entry.names;
    names.push_back(entry.id);
    std::size_t score = 0;
    for (const std::string& name : names) {
      const Words words = words_of(name);
      const auto count = std::count_if(said.begin(), said.end(), [&](const std::string& word) { return std::find(words.begin(), words.end(), word) != words.end(); });
      score = std::max(score, static_cast<std::size_t>(count));
    }
    if (score > most) best.clear();
    if (score >= most) best.push_back(entry.id);
    most = std::max(most, score);
  }
  if (best.size() == 1) return best.front();
  // Where nothing decides, the default variant stays if it is among the best.
  return std::find(best.begin(), best.end(), base.id) != best.end() || best.empty() ? base.id : best.front();
}

// At the end, or at a word that does not make it another device ("Ti", "Super" and "+" do).
bool says_nothing(const Book& book, const Words& words, std::size_t at) {
  std::size_t count = 0;
  return at >= words.size() || is_capacity(words[at]) || book.ignored(SpellingOf::device, words, at, count);
}

// A name of the same chip inside the description ("Radxa ROCK 5B LPDDR4x", "Orin Nano Super").
void read_description(const Book& book, const std::string& variant, const NamedEntry& base, DeviceAnswer& answer) {
  const Words words = words_of(variant);
  for (const auto& window : book.devices.windows(words)) {
    if (!says_nothing(book, words, window.begin + window.count)) continue;  // "ROCK 5B" of "ROCK 5B+"
    for (const std::string& id : window.hit->ids) {
      const NamedEntry* other = entry_of(book, id);
      if (other == nullptr || (other->id != base.id && (base.group.empty() || other->group != base.group))) continue;
      answer.id = id;
      if (std::string firmware = firmware_of(book, window.hit->name); !firmware.empty()) {
        answer.firmware = std::move(firmware);
        answer.alias = window.hit->name;
      }
    }
  }
}

// "rtx-3080" described as "RTX 3080 12GB", "m2-max" as "30-core GPU": the device whose name has the name's words and most
// words of the description besides, and no others.
bool read_particular(const Book& book, const Words& words, const Words& said, DeviceAnswer& answer) {
  const auto has = [](const Words& in, const std::string& word) { return std::find(in.begin(), in.end(), word) != in.end(); };
  std::size_t most = 0;
  std::set<std::string> best;
  std::string best_name;
  for (const NamedEntry& entry : book.names.devices) {
    std::vector<std::string> names = entry.names;
    names.push_back(entry.id);
    for (const std::string& name : names) {
      const Words own = words_of(name);
      if (!std::all_of(words.begin(), words.end(), [&](const std::string& word) { return has(own, word); })) continue;
      const auto more = std::count_if(own.begin(), own.end(), [&](const std::string& word) { return !has(words, word); });
      const bool covered = std::all_of(own.begin(), own.end(), [&](const std::string& word) { return has(words, word) || has(said, word); });
      if (more == 0 || !covered || static_cast<std::size_t>(more) < most) continue;
      if (static_cast<std::size_t>(more) > most) best.clear();
      most = static_cast<std::size_t>(more);
      if (best.insert(entry.id).second) best_name = name;
    }
  }
  if (best.size() != 1) return false;
  answer.id = *best.begin();
  answer.firmware = firmware_of(book, best_name);
  if (!answer.firmware.empty()) answer.alias = best_name;
  return true;
}

// Where the whole name is none, the one name inside it among words that say nothing.
std::string inside(const Book& book, const Words& words, const std::string& text, std::string& reason) {
  std::set<std::string> ids;
  std::vector<bool> known(words.size(), false);
  for (const auto& window : book.devices.windows(words)) {
    ids.insert(window.hit->ids.begin(), window.hit->ids.end());
    std::fill_n(known.begin() + static_cast<std::ptrdiff_t>(window.begin), window.count, true);
  }
  for (std::size_t i = 0; i < words.size(); ++i) {
    std::size_t count = 0;
    if (book.ignored(SpellingOf::device, words, i, count)) std::fill_n(known.begin() + static_cast<std::ptrdiff_t>(i), count, true);
    if (!known[i] && !is_capacity(words[i])) ids.clear();
  }
  if (ids.size() == 1) return *ids.begin();
  reason = ids.empty() ? "device " + in_quotes(text) + " is not in the database" : "device " + in_quotes(text) + " may be " + list_of(ids);
  return {};
}

}  // namespace

DeviceAnswer resolve_device(const Book& book, const std::string& text, const std::string& variant) {
  DeviceAnswer answer;
  const Words words = words_of(text);
  if (words.empty()) {
    answer.reason = "the device is not stated";
    return answer;
  }
  const Words said = words_of(variant);
  Words all = words;
  all.insert(all.end(), said.begin(), said.end());
  for (const auto& match : book.matches(SpellingOf::device, all)) {
    if (!match.spelling->refused.empty()) {
      answer.reason = match.spelling->refused;
    } else {
      answer.id = match.spelling->means;
      answer.note = match.spelling->note;
    }
    return answer;
  }
  if (read_particular(book, words, words_of(outside_parentheses(variant)), answer)) return answer;
  const NameIndex::Hit* hit = book.devices.find_text(text);
  if (hit == nullptr) hit = book.devices.find(words);
  if (hit != nullptr && hit->ids.size() == 1) {
    answer.id = *hit->ids.begin();
    answer.firmware = firmware_of(book, hit->name);
    if (!answer.firmware.empty()) answer.alias = hit->name;
  } else if (hit != nullptr) {
    answer.reason = "device " + in_quotes(text) + " may be " + list_of(hit->ids);
    return answer;
  } else {
    answer.id = inside(book, words, text, answer.reason);
    if (answer.id.empty()) return answer;
  }
  const NamedEntry* base = entry_of(book, answer.id);
  if (base == nullptr || variant.empty()) return answer;
  const std::string before = answer.id;
  answer.id = variant_of(book, *base, said);
  if (answer.id == before) read_description(book, variant, *base, answer);
  return answer;
}

}  // namespace roofline::import
