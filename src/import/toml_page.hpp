// What the parts of the writer of model files share: lines and keys of a TOML text, and what it has no words for.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "roofline/import/model_toml.hpp"

namespace roofline::import {

// Thrown where a model has what no table states.
struct Unsaid {
  std::string what;
};

// Other tensors go under the name they are nearest to: it only decides which rule of a quantization they fall under.
std::string nearest_role(const std::string& role);
std::string quoted(const std::string& text);
std::string list(const std::vector<std::string>& words);
std::string list(const std::vector<std::size_t>& numbers);

class TomlPage {
 public:
  TomlPage(const TomlOptions& options, std::string& out) : options_(options), out_(out) {}

  void text(const std::string& line) { out_ += line; }
  void key(const char* name, std::int64_t value) { out_ += std::string(name) + " = " + std::to_string(value) + "\n"; }
  void key(const char* name, int value) { key(name, std::int64_t{value}); }
  void key(const char* name, bool value) { out_ += std::string(name) + (value ? " = true\n" : " = false\n"); }
  void key(const char* name, const std::string& value) { out_ += std::string(name) + " = " + quoted(value) + "\n"; }
  void head(const char* name) { out_ += "\n" + std::string(name) + "\n"; }
  void source(const std::string& note = {}) {
    out_ += "source = \"derived\"\nat = " + quoted(options_.read_from) + "\n";
    if (!note.empty()) key("note", note);
  }

 protected:
  const TomlOptions& options_;
  std::string& out_;
};

// [attention], [full_attention], [latent_attention] and [window].
void write_attention(const ModelSpec& model, const TomlOptions& options, std::string& out);
// [feed_forward] and [experts].
void write_feed_forwards(const ModelSpec& model, const TomlOptions& options, std::string& out);

}  // namespace roofline::import
