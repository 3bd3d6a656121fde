#include "roofline/db/catalog.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include "db/store.hpp"

namespace roofline::db {
namespace {

bool looks_like_path(std::string_view name) { return name.size() > 5 && name.substr(name.size() - 5) == ".toml"; }

template <class T>
const T* pick(const Parsed& file, const std::string&) {
  return std::get_if<T>(&file.content);
}
template <>
const Device* pick<Device>(const Parsed& file, const std::string& id) {
  const auto* devices = std::get_if<DeviceFile>(&file.content);
  if (devices == nullptr) return nullptr;
  for (const Device& device : devices->devices) {
    if (device.id == id) return &device;
  }
  return nullptr;
}
template <>
const Source* pick<Source>(const Parsed& file, const std::string& id) {
  const auto* sources = std::get_if<std::vector<Source>>(&file.content);
  if (sources == nullptr) return nullptr;
  for (const Source& source : *sources) {
    if (source.id == id) return &source;
  }
  return nullptr;
}

}  // namespace

struct Catalog::Impl {
  Store store;
  std::map<std::pair<Kind, std::string>, std::unique_ptr<Parsed>> by_path;
  std::map<std::string, std::unique_ptr<Quantization>> quantizations;
  std::vector<std::unique_ptr<Quantization>> retired;
  std::map<std::string, std::unique_ptr<Engine>> engines;
  std::vector<std::unique_ptr<Engine>> retired_engines;

  // Filled in anew when next asked for: what they were filled with may be replaced. What was handed out stays where it is.
  void retire_filled() {
    for (auto& [name, engine] : engines) retired_engines.push_back(std::move(engine));
    engines.clear();
    for (auto& [name, quantization] : quantizations) retired.push_back(std::move(quantization));
    quantizations.clear();
  }

  const Parsed* file_at(Kind kind, const std::string& path) {
    auto& slot = by_path[{kind, path}];
    if (!slot) {
      std::string why;
      if (const auto text = read_text(path, why)) {
        slot = parse_file(kind, *text, path);
      } else {
        slot = std::make_unique<Parsed>();
        slot->diagnostics.push_back({path, 0, 0, why});
      }
    }
    return slot.get();
  }

  template <class T>
  Lookup<T> find(Kind kind, std::string_view name) {
    Lookup<T> lookup;
    const Parsed* file = nullptr;
    std::string id;
    if (const auto resolved = store.resolve(kind, name)) {
      id = resolved->id;
      lookup.firmware = resolved->firmware;
      file = store.file_of(kind, id);
    } else if (looks_like_path(name)) {
      file = file_at(kind, std::string(name));
      id = file->main_id;
    }
    if (file == nullptr) {
      lookup.nearest = nearest_names(name, store.names(kind));
      return lookup;
    }
    lookup.diagnostics = file->diagnostics;
    lookup.value = pick<T>(*file, id);
    if (lookup.value == nullptr && lookup.diagnostics.empty()) lookup.diagnostics.push_back({file->path, 0, 0, "does not define '" + std::string(name) + "'"});
    return lookup;
  }

  // A copy with every format its rules, and those formats' fallbacks, name.
  Lookup<Quantization> filled(std::string_view name) {
    const Lookup<Quantization> plain = find<Quantization>(Kind::quantization, name);
    if (plain.value == nullptr) return plain;
    Lookup<Quantization> lookup;
    auto& slot = quantizations[plain.value->id + "\n" + std::string(looks_like_path(name) ? name : "")];
    if (!slot) {
      auto copy = std::make_unique<Quantization>(*plain.value);
      std::vector<std::string> wanted{copy->default_format, copy->vector_format, copy->router_format};
      for (const QuantizationRule& rule : copy->rules) wanted.push_back(rule.format);
      for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (find_format(*copy, wanted[i]) != nullptr) continue;
        const Lookup<WeightFormat> format = find<WeightFormat>(Kind::format, wanted[i]);
        if (format.value == nullptr) {
          lookup.diagnostics = format.diagnostics;
          if (lookup.diagnostics.empty()) lookup.diagnostics.push_back({"quantization " + copy->id, 0, 0, "no storage format '" + wanted[i] + "'"});
          return lookup;
        }
        copy->formats.push_back(*format.value);
        if (!format.value->fallback.empty()) wanted.push_back(format.value->fallback);
      }
      slot = std::move(copy);
    }
    lookup.value = slot.get();
    return lookup;
  }

  // A copy with the memory fitted to its runs, where there is any.
  Lookup<Engine> filled_engine(std::string_view name) {
    Lookup<Engine> lookup = find<Engine>(Kind::engine, name);
    if (lookup.value == nullptr || lookup.value->memory.fit_rules.empty()) return lookup;
    auto& slot = engines[lookup.value->id + "\n" + std::string(looks_like_path(name) ? name : "")];
    if (!slot) {
      const Lookup<MemoryFit> fit = find<MemoryFit>(Kind::memory, lookup.value->id);
      if (fit.value == nullptr && !fit.diagnostics.empty()) return {nullptr, "", fit.diagnostics, {}};
      slot = std::make_unique<Engine>(*lookup.value);
      if (fit.value != nullptr) slot->memory.fitted = fit.value->constants;
    }
    lookup.value = slot.get();
    return lookup;
  }
};

