#include "db/loaders.hpp"

namespace roofline::db {
namespace {

constexpr std::string_view top_keys[] = {"schema", "id", "generated_by", "method", "runs_digest", "fitted"};
constexpr std::string_view fitted_keys[] = {"scope", "extra_per_weight_byte", "vocabulary_row_bytes", "sequence_bytes", "fixed_bytes", "kv_tokens",
                                            "runs", "models", "error", "error_p90", "run_ids"};

constexpr double largest_size = 1e15;
constexpr double most_tokens = 1e9;

}  // namespace

MemoryFit read_memory_fit(const toml::table& root, File& file) {
  Table top(root, "memory", top_keys, file);
  check_schema(top);
  MemoryFit fit;
  fit.engine = checked_id(top, "id");
  top.reference_or("id", Kind::engine, "");
  top.text("generated_by");
  fit.method = top.text("method");
  fit.runs_digest = top.text("runs_digest");
  for (Table& entry : top.tables("fitted", fitted_keys)) {
    FittedMemory f;
    const auto bytes = [&](std::string_view key) { return entry.optional_number(key, 0, largest_size).value_or(0) * unit::B; };
    f.scope = entry.text("scope");
    // Terms are never negative: more of anything needs no less memory.
    f.extra_per_weight_byte = entry.optional_number("extra_per_weight_byte", 0, 100).value_or(0);
    f.per_vocabulary_row = bytes("vocabulary_row_bytes");
    f.per_sequence = bytes("sequence_bytes");
    f.fixed = bytes("fixed_bytes");
    f.kv_tokens = entry.optional_number("kv_tokens", 0, most_tokens).value_or(0);
    f.runs = static_cast<int>(entry.integer("runs", 1, 1'000'000));
    f.models = static_cast<int>(entry.integer("models", 1, 1'000'000));
    f.error = entry.optional_number("error", 0, 1e6);
    f.error_p90 = entry.optional_number("error_p90", 0, 1e6);
    f.run_ids = entry.strings("run_ids");
    fit.constants.push_back(std::move(f));
  }
  return fit;
}

std::vector<KnownTable> memory_fit_tables() { return {{"", top_keys}, {"fitted[]", fitted_keys}}; }

}  // namespace roofline::db
