// JSON objects one by one: an array of them, one to a line, or a single one. Each is cut out first, so that one that is
// broken does not take the others with it, and nothing is parsed that is too large or nested too deep.
#include <nlohmann/json.hpp>

#include "import/json_text.hpp"
#include "import/results/record.hpp"

namespace roofline::import {
namespace {

class Objects {
 public:
  Objects(std::string_view text, const ResultLimits& limits) : text_(text), limits_(limits) {}

  Records run() {
    out_.syntax = "JSON";
    while (at_ < text_.size() && out_.records.size() < limits_.rows) {
      const char c = text_[at_];
      if (c == '{') {
        object();
      } else if (c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '[' || c == ']' || c == ',') {
        step();
      } else {
        problem(place_, "expected a JSON object");
        next_line();
      }
    }
    if (at_ < text_.size()) problem(place_, "only the first " + std::to_string(limits_.rows) + " objects are read");
    return std::move(out_);
  }

 private:
  void problem(Place where, std::string message) {
    if (out_.problems.size() < limits_.messages) out_.problems.push_back({where.line, where.column, std::move(message)});
  }
  void step() { place_.step(text_[at_++]); }
  void next_line() {
    while (at_ < text_.size() && text_[at_] != '\n') step();
    if (at_ < text_.size()) step();
  }
  // Where reading goes on after an object that has no end: the next line that begins with one.
  void resume() {
    next_line();
    while (at_ < text_.size() && text_[at_] != '{') next_line();
  }

  // One past the brace that closes the object at `at_`; npos if there is none, or `why` is set.
  std::size_t end_of_object(std::string& why) const {
    int depth = 0;
    bool in_text = false;
    for (std::size_t i = at_; i < text_.size(); ++i) {
      if (i - at_ > limits_.field_bytes * 16) {
        why = "a JSON object of more than " + std::to_string(limits_.field_bytes * 16) + " bytes";
        return std::string_view::npos;
      }
      const char c = text_[i];
      if (in_text) {
        if (c == '\\') ++i;
        if (c == '"') in_text = false;
      } else if (c == '"') {
        in_text = true;
      } else if (c == '{' || c == '[') {
        if (++depth > limits_.json_depth) {
          why = "JSON nested more than " + std::to_string(limits_.json_depth) + " deep";
          return std::string_view::npos;
        }
      } else if ((c == '}' || c == ']') && --depth == 0) {
        return i + 1;
      }
    }
    why = "the JSON object that begins here does not end";
    return std::string_view::npos;
  }

  void object() {
    const Place begin = place_;
    std::string why;
    const std::size_t end = end_of_object(why);
    if (end == std::string_view::npos) {
      problem(begin, why);
      resume();
      return;
    }
    const std::string_view slice = text_.substr(at_, end - at_);
    try {
      // Python writes NaN for what it could not measure.
      const Json json = Json::parse(without_python_numbers(std::string(slice)));
      Record record{begin.line, begin.column, {}, "", {}};
      record.source = slice;
      flatten(json, "", record);
      out_.records.push_back(std::move(record));
    } catch (const Json::parse_error& error) {
      Place where = begin;
      const std::size_t bad = error.byte > 0 ? error.byte - 1 : 0;
      for (std::size_t i = 0; i < bad && i < slice.size(); ++i) where.step(slice[i]);
      problem(where, "this is no valid JSON");
    }
    while (at_ < end) step();
  }

  // Numbers, flags and texts; objects inside as "outer.inner"; arrays are samples nobody asks for.
  void flatten(const Json& json, const std::string& prefix, Record& record) {
    for (const auto& [key, value] : json.items()) {
      if (record.fields.size() >= limits_.columns) return;
      const std::string name = folded(prefix + key);
      if (value.is_object()) {
        flatten(value, name + ".", record);
        continue;
      }
      if (value.is_array() || value.is_null()) continue;
      std::string text = value.is_string() ? value.get<std::string>() : value.dump();
      if (text.size() > limits_.field_bytes || text.find('\0') != std::string::npos) text = text.substr(0, std::min<std::size_t>(text.find('\0'), 200));
      record.fields.push_back({name, std::move(text), 0, 0});
    }
  }

  std::string_view text_;
  const ResultLimits& limits_;
  Records out_;
  std::size_t at_ = 0;
  Place place_;
};

}  // namespace

Records read_json(std::string_view text, const ResultLimits& limits) { return Objects(text, limits).run(); }

}  // namespace roofline::import
