// The façade: device at a mode + model + quantization + engine + workload -> Estimate. Reads as the pipeline.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "roofline/core/aggregate.hpp"
#include "roofline/core/charges.hpp"
#include "roofline/core/fit.hpp"
#include "roofline/core/offload.hpp"

namespace roofline {

struct Evidence {
  std::string rung;  // "this device, engine and format family", "device family ...", "not known"
  int runs = 0;
  std::optional<double> error;  // median |predicted / measured - 1| of those runs, left out in turn; empty: too few to say
  std::vector<std::string> run_ids;
};

struct LoadTime {
  const Storage* storage = nullptr;
  Seconds at_interface_limit;
  std::optional<Seconds> at_sequential_read;
  std::optional<bool> holds_file;  // empty: its capacity is not known
};

// Everything one answer rests on; points into the values it was made from, which must outlive it.
struct Estimate {
  const ModelSpec* model = nullptr;
  const Quantization* quantization = nullptr;  // null if the request could not be resolved for this engine
  const Engine* engine = nullptr;
  const OperatingPoint* point = nullptr;
  const UnitPoint* unit = nullptr;
  Workload workload;
  std::string requested;      // quantization as asked for (an alias perhaps)

  bool supported = false;
  bool refused = false;              // not supported because a source says so, rather than for want of any
  std::string reason;                // why not
  std::vector<std::string> instead;  // quantizations that would work on this unit and engine

  std::vector<StoredTensor> stored;
  Footprint memory;
  Fit verdict;
  std::optional<Offload> offload;  // where the engine can leave layers in host memory
  PhaseEstimate decode;   // at the physical ceilings
  PhaseEstimate prefill;
  std::optional<Expectation> expected_decode;
  std::optional<Expectation> expected_prefill;
  std::optional<Seconds> ttft;  // expected prefill + one decode step
  std::optional<Seconds> ttft_ceiling;  // the prompt at the physical ceilings: its last chunk yields the first token
  Evidence evidence;          // of decode
  Evidence prefill_evidence;
  std::vector<LoadTime> loads;
  std::vector<std::string> assumptions;
  std::vector<std::string> sources;  // ids, sorted, unique
};

// The format family that most of the streamed weights are in: the one whose kernels set the pace.
std::string dominant_format_family(const PhaseEstimate& decode);

// Prompt tokens the engine takes at once.
int prefill_chunk_tokens(const Engine& engine, const Workload& workload);

struct EstimateInput {
  const OperatingPoint* point = nullptr;
  const UnitPoint* unit = nullptr;
  const ModelSpec* model = nullptr;
  const Engine* engine = nullptr;
  const Quantization* quantization = nullptr;
  const Calibration* calibration = nullptr;  // null: nothing fitted for this engine
  Workload workload;
  std::string requested;
  bool speed_only = false;  // leave out memory, load times, assumptions and sources: for those who ask thousands of times
};
// Precondition: pointers set (except calibration), workload.context <= model context.
Estimate estimate(const EstimateInput& input);

// What the same model, engine, unit and memory need at another workload (context, KV types, sequences), and the verdict on it.
struct MemoryAnswer {
  Footprint memory;
  Fit verdict;
  std::optional<Offload> offload;
};
// Precondition: the estimate is supported.
MemoryAnswer memory_at(const Estimate& estimate, const Workload& workload);

}  // namespace roofline
