#include "roofline/import/runs_toml.hpp"

#include <charconv>
#include <optional>

namespace roofline::import {
namespace {

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

// A basic string on one line. Bytes above ASCII are kept where they are whole UTF-8 sequences of the usual length.
std::string text_of(const std::string& text) {
  std::string out = "\"";
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (text[i] == '"' || text[i] == '\\') {
      out += '\\';
      out += text[i];
    } else if (byte >= 0x20 && byte < 0x7f) {
      out += text[i];
    } else {
      const std::size_t length = byte >= 0xf0 && byte < 0xf5 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc3 ? 2 : 0;
      bool whole = length > 0 && byte < 0xf5 && i + length <= text.size();
      for (std::size_t k = 1; whole && k < length; ++k) whole = is_continuation(text[i + k]);
      // The first code points of three and four bytes include forms that are not valid; they are rare and not worth telling apart.
      if (whole && byte != 0xe0 && byte != 0xed && byte != 0xf0 && byte != 0xf4) {
        out.append(text, i, length);
        i += length - 1;
      } else {
        out += '?';
      }
    }
  }
  return out + "\"";
}

std::string number_of(double value) {
  char buffer[40];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
  std::string out(buffer, end);
  return out.find_first_of(".e") == std::string::npos ? out + ".0" : out;
}

class Lines {
 public:
  void text(const char* key, const std::string& value) {
    if (!value.empty()) line(key, text_of(value));
  }
  void number(const char* key, const std::optional<double>& value) {
    if (value) line(key, number_of(*value));
  }
  void count(const char* key, const std::optional<int>& value) {
    if (value) line(key, std::to_string(*value));
  }
  void line(const char* key, const std::string& value) { out += std::string(key) + " = " + value + "\n"; }
  std::string out;
};

}  // namespace

std::string run_id_of(const std::string& text) {
  std::string out;
  for (const char c : text) {
    const char low = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    const bool plain = (low >= 'a' && low <= 'z') || (low >= '0' && low <= '9');
    const bool sign = low == '-' || low == '.' || low == '_';
    if (plain || (sign && !out.empty())) {
      out += low;
    } else if (!out.empty() && out.back() != '-') {
      out += '-';
    }
  }
  while (!out.empty() && out.back() == '-') out.pop_back();
  return out;
}

std::string runs_toml(const std::string& id, const std::string& head, const std::vector<MeasuredRun>& runs) {
  std::string out;
  if (!head.empty()) out += "# " + text_of(head).substr(1, text_of(head).size() - 2) + "\n\n";
  out += "schema = 1\nid = " + text_of(id) + "\n";
  for (const MeasuredRun& run : runs) {
    Lines lines;
    lines.text("id", run.id);
    lines.text("device", run.device);
    lines.text("board", run.board);
    lines.text("mode", run.mode);
    lines.text("mode_stated", run.mode_stated);
    if (run.clocks != RunClocks::unknown) lines.text("clocks", to_string(run.clocks));
    lines.text("unit", std::string(to_string(run.unit)));
    lines.text("engine", run.engine);
    lines.text("engine_version", run.engine_version);
    lines.text("backend", run.backend);
    lines.text("model", run.model);
    lines.text("model_stated", run.model_stated);
    lines.text("quantization", run.quantization);
    lines.text("quantization_stated", run.quantization_stated);
    lines.count("prompt", run.prompt);
    lines.count("generated", run.generated);
    lines.count("depth", run.depth);
    lines.count("batch", run.batch);
    lines.count("ubatch", run.ubatch);
    lines.count("threads", run.threads);
    lines.text("gpu_layers", run.gpu_layers);
    if (run.flash_attention) lines.line("flash_attention", *run.flash_attention ? "true" : "false");
    lines.text("kv_type", run.kv_type);
    lines.number("prefill_tps", run.prefill_tokens_per_second);
    lines.number("decode_tps", run.decode_tokens_per_second);
    lines.number("ttft_ms", run.ttft_ms);
    lines.number("memory_mb", run.memory_mb);
    lines.number("power_w", run.power_w);
    lines.text("date", run.date);
    lines.text("source", run.cite.source);
    lines.text("at", run.cite.at);
    lines.text("quality", run.quality);
    lines.text("kind", to_string(run.kind));
    lines.text("use", run.use == RunUse::hold_out ? "hold_out" : "calibrate");
    lines.text("note", run.note);
    out += "\n[[run]]\n" + lines.out;
  }
  return out;
}

}  // namespace roofline::import
