// What a CPU core design can execute in one cycle: the theory that a measurement is compared with.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "roofline/core/figure.hpp"
#include "roofline/core/number_format.hpp"
#include "roofline/core/quantity.hpp"

namespace roofline {

// How a processor names the design: implementer and part of MIDR_EL1 on aarch64; vendor, family and model on x86; or the extensions it
// has, where a virtual machine hides the model. All that is stated has to agree.
struct CoreIdentity {
  std::optional<int> implementer, part;
  std::string vendor;
  std::optional<int> family;
  std::vector<int> models;
  std::vector<std::string> features;
};
struct InstructionRate {
  std::string instruction;  // as the benchmark calls it: "fmla v.4s"
  NumberFormat format = NumberFormat::fp32;
  Figure<Ops> ops_per_cycle;  // one core; a multiply-add is two
};
struct CpuCore {
  std::string id;
  std::string name;
  std::vector<std::string> notes;
  std::vector<CoreIdentity> identities;  // any of them
  std::vector<InstructionRate> rates;
};

// What the machine says of a core.
struct CoreSighting {
  int implementer = 0, part = 0;
  std::string vendor;
  int family = 0, model = 0;
  std::vector<std::string> features;
};
bool matches(const CoreIdentity& identity, const CoreSighting& seen);
// The core whose identity agrees in most particulars; null if none does.
const CpuCore* find_core(const std::vector<CpuCore>& cores, const CoreSighting& seen);
const InstructionRate* find_rate(const CpuCore& core, std::string_view instruction);

// cores x clock x ops per cycle, as for any unit.
OpsPerSecond theoretical_peak(const InstructionRate& rate, double cores, Hertz clock);

}  // namespace roofline
