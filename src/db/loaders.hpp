// One function per kind of file: a parsed table in, the value out; mistakes go to `file`. The value is meaningless if any.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "db/reader.hpp"
#include "roofline/db/load.hpp"

namespace roofline::db {

// The keys a loader knows in one table; the top level has an empty name, arrays of tables end in "[]".
struct KnownTable {
  std::string table;
  Keys keys;
};

DeviceFile read_device(const toml::table& root, File& file);
ModelSpec read_model(const toml::table& root, File& file);
WeightFormat read_format(const toml::table& root, File& file);
Quantization read_quantization(const toml::table& root, File& file);
Engine read_engine(const toml::table& root, File& file);
Calibration read_calibration(const toml::table& root, File& file);
FitRules read_fit(const toml::table& root, File& file);
MemoryFit read_memory_fit(const toml::table& root, File& file);
std::vector<MeasuredRun> read_runs(const toml::table& root, File& file);
Exclusions read_exclusions(const toml::table& root, File& file);
std::vector<Spelling> read_spellings(const toml::table& root, File& file);
std::vector<Source> read_sources(const toml::table& root, File& file);
CpuCore read_core(const toml::table& root, File& file);

std::vector<KnownTable> device_tables();
std::vector<KnownTable> model_tables();
std::vector<KnownTable> format_tables();
std::vector<KnownTable> quantization_tables();
std::vector<KnownTable> engine_tables();
std::vector<KnownTable> calibration_tables();
std::vector<KnownTable> fit_tables();
std::vector<KnownTable> memory_fit_tables();
std::vector<KnownTable> runs_tables();
std::vector<KnownTable> exclusion_tables();
std::vector<KnownTable> source_tables();
std::vector<KnownTable> spelling_tables();
std::vector<KnownTable> core_tables();

void check_schema(Table& top);  // schema = 1
std::vector<UnitKind> unit_kinds(Table& table, std::string_view key);

}  // namespace roofline::db
