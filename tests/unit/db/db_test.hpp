// What the suites of db share: where a text stands, whether a diagnostic stands there, trees on disk for a moment.
#pragma once

#include <unistd.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "roofline/db/catalog.hpp"

namespace roofline::testing {

// `text` with its one `from` replaced.
inline std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  BOOST_REQUIRE_MESSAGE(at != std::string::npos, "the sample holds no '" << from << "'");
  return text.replace(at, from.size(), to);
}

struct Place {
  int line = 1;
  int column = 1;
};
// Line and column, counted from 1, of the first `fragment`; counted here, not by the code under test.
inline Place place_of(std::string_view text, std::string_view fragment) {
  const std::size_t at = text.find(fragment);
  BOOST_REQUIRE_MESSAGE(at != std::string_view::npos, "the sample holds no '" << fragment << "'");
  Place place;
  for (const char c : text.substr(0, at)) {
    ++place.column;
    if (c == '\n') {
      ++place.line;
      place.column = 1;
    }
  }
  return place;
}

inline std::string all(const std::vector<db::Diagnostic>& diagnostics) {
  std::string text = diagnostics.empty() ? "no diagnostics" : "";
  for (const db::Diagnostic& diagnostic : diagnostics) text += "\n" + db::to_string(diagnostic);
  return text;
}

inline bool says(const std::vector<db::Diagnostic>& diagnostics, std::string_view fragment) {
  return std::any_of(diagnostics.begin(), diagnostics.end(), [&](const db::Diagnostic& d) { return d.message.find(fragment) != std::string::npos; });
}

inline bool says_at(const std::vector<db::Diagnostic>& diagnostics, Place place, std::string_view fragment) {
  return std::any_of(diagnostics.begin(), diagnostics.end(), [&](const db::Diagnostic& d) {
    return d.line == place.line && d.column == place.column && d.message.find(fragment) != std::string::npos;
  });
}

// Refused, with a message holding `message` at the place of `fragment`.
template <class T>
void check_refused(const db::Loaded<T>& loaded, std::string_view text, std::string_view fragment, std::string_view message) {
  const Place place = place_of(text, fragment);
  BOOST_TEST(!loaded.value.has_value());
  BOOST_TEST(says_at(loaded.diagnostics, place, message),
             "wanted '" << message << "' at " << place.line << ":" << place.column << ", got " << all(loaded.diagnostics));
}

template <class T>
void require_good(const db::Loaded<T>& loaded) {
  BOOST_REQUIRE_MESSAGE(loaded.value.has_value(), all(loaded.diagnostics));
  BOOST_TEST(loaded.diagnostics.empty());
}

// A directory that lives as long as this value.
class TemporaryTree {
 public:
  TemporaryTree() {
    static int count = 0;
    root_ = std::filesystem::temp_directory_path() / ("roofline-test-" + std::to_string(::getpid()) + "-" + std::to_string(count++));
    std::filesystem::create_directories(root_);
  }
  TemporaryTree(const TemporaryTree&) = delete;
  TemporaryTree& operator=(const TemporaryTree&) = delete;
  ~TemporaryTree() {
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
  }
  std::filesystem::path write(const std::string& path, std::string_view text) const {
    const auto file = root_ / path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream out(file, std::ios::binary);
    out.write(text.data(), static_cast<std::streamsize>(text.size()));
    return file;
  }
  [[nodiscard]] const std::filesystem::path& root() const { return root_; }

 private:
  std::filesystem::path root_;
};

// A board that passes every rule: 4 cores x 1 GHz x 16 op = 64 GOP/s; 64 bit / 8 x 2 x 1 GHz = 16 GB/s.
inline const std::string good_device = R"(schema = 1
id = "test-board"
name = "Test Board"
vendor = "Tests"
chip = "test-chip"
family = "test-family"
placement = "unified"
aliases = ["test-board-alias"]

[[memory]]
id = "dram"
type = "LPDDR4X"
capacity = { value = 4, unit = "GiB", source = "assumed", note = "a test" }
usable = { value = 3900, unit = "MiB", source = "assumed", note = "a test" }
bus_width = { value = 64, unit = "bit", source = "assumed", note = "a test" }
clock = { value = 1000, unit = "MHz", source = "assumed", note = "a test" }
transfers_per_clock = { value = 2, unit = "1", source = "derived", at = "double data rate" }
sustained = [
  { unit_kind = "cpu", value = 12, unit = "GB/s", source = "assumed", note = "a test" },
]

[[compute]]
id = "cpu"
kind = "cpu"
name = "4x Test"
cores = { value = 4, unit = "1", source = "assumed", note = "a test" }
clock = { value = 1.0, unit = "GHz", source = "assumed", note = "a test" }
rates = [
  { format = "fp32", accumulate = "fp32", value = 16, unit = "op", source = "assumed", note = "a test" },
]

