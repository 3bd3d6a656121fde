// "25W + jetson_clocks", "MAXN (-m 0)", "25W/MAXN_SUPER": the device's power mode where one of the parts is its name.
#include <algorithm>

#include "import/results/record.hpp"
#include "import/results/resolver.hpp"

namespace roofline::import {
namespace {

std::vector<std::string> parts_of(const std::string& text) {
  std::vector<std::string> parts{text, outside_parentheses(text)};
  std::string part;
  for (const char c : text + "/") {
    if (c == '/' || c == '+' || c == ',' || c == '(' || c == ')' || c == ':' || c == ';') {
      parts.push_back(part);
      part.clear();
    } else {
      part += c;
    }
  }
  return parts;
}

const PowerMode* mode_named(const Device& device, const std::string& text, const std::string& firmware) {
  const std::string name(trimmed(text));
  if (name.empty()) return nullptr;
  if (const PowerMode* mode = find_mode(device, name, firmware)) return mode;
  const std::string key = compact(words_of(name));
  const PowerMode* found = nullptr;
  for (const PowerMode& mode : device.modes) {
    const bool same = compact(words_of(mode.id)) == key || compact(words_of(mode.name)) == key;
    // The same name in two firmware lines: the one the device's name selects, else the first.
    if (same && (found == nullptr || (!firmware.empty() && mode.firmware == firmware))) found = &mode;
  }
  return found;
}

}  // namespace

ModeAnswer resolve_mode(const Book& book, const std::string& text, const Device& device, const std::string& firmware) {
  ModeAnswer answer;
  const Words words = words_of(text);
  if (words.empty()) return answer;
  for (const auto& match : book.matches(SpellingOf::mode, words)) {
    if (match.count < 2 && match.count != words.size()) continue;  // one word of several names nothing for sure
    answer.note = match.spelling->note;
    if (!match.spelling->refused.empty()) {
      answer.note = "power mode " + in_quotes(text) + ": " + match.spelling->refused;
      return answer;
    }
    if (match.spelling->means == "fastest") {
      const PowerMode* mode = fastest_mode(device, firmware);
      answer.id = mode != nullptr ? mode->id : "";
      answer.stated = true;
      return answer;
    }
    if (const PowerMode* mode = mode_named(device, match.spelling->means, firmware)) {
      answer.id = mode->id;
      answer.stated = true;
      return answer;
    }
  }
  const PowerMode* found = nullptr;
  for (const std::string& part : parts_of(text)) {
    const PowerMode* mode = mode_named(device, part, firmware);
    if (mode == nullptr || mode == found) continue;
    if (found != nullptr) {
      answer.note = "power mode " + in_quotes(text) + " names several: not stated";
      return answer;
    }
    found = mode;
  }
  if (found == nullptr) {
    if (!device.modes.empty()) answer.note = "power mode " + in_quotes(text) + " is none of " + device.id + "'s: not stated";
    return answer;
  }
  answer.id = found->id;
  answer.stated = true;
  return answer;
}

}  // namespace roofline::import
