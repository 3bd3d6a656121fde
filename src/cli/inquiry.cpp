#include "cli/inquiry.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "cli/values.hpp"
#include "roofline/db/units.hpp"
#include "roofline/report/units.hpp"

namespace roofline::cli {
namespace {

constexpr const char* default_quantization = "int4";

std::string wanted(const Values& values, const std::string& option, const char* see) {
  const auto text = single(values, option);
  if (!text) throw UsageError(fmt::format("{} is missing (`{}` shows what there is; --help has examples)", option, see));
  return *text;
}

void note_alias(std::vector<std::string>& notes, const std::string& typed, const std::string& id) {
  if (lower(typed) != lower(id)) notes.push_back(fmt::format("{} is {}", typed, id));
}

std::vector<std::string> names_of(Context& context, db::Kind kind) {
  std::vector<std::string> names;
  for (const db::Entry& entry : context.catalog().entries(kind)) {
    names.push_back(entry.id);
    names.insert(names.end(), entry.aliases.begin(), entry.aliases.end());
  }
  return names;
}

std::vector<const Engine*> read_engines(Context& context, const Values& values) {
  constexpr const char* see = "estimate list engines";
  Values names = values;
  if (names.empty()) {
    for (const db::Entry& entry : context.catalog().entries(db::Kind::engine)) names.push_back(entry.id);
  }
  std::vector<const Engine*> engines;
  for (const std::string& name : names) {
    if (name.empty()) throw UsageError("--engine: the value is empty");
    const Engine* engine = &found(context.catalog().engine(name), "--engine: the engine", name, see);
    if (std::find(engines.begin(), engines.end(), engine) == engines.end()) engines.push_back(engine);
  }
  return engines;
}

std::optional<UnitKind> read_unit(const Values& values, const Device& device) {
  const auto text = single(values, "--unit");
  if (!text) return std::nullopt;
  std::vector<std::string> kinds;
  for (const ComputeUnit& unit : device.units) {
    const std::string kind(to_string(unit.kind));
    if (std::find(kinds.begin(), kinds.end(), kind) == kinds.end()) kinds.push_back(kind);
  }
  const auto kind = unit_kind_from(lower(*text));
  if (!kind) fail_choice("--unit", *text, {"cpu", "gpu", "npu", "dla"});
  if (std::find(kinds.begin(), kinds.end(), lower(*text)) == kinds.end()) {
    throw UsageError(fmt::format("--unit {}: {} has none; it has {}", echo(*text), device.name, either(kinds)));
  }
  return kind;
}

std::vector<std::string> mode_ids(const Device& device) {
  std::vector<std::string> ids;
  for (const PowerMode& mode : device.modes) ids.push_back(mode.id);
  return ids;
}

const PowerMode* named_mode(const std::string& text, const Device& device, const std::string& firmware) {
  if (device.modes.empty()) throw UsageError(fmt::format("--mode {}: {} has no power modes", echo(text), device.name));
  const PowerMode* mode = find_mode(device, text, firmware);
  if (mode == nullptr) fail_choice("--mode", text, mode_ids(device));
  if (!mode->unknown.empty()) throw UsageError(fmt::format("--mode {}: can not be estimated: {}", echo(text), mode->unknown));
  return mode;
}

const PowerMode* read_mode(const Values& values, const Device& device, const std::string& firmware, std::vector<std::string>& notes) {
  if (const auto text = single(values, "--mode")) return named_mode(*text, device, firmware);
  const PowerMode* mode = fastest_mode(device, firmware);
  if (mode == nullptr) {
    if (!device.modes.empty()) notes.emplace_back("the clocks of this device's power modes are not known; its maximum clocks are taken");
    return nullptr;
  }
  std::string text = fmt::format("power mode {}: the fastest with known clocks", mode->id);
  const auto factory = std::find_if(device.modes.begin(), device.modes.end(), [](const PowerMode& m) { return m.factory_default; });
  if (factory != device.modes.end() && factory->id != mode->id) text += fmt::format(" (the board ships in {})", factory->id);
  if (device.modes.size() > 1) text += "; --mode chooses another";
  notes.push_back(std::move(text));
  return mode;
}

std::vector<Override> read_overrides(const Values& values) {
  std::vector<Override> overrides;
  for (const std::string& text : values) {
    const auto equals = text.find('=');
    if (equals == std::string::npos || equals == 0)
      throw UsageError(fmt::format("--set: '{}' is not KEY=VALUE (memory.bandwidth=29GB/s)", echo(text)));
    const std::string value = text.substr(equals + 1);
    const auto quantity = db::parse_quantity(value);
    if (!quantity) {
      throw UsageError(
          fmt::format("--set {}: '{}' is not a number with a unit (29GB/s, 1.3GHz, 8GiB, 16)", echo(text), echo(value)));
    }
    overrides.push_back({text.substr(0, equals), *quantity, text});
  }
  return overrides;
}

std::optional<Bytes> read_size(const Values& values, const char* option) {
  const auto text = single(values, option);
  if (!text) return std::nullopt;
  const auto size = db::parse_quantity(*text);
  if (!size || !(size->dimension == Dimension{.byte = 1}) || !(size->base > 0)) {
    throw UsageError(fmt::format("{}: '{}' is not a size above zero (4GiB, 500MB)", option, echo(*text)));
  }
  return Bytes::from_base(size->base);
}

// An id or alias of the database, or a word that an engine resolves for itself (int4).
std::string read_quantization(Context& context, const Values& values, const std::vector<const Engine*>& engines,
                              std::vector<std::string>& notes) {
  const auto text = single(values, "--quant");
  if (!text) notes.push_back(fmt::format("quantization {} is the default; --quant chooses another", default_quantization));
  const std::string name = text.value_or(default_quantization);
  for (const Engine* engine : engines) {
    if (const auto alias = engine->resolve.find(lower(name)); alias != engine->resolve.end()) return alias->first;
  }
  const auto lookup = context.catalog().quantization(name);
  if (lookup.value != nullptr) return name;
  refuse_bad_path("--quant", name);
  if (!lookup.diagnostics.empty()) fail(lookup.diagnostics);
  std::vector<std::string> known = names_of(context, db::Kind::quantization);
  for (const Engine* engine : engines) {
    for (const auto& [alias, ids] : engine->resolve) {
      if (std::find(known.begin(), known.end(), alias) == known.end()) known.push_back(alias);
    }
  }
  fail_unknown("--quant: the quantization", name, db::nearest_names(name, known), "estimate list quantizations");
}

// `as_it_is`: no other quantization was asked for, so the file has to say what its weights are stored as.
std::shared_ptr<const ModelFile> read_asked_file(Context& context, const std::string& path, bool as_it_is, std::vector<std::string>& notes) {
  auto file = std::make_shared<ModelFile>(read_model_file(context, "--model", path));
  if (!file->spec) throw UsageError(fmt::format("--model {}: {}", echo(path), printable(file->why_no_spec)));
  if (as_it_is && file->totals && !file->stored) throw UsageError(fmt::format("--model {}: {}; --quant names one to count instead", echo(path), printable(file->why_not_stored)));
  for (const std::string& note : file->notes) notes.push_back(printable(note));
  if (file->totals) {
    notes.push_back(fmt::format("{}: {} tensors, {} stored{}", echo(path), file->tensors, report::binary_size(file->totals->tensor_bytes * unit::B),
                                file->quantization.empty() ? "" : " as " + file->quantization));
  } else {
    notes.push_back(fmt::format("{}: a configuration alone; {}", echo(path), file->quantization_text.empty() ? "it does not say how weights are stored" : "weights " + file->quantization_text));
  }
  return file;
}

std::optional<bool> read_importance_matrix(const Values& values) {
  const auto text = single(values, "--imatrix");
  if (!text) return std::nullopt;
  if (*text == "on") return true;
  if (*text == "off") return false;
  fail_choice("--imatrix", *text, {"on", "off"});
}

// Said where it was asked for and where it makes a difference: a named quantization only, as engines resolve the others later.
void note_importance_matrix(Context& context, Inquiry& q) {
  if (!context.catalog().has(db::Kind::quantization, q.quantization)) return;
  const auto lookup = context.catalog().quantization(q.quantization);
  if (lookup.value == nullptr) return;
  const bool depends = depends_on_importance_matrix(*lookup.value);
  const bool with = q.importance_matrix.value_or(lookup.value->importance_matrix);
  const char* word = with ? "with" : "without";
  if (depends) {
    q.notes.push_back(fmt::format("{} as made {} an importance matrix; --imatrix {} gives the other", lookup.value->id, word, with ? "off" : "on"));
  } else if (q.importance_matrix) {
    q.notes.push_back(fmt::format("{} is the same with and without an importance matrix", lookup.value->id));
  }
}

// Of the first memory, the one models go to.
void reserve(OperatingPoint& point, Bytes size) {
  if (!(size > Bytes{})) return;
  MemoryPoint& memory = point.memories.front();
  if (size >= memory.usable.value) {
    throw UsageError(fmt::format("--reserve {}: only {} of the memory are usable", report::binary_size(size),
                                 report::binary_size(memory.usable.value)));
  }
  memory.usable.value -= size;
  point.overrides.push_back(fmt::format("{} kept free for other loads", report::binary_size(size)));
}

void make_room_for_desktop(OperatingPoint& point) {
  MemoryPoint& memory = point.memories.front();
  const auto& desktop = memory.memory->desktop;
  if (!desktop) {
    throw UsageError(fmt::format("--desktop: what a desktop session takes of the memory of {} is not known; --reserve states a size",
                                 point.device->name));
  }
  if (desktop->value >= memory.usable.value) throw UsageError("--desktop: leaves nothing of the usable memory");
  memory.usable.value -= desktop->value;
  const bool assumed = desktop->cite.basis == Basis::assumed;
  point.overrides.push_back(fmt::format("{} kept free for a desktop session ({}{})", report::binary_size(desktop->value),
                                        assumed ? "assumed" : desktop->cite.source, desktop->cite.at.empty() ? "" : ", " + desktop->cite.at));
}

}  // namespace

std::unique_ptr<OperatingPoint> point_at(const Inquiry& inquiry, const PowerMode* mode) {
  auto point = std::make_unique<OperatingPoint>(operating_point(*inquiry.device, mode));
  for (const Override& change : inquiry.overrides) {
    const std::string problem = apply_override(*point, change);
    if (!problem.empty()) throw UsageError(fmt::format("--set: {}", problem));
  }
  if (inquiry.desktop) make_room_for_desktop(*point);
  reserve(*point, inquiry.reserved);
  return point;
}

Inquiry inquire(Context& context, const InquiryOptions& o, const Device* given) {
  Inquiry q;
  q.device = given;
  std::string firmware;
  if (given == nullptr) {
    const std::string hw = wanted(o.hw, "--hw", "estimate list devices");
    (void)wanted(o.model, "--model", "estimate list models");
    const auto device = context.catalog().device(hw);
    if (device.value == nullptr && device.diagnostics.empty() && lower(hw) == "host") {
      throw UsageError("--hw host: this machine has not been measured yet; `estimate bench --save` does that in a minute");
    }
    q.device = &found(device, "--hw: the device", hw, "estimate list devices");
    firmware = device.firmware;
    note_alias(q.notes, hw, q.device->id);
  }
  const std::string model = wanted(o.model, "--model", "estimate list models");
  if (is_model_file(model)) {
    q.file = read_asked_file(context, model, o.quant.empty(), q.notes);
    q.model = &*q.file->spec;
  } else {
    q.model = &found(context.catalog().model(model), "--model: the model", model, "estimate list models");
    note_alias(q.notes, model, q.model->id);
  }
  q.engines = read_engines(context, o.engine);
  q.unit = read_unit(o.unit, *q.device);
  // A file of weights is asked about as it is, unless another quantization of the same model is.
  const bool as_stored = q.file != nullptr && o.quant.empty() && !q.file->quantization.empty();
  q.quantization = as_stored ? q.file->quantization : read_quantization(context, o.quant, q.engines, q.notes);
  if (!as_stored && q.file != nullptr) q.notes.push_back("the model is the file's, its weights as " + q.quantization + " would store them");
  q.importance_matrix = read_importance_matrix(o.imatrix);
  if (as_stored && q.importance_matrix) throw UsageError("--imatrix: the file's own tensor types are taken; --quant asks for others");
  if (!as_stored) note_importance_matrix(context, q);
  q.overrides = read_overrides(o.set);
  q.reserved = read_size(o.reserve, "--reserve").value_or(Bytes{});
  q.disk = read_size(o.disk, "--disk");
  q.desktop = o.desktop;
  const PowerMode* mode = read_mode(o.mode, *q.device, firmware, q.notes);
  q.point = point_at(q, mode);
  q.workload = read_workload(context, o, *q.model, q.engines, q.notes);
  return q;
}

Question question(Context& context, const Inquiry& inquiry, const OperatingPoint& point) {
  Question q;
  q.point = &point;
  q.model = inquiry.model;
  q.engines = inquiry.engines;
  q.unit = inquiry.unit;
  q.quantization = inquiry.quantization;
  q.workload = inquiry.workload;
  const bool as_stored = inquiry.file != nullptr && inquiry.file->stored && inquiry.quantization == inquiry.file->stored->id;
  q.find_quantization = [&context, file = as_stored ? inquiry.file : nullptr, matrix = inquiry.importance_matrix,
                         adjusted = inquiry.adjusted](const std::string& name) -> const Quantization* {
    if (file != nullptr && name == file->stored->id) return &*file->stored;
    if (!context.catalog().has(db::Kind::quantization, name)) return nullptr;
    const auto lookup = context.catalog().quantization(name);
    if (!lookup.diagnostics.empty()) fail(lookup.diagnostics);
    if (lookup.value == nullptr || !matrix) return lookup.value;
    const auto [at, fresh] = adjusted->try_emplace(lookup.value->id, *lookup.value);
    if (fresh) at->second.importance_matrix = *matrix;
    return &at->second;
  };
  q.find_calibration = [&context](const std::string& engine) -> const Calibration* {
    if (!context.catalog().has(db::Kind::calibration, engine)) return nullptr;
    const auto lookup = context.catalog().calibration(engine);
    if (!lookup.diagnostics.empty()) fail(lookup.diagnostics);
    return lookup.value;
  };
  return q;
}

}  // namespace roofline::cli
