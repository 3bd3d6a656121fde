// Comma-separated values after RFC 4180: quoted fields may hold commas, doubled quotes and line breaks.
#include "import/results/record.hpp"

namespace roofline::import {
namespace {

class Csv {
 public:
  Csv(std::string_view text, const ResultLimits& limits) : text_(text), limits_(limits) {}

  Records run() {
    out_.syntax = "CSV";
    std::vector<Field> names;
    while (at_ < text_.size() && out_.records.size() < limits_.rows) {
      std::vector<Field> cells;
      const Place begin = place_;
      if (!line(cells)) continue;
      if (cells.size() == 1 && trimmed(cells.front().text).empty()) continue;  // an empty line
      if (names.empty()) {
        for (Field& cell : cells) cell.name = folded(trimmed(cell.text));
        names = std::move(cells);
        continue;
      }
      if (cells.size() != names.size()) {
        problem(begin, "the row has " + std::to_string(cells.size()) + " fields, the header " + std::to_string(names.size()));
        continue;
      }
      for (std::size_t i = 0; i < cells.size(); ++i) cells[i].name = names[i].name;
      out_.records.push_back({begin.line, begin.column, std::move(cells), "", {}});
    }
    if (at_ < text_.size()) problem(place_, "only the first " + std::to_string(limits_.rows) + " rows are read");
    return std::move(out_);
  }

 private:
  void problem(Place where, std::string message) { out_.problems.push_back({where.line, where.column, std::move(message)}); }
  [[nodiscard]] char now() const { return text_[at_]; }
  void step() { place_.step(text_[at_++]); }

  void skip_line() {
    while (at_ < text_.size() && now() != '\n') step();
    if (at_ < text_.size()) step();
  }

  // The rest of the line is left out and reading goes on behind it.
  bool refuse(Place where, std::string message, std::size_t resume, Place resume_place) {
    problem(where, std::move(message));
    at_ = resume;
    place_ = resume_place;
    skip_line();
    return false;
  }

  // One record up to its line break; false if it could not be read.
  bool line(std::vector<Field>& cells) {
    const std::size_t begin = at_;
    const Place begin_place = place_;
    while (true) {
      Field cell{"", "", place_.line, place_.column};
      const Place start = place_;
      if (at_ < text_.size() && now() == '"') {
        step();
        while (true) {
          // A quote that is never closed would swallow the file: what follows the line it stands in is read anew.
          if (at_ >= text_.size() || cell.text.size() > limits_.field_bytes) return refuse(start, "the quote opened here is not closed", begin, begin_place);
          if (now() == '"') {
            step();
            if (at_ >= text_.size() || now() != '"') break;
          }
          cell.text += now();
          step();
        }
        if (at_ < text_.size() && now() != ',' && now() != '\n' && now() != '\r') {
          return refuse(place_, "text behind the closing quote of a field", at_, place_);
        }
      } else {
        while (at_ < text_.size() && now() != ',' && now() != '\n') {
          if (cell.text.size() > limits_.field_bytes) return refuse(start, "a field of more than " + std::to_string(limits_.field_bytes) + " bytes", at_, place_);
          cell.text += now();
          step();
        }
      }
      if (cell.text.find('\0') != std::string::npos) return refuse(start, "the field holds a NUL byte: this is no text", at_, place_);
      if (cells.size() == limits_.columns) return refuse(start, "more than " + std::to_string(limits_.columns) + " fields", at_, place_);
      cells.push_back(std::move(cell));
      if (at_ >= text_.size()) break;
      if (now() == '\r') step();
      if (at_ >= text_.size()) break;
      const char end = now();
      step();
      if (end == '\n') break;
      if (end != ',') return refuse(place_, "a carriage return inside a row", at_, place_);
    }
    if (!cells.back().text.empty() && cells.back().text.back() == '\r') cells.back().text.pop_back();
    return true;
  }

  std::string_view text_;
  const ResultLimits& limits_;
  Records out_;
  std::size_t at_ = 0;
  Place place_;
};

}  // namespace

Records read_csv(std::string_view text, const ResultLimits& limits) { return Csv(text, limits).run(); }

}  // namespace roofline::import
