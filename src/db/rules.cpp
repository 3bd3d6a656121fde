// Rules that need more than one file: ids, references, and figures that contradict each other.
#include <algorithm>
#include <map>
#include <set>

#include "core/text.hpp"
#include "db/store.hpp"
#include "roofline/core/device.hpp"
#include "roofline/db/catalog.hpp"

namespace roofline::db {
namespace {

constexpr std::array all_kinds{Kind::source, Kind::device, Kind::model, Kind::format, Kind::quantization, Kind::engine, Kind::calibration, Kind::runs};
// A measured peak may pass the derived one by the clock's tolerance, no more.
constexpr double measured_tolerance = 1.02;
// Outside this range a peak or a bandwidth is off by a unit.
constexpr double least_ridge_point = 0.05;
constexpr double largest_ridge_point = 1e4;

class Rules {
 public:
  explicit Rules(Store& store) : store_(store) {}

  std::vector<Diagnostic> run() {
    for (const Kind kind : all_kinds) {
      for (const Parsed* file : store_.files(kind)) {
        out_.insert(out_.end(), file->diagnostics.begin(), file->diagnostics.end());
        file_name(*file);
        std::visit([&](const auto& content) { check(*file, content); }, file->content);
        citations(*file);
      }
    }
    unique_names();
    unused_sources();
    return std::move(out_);
  }

 private:
  void say(const Parsed& file, std::string message, int line = 0, int column = 0) { out_.push_back({file.path, line, column, std::move(message)}); }
  bool exists(Kind kind, const std::string& name) { return store_.resolve(kind, name).has_value(); }
  void need(const Parsed& file, Kind kind, const std::string& name, const std::string& where) {
    if (exists(kind, name)) return;
    const auto near = nearest_names(name, store_.names(kind), 1);
    say(file, where + " names the " + std::string(to_string(kind)) + " '" + name + "', which does not exist" +
                  (near.empty() ? "" : "; did you mean '" + near.front() + "'?"));
  }

  void file_name(const Parsed& file) {
    if (file.kind == Kind::source || !file.diagnostics.empty()) return;
    const std::string stem = std::filesystem::path(file.path).stem().string();
    const std::string id = std::visit([&](const auto& content) { return id_of(content, stem); }, file.content);
    if (id != stem) say(file, "id '" + id + "' is not the file's name '" + stem + "'", 1, 1);
  }
  static std::string id_of(const std::monostate&, const std::string& stem) { return stem; }
  static std::string id_of(const std::vector<Source>&, const std::string& stem) { return stem; }
  static std::string id_of(const std::vector<MeasuredRun>&, const std::string& stem) { return stem; }
  static std::string id_of(const DeviceFile& f, const std::string& stem) {
    for (const DeviceAlias& alias : f.aliases) {
      if (alias.name == stem) return stem;
    }
    return f.devices.size() == 1 ? f.devices.front().id : "";
  }
  static std::string id_of(const Calibration& c, const std::string&) { return c.engine; }
  template <class T>
  static std::string id_of(const T& value, const std::string&) {
    return value.id;
  }

  void citations(const Parsed& file) {
    for (const Cited& cited : file.cited) {
      if (cited.source.rfind("run:", 0) == 0) {
        if (!run_ids().contains(cited.source.substr(4))) say(file, "no measured run '" + cited.source.substr(4) + "' in runs/", cited.line, cited.column);
        continue;
      }
      used_.insert(cited.source);
      if (!exists(Kind::source, cited.source)) {
        const auto near = nearest_names(cited.source, store_.names(Kind::source), 1);
        say(file, "no source '" + cited.source + "' in sources/" + (near.empty() ? "" : "; did you mean '" + near.front() + "'?"), cited.line, cited.column);
      }
    }
  }

  const std::set<std::string>& run_ids() {
    if (!runs_read_) {
      runs_read_ = true;
      for (const Parsed* file : store_.files(Kind::runs)) {
        if (const auto* runs = std::get_if<std::vector<MeasuredRun>>(&file->content)) {
          for (const MeasuredRun& run : *runs) {
            if (!run_ids_.insert(run.id).second) say(*file, "two runs are called '" + run.id + "'");
          }
        }
      }
    }
    return run_ids_;
  }

  void check(const Parsed&, const std::monostate&) {}
  void check(const Parsed&, const std::vector<Source>&) {}
  void check(const Parsed&, const ModelSpec&) {}

  void check(const Parsed& file, const DeviceFile& devices) {
    for (const Device& device : devices.devices) {
      const OperatingPoint point = operating_point(device, nullptr);
      for (const UnitPoint& unit : point.units) check_unit(file, device, point, unit);
      for (const MemoryPoint& memory : point.memories) {
        for (const SustainedBandwidth& sustained : memory.memory->sustained) {
          if (sustained.rate.value > memory.bandwidth.value) {
            say(file, device.id + ": sustained bandwidth of the " + std::string(to_string(sustained.unit)) + " is above the specified peak of memory '" + memory.memory->id + "'");
          }
        }
      }
      std::map<std::string, int> defaults;
      for (const PowerMode& mode : device.modes) {
        if (mode.factory_default && ++defaults[mode.firmware] > 1) say(file, device.id + ": two modes of one firmware are the default");
      }
    }
  }

