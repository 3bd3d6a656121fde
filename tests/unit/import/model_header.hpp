// Headers with the keys and tensor shapes of real models: the tensors themselves are far too large to be written.
#pragma once

#include <boost/test/unit_test.hpp>
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "roofline/import/gguf_model.hpp"
#include "unit/import/gguf_writer.hpp"

namespace roofline::testing {

using Shape = std::vector<std::uint64_t>;

struct ModelHeader {
  GgufWriter w;
  std::string arch;
  std::uint32_t layers;
  std::uint32_t hidden;

  ModelHeader(std::string architecture, std::uint32_t blocks, std::uint32_t width, std::uint32_t context)
      : arch(std::move(architecture)), layers(blocks), hidden(width) {
    w.string("general.architecture", arch);
    w.string("general.name", "Test " + arch);
    number("block_count", blocks);
    number("embedding_length", width);
    number("context_length", context);
  }
  void number(const std::string& key, std::uint32_t value) { w.number(arch + "." + key, value); }
  // f16 matrices, f32 vectors.
  void tensor(const std::string& name, const Shape& shape) { w.tensor(name, shape, shape.size() > 1 ? 1 : 0, 32); }
  void each(const std::vector<std::pair<std::string, Shape>>& tensors, std::uint32_t first = 0, std::uint32_t end = 10'000) {
    for (std::uint32_t i = first; i < std::min(end, layers); ++i) {
      for (const auto& [role, shape] : tensors) tensor("blk." + std::to_string(i) + "." + role, shape);
    }
  }
  void ends(std::uint64_t vocabulary, bool head) {
    tensor("token_embd.weight", {hidden, vocabulary});
    tensor("output_norm.weight", {hidden});
    if (head) tensor("output.weight", {hidden, vocabulary});
  }
  void attention(std::uint64_t heads, std::uint64_t kv, std::uint64_t dim) {
    number("attention.head_count", static_cast<std::uint32_t>(heads));
    number("attention.head_count_kv", static_cast<std::uint32_t>(kv));
    number("attention.key_length", static_cast<std::uint32_t>(dim));
    number("attention.value_length", static_cast<std::uint32_t>(dim));
    each({{"attn_q.weight", {hidden, heads * dim}}, {"attn_k.weight", {hidden, kv * dim}}, {"attn_v.weight", {hidden, kv * dim}}, {"attn_output.weight", {heads * dim, hidden}}});
  }
  void dense(std::uint64_t size, std::uint32_t first = 0, std::uint32_t end = 10'000) {
    number("feed_forward_length", static_cast<std::uint32_t>(size));
    each({{"ffn_gate.weight", {hidden, size}}, {"ffn_up.weight", {hidden, size}}, {"ffn_down.weight", {size, hidden}}}, first, end);
  }
  void experts(std::uint64_t count, std::uint32_t used, std::uint64_t size, std::uint32_t first = 0) {
    number("expert_count", static_cast<std::uint32_t>(count));
    number("expert_used_count", used);
    number("expert_feed_forward_length", static_cast<std::uint32_t>(size));
    each({{"ffn_gate_inp.weight", {hidden, count}}, {"ffn_gate_exps.weight", {hidden, size, count}}, {"ffn_up_exps.weight", {hidden, size, count}}, {"ffn_down_exps.weight", {size, hidden, count}}}, first);
  }
  void norms(const std::vector<std::string>& roles) {
    for (const std::string& role : roles) each({{role + ".weight", {hidden}}});
  }
  import::ImportedModel import() const {
    const auto header = read_header(w);
    BOOST_REQUIRE_MESSAGE(header, (header.problem ? header.problem->message : ""));
    auto model = import::model_of(*header.value);
    BOOST_REQUIRE_MESSAGE(model, (model.problem ? model.problem->where + ": " + model.problem->message : ""));
    return std::move(*model.value);
  }
};

}  // namespace roofline::testing
