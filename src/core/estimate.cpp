#include "roofline/core/estimate.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <set>

namespace roofline {
namespace {

using CeilingsFor = std::function<Ceilings(const Operator&)>;

PhaseEstimate decode_phase(const EstimateInput& in, const std::vector<StoredTensor>& stored, const CeilingsFor& ceilings) {
  std::vector<OperatorEstimate> operators;
  for (const Operator& op : decode_operators(*in.model, stored, in.workload)) operators.push_back(roofline_time(op, ceilings(op)));
  return aggregate(Phase::decode, std::move(operators), Seconds{}, 1, in.workload.batch);
}

PhaseEstimate prefill_phase(const EstimateInput& in, const std::vector<StoredTensor>& stored, const CeilingsFor& ceilings) {
  const int prompt = in.workload.prompt;
  const int chunk = prefill_chunk_tokens(*in.engine, in.workload);
  const int chunks = (prompt + chunk - 1) / chunk;
  const int last = prompt - (chunks - 1) * chunk;
  std::vector<OperatorEstimate> sum;
  // Products are the same in every full chunk; what looks back at earlier positions is not.
  const auto add_products = [&](int tokens, bool is_last, double times) {
    for (const Operator& op : prefill_products(stored, in.workload, tokens, is_last)) accumulate(sum, roofline_time(op, ceilings(op)), times);
  };
  if (chunks > 1) add_products(chunk, false, chunks - 1);
  add_products(last, true, 1);
  const std::vector<MixerGroup> groups = mixer_groups(*in.model);
  for (int i = 0; i < chunks; ++i) {
    const int tokens = i + 1 == chunks ? last : chunk;
    for (const Operator& op : prefill_mixers(groups, in.workload, in.workload.cached + i * chunk, tokens)) accumulate(sum, roofline_time(op, ceilings(op)));
  }
  return aggregate(Phase::prefill, std::move(sum), Seconds{}, prompt, in.workload.batch);
}

// The nearest measured runs decide how wide the interval is; none at all: nothing is expected.
std::optional<Expectation> expect(const EstimateInput& in, const PhaseEstimate& physical, const std::vector<ChargeItem>& items,
                                  const std::string& format_family, Evidence& evidence) {
  const Device& device = *in.point->device;
  const UnitKind unit = in.unit->unit->kind;
  const auto found = nearest_evidence(in.calibration->evidence, physical.phase, unit, device.id, device.family, format_family, model_class(*in.model));
  if (!found) return std::nullopt;
  const Interval* nearest = find_interval(*in.calibration, physical.phase, unit, found->interval, is_guessed(items));
  if (nearest == nullptr) return std::nullopt;
  Interval interval = *nearest;
  if (physical.phase == Phase::decode && physical.batch > 1) {
    const Interval* several = find_several(*in.calibration, unit, device.id);
    if (several == nullptr || physical.batch > several->sequences) return std::nullopt;
    interval.low = std::min(interval.low, several->low);
    interval.high = std::max(interval.high, several->high);
    interval.error = several->error;
    evidence = {std::string("several sequences, ") + (several->device.empty() ? "other devices" : "this device"), static_cast<int>(several->run_ids.size()), interval.error,
                several->run_ids};
  } else {
    evidence = {std::string(to_string(found->rung)), static_cast<int>(found->run_ids.size()), interval.error, found->run_ids};
  }
  const Scope scope{unit, in.engine->id, device.vendor, device.family, device.id};
  return expectation(physical, charge(items, *in.calibration, physical.phase, scope), interval);
}

void add_expectations(Estimate& out, const EstimateInput& in) {
  if (in.calibration == nullptr) {
    out.evidence.rung = out.prefill_evidence.rung = "not known: nothing is calibrated for this engine";
    return;
  }
  const std::string family = dominant_format_family(out.decode);
  out.expected_decode = expect(in, out.decode, decode_charges(out.decode, *in.unit, *in.model), family, out.evidence);
  if (!out.expected_decode) {
    const Interval* several = find_several(*in.calibration, in.unit->unit->kind, in.point->device->id);
    out.evidence.rung = in.workload.batch == 1 ? "not known: no measured decode run of this engine on a unit of this kind"
                        : several == nullptr   ? "not known: no measured run of several sequences on a unit of this kind"
                                               : "not known: no measured run of more than " + std::to_string(several->sequences) + " sequences";
  }
  if (!out.prefill.compute_known) {
    out.prefill_evidence.rung = "not known: the arithmetic peak of this unit is not known";
    return;
  }
  const int chunk = prefill_chunk_tokens(*in.engine, in.workload);
  const int chunks = (in.workload.prompt + chunk - 1) / chunk;
  out.expected_prefill = expect(in, out.prefill, prefill_charges(out.prefill, *in.unit, *in.model, chunks), family, out.prefill_evidence);
  if (!out.expected_prefill) out.prefill_evidence.rung = "not known: no measured prefill run of this engine on a unit of this kind";
  if (out.expected_decode && out.expected_prefill) out.ttft = out.expected_prefill->phase.time + out.expected_decode->phase.time;
}

void add_memory(Estimate& out, const EstimateInput& in) {
  MemoryAnswer answer = memory_at(out, in.workload);
  out.memory = std::move(answer.memory);
  out.verdict = std::move(answer.verdict);
  out.offload = answer.offload;
  const MemorySystem& memory = *memory_of(*in.point, *in.unit).memory;
  if (out.verdict.refused_allocation) {
    out.assumptions.push_back("a single allocation no larger than this model's largest was refused on such a board although memory was free (" +
                              memory.refused_allocation->cite.at + "): " + memory.refused_allocation->cite.note);
  } else if (memory.refused_allocation && memory.largest_allocation && out.memory.largest_allocation > memory.largest_allocation->value) {
    out.assumptions.emplace_back("the largest single allocation lies between one known to succeed on this board and one that was refused");
  }
}

void add_loads(Estimate& out, const Device& device) {
  for (const Storage& storage : device.storages) {
    LoadTime load;
    load.storage = &storage;
    if (storage.capacity) load.holds_file = total_bytes(out.stored) <= storage.capacity->value;
    load.at_interface_limit = out.memory.weights / storage.interface_limit.value;
    if (storage.sequential_read) load.at_sequential_read = out.memory.weights / storage.sequential_read->value;
    out.loads.push_back(load);
  }
}

void note_if_assumed(std::vector<std::string>& notes, const std::string& what, const Citation& cite) {
  if (cite.basis == Basis::assumed) notes.push_back(what + ": assumed; " + cite.note);
}

void add_assumptions(Estimate& out, const EstimateInput& in) {
  std::vector<std::string>& notes = out.assumptions;
  if (in.point->mode != nullptr) notes.push_back("power mode " + in.point->mode->id + " (" + in.point->mode->name + ")");
  const std::string& shown = in.quantization->variant_of.empty() ? in.quantization->id : in.quantization->variant_of;
  if (!in.requested.empty() && in.requested != shown) {
    notes.push_back(in.requested + " means " + shown + " for " + in.engine->name);
  }
  const std::string& kv = in.quantization->kv_type;
  if (!kv.empty() && kv != in.workload.kv_k.id) {
    notes.push_back("the checkpoint itself asks for a " + kv + " KV cache; " + in.workload.kv_k.id + " is counted here (--kv-type)");
  }
  int same_kind = 0;
  for (const UnitPoint& unit : in.point->units) same_kind += unit.unit->kind == in.unit->unit->kind ? 1 : 0;
  const bool cpu = in.unit->unit->kind == UnitKind::cpu;
  if (same_kind > 1) notes.push_back("runs on " + in.unit->unit->name + " only" + (cpu ? "; pin the threads to it and leave the other cluster out" : ", not on the others of its kind"));
  note_if_assumed(notes, "usable memory", memory_of(*in.point, *in.unit).usable.cite);
  for (const Citation& cite : in.model->cites) note_if_assumed(notes, "dimensions of " + in.model->name, cite);
  for (const std::string& text : out.memory.assumptions) notes.push_back(text);
  if (in.engine->memory.fraction) {
    notes.push_back(in.engine->name + " takes a fixed share of the usable memory for itself; what it needs has to fit that share");
    note_if_assumed(notes, "memory share", in.engine->memory.fraction->cite);
  }
  if (in.engine->memory.kv_rule == KvRule::llama_cpp && in.workload.batch > 1) {
    notes.push_back(std::to_string(in.workload.batch) + " sequences share " + std::to_string(in.workload.context) + " cells: " +
                    std::to_string(in.workload.context / in.workload.batch) + " tokens each");
  }
  const bool image_layers = std::any_of(in.model->layers.begin(), in.model->layers.end(),
                                        [](const Layer& layer) { return std::holds_alternative<CrossAttention>(layer.mixer); });
  if (image_layers && in.workload.image_tokens == 0) notes.push_back("text only: the KV cache of an image is not counted (--image-tokens)");
  if (!out.decode.compute_known) {
    notes.push_back("the arithmetic peak of " + in.unit->unit->name + " for this format is not known: ceilings are memory-only");
  }
  for (const std::string& text : in.point->overrides) notes.push_back("set by hand: " + text);
  if (in.unit->unit->cache && out.decode.traffic <= in.unit->unit->cache->capacity.value) {
    notes.push_back("a step reads less than the last level of cache holds: its measured rate is taken, and holds only while nothing else uses that cache");
  }
  if (out.expected_decode && out.expected_decode->rung > Rung::device) {
    notes.push_back("expected speed rests on other devices (" + out.evidence.rung + "): " + std::to_string(out.evidence.runs) + (out.evidence.runs == 1 ? " run" : " runs"));
  }
}

void add_sources(Estimate& out, const EstimateInput& in) {
  std::set<std::string> ids;
  const auto cite = [&](const Citation& c) {
    if (!c.source.empty() && c.source != "derived" && c.source != "assumed") ids.insert(c.source);
  };
  const MemoryPoint& memory = memory_of(*in.point, *in.unit);
  if (memory.memory->bandwidth) {
    cite(memory.memory->bandwidth->cite);
  } else {
    cite(memory.memory->bus_bits.cite);
    cite(memory.data_rate.cite);
  }
  if (memory.clock) cite(memory.clock->cite);
  if (memory.memory->transfers_per_clock) cite(memory.memory->transfers_per_clock->cite);
  cite(memory.usable.cite);
  cite(memory.capacity.cite);
  cite(in.unit->cores.cite);
  cite(in.unit->clock.cite);
  cite(in.unit->bandwidth.cite);
  for (const Rate& rate : in.unit->unit->rates) cite(rate.ops_per_cycle.cite);
  for (const Citation& c : in.model->cites) cite(c);
  cite(in.quantization->cite);
  for (const StoredTensor& tensor : out.stored) cite(tensor.format->cite);
  const Support* support = find_support(*in.engine, in.unit->unit->kind, in.point->device->chip, in.quantization->id, in.model->family);
  if (support != nullptr) cite(support->cite);
  for (const ArithmeticRule& rule : in.engine->arithmetic) {
    const auto& kinds = rule.units;
    if (kinds.empty() || std::find(kinds.begin(), kinds.end(), in.unit->unit->kind) != kinds.end()) cite(rule.cite);
  }
  for (const Citation& c : out.memory.cites) cite(c);
  for (const Storage& storage : in.point->device->storages) {
    cite(storage.interface_limit.cite);
    if (storage.capacity) cite(storage.capacity->cite);
    if (storage.sequential_read) cite(storage.sequential_read->cite);
  }
  for (const std::string& run : out.evidence.run_ids) ids.insert("run:" + run);
  for (const std::string& run : out.prefill_evidence.run_ids) ids.insert("run:" + run);
  out.sources.assign(ids.begin(), ids.end());
}

}  // namespace

int prefill_chunk_tokens(const Engine& engine, const Workload& workload) {
  return engine.prefill_chunk == PrefillChunk::ubatch ? std::min(workload.ubatch, workload.prompt) : workload.prompt;
}

std::string dominant_format_family(const PhaseEstimate& decode) {
  std::string best;
  Bytes most;
  for (const OperatorEstimate& candidate : decode.operators) {
    Bytes sum;
    for (const OperatorEstimate& other : decode.operators) {
      if (other.op.format_family == candidate.op.format_family) sum += other.op.traffic.weights;
    }
    if (sum > most) {
      most = sum;
      best = candidate.op.format_family;
    }
  }
  return best;
}

Estimate estimate(const EstimateInput& in) {
  assert(in.point && in.unit && in.model && in.engine && in.quantization);
  Estimate out;
  out.model = in.model;
  out.quantization = in.quantization;
  out.engine = in.engine;
  out.point = in.point;
  out.unit = in.unit;
  out.workload = in.workload;
  out.requested = in.requested;
  out.supported = true;
  out.stored = stored_tensors(*in.model, *in.quantization);

  UnitPoint streaming = *in.unit;
  Bytes pass;
  for (const Operator& op : decode_operators(*in.model, out.stored, in.workload)) pass += op.traffic.total();
  streaming.bandwidth.value = streaming_bandwidth(*in.unit, pass);
  const CeilingsFor physical = [&](const Operator& op) { return physical_ceilings(streaming, *in.engine, in.point->device->chip, op); };
  out.decode = decode_phase(in, out.stored, physical);
  out.prefill = prefill_phase(in, out.stored, physical);
  // The last chunk ends with the head: the first token may leave with it.
  if (out.prefill.compute_known) out.ttft_ceiling = out.prefill.time;
  add_expectations(out, in);
  if (in.speed_only) return out;
  add_memory(out, in);
  add_loads(out, *in.point->device);
  add_assumptions(out, in);
  add_sources(out, in);
  return out;
}

MemoryAnswer memory_at(const Estimate& e, const Workload& workload) {
  const Device& device = *e.point->device;
  const Engine& engine = *e.engine;
  const UnitKind kind = e.unit->unit->kind;
  const MemoryPoint& memory = memory_of(*e.point, *e.unit);
  MemoryAnswer out;
  out.memory = footprint(*e.model, e.stored, workload, engine, kind, device);

  FitQuestion question;
  question.needed = out.memory.total();
  question.needed_weights = out.memory.weights - out.memory.host - out.memory.on_storage + out.memory.runtime;
  question.usable = memory.usable.value;
  question.available = engine.memory.fraction ? engine.memory.fraction->value * memory.usable.value : memory.usable.value;
  question.can_offload = device.placement == Placement::discrete && kind == UnitKind::gpu && engine.memory.host_embeddings;
  question.context_limit = e.model->context;
  // llama.cpp's context is shared out: every sequence may have the model's.
  if (engine.memory.kv_rule == KvRule::llama_cpp) question.context_limit *= workload.batch;
  if (const auto limit = context_limit(engine, kind)) question.context_limit = std::min(question.context_limit, static_cast<int>(limit->value));
  question.granularity = std::max(1, engine.memory.kv_padding);
  question.needed_at = [&](int context) {
    Workload at = workload;
    at.context = context;
    return footprint(*e.model, e.stored, at, engine, kind, device).total();
  };
  out.verdict = fit(question);
  // The GPU's allocator refuses; the CPU's takes pages one by one.
  const auto& refused = memory.memory->refused_allocation;
  if (refused && kind == UnitKind::gpu && out.memory.largest_allocation >= refused->value) out.verdict.refused_allocation = refused->value;
  if (question.can_offload) out.offload = offload(*e.model, e.stored, workload, engine.memory, out.memory, question.available);
  return out;
}

}  // namespace roofline
