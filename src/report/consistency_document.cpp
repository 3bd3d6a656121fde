#include <fmt/core.h>

#include <cmath>
#include <map>

#include "report/layout.hpp"
#include "roofline/core/tensors.hpp"
#include "roofline/report/documents.hpp"
#include "roofline/report/sheet.hpp"
#include "roofline/report/units.hpp"

namespace roofline::report {
namespace {

// Further apart than rounding: the file has to say why.
constexpr double tolerance = 0.005;

// Variants of a chip share its claims: one row for all whose facts give the same.
struct Claim {
  std::vector<std::string> devices;
  const Headline* headline = nullptr;
  std::optional<AnyQuantity> here;
};

std::vector<Claim> claims_of(const std::vector<const Device*>& devices) {
  std::vector<Claim> claims;
  std::map<std::string, std::size_t> seen;
  for (const Device* device : devices) {
    for (const Headline& headline : device->headlines) {
      const auto here = reproduced(*device, headline);
      // Boards of one chip may state the same number for other reasons.
      const std::string key = fmt::format("{}|{}|{}|{}|{}", device->chip, headline.text, headline.value.value.base, here ? here->base : 0.0, headline.arithmetic);
      const auto [at, fresh] = seen.try_emplace(key, claims.size());
      if (fresh) claims.push_back({{}, &headline, here});
      claims[at->second].devices.push_back(device->id);
    }
  }
  return claims;
}

std::string some(const std::vector<std::string>& ids) {
  constexpr std::size_t most = 2;
  if (ids.size() <= most) return join(ids, ", ");
  return fmt::format("{} and {} more", ids.front(), ids.size() - 1);
}

Cell off_cell(double ratio) { return value_cell(number(ratio, 4), ratio); }

Table devices_table(const std::vector<Claim>& claims) {
  Table table{"devices", "", {{"device", "device"}, {"text", "claim"}, {"stated", "stated", true}, {"derived", "from stored facts", true},
                              {"ratio", "ratio", true}, {"arithmetic", "arithmetic"}, {"source", "stated by"}}, {}};
  for (const Claim& claim : claims) {
    const Headline& h = *claim.headline;
    const std::string unit = h.value.value.dimension.byte != 0 ? "GB/s" : h.text.find("FLOP") != std::string::npos ? "TFLOP/s" : "TOP/s";
    std::string why = h.arithmetic;
    if (!h.note.empty()) why += ". **" + h.note + "**";
    table.rows.push_back({text_cell(some(claim.devices)), text_cell(h.text), text_cell(any(h.value.value, unit)),
                          text_cell(claim.here ? any(*claim.here, unit) : "not known"),
                          claim.here ? off_cell(claim.here->base / h.value.value.base) : Cell{}, text_cell(why),
                          text_cell(h.value.cite.source)});
  }
  return table;
}

Table parameters_table(const std::vector<const ModelSpec*>& models) {
  Table table{"models", "", {{"id", "model"}, {"computed", "computed", true}, {"stated", "stated", true}, {"ratio", "ratio", true},
                             {"active", "active, computed", true}, {"active_stated", "active, stated", true},
                             {"active_ratio", "ratio", true}, {"note", "where they differ"}}, {}};
  for (const ModelSpec* model : models) {
    const double computed = parameter_count(*model);
    const double active = active_parameter_count(*model);
    std::vector<Cell> row{text_cell(model->id), value_cell(count(computed), computed)};
    const auto compared = [&](const std::optional<Figure<double>>& stated, double here) {
      row.push_back(stated ? value_cell(count(stated->value), stated->value) : Cell{});
      row.push_back(stated ? off_cell(here / stated->value) : Cell{});
      return stated && std::abs(here / stated->value - 1) > tolerance;
    };
    const bool off = compared(model->stated_parameters, computed);
    row.push_back(expert_count(*model) > 0 ? value_cell(count(active), active) : Cell{});
    const bool active_off = compared(model->stated_active_parameters, active);
    const std::string unexplained = off || active_off ? "**not explained**" : "";
    row.push_back(text_cell(model->parameters_note.empty() ? unexplained : model->parameters_note));
    table.rows.push_back(std::move(row));
  }
  return table;
}

Table bytes_table(const ConsistencyFacts& facts) {
  Table table{"bytes", "", {{"id", "model"}}, {}};
  for (const Quantization* q : facts.quantizations) table.columns.push_back({q->id, q->id, true});
  for (const ModelSpec* model : facts.models) {
    std::vector<Cell> row{text_cell(model->id)};
    for (const Quantization* q : facts.quantizations) {
      const Bytes total = total_bytes(stored_tensors(*model, *q));
      row.push_back(value_cell(fmt::format("{:.2f}", total.in(unit::GB)), total.base()));
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

std::string silent_devices(const std::vector<const Device*>& devices) {
  std::vector<std::string> ids;
  for (const Device* device : devices) {
    if (device->headlines.empty()) ids.push_back("`" + device->id + "`");
  }
  if (ids.empty()) return "";
  return "\nWithout a stated number in their files: " + join(ids, ", ") + ".\n";
}

}  // namespace

std::string consistency_document(const ConsistencyFacts& facts) {
  const std::vector<Claim> claims = claims_of(facts.devices);
  std::size_t derived = 0;
  std::size_t far = 0;
  for (const Claim& claim : claims) {
    if (!claim.here) continue;
    ++derived;
    if (std::abs(claim.here->base / claim.headline->value.value.base - 1) > tolerance) ++far;
  }
  std::size_t stated = 0;
  std::size_t apart = 0;
  for (const ModelSpec* model : facts.models) {
    if (!model->stated_parameters) continue;
    ++stated;
    if (std::abs(parameter_count(*model) / model->stated_parameters->value - 1) > tolerance) ++apart;
  }
  std::string out = "# Do the stored facts give the numbers people know?\n\n"
                    "Generated by `estimate report consistency`; change the database, not this page, then run `script/regenerate`.\n\n";
  out += "## Devices: marketing numbers\n\n";
  out += fmt::format("Of {} numbers that vendors and catalogues print, {} follow from stored cores, clocks, rates and buses; {} of these are more than "
                     "0.5 % away, each with its reason in bold. Sparse rates enter only here, never a ceiling. A ratio is ours to theirs.\n\n",
                     claims.size(), derived, far);
  out += table_markdown(devices_table(claims)) + silent_devices(facts.devices);
  out += "\n## Models: parameters\n\n";
  out += fmt::format("Computed by adding up the tensors that the dimensions give. {} of {} models have a stated total; {} of these are more than 0.5 % "
                     "away.\n\n", stated, facts.models.size(), apart);
  out += table_markdown(parameters_table(facts.models));
  out += "\n## Models: bytes per format\n\nAll stored tensors, in GB (1e9 bytes).\n\n" + table_markdown(bytes_table(facts));
  return out;
}

}  // namespace roofline::report
