// Tensor bytes against published sizes of GGUF files: every row of the table whose model is in the database.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cctype>
#include <cmath>
#include <map>
#include <vector>

#include "support/support.hpp"

namespace {

using namespace roofline;
using namespace roofline::testing;

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

// Half a unit of the last printed digit, in GiB.
double half_last_digit(const std::string& text) {
  const auto dot = text.find('.');
  const auto decimals = dot == std::string::npos ? 0 : text.size() - dot - 1;
  return 0.5 * std::pow(10.0, -static_cast<double>(decimals));
}

bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

bool is_known(const std::string& name) {
  const auto entries = catalog().entries(db::Kind::model);
  return std::any_of(entries.begin(), entries.end(), [&](const db::Entry& entry) { return entry.id == name; });
}

// Rows whose own source says that they are of another mix, or may be: what they measure is not the quantization they name.
bool set_aside(const CsvRow& row) {
  return holds(row.at("source"), "CHECK") || holds(row.at("quant"), "UD") || holds(row.at("source"), "UD-") || holds(row.at("model"), "ik double-counts");
}

// "Q4_K_M(bartowski)" and "MXFP4" as the database calls them. "F16(MXFP4 experts)" is the checkpoint's own mix.
std::string quantization_of(const CsvRow& row) {
  if (row.at("quant") == "F16(MXFP4 experts)") return "mxfp4";
  std::string name = lower(row.at("quant"));
  name = name.substr(0, name.find('('));
  return name == "mxfp4" ? "mxfp4_moe" : name;
}

// "llama-converted": a conversion that splits the fused query, key and value rows into three tensors, as Llama has them.
ModelSpec model_of(const CsvRow& row) {
  ModelSpec spec = model(row.at("model"));
  if (!holds(row.at("quant"), "llama-converted")) return spec;
  for (Layer& layer : spec.layers) {
    if (auto* grouped = std::get_if<GroupedQueryAttention>(&layer.mixer)) grouped->fused_qkv = false;
  }
  return spec;
}

struct Compared {
  std::string name;
  double error = 0;    // relative
  double allowed = 0;  // relative
};

// Whether an importance matrix was used is stated by no row: of the rules that ask for it, the branch that fits is taken.
Compared compare(const CsvRow& row) {
  const double published = std::stod(row.at("file_gib"));
  Quantization q = quantization(quantization_of(row));
  double best = 1e9;
  double ours = 0;
  const ModelSpec spec = model_of(row);
  for (const bool matrix : {false, true}) {
    q.importance_matrix = matrix;
    const double gib = total_bytes(stored_tensors(spec, q)).in(unit::GiB);
    if (std::abs(gib / published - 1) >= best) continue;
    best = std::abs(gib / published - 1);
    ours = gib;
  }
  Compared out;
  out.name = row.at("model") + " " + row.at("quant") + " " + row.at("file_gib") + " GiB, here " + std::to_string(ours);
  out.error = best;
  out.allowed = std::max(0.005, half_last_digit(row.at("file_gib")) / published);
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(gguf_sizes)

BOOST_AUTO_TEST_CASE(published_sizes_are_met) {
  std::vector<CsvRow> explained = read_csv("data/reference/gguf_sizes_misses.csv");
  std::vector<double> errors;
  int within = 0;
  int mixes = 0;
  for (const CsvRow& row : read_csv("data/reference/gguf_sizes.csv")) {
    if (!is_known(row.at("model")) || row.at("file_gib").empty() || set_aside(row)) continue;
    const Compared c = compare(row);
    if (c.error <= c.allowed + 1e-12) {
      errors.push_back(c.error);
      ++within;
      continue;
    }
    const auto why = std::find_if(explained.begin(), explained.end(), [&](const CsvRow& miss) {
      return miss.at("model") == row.at("model") && miss.at("quant") == row.at("quant") && miss.at("file_gib") == row.at("file_gib");
    });
    BOOST_TEST((why != explained.end()), "no explanation for " << c.name << ", off by " << 100 * c.error << " %");
    if (why == explained.end()) continue;
    // A file whose tensor types are known not to be those of the rules is set aside as the rows labelled UD are.
    if (why->at("standing") == "mix") ++mixes;
    else errors.push_back(c.error);
    explained.erase(why);
  }
  for (const CsvRow& miss : explained) BOOST_TEST(false, miss.at("model") << " " << miss.at("quant") << " is explained and is no miss");
  std::sort(errors.begin(), errors.end());
  const double median = errors.at(errors.size() / 2);
  BOOST_TEST_MESSAGE(errors.size() << " rows, median error " << 100 * median << " %, " << within << " within max(0.5 %, half a digit), "
                                   << mixes << " more of other mixes");
  BOOST_TEST(errors.size() >= 117u);
  BOOST_TEST(median <= 0.0005);
  BOOST_TEST(within >= 0.95 * static_cast<double>(errors.size()));
}

// MLX files of models of known dimensions, where the source states whole bytes.
BOOST_AUTO_TEST_CASE(mlx_files_are_met) {
  const std::map<std::string, std::pair<std::string, std::string>> known{
      {"Llama-3.1-Nemotron-70B-Instruct-HF-4bit", {"llama-3.1-70b", "mlx-4bit"}},
      {"Llama-3.1-Nemotron-70B-Instruct-HF-8bit", {"llama-3.1-70b", "mlx-8bit"}},
      {"Llama-3.1-Nemotron-70B-Instruct-HF-bf16", {"llama-3.1-70b", "mlx-bf16"}},
      {"NVIDIA-Nemotron-Nano-9B-v2-4bits", {"nemotron-nano-9b-v2", "mlx-4bit"}},
      {"NVIDIA-Nemotron-Nano-9B-v2-6bit", {"nemotron-nano-9b-v2", "mlx-6bit"}},
      {"NVIDIA-Nemotron-3-Nano-30B-A3B-MLX-5Bit", {"nemotron-3-nano-30b-a3b", "mlx-5bit"}},
      {"NVIDIA-Nemotron-3-Nano-30B-A3B-MLX-6Bit", {"nemotron-3-nano-30b-a3b", "mlx-6bit"}},
      {"NVIDIA-Nemotron-3-Nano-30B-A3B-MLX-8Bit", {"nemotron-3-nano-30b-a3b", "mlx-8bit"}}};
  int checked = 0;
  for (const CsvRow& row : read_csv("data/reference/gguf_sizes.csv")) {
    const auto at = known.find(row.at("model"));
    if (at == known.end()) continue;
    const double published = std::stod(row.at("file_bytes"));
    const double ours = total_bytes(stored_tensors(model(at->second.first), quantization(at->second.second))).in(unit::B);
    // All to the byte, but for 384 bytes in each of the 23 routed layers of Nemotron 3 Nano: some small vectors in F32.
    const double allowed = at->second.first == "nemotron-3-nano-30b-a3b" ? 23 * 384 : 0;
    BOOST_TEST(std::abs(ours - published) <= allowed, at->first << ": " << ours << " B against " << published << ", " << 100 * (ours / published - 1) << " %");
    ++checked;
  }
  BOOST_TEST(checked == 8);
}

BOOST_AUTO_TEST_SUITE_END()
