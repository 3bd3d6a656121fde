#include "roofline/core/explain.hpp"

#include <algorithm>
#include <cmath>

namespace roofline {
namespace {

const Citation calculated{Basis::derived, "derived", "this calculation", ""};

template <class Q>
Operand operand(std::string name, Q value, std::string unit, Citation cite) {
  return {std::move(name), AnyQuantity(value), std::move(unit), std::move(cite)};
}
template <class Q>
Operand operand(std::string name, const Figure<Q>& figure, std::string unit) {
  return {std::move(name), AnyQuantity(figure.value), std::move(unit), figure.cite};
}

class Explainer {
 public:
  explicit Explainer(const Estimate& estimate) : e_(estimate) {}

  std::vector<Step> run(const std::vector<MeasuredRun>& published) {
    bandwidth();
    stored();
    streamed();
    ceiling();
    for (const MeasuredRun& claim : published) compare_claim(claim);
    compute_side();
    expected();
    prefill();
    first_token();
    memory();
    load();
    return std::move(steps_);
  }

 private:
  Step& step(std::string title, std::string formula) {
    steps_.push_back({std::move(title), std::move(formula), {}, {}, {}, {}});
    return steps_.back();
  }

  void bandwidth() {
    const MemoryPoint& memory = memory_of(*e_.point, *e_.unit);
    if (memory.clock && memory.memory->transfers_per_clock) {
      Step& rate = step("Data rate per pin", "memory clock x transfers per clock");
      rate.operands = {operand("memory clock", *memory.clock, "MHz"),
                       operand("transfers per clock", *memory.memory->transfers_per_clock, "1")};
      rate.result = memory.data_rate.value;
      rate.result_unit = "MT/s";
    }
    if (memory.memory->bandwidth) {
      Step& measured = step("Memory bandwidth (" + memory.memory->type + ")", "the highest rate ever measured; bus and data rate are not known");
      measured.operands = {operand("memory", *memory.memory->bandwidth, "GB/s"), operand("what this unit can draw", e_.unit->bandwidth, "GB/s")};
      cache(measured);
      measured.result_unit = "GB/s";
      return;
    }
    Step& peak = step("Peak memory bandwidth (" + memory.memory->type + ")", "bus width / 8 x data rate");
    peak.operands = {operand("bus width", memory.memory->bus_bits, "bit"), operand("data rate", memory.data_rate, "MT/s")};
    peak.result = e_.unit->bandwidth.value;
    peak.result_unit = "GB/s";
    if (e_.unit->bandwidth.value != memory.memory->bus_bits.value / 8.0 * unit::B * memory.data_rate.value) {
      peak.operands.push_back(operand("what this unit can draw", e_.unit->bandwidth, "GB/s"));
      peak.note = e_.unit->bandwidth.cite.note.empty() ? "limited by the unit itself, not by the memory" : e_.unit->bandwidth.cite.note;
    }
  }

  void cache(Step& step) {
    step.result = streaming_bandwidth(*e_.unit, e_.decode.traffic);
    const auto& cache = e_.unit->unit->cache;
    if (!cache || cache->bandwidth.value <= e_.unit->bandwidth.value) return;
    step.operands.push_back(operand("last level of cache", cache->capacity, "MiB"));
    step.operands.push_back(operand("its bandwidth", cache->bandwidth, "GB/s"));
    step.note = "bytes of a step / (those the cache keeps / its bandwidth + the rest / the memory's)";
  }

