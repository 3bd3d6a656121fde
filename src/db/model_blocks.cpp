#include "db/model_blocks.hpp"

#include "db/roles.hpp"
#include "roofline/core/recurrent_blocks.hpp"

namespace roofline::db {
namespace {

RecurrentMixer stated_recurrent(Table& table) {
  RecurrentMixer mixer;
  if (!table.has("matrices")) table.error("matrices", "missing key 'matrices' (or 'kind') in " + table.name());
  for (Table& entry : table.tables("matrices", matrix_keys)) {
    mixer.matrices.push_back({checked_role(entry, "role"), entry.integer("rows", 1, widest * 10), entry.integer("columns", 1, widest)});
  }
  if (table.has("matrices") && mixer.matrices.empty()) table.error("matrices", "'matrices' in " + table.name() + " is empty: a layer without weights?");
  mixer.vector_elements = table.integer_or("vectors", 0, most_rows, 0);
  mixer.state_elements = table.integer("state_elements", 0, most_rows);
  mixer.conv_elements = table.integer_or("conv_elements", 0, most_rows, 0);
  mixer.ops_per_token = static_cast<double>(table.integer_or("ops_per_token", 0, most_rows, 0));
  return mixer;
}

}  // namespace

void check_head_groups(Table& table, int heads, int kv_heads) {
  if (heads % kv_heads != 0) table.error("kv_heads", "heads (" + std::to_string(heads) + ") is no multiple of kv_heads (" + std::to_string(kv_heads) + ")");
}

GroupedQueryAttention grouped_attention(Table& table) {
  GroupedQueryAttention a;
  a.heads = small(table.integer("heads", 1, most_heads));
  a.kv_heads = small(table.integer("kv_heads", 1, most_heads));
  a.head_dim_k = small(table.integer("head_dim", 1, widest));
  a.head_dim_v = small(table.integer_or("head_dim_v", 1, widest, a.head_dim_k));
  a.fused_qkv = table.flag_or("fused_qkv", false);
  a.qkv_bias = table.flag_or("qkv_bias", false);
  a.output_bias = table.flag_or("output_bias", false);
  if (table.has("qk_norm")) {
    const std::string norm = table.one_of("qk_norm", {"none", "per_head", "full_width"});
    a.qk_norm = norm == "per_head" ? QkNorm::per_head : norm == "full_width" ? QkNorm::full_width : QkNorm::none;
  }
  check_head_groups(table, a.heads, a.kv_heads);
  return a;
}

GroupedQueryAttention full_attention(Table& table, GroupedQueryAttention a) {
  a.heads = small(table.integer_or("heads", 1, most_heads, a.heads));
  a.kv_heads = small(table.integer_or("kv_heads", 1, most_heads, a.kv_heads));
  a.head_dim_k = small(table.integer_or("head_dim", 1, widest, a.head_dim_k));
  a.head_dim_v = small(table.integer_or("head_dim_v", 1, widest, table.has("head_dim") ? a.head_dim_k : a.head_dim_v));
  a.value_from_key = table.flag_or("value_from_key", false);
  if (a.value_from_key && a.head_dim_v != a.head_dim_k) table.error("value_from_key", "values that are the keys have the keys' head_dim");
  check_head_groups(table, a.heads, a.kv_heads);
  return a;
}

Window window(Table& table, std::int64_t layers) {
  Window w;
  w.size = small(table.integer("size", 1, longest_context));
  w.kind = table.one_of("kind", {"sliding", "chunked"}) == "chunked" ? WindowKind::chunked : WindowKind::sliding;
  w.full_every = table.integer_or("full_every", 1, most_layers, 0);
  for (const std::int64_t layer : table.integers("full_layers", 0, layers - 1)) w.full_layers.insert(layer);
  if (table.has("full_every") && table.has("full_layers")) table.error("full_layers", table.name() + " states either 'full_every' or 'full_layers'");
  return w;
}

std::set<std::int64_t> layer_set(Table& table, std::int64_t layers) {
  const auto list = table.integers("layers", 0, layers - 1);
  if (table.has("layers") && list.empty()) table.error("layers", "'layers' in " + table.name() + " is empty");
  return {list.begin(), list.end()};
}
Experts experts(Table& table, bool gated, std::int64_t layers) {
  Experts e;
  e.moe.count = small(table.integer("count", 1, most_experts));
  e.moe.top_k = small(table.integer("top_k", 1, most_experts));
  e.moe.size = small(table.integer("size", 1, widest));
  e.moe.shared_size = small(table.integer_or("shared_size", 0, widest, 0));
  e.moe.router_bias = table.flag_or("router_bias", false);
  e.moe.gated = table.flag_or("gated", gated);
  e.first_dense = table.integer_or("first_dense", 0, most_layers, 0);
  e.every = table.integer_or("every", 1, most_layers, 1);
  e.listed = layer_set(table, layers);
  if (table.has("layers") && (table.has("every") || table.has("first_dense"))) table.error("layers", table.name() + " states either 'layers' or 'every' and 'first_dense'");
  if (e.moe.top_k > e.moe.count) table.error("top_k", "top_k is larger than count");
  return e;
}

Recurrent recurrent(Table& table, int hidden) {
  if (!table.has("kind")) return {stated_recurrent(table), std::nullopt};
  const std::string kind = table.one_of("kind", {"mamba1", "mamba2", "rwkv7", "short_conv"});
  for (const std::string_view key : {"matrices", "vectors", "state_elements", "conv_elements", "ops_per_token"}) {
    if (table.has(key)) table.error(key, "'" + std::string(key) + "' in " + table.name() + " follows from 'kind'");
  }
  std::set<std::string_view> used;
  const auto dimension = [&](std::string_view key) {
    used.insert(key);
    return small(table.integer(key, 1, widest / 10));
  };
  Recurrent out;
  if (kind == "mamba1") {
    out.usual = mamba1_mixer(hidden, {.inner = dimension("inner"), .state = dimension("state"), .rank = dimension("rank"), .kernel = dimension("kernel")});
  } else if (kind == "mamba2") {
    out.usual = mamba2_mixer(hidden, {.heads = dimension("heads"), .head_dim = dimension("head_dim"), .state = dimension("state"),
                                      .groups = dimension("groups"), .kernel = dimension("kernel")});
  } else if (kind == "rwkv7") {
    const Rwkv7Block block{.heads = dimension("heads"), .head_dim = dimension("head_dim"), .decay_rank = dimension("decay_rank"),
                           .rate_rank = dimension("rate_rank"), .value_rank = dimension("value_rank"), .gate_rank = dimension("gate_rank"),
                           .channel_mix = dimension("channel_mix")};
    out = {rwkv7_mixer(hidden, block, false), rwkv7_mixer(hidden, block, true)};
  } else if (kind == "short_conv") {
    out.usual = short_conv_mixer(hidden, dimension("kernel"));
  }
  for (const std::string_view key : {"inner", "state", "heads", "head_dim", "groups", "kernel", "rank", "decay_rank", "rate_rank", "value_rank", "gate_rank", "channel_mix"}) {
    if (!kind.empty() && table.has(key) && !used.contains(key)) table.error(key, "a block of kind '" + kind + "' has no '" + std::string(key) + "'");
  }
  return out;
}

ExtraTensor extra_tensor(Table& table) {
  ExtraTensor tensor;
  tensor.role = checked_role(table, "role");
  tensor.rows = table.integer("rows", 1, most_rows);
  tensor.columns = table.integer("columns", 1, most_rows);
  tensor.count = table.integer_or("count", 1, most_experts * most_layers, 1);
  const std::string access = table.has("access") ? table.one_of("access", {"every_token", "one_row", "image_only", "never"}) : "every_token";
  tensor.access = access == "one_row" ? Access::one_row : access == "image_only" ? Access::image_only : access == "never" ? Access::never : Access::every_token;
  tensor.container = table.text_or("container", "");
  tensor.parameter = table.flag_or("parameter", true);
  tensor.vector = table.flag_or("vector", false);
  return tensor;
}

}  // namespace roofline::db
