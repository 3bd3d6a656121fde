// One entry of the database -> a sheet of facts and tables.
#pragma once

#include "cli/commands.hpp"
#include "roofline/report/sheet.hpp"

namespace roofline::cli {

report::Sheet device_sheet(const Device& device, const std::vector<std::string>& names);
report::Sheet model_sheet(Context& context, const ModelSpec& model, const std::vector<std::string>& names);
report::Sheet quantization_sheet(const Quantization& quantization, const std::vector<std::string>& names);
report::Sheet format_sheet(const WeightFormat& format);
report::Sheet engine_sheet(Context& context, const Engine& engine, const std::vector<std::string>& names);
report::Sheet source_sheet(const db::Source& source);

// runs.cpp: one measured run, nothing if there is no such id (the nearest then go to `nearest`); and all of them.
std::string run_id(const std::string& typed);  // without the "run:" that answers cite it with
std::optional<report::Sheet> run_sheet(Context& context, const std::string& id, std::vector<std::string>& nearest);
report::Table runs_table(Context& context);

// "specified [source] at"
std::string cite_text(const Citation& cite);

}  // namespace roofline::cli
