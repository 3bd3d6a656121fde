// The tables `estimate list` prints, one for each kind.
#pragma once

#include <string>

#include "cli/commands.hpp"
#include "roofline/report/sheet.hpp"

namespace roofline::cli {

// What bytes of models and bits of quantizations are counted with.
struct ListAsked {
  std::string quantization;
  std::string model;
};

report::Table devices_table(Context& context, const ListAsked& asked);
report::Table ceilings_table(Context& context, const ListAsked& asked);
report::Table models_table(Context& context, const ListAsked& asked);
report::Table quantizations_table(Context& context, const ListAsked& asked);
report::Table formats_table(Context& context, const ListAsked& asked);
report::Table engines_table(Context& context, const ListAsked& asked);
report::Table sources_table(Context& context, const ListAsked& asked);

// Repository names ("Qwen/Qwen2.5-7B") are found by typing them; in a table they only take room.
report::Cell alias_cell(const std::vector<std::string>& aliases);

}  // namespace roofline::cli
