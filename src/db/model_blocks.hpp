// The blocks of a model file, one function per kind of table: what one attention, feed-forward, window or recurrent block states.
#pragma once

#include <optional>
#include <set>
#include <vector>

#include "db/reader.hpp"
#include "roofline/core/model_spec.hpp"

namespace roofline::db {

// Bounds that no real model comes near; they keep hostile files from exhausting memory or overflowing counts.
inline constexpr std::int64_t most_layers = 2000;
inline constexpr std::int64_t widest = 10'000'000;
inline constexpr std::int64_t most_rows = 100'000'000'000;
inline constexpr std::int64_t longest_context = 1'000'000'000;
inline constexpr std::int64_t most_heads = 65536;
inline constexpr std::int64_t most_experts = 65536;

inline int small(std::int64_t value) { return static_cast<int>(value); }

inline constexpr std::string_view matrix_keys[] = {"role", "rows", "columns"};

struct Window {
  WindowKind kind = WindowKind::none;
  int size = 0;
  std::int64_t full_every = 0;
  std::set<std::int64_t> full_layers;
  [[nodiscard]] bool sees_everything(std::int64_t layer) const {
    return (full_every > 0 && (layer + 1) % full_every == 0) || full_layers.contains(layer);
  }
};

// A table without a list of layers speaks for all of them.
inline bool speaks_for(const std::set<std::int64_t>& listed, std::int64_t layer) { return listed.empty() || listed.contains(layer); }

struct Experts {
  MixtureOfExperts moe;
  std::int64_t first_dense = 0;
  std::int64_t every = 1;
  std::set<std::int64_t> listed;
  [[nodiscard]] bool in(std::int64_t layer) const { return layer >= first_dense && (layer + 1) % every == 0 && speaks_for(listed, layer); }
};

struct FeedForwards {
  DenseFeedForward usual;
  std::vector<std::int64_t> sizes;  // one per layer, or none
  std::set<std::int64_t> listed;
};

// RWKV-7's first layer differs from the others.
struct Recurrent {
  RecurrentMixer usual;
  std::optional<RecurrentMixer> first;
};

void check_head_groups(Table& table, int heads, int kv_heads);
std::set<std::int64_t> layer_set(Table& table, std::int64_t layers);
GroupedQueryAttention grouped_attention(Table& table);
// [full_attention]: what the layers that see everything have different from [attention].
GroupedQueryAttention full_attention(Table& table, GroupedQueryAttention a);
Window window(Table& table, std::int64_t layers);
Experts experts(Table& table, bool gated, std::int64_t layers);
Recurrent recurrent(Table& table, int hidden);
ExtraTensor extra_tensor(Table& table);

}  // namespace roofline::db