  void check_unit(const Parsed& file, const Device& device, const OperatingPoint& point, const UnitPoint& unit) {
    for (const MeasuredPeak& measured : unit.unit->measured) {
      const auto derived = peak(unit, measured.format);
      if (derived && measured.peak.value > measured_tolerance * derived->value) {
        say(file, device.id + ": unit '" + unit.unit->id + "' measured a higher " + std::string(to_string(measured.format)) + " peak than cores x clock x rate gives");
      }
    }
    for (const Rate& rate : unit.unit->rates) {
      const auto top = peak(unit, rate.format);
      const double ridge = (top->value / memory_of(point, unit).bandwidth.value).base();
      if (ridge < least_ridge_point || ridge > largest_ridge_point) {
        say(file, device.id + ": unit '" + unit.unit->id + "' has a ridge point of " + std::to_string(ridge) + " op/B in " + std::string(to_string(rate.format)) + ": a unit is wrong");
      }
    }
  }

  void check(const Parsed& file, const WeightFormat& format) {
    if (!format.fallback.empty()) need(file, Kind::format, format.fallback, "fallback");
  }

  void check(const Parsed& file, const Quantization& q) {
    for (const std::string& name : {q.default_format, q.vector_format, q.router_format}) need(file, Kind::format, name, "quantization " + q.id);
    for (const QuantizationRule& rule : q.rules) need(file, Kind::format, rule.format, "a rule of " + q.id);
    if (!q.kv_type.empty()) need(file, Kind::format, q.kv_type, "kv_type");
  }

  void check(const Parsed& file, const Engine& engine) {
    for (const auto& [alias, names] : engine.resolve) {
      for (const std::string& name : names) need(file, Kind::quantization, name, "[resolve] " + alias);
    }
    for (const std::string& kv : engine.kv_types) need(file, Kind::format, kv, "kv_types");
    for (const Support& cell : engine.support) {
      for (const std::string& name : cell.quantizations) {
        if (name != "*" && !cell.refused) need(file, Kind::quantization, name, "[[support]]");
      }
      for (const std::string& name : cell.instead) need(file, Kind::quantization, name, "instead");
    }
    for (const ArithmeticRule& rule : engine.arithmetic) {
      for (const std::string& name : rule.formats) need(file, Kind::format, name, "[[arithmetic]]");
    }
    if (engine.calibration != engine.id) need(file, Kind::engine, engine.calibration, "calibration");
  }

  void check(const Parsed& file, const Calibration& calibration) { need(file, Kind::engine, calibration.engine, "calibration"); }

  void check(const Parsed& file, const std::vector<MeasuredRun>& runs) {
    run_ids();
    for (const MeasuredRun& run : runs) {
      need(file, Kind::device, run.device, "run " + run.id);
      need(file, Kind::engine, run.engine, "run " + run.id);
      need(file, Kind::model, run.model, "run " + run.id);
      need(file, Kind::quantization, run.quantization, "run " + run.id);
      if (!run.kv_type.empty()) need(file, Kind::format, run.kv_type, "run " + run.id);
      check_mode(file, run);
    }
  }

  void check_mode(const Parsed& file, const MeasuredRun& run) {
    const auto name = store_.resolve(Kind::device, run.device);
    if (run.mode.empty() || !name) return;
    const Parsed* home = store_.file_of(Kind::device, name->id);
    const auto* devices = home != nullptr ? std::get_if<DeviceFile>(&home->content) : nullptr;
    if (devices == nullptr) return;
    for (const Device& device : devices->devices) {
      if (device.id == name->id && find_mode(device, run.mode, name->firmware) == nullptr) {
        say(file, "run " + run.id + ": device '" + device.id + "' has no power mode '" + run.mode + "'");
      }
    }
  }

  void unique_names() {
    for (const Kind kind : all_kinds) {
      std::map<std::string, const Entry*> seen;
      const std::vector<Entry> entries = store_.entries(kind);
      for (const Entry& entry : entries) {
        std::vector<std::string> names = entry.aliases;
        names.push_back(entry.id);
        for (const std::string& name : names) {
          const auto [at, fresh] = seen.emplace(folded(name), &entry);
          if (fresh || at->second == &entry) continue;
          out_.push_back({entry.path, 0, 0, "the name '" + name + "' is also one of " + at->second->path});
        }
      }
    }
  }

  void unused_sources() {
    for (const Parsed* file : store_.files(Kind::source)) {
      const auto* sources = std::get_if<std::vector<Source>>(&file->content);
      if (sources == nullptr) continue;
      for (const Source& source : *sources) {
        if (!used_.contains(source.id) && !named_in_text(source.id)) say(*file, "source '" + source.id + "' is cited nowhere");
      }
    }
  }

  // A source may be cited inside a formula or a note ("0.512 TFLOP/s (grokipedia-mali-g610) / ...").
  bool named_in_text(const std::string& id) {
    if (texts_.empty()) {
      for (const EmbeddedFile& file : embedded_files()) {
        if (file.kind != Kind::source) texts_ += file.text;
      }
    }
    return texts_.find(id) != std::string::npos;
  }

  Store& store_;
  std::vector<Diagnostic> out_;
  std::set<std::string> used_;
  std::set<std::string> run_ids_;
  bool runs_read_ = false;
  std::string texts_;
};

}  // namespace

std::vector<Diagnostic> check_rules(Store& store, bool only_overlay) {
  std::vector<Diagnostic> found = Rules(store).run();
  if (only_overlay) {
    std::set<std::string> paths;
    for (const Parsed* file : store.overlay_files()) paths.insert(file->path);
    std::erase_if(found, [&](const Diagnostic& d) { return !paths.contains(d.file); });
  }
  std::stable_sort(found.begin(), found.end(), [](const Diagnostic& a, const Diagnostic& b) {
    return a.file != b.file ? a.file < b.file : a.line < b.line;
  });
  return found;
}

}  // namespace roofline::db
