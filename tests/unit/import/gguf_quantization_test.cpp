#include <boost/test/unit_test.hpp>

#include "roofline/core/tensors.hpp"
#include "roofline/import/gguf_model.hpp"
#include "support/support.hpp"
#include "unit/import/tiny_llama.hpp"

using namespace roofline;
using namespace roofline::import;
using namespace roofline::testing;

BOOST_AUTO_TEST_SUITE(gguf_quantization)

BOOST_AUTO_TEST_CASE(every_tensor_is_counted_in_the_type_the_file_gives_it) {
  const auto header = read(tiny_llama_gguf());
  BOOST_TEST_REQUIRE(header.value.has_value(), (header.problem ? header.problem->message : ""));
  BOOST_TEST(file_type_id(*header.value) == "q4_k_m");
  const auto model = model_of(*header.value);
  BOOST_TEST_REQUIRE(model.value.has_value());
  const auto q = quantization_of(*header.value, "q4_k_m", [](const std::string& id) { return catalog().format(id).value; });
  BOOST_TEST_REQUIRE(q.value.has_value());
  const auto stored = stored_tensors(model.value->spec, *q.value);
  BOOST_TEST(total_bytes(stored).in(unit::B) == tiny_llama_bytes);
  BOOST_TEST(model.value->totals.tensor_bytes == tiny_llama_bytes);
  for (const StoredTensor& tensor : stored) {
    if (tensor.tensor.role == "attn_v") BOOST_TEST(tensor.format->id == (tensor.tensor.layer == 0 ? "q6_k" : "q4_k"));
    if (tensor.tensor.role == "token_embd") BOOST_TEST(tensor.format->id == "q6_k");
  }
}

// Fused matrices, gates stored with queries, experts beside a plain feed-forward, types that differ from layer to layer: whatever
// the model makes of them, the sum of bytes is the file's.
BOOST_AUTO_TEST_CASE(every_byte_of_unusual_files_is_counted) {
  const auto writer = [](const std::string& arch) {
    GgufWriter w;
    w.string("general.architecture", arch);
    w.number("general.file_type", 15);
    for (const auto& [key, value] : std::vector<std::pair<std::string, std::uint32_t>>{{"block_count", 4}, {"embedding_length", 256}, {"context_length", 512}, {"feed_forward_length", 512},
             {"attention.head_count", 4}, {"attention.head_count_kv", 2}, {"attention.key_length", 64}, {"attention.value_length", 64}, {"ssm.inner_size", 256}, {"ssm.state_size", 64},
             {"ssm.group_count", 4}, {"ssm.time_step_rank", 4}, {"ssm.conv_kernel", 4}, {"attention.sliding_window", 128}}) {
      w.number(arch + "." + key, value);
    }
    return w;
  };
  // Q4_K in even layers, Q6_K in odd ones; F32 vectors.
  const auto matrix = [](GgufWriter& w, const std::string& name, std::uint64_t length, std::uint64_t rows, bool six) {
    w.tensor(name, {length, rows}, six ? 14 : 12, rows * (length / 256) * (six ? 210 : 144));
  };
  const auto vector = [](GgufWriter& w, const std::string& name, std::uint64_t n) { w.tensor(name, {n}, 0, n * 4); };
  GgufWriter delta = writer("qwen35");
  GgufWriter phi = writer("phi3");
  GgufWriter gemma = writer("gemma4");
  gemma.number("gemma4.expert_count", 4);
  gemma.number("gemma4.expert_used_count", 2);
  for (GgufWriter* w : {&delta, &phi, &gemma}) {
    matrix(*w, "token_embd.weight", 256, 100, true);
    vector(*w, "output_norm.weight", 256);
  }
  matrix(gemma, "per_layer_token_embd.weight", 256, 100, false);
  for (int i = 0; i < 4; ++i) {
    const std::string blk = "blk." + std::to_string(i) + ".";
    const bool odd = i % 2 == 1;
    for (GgufWriter* w : {&delta, &phi, &gemma}) {
      vector(*w, blk + "attn_norm.weight", 256);
      vector(*w, blk + "ffn_norm.weight", 256);
      matrix(*w, blk + "ffn_down.weight", 512, 256, odd);
    }
    if (odd) {
      matrix(delta, blk + "attn_q.weight", 256, 512, i == 3);  // queries and their gate
      matrix(delta, blk + "attn_k.weight", 256, 128, false);
      matrix(delta, blk + "attn_v.weight", 256, 128, true);
      matrix(delta, blk + "attn_output.weight", 256, 256, false);
    } else {
      matrix(delta, blk + "attn_qkv.weight", 256, 768, i == 2);
      matrix(delta, blk + "attn_gate.weight", 256, 256, false);
      matrix(delta, blk + "ssm_out.weight", 256, 256, i == 2);
      vector(delta, blk + "ssm_a", 4);
    }
    matrix(delta, blk + "ffn_gate.weight", 256, 512, odd);
    matrix(delta, blk + "ffn_up.weight", 256, 512, !odd);
    matrix(phi, blk + "attn_qkv.weight", 256, 512, odd);
    matrix(phi, blk + "attn_output.weight", 256, 256, !odd);
    matrix(phi, blk + "ffn_up.weight", 256, 1024, odd);
    for (const char* name : {"attn_q", "attn_output", "inp_gate", "proj"}) matrix(gemma, blk + name + ".weight", 256, 256, odd);
    matrix(gemma, blk + "attn_k.weight", 256, 128, odd);
    matrix(gemma, blk + "ffn_gate.weight", 256, 512, odd);
    matrix(gemma, blk + "ffn_up.weight", 256, 512, odd);
    gemma.tensor(blk + "ffn_gate_inp.weight", {256, 4}, 0, 4096);
    gemma.tensor(blk + "ffn_gate_up_exps.weight", {256, 512, 4}, 12, 2048 * 144);
    gemma.tensor(blk + "ffn_down_exps.weight", {256, 256, 4}, odd ? 14 : 12, 1024 * (odd ? 210 : 144));
  }
  for (const GgufWriter* w : {&delta, &phi, &gemma}) {
    const auto header = read(w->file());
    BOOST_TEST_REQUIRE(header.value.has_value(), (header.problem ? header.problem->message : ""));
    const auto model = model_of(*header.value);
    BOOST_TEST_REQUIRE(model.value.has_value(), (model.problem ? model.problem->message : ""));
    const auto q = quantization_of(*header.value, "q4_k_m", [](const std::string& id) { return catalog().format(id).value; });
    BOOST_TEST_REQUIRE(q.value.has_value());
    BOOST_TEST_CONTEXT(model.value->spec.family) {
      BOOST_TEST(total_bytes(stored_tensors(model.value->spec, *q.value)).in(unit::B) == model.value->totals.tensor_bytes);
      for (const std::string& note : model.value->notes) BOOST_TEST_MESSAGE(note);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_type_without_a_storage_format_is_said) {
  const auto header = read(tiny_llama_gguf());
  const auto q = quantization_of(*header.value, "q4_k_m", [](const std::string&) { return static_cast<const WeightFormat*>(nullptr); });
  BOOST_TEST_REQUIRE(q.problem.has_value());
  BOOST_TEST(q.problem->message.find("no storage format") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
