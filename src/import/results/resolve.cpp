#include "roofline/import/resolve.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "import/results/record.hpp"
#include "import/results/resolver.hpp"

namespace roofline::import {
namespace {

// What the row says, or the user in its place.
template <class Resolve>
auto chosen(const std::string& row, const std::string& stated, bool only_missing, Resolve&& resolve) {
  if (stated.empty()) return resolve(row, false);
  if (!only_missing) return resolve(stated, true);
  if (auto answer = resolve(row, false); !answer.id.empty()) return answer;
  return resolve(stated, true);
}

// Two or more texts, the first that is not empty.
const std::string& either_of(const std::string& first, const std::string& second) { return first.empty() ? second : first; }

std::optional<int> whole(const std::optional<double>& value) {
  return value ? std::optional<int>(static_cast<int>(std::lround(*value))) : std::nullopt;
}

// Of several things notes say, the one that sets a figure furthest apart from decode.
int weight(RunKind kind) {
  switch (kind) {
    case RunKind::decode: return 0;
    case RunKind::vendor_average: return 1;
    case RunKind::end_to_end: return 2;
    case RunKind::image: return 3;
    case RunKind::altered: return 4;
    case RunKind::offload: return 5;
    case RunKind::speculative: return 6;
    case RunKind::estimate: return 7;
  }
  return 0;
}

void read_remarks(const Book& book, const ResultRow& row, ResolvedRun& out) {
  out.phases_apart = row.phases_apart;
  out.prompt_cached = row.prompt_cached;
  out.run.kind = row.kind.value_or(RunKind::decode);
  bool prompt_summed = false;
  for (const std::string* text : {&row.notes, &row.engine, &row.model, &row.quantization, &row.engine_version}) {
    if (text->empty()) continue;
    for (const auto& match : book.matches(SpellingOf::run, words_of(*text), out.run.engine, out.run.model, out.run.engine_version)) {
      const Spelling& rule = *match.spelling;
      if (rule.kind && weight(*rule.kind) > weight(out.run.kind)) out.run.kind = *rule.kind;
      out.phases_apart = out.phases_apart || rule.phases_apart;
      out.prompt_cached = out.prompt_cached || rule.prompt_cached;
      out.clocks_low = out.clocks_low || rule.clocks_low;
      if (rule.prompt_summed && out.run.prompt && out.run.batch.value_or(1) > 1) prompt_summed = true;
      if (!rule.note.empty() && std::find(out.notes.begin(), out.notes.end(), rule.note) == out.notes.end()) out.notes.push_back(rule.note);
    }
  }
  if (prompt_summed) *out.run.prompt = std::max(1, *out.run.prompt / *out.run.batch);
}

void read_numbers(const ResultRow& row, const Stated& stated, ResolvedRun& out) {
  MeasuredRun& run = out.run;
  run.prompt = row.prompt ? whole(row.prompt) : stated.prompt;
  run.generated = row.generated ? whole(row.generated) : stated.generated;
  run.depth = row.depth ? whole(row.depth) : stated.depth;
  run.batch = row.batch ? whole(row.batch) : stated.batch;
  run.threads = whole(row.threads);
  run.flash_attention = row.flash_attention;
  if (run.prompt == 0) run.prompt.reset();
  run.prefill_tokens_per_second = row.prefill_tokens_per_second;
  run.decode_tokens_per_second = row.decode_tokens_per_second;
  run.ttft_ms = row.ttft_ms;
  run.memory_mb = row.memory_mb;
  run.gpu_layers = row.gpu_layers_stated;
  run.power_w = row.power_w;
  // A latency of a whole request is a rate once it is known how much was generated.
  if (row.latency_ms && run.generated && run.batch && !run.decode_tokens_per_second) {
    run.decode_tokens_per_second = *run.batch * *run.generated / (*row.latency_ms * 1e-3);
  }
}

// The unit stated; else the one the engine's backend names; else the only one the engine runs on here, or the GPU of several.
std::string read_unit(const ResultRow& row, const Stated& stated, const EngineAnswer& engine_answer, const Engine& engine, const Device& device, ResolvedRun& out) {
  const std::string text = folded(trimmed(stated.only_missing ? either_of(row.unit, stated.unit) : either_of(stated.unit, row.unit)));
  if (!text.empty()) {
    const auto unit = unit_kind_from(text);
    if (!unit) return "compute unit " + in_quotes(text) + " is none of cpu, gpu, npu and dla";
    out.run.unit = *unit;
  } else if (engine_answer.unit) {
    out.run.unit = *engine_answer.unit;
  } else {
    std::set<UnitKind> runs_on;
    for (const ComputeUnit& unit : device.units) {
      for (const Support& cell : engine.support) {
        const bool chip = std::any_of(cell.chips.begin(), cell.chips.end(), [&](const std::string& name) { return name == "*" || name == device.chip; });
        if (chip && !cell.refused && std::find(cell.units.begin(), cell.units.end(), unit.kind) != cell.units.end()) runs_on.insert(unit.kind);
      }
    }
    if (runs_on.empty()) return "the compute unit is not stated";
    out.run.unit = runs_on.contains(UnitKind::gpu) && row.gpu_layers != 0.0 ? UnitKind::gpu : *runs_on.begin();
    if (runs_on.size() > 1) out.notes.push_back("the compute unit is not stated: the " + std::string(to_string(out.run.unit)) + " is taken");
  }
  const bool has = std::any_of(device.units.begin(), device.units.end(), [&](const ComputeUnit& unit) { return unit.kind == out.run.unit; });
  return has ? "" : "the database has no " + std::string(to_string(out.run.unit)) + " of " + device.id;
}

// Layers left in host memory make it another machine.
void read_offload(const ResultRow& row, const ModelSpec& model, ResolvedRun& out) {
  if (out.run.unit != UnitKind::gpu || !row.gpu_layers || *row.gpu_layers < 0) return;
  const auto layers = static_cast<double>(model.layers.size());
  // Before layers were counted, 1 meant the GPU (Metal builds of 2023).
  if (*row.gpu_layers >= layers || *row.gpu_layers == 1) return;
  if (weight(RunKind::offload) > weight(out.run.kind)) out.run.kind = RunKind::offload;
  out.notes.push_back("only " + std::to_string(static_cast<int>(*row.gpu_layers)) + " of " + std::to_string(model.layers.size()) + " layers were on the GPU");
}

void note(ResolvedRun& out, const std::string& text) {
  if (!text.empty()) out.notes.push_back(text);
}

}  // namespace

struct Resolver::Impl {
  Book book;
  // Tables name the same few things over and over.
  std::map<std::string, EngineAnswer> engines;
  std::map<std::pair<std::string, std::string>, DeviceAnswer> devices;
  std::map<std::string, Answer> models;

