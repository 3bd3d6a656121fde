// Tensor bytes and per-tensor types against a real engine's quantizer: llama-quantize --dry-run on files with the public
// models' dimensions (tests/data/reference/README.md).
#include <boost/test/unit_test.hpp>
#include <cctype>
#include <set>
#include <sstream>

#include "support/support.hpp"

namespace {

using namespace roofline;
using namespace roofline::testing;

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

// Layers of "0-5 8 11"; -1 for tensors outside the layers (empty text).
std::set<int> layers(const std::string& text) {
  std::set<int> out;
  std::istringstream in(text);
  std::string part;
  while (in >> part) {
    const auto dash = part.find('-');
    const int first = std::stoi(part.substr(0, dash));
    const int last = dash == std::string::npos ? first : std::stoi(part.substr(dash + 1));
    for (int i = first; i <= last; ++i) out.insert(i);
  }
  if (out.empty()) out.insert(-1);
  return out;
}

// The dry run was made without an importance matrix.
const Quantization& dry_run(const std::string& name) {
  static std::map<std::string, Quantization> known;
  const auto [at, fresh] = known.try_emplace(name, quantization(name));
  at->second.importance_matrix = false;
  return at->second;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(quant_files)

BOOST_AUTO_TEST_CASE(tensor_bytes_are_exact_for_every_quantization) {
  int checked = 0;
  for (const CsvRow& row : read_csv("data/reference/gt_quant_files.csv")) {
    const auto found = catalog().quantization(lower(row.at("quant")));
    BOOST_TEST_REQUIRE(found.value != nullptr, row.at("quant"));
    const Bytes ours = total_bytes(stored_tensors(model(row.at("model")), dry_run(lower(row.at("quant")))));
    BOOST_TEST(ours.in(unit::B) == std::stod(row.at("tensor_bytes")), row.at("model") << " " << row.at("quant") << ": " << ours.in(unit::B)
                                                                                       << " against " << row.at("tensor_bytes"));
    ++checked;
  }
  BOOST_TEST(checked == 216);  // 9 models x 24 quantizations
}

BOOST_AUTO_TEST_CASE(every_tensor_has_the_type_the_engine_gives_it) {
  int checked = 0;
  std::map<std::string, std::vector<StoredTensor>> cache;
  for (const CsvRow& row : read_csv("data/reference/gt_quant_tensors.csv")) {
    const std::string key = row.at("model") + " " + row.at("quant");
    if (!cache.contains(key)) cache[key] = stored_tensors(model(row.at("model")), dry_run(lower(row.at("quant"))));
    const std::string role = row.at("tensor").substr(0, row.at("tensor").find('.'));
    const std::set<int> wanted = layers(row.at("layers"));
    std::size_t seen = 0;
    for (const StoredTensor& tensor : cache[key]) {
      if (tensor.tensor.role != role || !wanted.contains(tensor.tensor.layer)) continue;
      ++seen;
      BOOST_TEST(tensor.format->id == lower(row.at("type")), key << " " << role << " layer " << tensor.tensor.layer);
    }
    BOOST_TEST(seen == wanted.size(), key << " " << role);
    ++checked;
  }
  BOOST_TEST(checked > 1500);
}

BOOST_AUTO_TEST_SUITE_END()