Catalog::Catalog() : impl_(std::make_unique<Impl>()) {}
Catalog::~Catalog() = default;
Catalog::Catalog(Catalog&&) noexcept = default;
Catalog& Catalog::operator=(Catalog&&) noexcept = default;

std::vector<Diagnostic> Catalog::add_directory(const std::filesystem::path& directory) {
  impl_->retire_filled();
  return impl_->store.add_directory(directory);
}
bool Catalog::has(Kind kind, std::string_view name) const { return impl_->store.resolve(kind, name).has_value() || looks_like_path(name); }
Lookup<Device> Catalog::device(std::string_view name) { return impl_->find<Device>(Kind::device, name); }
Lookup<ModelSpec> Catalog::model(std::string_view name) { return impl_->find<ModelSpec>(Kind::model, name); }
Lookup<WeightFormat> Catalog::format(std::string_view id) { return impl_->find<WeightFormat>(Kind::format, id); }
Lookup<Quantization> Catalog::quantization(std::string_view name) { return impl_->filled(name); }
Lookup<Engine> Catalog::engine(std::string_view name) { return impl_->filled_engine(name); }
Lookup<Calibration> Catalog::calibration(std::string_view engine) { return impl_->find<Calibration>(Kind::calibration, engine); }
Lookup<MemoryFit> Catalog::memory_fit(std::string_view engine) { return impl_->find<MemoryFit>(Kind::memory, engine); }
Lookup<FitRules> Catalog::fit_rules(std::string_view id) { return impl_->find<FitRules>(Kind::fit, id); }
Lookup<Source> Catalog::source(std::string_view id) { return impl_->find<Source>(Kind::source, id); }

std::vector<MeasuredRun> Catalog::runs(std::vector<Diagnostic>& diagnostics) {
  std::vector<MeasuredRun> all;
  for (const Parsed* file : impl_->store.files(Kind::runs)) {
    diagnostics.insert(diagnostics.end(), file->diagnostics.begin(), file->diagnostics.end());
    if (const auto* runs = std::get_if<std::vector<MeasuredRun>>(&file->content)) all.insert(all.end(), runs->begin(), runs->end());
  }
  std::sort(all.begin(), all.end(), [](const MeasuredRun& a, const MeasuredRun& b) { return a.id < b.id; });
  return all;
}

std::vector<Spelling> Catalog::spellings(std::vector<Diagnostic>& diagnostics) {
  std::vector<Spelling> all;
  for (const Parsed* file : impl_->store.files(Kind::spelling)) {
    diagnostics.insert(diagnostics.end(), file->diagnostics.begin(), file->diagnostics.end());
    if (const auto* rules = std::get_if<std::vector<Spelling>>(&file->content)) all.insert(all.end(), rules->begin(), rules->end());
  }
  return all;
}

Exclusions Catalog::exclusions(std::vector<Diagnostic>& diagnostics) {
  Exclusions all;
  for (const Parsed* file : impl_->store.files(Kind::exclusion)) {
    diagnostics.insert(diagnostics.end(), file->diagnostics.begin(), file->diagnostics.end());
    const auto* part = std::get_if<Exclusions>(&file->content);
    if (part == nullptr) continue;
    all.rules.insert(all.rules.end(), part->rules.begin(), part->rules.end());
    all.runs.insert(all.runs.end(), part->runs.begin(), part->runs.end());
  }
  return all;
}

std::vector<CpuCore> Catalog::cores(std::vector<Diagnostic>& diagnostics) {
  std::vector<CpuCore> all;
  for (const Parsed* file : impl_->store.files(Kind::core)) {
    diagnostics.insert(diagnostics.end(), file->diagnostics.begin(), file->diagnostics.end());
    if (const auto* core = std::get_if<CpuCore>(&file->content)) all.push_back(*core);
  }
  std::sort(all.begin(), all.end(), [](const CpuCore& a, const CpuCore& b) { return a.id < b.id; });
  return all;
}

std::vector<Entry> Catalog::entries(Kind kind) const { return impl_->store.entries(kind); }
std::vector<Diagnostic> Catalog::check() { return check_rules(impl_->store, {}); }
std::size_t Catalog::file_count() const { return impl_->store.file_count(); }

std::vector<std::string> Catalog::assumed_figures() {
  std::vector<std::string> all;
  for (const Kind kind : {Kind::device, Kind::model, Kind::format, Kind::quantization, Kind::engine, Kind::runs, Kind::core}) {
    for (const Parsed* file : impl_->store.files(kind)) {
      for (const std::string& figure : file->assumed) all.push_back(file->path + ": " + figure);
    }
  }
  return all;
}

}  // namespace roofline::db
