// write_ggufs FOLDER: GGUF files of every tensor type, version, byte order and kind of value, and beside each what our reader
// makes of it, as JSON: compare.mjs holds that against another reader. With files after FOLDER: what we make of those.
#include <filesystem>
#include <fstream>
#include <iostream>

#include "roofline/import/gguf.hpp"
#include "unit/import/gguf_writer.hpp"
#include "unit/import/tiny_llama.hpp"

using namespace roofline;
using namespace roofline::testing;
namespace fs = std::filesystem;

namespace {

// Type numbers with the bytes of 256 weights, by hand from the block sizes of ggml-common.h.
constexpr std::pair<std::uint32_t, std::uint64_t> types[] = {{0, 1024}, {1, 512},  {2, 144},  {3, 160},  {6, 176},   {7, 192},   {8, 272},   {9, 288},  {10, 84},  {11, 110}, {12, 144}, {13, 176},
                                                            {14, 210}, {15, 292}, {16, 66},  {17, 74},  {18, 98},   {19, 50},   {20, 144},  {21, 110}, {22, 82},  {23, 136}, {24, 256}, {25, 512},
                                                            {26, 1024}, {27, 2048}, {28, 2048}, {29, 56}, {30, 512},  {34, 54},   {35, 66},   {39, 136}, {40, 144}, {41, 36},  {42, 72}};

std::string every_type(std::uint32_t version, bool big) {
  GgufWriter w(version, big);
  w.string("general.architecture", "llama");
  w.string("general.name", "every type \"and\" a quote");
  w.number("general.file_type", 15);
  w.pair("a.uint8", 0, w.raw(std::uint8_t{200}));
  w.pair("a.int8", 1, w.raw(std::int8_t{-3}));
  w.pair("a.uint16", 2, w.raw(std::uint16_t{60000}));
  w.pair("a.int16", 3, w.raw(std::int16_t{-300}));
  w.pair("a.int32", 5, w.raw(std::int32_t{-5}));
  w.pair("a.float32", 6, w.raw(1.5F));
  w.pair("a.bool", 7, w.raw(std::uint8_t{1}));
  w.pair("a.uint64", 10, w.raw(std::uint64_t{1} << 40U));
  w.pair("a.int64", 11, w.raw(std::int64_t{-7}));
  w.pair("a.float64", 12, w.raw(2.25));
  w.strings("tokenizer.ggml.tokens", {"a", "b", "", "d"});
  w.array("llama.attention.head_count_kv", 5, std::vector<std::int32_t>{8, 4, 8});
  for (const auto& [number, bytes] : types) w.tensor("type" + std::to_string(number) + ".weight", {256, 3}, number, 3 * bytes);
  w.tensor("one.bias", {7}, 0, 28);
  w.tensor("three.weight", {32, 2, 4}, 8, 272);
  return w.file();
}

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) out += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c < ' ' ? ' ' : c);
  return out + "\"";
}

std::string value_json(const import::Value& value) {
  struct Visit {
    std::string operator()(std::uint64_t n) const { return std::to_string(n); }
    std::string operator()(std::int64_t n) const { return std::to_string(n); }
    std::string operator()(double n) const { return std::to_string(n); }
    std::string operator()(bool n) const { return n ? "true" : "false"; }
    std::string operator()(const std::string& text) const { return quoted(text); }
    std::string operator()(const import::ArraySummary& a) const { return "{\"count\": " + std::to_string(a.count) + "}"; }
  };
  return std::visit(Visit{}, value);
}

bool describe(const fs::path& file, const fs::path& folder) {
  const auto header = import::read_gguf_file(file);
  if (!header) {
    std::cerr << header.problem->where << ": " << header.problem->message << "\n";
    return false;
  }
  std::ofstream out(folder / (file.filename().string() + ".json"), std::ios::binary);
  out << "{\"file\": " << quoted(fs::absolute(file).string()) << ", \"version\": " << header.value->version << ", \"big_endian\": " << (header.value->big_endian ? "true" : "false")
      << ", \"header_bytes\": " << header.value->header_bytes << ", \"alignment\": " << header.value->alignment << ",\n\"metadata\": {";
  const char* comma = "";
  for (const auto& [key, value] : header.value->metadata) {
    out << comma << "\n" << quoted(key) << ": " << value_json(value);
    comma = ",";
  }
  out << "},\n\"tensors\": [";
  comma = "";
  for (const import::GgufTensor& tensor : header.value->tensors) {
    out << comma << "\n{\"name\": " << quoted(tensor.name) << ", \"number\": " << tensor.type_number << ", \"type\": " << quoted(tensor.type) << ", \"offset\": " << tensor.offset
        << ", \"bytes\": " << static_cast<std::uint64_t>(tensor.bytes) << ", \"shape\": [";
    for (std::size_t i = 0; i < tensor.shape.size(); ++i) out << (i > 0 ? ", " : "") << tensor.shape[i];
    out << "]}";
    comma = ",";
  }
  out << "]}\n";
  return static_cast<bool>(out);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  const fs::path folder = argv[1];
  fs::create_directories(folder);
  const auto write = [&](const std::string& name, const std::string& bytes) {
    std::ofstream(folder / name, std::ios::binary) << bytes;
    return describe(folder / name, folder);
  };
  bool good = true;
  for (int i = 2; i < argc; ++i) good = describe(argv[i], folder) && good;
  if (argc > 2) return good ? 0 : 1;
  for (const std::uint32_t version : {2U, 3U}) {
    for (const bool big : {false, true}) good = write("v" + std::to_string(version) + (big ? "-big" : "-little") + ".gguf", every_type(version, big)) && good;
  }
  return write("tiny-llama.gguf", tiny_llama_gguf()) && good ? 0 : 1;
}
