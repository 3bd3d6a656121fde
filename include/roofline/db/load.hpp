// Text in, values and diagnostics out: one loader per kind of file. No file access here. Keys: hardware_db/schema.md.
#pragma once

#include <array>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "roofline/core/calibration.hpp"
#include "roofline/core/cpu_core.hpp"
#include "roofline/core/device.hpp"
#include "roofline/core/engine.hpp"
#include "roofline/core/measured_run.hpp"
#include "roofline/core/model_spec.hpp"
#include "roofline/core/spelling.hpp"
#include "roofline/core/weight_format.hpp"
#include "roofline/db/diagnostic.hpp"

namespace roofline::db {

enum class Kind { source, device, model, format, quantization, engine, calibration, memory, fit, runs, exclusion, spelling, core };
inline constexpr std::array all_kinds{Kind::source, Kind::device, Kind::model, Kind::format, Kind::quantization, Kind::engine, Kind::calibration,
                                      Kind::memory, Kind::fit,    Kind::runs,  Kind::exclusion, Kind::spelling, Kind::core};
std::string_view to_string(Kind kind);             // singular: "device"
std::string_view folder_of(Kind kind);             // "devices"
std::optional<Kind> kind_of_path(std::string_view path);  // by the first folder: "devices/nvidia/x.toml" -> device

struct Source {
  std::string id, title, publisher, url, locator, read, note;
};

// A chip file is one device, or one per memory variant.
struct DeviceAlias {
  std::string name;
  std::string device;    // id
  std::string firmware;  // modes of this firmware are preferred; often empty
};
struct DeviceFile {
  std::vector<Device> devices;
  std::vector<DeviceAlias> aliases;  // all names but the ids
};

Loaded<std::vector<Source>> load_sources(std::string_view text, std::string_view path);
Loaded<DeviceFile> load_device(std::string_view text, std::string_view path);
Loaded<ModelSpec> load_model(std::string_view text, std::string_view path);
Loaded<WeightFormat> load_format(std::string_view text, std::string_view path);
// `formats` is left empty: the catalog fills it from the format files.
Loaded<Quantization> load_quantization(std::string_view text, std::string_view path);
Loaded<Engine> load_engine(std::string_view text, std::string_view path);
Loaded<Calibration> load_calibration(std::string_view text, std::string_view path);
Loaded<FitRules> load_fit(std::string_view text, std::string_view path);
Loaded<MemoryFit> load_memory(std::string_view text, std::string_view path);
Loaded<std::vector<MeasuredRun>> load_runs(std::string_view text, std::string_view path);
Loaded<Exclusions> load_exclusions(std::string_view text, std::string_view path);
Loaded<std::vector<Spelling>> load_spellings(std::string_view text, std::string_view path);
Loaded<CpuCore> load_core(std::string_view text, std::string_view path);

// Every key each loader knows, as "table.key" (top-level keys plain, arrays of tables as "table[].key"): compared with schema.md by a test.
std::vector<std::string> known_keys(Kind kind);

}  // namespace roofline::db
