// INSERT statements as llama-bench writes them: column names in parentheses, values quoted; CREATE TABLE is passed over.
#include "import/results/record.hpp"

namespace roofline::import {
namespace {

class Sql {
 public:
  Sql(std::string_view text, const ResultLimits& limits) : text_(text), limits_(limits) {}

  Records run() {
    out_.syntax = "SQL";
    while (at_ < text_.size() && out_.records.size() < limits_.rows) {
      skip_blank();
      if (at_ >= text_.size()) break;
      const Place begin = place_;
      if (word() != "insert") {
        skip_statement();
        continue;
      }
      Record record{begin.line, begin.column, {}, "", {}};
      std::vector<Field> names, values;
      // INSERT INTO table (names) VALUES (values);
      if (!list(names) || !list(values) || names.size() != values.size()) {
        out_.problems.push_back({begin.line, begin.column, "this INSERT does not list as many values as columns"});
        skip_statement();
        continue;
      }
      for (std::size_t i = 0; i < values.size(); ++i) {
        values[i].name = folded(names[i].text);
        record.fields.push_back(std::move(values[i]));
      }
      out_.records.push_back(std::move(record));
      skip_statement();
    }
    return std::move(out_);
  }

 private:
  [[nodiscard]] char now() const { return text_[at_]; }
  void step() { place_.step(text_[at_++]); }
  void skip_blank() {
    while (at_ < text_.size() && (now() == ' ' || now() == '\t' || now() == '\r' || now() == '\n')) step();
  }
  std::string word() {
    std::string out;
    while (at_ < text_.size() && out.size() < 16 && ((now() >= 'a' && now() <= 'z') || (now() >= 'A' && now() <= 'Z'))) {
      out += now();
      step();
    }
    return folded(out);
  }
  void quoted_text(std::string* into) {
    const char quote = now();
    step();
    while (at_ < text_.size()) {
      if (now() == quote) {
        step();
        if (at_ >= text_.size() || now() != quote) return;
      }
      if (into != nullptr && into->size() <= limits_.field_bytes) *into += now();
      step();
    }
  }
  // Up to the semicolon that ends it.
  void skip_statement() {
    while (at_ < text_.size() && now() != ';') {
      if (now() == '\'' || now() == '"') {
        quoted_text(nullptr);
      } else {
        step();
      }
    }
    if (at_ < text_.size()) step();
  }
  // The next parenthesised list of this statement.
  bool list(std::vector<Field>& items) {
    while (at_ < text_.size() && now() != '(' && now() != ';') step();
    if (at_ >= text_.size() || now() == ';') return false;
    step();
    while (at_ < text_.size() && items.size() < limits_.columns) {
      skip_blank();
      Field item{"", "", place_.line, place_.column};
      while (at_ < text_.size() && now() != ',' && now() != ')') {
        if (now() == '\'' || now() == '"') {
          quoted_text(&item.text);
        } else {
          if (now() == ';' || item.text.size() > limits_.field_bytes) return false;
          item.text += now();
          step();
        }
      }
      if (at_ >= text_.size() || item.text.find('\0') != std::string::npos) return false;
      item.text = std::string(trimmed(item.text));
      items.push_back(std::move(item));
      const char end = now();
      step();
      if (end == ')') return true;
    }
    return false;
  }

  std::string_view text_;
  const ResultLimits& limits_;
  Records out_;
  std::size_t at_ = 0;
  Place place_;
};

}  // namespace

Records read_sql(std::string_view text, const ResultLimits& limits) { return Sql(text, limits).run(); }

}  // namespace roofline::import
