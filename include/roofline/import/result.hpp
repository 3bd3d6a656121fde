// What an importer hands back: the value, or the one problem that kept it from having one.
#pragma once

#include <optional>
#include <string>
#include <utility>

namespace roofline::import {

struct Problem {
  std::string where;    // "byte 24", "model.gguf: byte 24", or the architecture or key it is about
  std::string message;
};

// Either `value` or `problem`, never both and never neither.
template <class T>
struct Result {
  std::optional<T> value;
  std::optional<Problem> problem;

  Result(T imported) : value(std::move(imported)) {}
  Result(Problem reason) : problem(std::move(reason)) {}
  explicit operator bool() const { return value.has_value(); }
};

}  // namespace roofline::import