  const EngineAnswer& engine(const std::string& text) {
    const auto known = engines.find(text);
    return known != engines.end() ? known->second : engines[text] = resolve_engine(book, text);
  }
  const DeviceAnswer& device(const std::string& text, const std::string& variant) {
    const auto known = devices.find({text, variant});
    return known != devices.end() ? known->second : devices[{text, variant}] = resolve_device(book, text, variant);
  }
  const Answer& model(const std::string& text) {
    const auto known = models.find(text);
    return known != models.end() ? known->second : models[text] = resolve_model(book, text);
  }
};

Resolver::Resolver(Names names) : impl_(std::make_unique<Impl>(Impl{Book(std::move(names)), {}, {}, {}})) {}
Resolver::~Resolver() = default;
Resolver::Resolver(Resolver&&) noexcept = default;
Resolver& Resolver::operator=(Resolver&&) noexcept = default;

ResolvedRun Resolver::resolve(const ResultRow& row, const Stated& stated) const {
  const Book& book = impl_->book;
  ResolvedRun out;
  out.line = row.line;
  out.column = row.column;
  MeasuredRun& run = out.run;
  run.id = row.id;
  run.engine_version = either_of(row.engine_version, stated.engine_version);
  run.kv_type = folded(either_of(row.kv_type, stated.kv_type));
  run.date = either_of(row.date, stated.date);
  run.quality = either_of(row.quality, stated.quality);
  run.note = row.notes;
  run.cite.source = either_of(stated.source, row.source);
  read_numbers(row, stated, out);

  const auto engine_answer = chosen(row.engine, stated.engine, stated.only_missing, [&](const std::string& text, bool) { return impl_->engine(text); });
  run.engine = engine_answer.id;
  const auto device_answer = chosen(row.device, stated.device, stated.only_missing,
                                    [&](const std::string& text, bool given) { return impl_->device(text, given ? "" : row.variant); });
  run.device = device_answer.id;
  const auto model_answer = chosen(row.model, stated.model, stated.only_missing, [&](const std::string& text, bool) { return impl_->model(text); });
  run.model = model_answer.id;
  run.backend = engine_answer.backend;
  run.board = row.variant;
  run.mode_stated = row.power_mode;
  run.model_stated = row.model;
  run.quantization_stated = row.quantization;
  out.firmware = device_answer.firmware;
  out.device_name = device_answer.alias;
  read_remarks(book, row, out);
  for (const Answer* answer : {static_cast<const Answer*>(&device_answer), static_cast<const Answer*>(&engine_answer), &model_answer}) {
    note(out, answer->note);
    if (answer->id.empty() && out.reason.empty()) out.reason = answer->reason;
  }
  if (!out.reason.empty()) return out;

  const Device* device = book.names.device(run.device);
  const Engine* engine = book.names.engine(run.engine);
  const ModelSpec* model = book.names.model(run.model);
  if (device == nullptr || engine == nullptr || model == nullptr) {
    out.reason = "an entry of the database could not be loaded";
    return out;
  }
  out.reason = read_unit(row, stated, engine_answer, *engine, *device, out);
  if (!out.reason.empty()) return out;
  read_offload(row, *model, out);
  const Answer quantization = chosen(row.quantization, stated.quantization, stated.only_missing, [&](const std::string& text, bool) {
    return resolve_quantization(book, text, row.model, *engine, run.engine_version, run.model, run.unit, *device);
  });
  run.quantization = quantization.id;
  note(out, quantization.note);
  if (quantization.id.empty()) out.reason = quantization.reason;
  const ModeAnswer mode = resolve_mode(book, stated.only_missing ? either_of(row.power_mode, stated.mode) : either_of(stated.mode, row.power_mode), *device, out.firmware);
  run.mode = mode.id;
  out.mode_stated = mode.stated || out.clocks_low;
  run.clocks = out.clocks_low ? RunClocks::down : mode.stated ? RunClocks::stated : RunClocks::unknown;
  note(out, mode.note);
  return out;
}

}  // namespace roofline::import