  void stored() {
    Step& s = step("Weights as stored (" + e_.quantization->id + ")", "sum over tensors of rows x blocks per row x bytes per block");
    Citation rules = e_.quantization->cite;
    rules.note.clear();
    std::vector<std::pair<std::string, Bytes>> by_format;
    for (const StoredTensor& tensor : e_.stored) {
      const std::string name = tensor.tensor.role + " (" + tensor.format->id + ")";
      const auto found = std::find_if(by_format.begin(), by_format.end(), [&](const auto& p) { return p.first == name; });
      if (found == by_format.end()) {
        by_format.emplace_back(name, tensor.bytes);
      } else {
        found->second += tensor.bytes;
      }
    }
    std::stable_sort(by_format.begin(), by_format.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
    for (const auto& [name, bytes] : by_format) s.operands.push_back(operand(name, bytes, "GB", rules));
    s.result = total_bytes(e_.stored);
    s.result_unit = "GB";
  }

  void streamed() {
    Step& s = step("Bytes read per decode step", "stored weights - what a text token does not read + KV cache at depth + recurrent state");
    Bytes not_read_input, not_read_image, not_read_experts, weights, kv, state;
    for (const OperatorEstimate& op : e_.decode.operators) {
      weights += op.op.traffic.weights;
      kv += op.op.traffic.kv_cache;
      state += op.op.traffic.state;
    }
    for (const StoredTensor& tensor : e_.stored) {
      if (tensor.tensor.access == Access::one_row) not_read_input += tensor.bytes;
      if (tensor.tensor.access == Access::image_only || tensor.tensor.access == Access::never) not_read_image += tensor.bytes;
    }
    const Bytes total = total_bytes(e_.stored);
    not_read_experts = total - not_read_input - not_read_image - weights;
    s.operands.push_back(operand("stored weights", total, "GB", calculated));
    if (not_read_input > Bytes{}) s.operands.push_back(operand("input embedding (one row per token is read)", not_read_input, "GB", calculated));
    if (not_read_image > Bytes{}) s.operands.push_back(operand("image tensors (not used for text)", not_read_image, "GB", calculated));
    if (not_read_experts > 1e-6 * total) s.operands.push_back(operand("experts this step does not reach", not_read_experts, "GB", calculated));
    const bool cached = e_.workload.cached > 0;
    s.operands.push_back(operand(cached ? "depth (cached + prompt + generated / 2)" : "depth (prompt + generated / 2)", e_.workload.decode_depth(), "tokens", calculated));
    s.operands.push_back(operand("KV cache read", kv, "MB", calculated));
    if (state > Bytes{}) s.operands.push_back(operand("recurrent state read and written", state, "MB", calculated));
    s.result = e_.decode.traffic;
    s.result_unit = "GB";
    if (e_.workload.batch > 1) s.note = "one step serves " + std::to_string(e_.workload.batch) + " sequences";
  }

  void ceiling() {
    Step& s = step("Decode ceiling", "1 / (sum over operators of max(work / peak, bytes / bandwidth))");
    s.operands = {operand("bytes per step", e_.decode.traffic, "GB", calculated), operand("bandwidth", e_.unit->bandwidth, "GB/s"),
                  operand("time per step", e_.decode.time, "ms", calculated)};
    s.result = e_.decode.per_sequence();
    s.result_unit = "tok/s";
    s.note = std::string("bound by ") + std::string(to_string(e_.decode.bound)) + "; physics, without any efficiency: no valid run is faster";
  }

  // Somebody's published figure for the same question: why it differs from ours.
  void compare_claim(const MeasuredRun& claim) {
    if (!claim.streamed_bytes) return;
    const Bytes theirs = *claim.streamed_bytes * unit::B;
    Step& s = step("Published estimate " + claim.id, "bandwidth / bytes they assumed");
    const Bytes total = total_bytes(e_.stored);
    Bytes input;
    for (const StoredTensor& tensor : e_.stored) {
      if (tensor.tensor.access == Access::one_row) input += tensor.bytes;
    }
    // Their own arithmetic: the specified bandwidth, whatever was set by hand.
    const Figure<BytesPerSecond> bandwidth = operating_point(*e_.point->device, e_.point->mode).memories.front().bandwidth;
    s.operands = {operand("bandwidth", bandwidth, "GB/s"), operand("bytes they assumed", theirs, "GB", claim.cite),
                  operand("bytes read by our count", e_.decode.traffic, "GB", calculated),
                  operand("of the difference: input embedding, one row of which is read", input, "GB", calculated),
                  operand("of the difference: more than the whole file", theirs - total, "GB", calculated),
                  operand("less the KV cache, which is in our count only", e_.decode.traffic - streamed_weight_bytes(e_.stored), "GB", calculated)};
    s.result = bandwidth.value / theirs * unit::token;
    s.result_unit = "tok/s";
    s.note = claim.note;
  }

  void compute_side() {
    Step& s = step("Compute side of decode", "arithmetic intensity against ridge point (peak / bandwidth)");
    const OperatorEstimate* longest = nullptr;
    for (const OperatorEstimate& op : e_.decode.operators) {
      if (longest == nullptr || op.time > longest->time) longest = &op;
    }
    if (longest != nullptr && longest->ceilings.peak) {
      s.operands = {operand("cores", e_.unit->cores, "1"), operand("clock", e_.unit->clock, "MHz"),
                    operand(std::string("peak in ") + std::string(to_string(*longest->ceilings.arithmetic)), *longest->ceilings.peak, "GOP/s"),
                    operand("arithmetic intensity", e_.decode.arithmetic_intensity(), "op/B", calculated)};
      s.result = *ridge_point(longest->ceilings);
      s.result_unit = "op/B";
      s.note = "intensity below the ridge point: memory-bound; above: compute-bound";
    } else {
      s.operands = {operand("arithmetic intensity", e_.decode.arithmetic_intensity(), "op/B", calculated)};
      s.result = e_.decode.arithmetic_intensity();
      s.result_unit = "op/B";
      s.note = "the arithmetic peak of this unit for this format is not known";
    }
  }

  void expected() {
    if (!e_.expected_decode) {
      Step& s = step("Expected decode", "not known");
      s.note = e_.evidence.rung;
      return;
    }
    Step& s = step("Expected decode", "1 / (sum over what a step spends time on of physical time x fitted factor)");
    add_charges(s, *e_.expected_decode, e_.evidence);
    Step& i = step("80 % interval", "expected x the 10 % and 90 % quantiles of measured / predicted at this distance from the runs, not above the ceiling");
    i.operands = {operand("low", e_.expected_decode->low, "tok/s", calculated), operand("high", e_.expected_decode->high, "tok/s", calculated)};
    i.result = e_.expected_decode->high;
    i.result_unit = "tok/s";
  }

  void add_charges(Step& s, const Expectation& expected, const Evidence& evidence) {
    const Citation cite{Basis::derived, "derived", "calibration/" + e_.engine->calibration + ".toml", evidence.rung};
    const bool streamed = std::any_of(expected.charges.begin(), expected.charges.end(), [](const Charged& c) { return c.item.shortfall.has_value(); });
    if (streamed) s.operands.push_back(operand("a streaming test of such a unit", e_.unit->streamed->rate, "GB/s"));
    for (const Charged& c : expected.charges) {
      std::string name(to_string(c.item.charge));
      if (!c.item.format_family.empty() || !c.item.arithmetic.empty()) {
        name += " (" + c.item.format_family + (c.item.format_family.empty() || c.item.arithmetic.empty() ? "" : ", ") + c.item.arithmetic + ")";
      }
      s.operands.push_back(operand(name + ": physical time", c.item.physical, "ms", calculated));
      s.operands.push_back(operand(name + ": factor", c.factor, "1", cite));
    }
    s.operands.push_back(operand("time", expected.phase.time, "ms", calculated));
    s.result = expected.phase.per_sequence();
    s.result_unit = "tok/s";
    s.note = evidence.rung + ": " + std::to_string(evidence.runs) + (evidence.runs == 1 ? " run" : " runs");
  }

  void prefill() {
    if (!e_.prefill.compute_known) {
      Step& s = step("Prefill ceiling", "not known");
      s.note = "the arithmetic peak of this unit for this format is not known";
      return;
    }
    Step& s = step("Prefill ceiling", "prompt / (sum over chunks and operators of max(work / peak, bytes / bandwidth))");
    s.operands = {operand("prompt", static_cast<double>(e_.workload.prompt), "tokens", calculated),
                  operand("work", e_.prefill.work, "Gop", calculated), operand("bytes", e_.prefill.traffic, "GB", calculated),
                  operand("time", e_.prefill.time, "ms", calculated)};
    if (e_.workload.cached > 0) s.operands.insert(s.operands.begin() + 1, operand("cached before it", static_cast<double>(e_.workload.cached), "tokens", calculated));
    s.result = e_.prefill.per_sequence();
    s.result_unit = "tok/s";
    s.note = std::string("bound by ") + std::string(to_string(e_.prefill.bound));
    if (!e_.expected_prefill) return;
    Step& x = step("Expected prefill", "prompt / (sum over what the prompt spends time on of physical time x fitted factor)");
    add_charges(x, *e_.expected_prefill, e_.prefill_evidence);
  }

  void first_token() {
    if (!e_.ttft) return;
    Step& s = step("Time to first token", "expected prefill + one expected decode step");
    s.operands = {operand("prefill", e_.expected_prefill->phase.time, "ms", calculated),
                  operand("decode step", e_.expected_decode->phase.time, "ms", calculated)};
    s.result = *e_.ttft;
    s.result_unit = "ms";
  }

  void memory() {
    const MemoryPoint& memory = memory_of(*e_.point, *e_.unit);
    Step& s = step("Memory needed", "weights - what stays on the host + KV cache + compute buffer + runtime");
    s.operands = {operand("weights", e_.memory.weights, "GiB", calculated), operand("on the host", e_.memory.host, "GiB", calculated),
                  operand("KV cache for " + std::to_string(e_.workload.context) + " tokens", e_.memory.kv_cache, "MiB", calculated),
                  operand("compute buffer", e_.memory.compute_buffer, "MiB", calculated),
                  operand("runtime", e_.memory.runtime, "MiB", calculated), operand("usable memory", memory.usable, "GiB")};
    s.result = e_.memory.total();
    s.result_unit = "GiB";
    s.note = std::string(to_string(e_.verdict.verdict)) + (e_.verdict.reason.empty() ? "" : ": " + e_.verdict.reason);
  }

  void load() {
    for (const LoadTime& l : e_.loads) {
      Step& s = step("Load from " + l.storage->name, "stored weights / read rate");
      s.operands = {operand("weights", e_.memory.weights, "GB", calculated), operand("interface limit", l.storage->interface_limit, "GB/s")};
      s.result = l.at_interface_limit;
      s.result_unit = "s";
      if (l.storage->sequential_read) {
        s.operands.push_back(operand("sequential read", *l.storage->sequential_read, "GB/s"));
        s.result = *l.at_sequential_read;
      }
    }
  }

  const Estimate& e_;
  std::vector<Step> steps_;
};

}  // namespace

std::vector<Step> explain(const Estimate& estimate, const std::vector<MeasuredRun>& published) {
  if (!estimate.supported) {
    Step step;
    step.title = "Not supported";
    step.note = estimate.reason;
    return {step};
  }
  return Explainer(estimate).run(published);
}

}  // namespace roofline
