// Engines: which unit runs which quantization on which chip, in which arithmetic, and what memory they take.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "roofline/core/device.hpp"
#include "roofline/core/figure.hpp"
#include "roofline/core/number_format.hpp"

namespace roofline {

struct Support {
  std::vector<UnitKind> units;
  std::vector<std::string> chips;  // "*" = any
  std::vector<std::string> quantizations;
  std::vector<std::string> model_families;  // empty = any
  bool refused = false;
  std::string reason;                // why refused
  std::vector<std::string> instead;  // quantizations that work
  Citation cite;
};

struct ArithmeticRule {
  std::vector<UnitKind> units;
  std::vector<std::string> chips;    // empty = any
  std::vector<std::string> formats;  // storage format ids
  std::vector<NumberFormat> number_formats;
  Citation cite;
};

struct ContextLimit {
  std::vector<UnitKind> units;  // empty = any
  Figure<double> max_context;
};

enum class KvRule { dense, llama_cpp };
enum class BufferRule { none, linear, llama_cpp };
// Which closed form of llama.cpp's graph allocator a model family follows. [model.md#compute-buffer]
enum class BufferForm { llama, qwen3, gemma };

// Formats an engine copies at load into a layout its kernels like better, while the mapped file stays in memory too.
struct RepackRule {
  std::vector<UnitKind> units;
  std::vector<std::string> chips;    // empty = any
  std::vector<std::string> formats;  // empty: none, which is known too
  int rows = 1;                      // only matrices whose rows are a multiple of this
  Citation cite;
};

struct RuntimeCost {
  std::vector<UnitKind> units;
  std::vector<std::string> chips;  // empty = any
  Figure<Bytes> bytes;
};
struct LinearBuffer {
  std::optional<Figure<Bytes>> fixed;
  std::optional<Figure<double>> per_weight_byte;
  std::optional<Figure<Bytes>> per_hidden;  // bytes per hidden element and prefill token in flight
};
// Where an engine whose reported memory leaves the input table out keeps it: in the same memory all the same, or on storage,
// read row by row.
enum class InputTable { beside, on_storage };
// Terms a fit may use; each has a meaning in bytes. [model.md#fitted-memory]
enum class MemoryTerm { weights, vocabulary, sequences, fixed, kv_tokens };

// Which measured runs an engine's memory is fitted to, and by what. Engines state it, `estimate calibrate-memory` fits it.
struct MemoryFitRule {
  std::string scope;
  std::vector<UnitKind> units;
  std::vector<std::string> chips;     // empty = any
  std::vector<std::string> versions;  // of the runs
  std::vector<MemoryTerm> terms;
  InputTable input_table = InputTable::beside;
  Figure<Bytes> reported_mb;  // what the source's "MB" is
  Citation cite;
};
// The fitted terms: need = resident weights x (1 + extra) + KV cache + rows of the vocabulary, sequences and the fixed part.
struct FittedMemory {
  std::string scope;
  double extra_per_weight_byte = 0;
  Bytes per_vocabulary_row;
  Bytes per_sequence;
  Bytes fixed;
  double kv_tokens = 0;  // cells per sequence of the measured engines, where fitted; a prediction counts the context asked for
  int runs = 0;
  int models = 0;
  std::optional<double> error;      // median |predicted / measured - 1|, each model left out in turn
  std::optional<double> error_p90;  // the same, 90th percentile
  std::vector<std::string> run_ids;
};
struct MemoryFit {
  std::string engine;
  std::string method;
  std::string runs_digest;
  std::vector<FittedMemory> constants;
};

struct MemoryRules {
  KvRule kv_rule = KvRule::dense;
  int kv_padding = 1;
  BufferRule compute_buffer = BufferRule::none;
  std::optional<Figure<double>> fraction;        // share of usable memory the engine takes for itself
  std::optional<Figure<double>> weights_factor;  // resident bytes per stored byte
  bool host_embeddings = false;
  std::map<std::string, BufferForm> buffer_forms;
  LinearBuffer linear;
  std::vector<RuntimeCost> runtime;
  std::vector<RepackRule> repack;  // every rule that covers a unit and chip applies; none: not known what is repacked there
  std::vector<MemoryFitRule> fit_rules;
  std::vector<FittedMemory> fitted;  // from hardware_db/memory; replaces compute buffer and runtime where it applies
};

enum class PrefillChunk { ubatch, whole };

struct Engine {
  std::string id;
  std::string name;
  std::string version;
  std::string calibration;  // id of the engine whose constants it uses; its own id by default
  std::vector<std::string> aliases;
  PrefillChunk prefill_chunk = PrefillChunk::whole;
  std::vector<std::string> kv_types;
  std::map<std::string, std::vector<std::string>> resolve;  // int4 -> quantizations tried in order
  std::vector<Support> support;  // first match wins
  std::vector<ArithmeticRule> arithmetic;
  std::vector<ContextLimit> limits;
  MemoryRules memory;
  Citation cite;
};

// First matching support cell; null means "not known".
const Support* find_support(const Engine& engine, UnitKind unit, std::string_view chip, std::string_view quantization,
                            std::string_view model_family);
std::optional<Figure<double>> context_limit(const Engine& engine, UnitKind unit);
// Number formats the engine may multiply `format_id` in; empty if the engine's file does not say.
std::vector<NumberFormat> arithmetic_of(const Engine& engine, UnitKind unit, std::string_view chip, std::string_view format_id);
// The rule that covers a unit and chip, and what was fitted by it; null where there is none.
const MemoryFitRule* memory_fit_rule(const Engine& engine, UnitKind unit, std::string_view chip);
const FittedMemory* fitted_memory(const Engine& engine, UnitKind unit, std::string_view chip);
std::vector<const RepackRule*> repack_rules(const Engine& engine, UnitKind unit, std::string_view chip);
std::optional<Figure<Bytes>> runtime_cost(const Engine& engine, UnitKind unit, std::string_view chip);

}  // namespace roofline
