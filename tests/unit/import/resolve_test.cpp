// Names as people write them, against a small book of names made by hand.
#include "roofline/import/resolve.hpp"

#include <boost/test/unit_test.hpp>
#include <map>

using namespace roofline;
using namespace roofline::import;

namespace {

Spelling spelling(SpellingOf of, std::vector<std::string> phrases) {
  Spelling s;
  s.of = of;
  s.phrases = std::move(phrases);
  return s;
}

struct World {
  std::map<std::string, Device> devices;
  std::map<std::string, Engine> engines;
  std::map<std::string, ModelSpec> models;
  Names names;

  World() {
    for (const char* id : {"board-8gb", "board-16gb", "rtx-4060", "rtx-4060-ti-16gb"}) {
      Device d;
      d.id = id;
      d.chip = "chip";
      d.memories.resize(1);
      d.units.resize(2);
      d.units[0].kind = UnitKind::gpu;
      d.units[1].kind = UnitKind::cpu;
      d.units[1].id = "cpu";
      devices[id] = d;
    }
    for (Device* d : {&devices["board-8gb"], &devices["board-16gb"]}) {
      for (const char* mode : {"maxn", "25w", "15w"}) {
        PowerMode m;
        m.id = mode;
        m.name = std::string("MODE_") + mode;
        d->modes.push_back(m);
      }
    }
    names.devices = {{"board-8gb", {"board", "some-board-8"}, "board.toml"}, {"board-16gb", {}, "board.toml"}, {"rtx-4060", {"GeForce RTX 4060"}, "a"}, {"rtx-4060-ti-16gb", {}, "b"}};
    for (const char* id : {"llama.cpp", "ollama", "vllm"}) {
      Engine e;
      e.id = id;
      e.calibration = std::string(id) == "ollama" ? "llama.cpp" : id;
      Support s;
      s.units = {UnitKind::gpu, UnitKind::cpu};
      s.chips = {"*"};
      s.quantizations = {"gptq", "q4_k_m"};
      e.support = {s};
      engines[id] = e;
      names.engines.push_back({id, {}, id});
    }
    engines["vllm"].resolve["w4a16"] = {"awq", "gptq"};
    for (const char* id : {"llama-3.2-3b", "qwen2.5-7b", "qwen2.5-7b-1m", "gemma-3-4b"}) {
      ModelSpec m;
      m.id = id;
      m.layers.resize(28);
      models[id] = m;
      names.models.push_back({id, {}, id});
    }
    names.quantizations = {{"q40", {}, ""}, {"q4_0", {}, ""}, {"q4_k_m", {"Q4_K - Medium"}, ""}, {"q8_0", {}, ""}, {"f16", {}, ""}, {"awq", {"int4 awq"}, ""}, {"gptq", {}, ""}, {"q2_k", {}, ""}};
    Spelling words = spelling(SpellingOf::model, {"instruct", "it", "gguf", "coder"});
    words.ignored = true;
    Spelling other = spelling(SpellingOf::model, {"vl", "pruned"});
    other.refused = "another model";
    Spelling gpu = spelling(SpellingOf::unit, {"cuda", "metal"});
    gpu.means = "gpu";
    Spelling cpu = spelling(SpellingOf::unit, {"cpu"});
    cpu.means = "cpu";
    Spelling joined = spelling(SpellingOf::engine, {"or", "server"});
    joined.ignored = true;
    Spelling board = spelling(SpellingOf::device, {"nvidia", "kit"});
    board.ignored = true;
    Spelling tag = spelling(SpellingOf::quantization, {"ollama default"});
    tag.means = "q4_k_m";
    tag.note = "the default";
    Spelling once = spelling(SpellingOf::run, {"speculative decoding"});
    once.kind = RunKind::speculative;
    Spelling end = spelling(SpellingOf::run, {"end to end"});
    end.kind = RunKind::end_to_end;
    names.spellings = {words, other, gpu, cpu, joined, board, tag, once, end};
    names.device = [this](const std::string& id) { return &devices.at(id); };
    names.engine = [this](const std::string& id) { return &engines.at(id); };
    names.model = [this](const std::string& id) { return &models.at(id); };
    names.firmware = [](const std::string&) { return std::string(); };
  }
  ResolvedRun operator()(ResultRow row, const Stated& stated = {}) const {
    if (row.device.empty()) row.device = "board";
    if (row.engine.empty()) row.engine = "llama.cpp (CUDA)";
    if (row.model.empty()) row.model = "llama-3.2-3b";
    if (row.quantization.empty()) row.quantization = "Q4_K_M";
    row.decode_tokens_per_second = 1;
    return Resolver(names).resolve(row, stated);
  }
};

std::string engine(const std::string& text) {
  ResultRow row;
  row.engine = text;
  const ResolvedRun r = World()(row);
  return r.reason.empty() ? r.run.engine + " " + std::string(to_string(r.run.unit)) : r.reason;
}
std::string model(const std::string& text) {
  ResultRow row;
  row.model = text;
  const ResolvedRun r = World()(row);
  return r.run.model.empty() ? r.reason : r.run.model;
}
std::string quantization(const std::string& text, const char* by = "llama.cpp (CUDA)") {
  ResultRow row;
  row.quantization = text;
  row.engine = by;
  const ResolvedRun r = World()(row);
  return r.reason.empty() ? r.run.quantization : r.reason;
}
std::string device(const std::string& text, const std::string& variant = "") {
  ResultRow row;
  row.device = text;
  row.variant = variant;
  const ResolvedRun r = World()(row);
  return r.run.device.empty() ? r.reason : r.run.device;
}
std::string mode(const std::string& text) {
  ResultRow row;
  row.power_mode = text;
  const ResolvedRun r = World()(row);
  return r.run.mode + (r.mode_stated ? "" : "?");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(import_resolve)

BOOST_AUTO_TEST_CASE(engines_and_their_backends) {
  BOOST_TEST(engine("llama.cpp (CUDA)") == "llama.cpp gpu");
  BOOST_TEST(engine("LLAMA-CPP server (CPU, OpenBLAS build)") == "llama.cpp cpu");
  BOOST_TEST(engine("llama.cpp 0.7.1 (some fork's bindings)") == "llama.cpp gpu");
  BOOST_TEST(engine("ollama or llama.cpp") == "ollama gpu");  // they share their constants
  BOOST_TEST(engine("vllm/ollama") == "engine 'vllm/ollama' names several: ollama, vllm");
  BOOST_TEST(engine("ik_llama.cpp (CPU)") == "engine 'ik_llama.cpp (CPU)' is not known");  // another engine, not llama.cpp
}

BOOST_AUTO_TEST_CASE(models_by_their_words) {
  for (const char* name : {"llama-3.2-3b", "Llama 3.2 3B", "llama3.2:3b", "meta-llama/Llama-3.2-3B-Instruct", "Llama-3.2-3B-Instruct-Q4_K_M.gguf", "llama-3.2-3b.Q8_0"}) {
    BOOST_TEST(model(name) == "llama-3.2-3b", name);
  }
  BOOST_TEST(model("Qwen2.5-Coder-7B") == "qwen2.5-7b");
  BOOST_TEST(model("Qwen_Qwen2.5-7B-Instruct") == "qwen2.5-7b");
  BOOST_TEST(model("somebody_Qwen2.5-7B-Story-v2-Q4_K_M.gguf") == "qwen2.5-7b");  // a finetune; said in a note
  BOOST_TEST(model("Qwen2.5-VL-7B") == "model 'Qwen2.5-VL-7B': another model");
  BOOST_TEST(model("Llama-3.2-3B depth-pruned") == "model 'Llama-3.2-3B depth-pruned': another model");
  BOOST_TEST(model("Llama-3.2-3B-gemma-3-4b-merge").ends_with("is not in the database"));  // two sizes: neither
  BOOST_TEST(model("gemma-3") == "model 'gemma-3' is not in the database");
  BOOST_TEST(model("Qwen2.5-70B") == "model 'Qwen2.5-70B' is not in the database");
}

BOOST_AUTO_TEST_CASE(quantizations_as_engines_mean_them) {
  BOOST_TEST(quantization("Q4_K_M (ollama default, not stated)") == "q4_k_m");
  BOOST_TEST(quantization("qwen2 7B Q4_K - Medium") == "q4_k_m");
  BOOST_TEST(quantization("QAT Q8_0") == "q8_0");
  BOOST_TEST(quantization("Q4_0 (by hand)") == "q4_0");  // not the Q40 of another engine
  BOOST_TEST(quantization("Q40") == "q40");
  BOOST_TEST(quantization("ollama default tag") == "q4_k_m");
  BOOST_TEST(quantization("INT4 AWQ / FP16", "vllm") == "awq");
  BOOST_TEST(quantization("W4A16", "vllm") == "gptq");  // of two it may mean, the one it is known to run here
  BOOST_TEST(quantization("W4A16") == "quantization 'W4A16' is not known");
  BOOST_TEST(quantization("Q4_K_Q") == "quantization 'Q4_K_Q' is not known");
  ResultRow row;
  row.model = "llama-3.2-3b.Q2_K.gguf";
  row.quantization = " ";
  const ResolvedRun named = World()(row);
  BOOST_TEST(named.run.quantization == "q2_k");
}

BOOST_AUTO_TEST_CASE(devices_and_their_variants) {
  BOOST_TEST(device("Some Board 8") == "board-8gb");
  BOOST_TEST(device("board", "the 16 GB one") == "board-16gb");
  BOOST_TEST(device("board", "unlabelled") == "board-8gb");
  BOOST_TEST(device("NVIDIA GeForce RTX 4060") == "rtx-4060");
  BOOST_TEST(device("NVIDIA RTX 4060 8GB") == "rtx-4060");
  BOOST_TEST(device("rtx-4060-ti", "16GB card") == "rtx-4060-ti-16gb");
  // A longer name is another card.
  BOOST_TEST(device("rtx-4060-ti") == "device 'rtx-4060-ti' is not in the database");
  BOOST_TEST(device("RTX 4060 Super") == "device 'RTX 4060 Super' is not in the database");
}

BOOST_AUTO_TEST_CASE(power_modes_are_never_guessed) {
  BOOST_TEST(mode("") == "?");
  BOOST_TEST(mode("25W + jetson_clocks") == "25w");
  BOOST_TEST(mode("MAXN (-m 0)") == "maxn");
  BOOST_TEST(mode("mode_15w") == "15w");
  BOOST_TEST(mode("25W/MAXN") == "?");
  BOOST_TEST(mode("450W") == "?");
}

BOOST_AUTO_TEST_CASE(notes_say_what_a_figure_is) {
  ResultRow row;
  row.notes = "End-to-end; speculative decoding, accept 2.5";
  BOOST_TEST((World()(row).run.kind == RunKind::speculative));
  row.notes = "end-to-end tokens/s";
  BOOST_TEST((World()(row).run.kind == RunKind::end_to_end));
}

BOOST_AUTO_TEST_CASE(layers_in_host_memory_are_another_machine) {
  ResultRow row;
  row.gpu_layers = 20;
  const ResolvedRun part = World()(row);
  BOOST_TEST((part.run.kind == RunKind::offload));
  BOOST_TEST(part.notes.back() == "only 20 of 28 layers were on the GPU");
  row.gpu_layers = 99;
  BOOST_TEST((World()(row).run.kind == RunKind::decode));
}

BOOST_AUTO_TEST_CASE(what_is_stated_fills_what_is_missing) {
  Stated stated;
  stated.device = "rtx-4060";
  stated.only_missing = true;
  ResultRow row;
  row.device = "board";
  BOOST_TEST(World()(row, stated).run.device == "board-8gb");
  row.device = "Orin";  // a name the database does not have
  BOOST_TEST(World()(row, stated).run.device == "rtx-4060");
  stated.only_missing = false;
  row.device = "board";
  BOOST_TEST(World()(row, stated).run.device == "rtx-4060");
}

BOOST_AUTO_TEST_CASE(hostile_names) {
  for (const std::string& name : {std::string(100'000, 'a'), std::string(100'000, '('), std::string(50'000, '/'), std::string("\xff\xfe\x01"), std::string(1, '\0'),
                                  [] { std::string s; for (int i = 0; i < 20'000; ++i) s += "a "; return s; }()}) {
    ResultRow row;
    row.device = row.variant = row.model = row.engine = row.quantization = row.power_mode = row.notes = name;
    const ResolvedRun r = Resolver(World().names).resolve(row);
    BOOST_TEST(!r.reason.empty());
    BOOST_TEST(r.reason.size() < 300U);
  }
}

BOOST_AUTO_TEST_SUITE_END()
