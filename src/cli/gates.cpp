#include <fmt/core.h>

#include <algorithm>

#include "cli/inquiry.hpp"
#include "cli/values.hpp"
#include "roofline/report/units.hpp"

namespace roofline::cli {
namespace {

using report::Gate;

constexpr int most_context = 1'000'000'000;

Demand read_demand(const std::string& text) {
  const auto equals = text.find('=');
  const std::string key = text.substr(0, equals);
  const std::string value = equals == std::string::npos ? "" : text.substr(equals + 1);
  if (text == "fits") return {Demand::Kind::fits, 0, text};
  if (key == "decode" && !value.empty()) return {Demand::Kind::decode, positive_number(value, "--require decode"), text};
  if (key == "context" && !value.empty()) {
    return {Demand::Kind::context, static_cast<double>(whole_number(value, "--require context", 1, most_context)), text};
  }
  fail_choice("--require", text, {"decode=TOKENS_PER_SECOND", "context=TOKENS", "fits"});
}

bool fits(const Estimate& e) { return e.verdict.verdict == Verdict::fits || e.verdict.verdict == Verdict::tight; }

std::string size_text(const Estimate& e) {
  return fmt::format("{} needed, {} available", report::binary_size(e.verdict.needed), report::binary_size(e.verdict.available));
}

Gate fits_gate(const Estimate& e, const Demand& demand, std::optional<Bytes> disk) {
  Gate gate{&e, demand.text, fits(e), size_text(e), std::nullopt, std::nullopt};
  if (e.verdict.refused_allocation) gate.reason += "; an allocation of that size was refused on such a board";
  if (disk && total_bytes(e.stored) > *disk) {
    gate.met = false;
    gate.reason += fmt::format("; the file takes {} of {} free on disk", report::decimal_size(total_bytes(e.stored)), report::decimal_size(*disk));
  }
  if (e.verdict.verdict == Verdict::fits_with_offload) gate.reason += "; only with layers left in host memory";
  return gate;
}

Gate context_gate(const Estimate& e, const Demand& demand) {
  const int most = e.verdict.max_context_tokens;
  Gate gate{&e, demand.text, demand.value <= most, "", std::nullopt, std::nullopt};
  if (most > 0) {
    gate.reason = fmt::format("up to {} tokens fit", report::whole(most));
    if (!gate.met) gate.reason += fmt::format(", {} short", report::factor(demand.value / most));
  } else {
    gate.reason = "no context fits: the weights alone are too large";
  }
  if (demand.value > e.model->context)
    gate.reason += fmt::format("; {} itself takes at most {}", e.model->name, report::whole(e.model->context));
  return gate;
}

std::string ceiling_text(double ceiling, double factor) {
  return factor > 1 ? fmt::format("even the ceiling, {} tok/s, is {} short", report::number(ceiling), report::factor(factor))
                    : fmt::format("the ceiling, {} tok/s, is above it", report::number(ceiling));
}

Gate decode_gate(const Estimate& e, const Demand& demand) {
  const double ceiling = e.decode.per_sequence().base();
  Gate gate{&e, demand.text, false, "", demand.value / ceiling, std::nullopt};
  if (!e.expected_decode) {
    gate.reason = fmt::format("no expected speed is known ({}); {}", e.evidence.rung, ceiling_text(ceiling, *gate.factor_of_ceiling));
  } else {
    const Expectation& x = *e.expected_decode;
    const double expected = x.phase.per_sequence().base();
    gate.factor_of_expected = demand.value / expected;
    gate.met = demand.value <= expected && fits(e);
    const std::string interval =
        fmt::format("expected {} tok/s ({}-{})", report::number(expected), report::number(x.low.base()), report::number(x.high.base()));
    gate.reason = demand.value <= expected ? fmt::format("{}, {} of what is demanded", interval, report::factor(expected / demand.value))
                                           : fmt::format("{} is {} short; {}", interval, report::factor(*gate.factor_of_expected),
                                                         ceiling_text(ceiling, *gate.factor_of_ceiling));
  }
  if (!fits(e)) gate.reason += "; it does not fit: " + size_text(e);
  return gate;
}

std::vector<Gate> gates_of(const Estimate& e, const std::vector<Demand>& demands, std::optional<Bytes> disk) {
  std::vector<Gate> result;
  for (const Demand& demand : demands) {
    switch (demand.kind) {
      case Demand::Kind::fits: result.push_back(fits_gate(e, demand, disk)); break;
      case Demand::Kind::context: result.push_back(context_gate(e, demand)); break;
      case Demand::Kind::decode: result.push_back(decode_gate(e, demand)); break;
    }
  }
  return result;
}

}  // namespace

std::vector<Demand> read_demands(const Values& values) {
  std::vector<Demand> demands;
  for (const std::string& value : values) demands.push_back(read_demand(value));
  return demands;
}

// One combination of unit and engine has to meet every demand; the one that meets most is reported.
std::vector<Gate> gates(const std::vector<Demand>& demands, const Survey& survey, std::optional<Bytes> disk) {
  std::vector<Gate> best;
  std::ptrdiff_t most = -1;
  for (const Estimate& e : survey.estimates) {
    if (!e.supported) continue;
    std::vector<Gate> asked = gates_of(e, demands, disk);
    const auto met = std::count_if(asked.begin(), asked.end(), [](const Gate& gate) { return gate.met; });
    if (met > most) {
      most = met;
      best = std::move(asked);
    }
  }
  if (most < 0) {
    for (const Demand& demand : demands)
      best.push_back({nullptr, demand.text, false, "no engine here runs this", std::nullopt, std::nullopt});
  }
  return best;
}

}  // namespace roofline::cli