[[mode]]
id = "slow"
name = "SLOW"
default = true
memory_clock = { value = 800, unit = "MHz", source = "assumed", note = "a test" }
units = [
  { unit = "cpu", cores = 2, clock = 0.5, clock_unit = "GHz", source = "assumed", note = "a test" },
]
)";

inline const std::string good_model = R"(schema = 1
id = "test-model"
name = "Test Model"
family = "test-family"

[dimensions]
layers = 6
hidden = 64
vocabulary = 1000
context = 2048
tied_embeddings = true
norms_per_layer = 2
source = "assumed"
note = "a test"

[attention]
heads = 8
kv_heads = 2
head_dim = 8
source = "assumed"
note = "a test"

[feed_forward]
size = 128
gated = true
source = "assumed"
note = "a test"
)";

inline const std::string good_format = R"(schema = 1
id = "test-format"
name = "TEST"
family = "k-quant"
block_weights = 256
block_bytes = 144
source = "assumed"
note = "a test"
)";

inline const std::string good_quantization = R"(schema = 1
id = "test-quant"
name = "TEST_Q"
container = "gguf"
default = "q4_k"
vectors = "f32"
router = "f32"
aliases = ["test-quant-alias"]
source = "assumed"
note = "a test"

[[rule]]
roles = ["attn_v", "ffn_down"]
format = "q6_k"
layers = "more_bits"
gqa_at_least = 4
)";

inline const std::string good_engine = R"(schema = 1
id = "test-engine"
name = "Test Engine"
version = "1"
source = "assumed"
note = "a test"
prefill_chunk = "ubatch"
kv_types = ["f16", "q8_0"]

[resolve]
int4 = ["q4_k_m", "q4_0"]
int8 = "q8_0"

[[limit]]
units = ["npu"]
max_context = { value = 4096, unit = "tokens", source = "assumed", note = "a test" }

[[support]]
units = ["cpu", "gpu"]
chips = ["*"]
quantizations = ["q4_k_m"]
status = "supported"
source = "assumed"
note = "a test"

[[support]]
units = ["npu"]
chips = ["test-chip"]
quantizations = ["q4_k_m"]
status = "refused"
reason = "it has no such kernels"
instead = ["q8_0"]
source = "assumed"
note = "a test"

[[arithmetic]]
units = ["cpu"]
formats = ["q4_k"]
number_formats = ["int8", "fp32"]
source = "assumed"
note = "a test"

[memory]
kv_rule = "llama_cpp"
kv_padding = 256
compute_buffer = "linear"
fraction = { value = 0.9, unit = "1", source = "assumed", note = "a test" }
host_embeddings = true

[[runtime]]
units = ["cpu"]
bytes = { value = 16, unit = "MiB", source = "assumed", note = "a test" }

[buffer_forms]
qwen3 = "qwen3"

[linear_buffer]
fixed = { value = 64, unit = "MiB", source = "assumed", note = "a test" }
)";

inline const std::string good_runs = R"(schema = 1
id = "test-runs"
source = "llama-cpp-readme"

[[run]]
id = "test-run-1"
device = "rtx-4090"
unit = "gpu"
engine = "llama.cpp"
model = "llama-3.1-8b"
quantization = "q4_k_m"
prompt = 512
batch = 1
decode_tps = 100.5
date = "2026-01"
source = "llama-cpp-readme"
quality = "B"
kind = "decode"
use = "hold_out"
)";

inline const std::string good_sources = R"(schema = 1

[[source]]
id = "test-source"
title = "A test"
publisher = "Tests"
url = "https://example.org/"
read = 2026-01-31
)";

inline const std::string good_calibration = R"(schema = 1
id = "test-engine"
generated_by = "estimate calibrate"
method = "by hand"
runs_digest = "0123456789abcdef"

[[effects]]
phase = "decode"
unit = "gpu"
rows = [
  "bandwidth|||test-family||k-quant||||0.25|0.05|2.5",
  "unpack|||test-family||fp8|int8|||-0.5|0.125|1",
]

[[intervals]]
phase = "decode"
unit = "gpu"
rows = ["family|-0.2|0.1|0.05|3", "engine|-0.3|0.4||0"]

[[evidence]]
phase = "decode"
unit = "gpu"
rows = ["|test-family|k-quant|dense|2|a b c"]
)";

inline const std::string good_fit = R"(schema = 1
id = "decode"
phase = "decode"
degrees_of_freedom = 4.0
noise_a = 0.03
noise_b = 0.05

[[level]]
parameter = "bandwidth"
units = ["gpu"]
keys = ["pool", "device"]
mean = 0.0
sd = 0.1
)";

}  // namespace roofline::testing
