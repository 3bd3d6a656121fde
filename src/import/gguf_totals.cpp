#include <map>

#include "import/gguf_facts.hpp"
#include "roofline/import/gguf_model.hpp"

namespace roofline::import {

FileTotals totals_of(const GgufHeader& header) {
  FileTotals totals;
  std::map<std::string, RoleTotal> roles;
  for (const GgufTensor& tensor : header.tensors) {
    const std::string role = place_of(tensor.name).role;
    const std::uint64_t elements = element_count(tensor);
    RoleTotal& total = roles[role];
    ++total.tensors;
    total.elements += elements;
    total.bytes += tensor.bytes;
    total.bytes_by_type[tensor.type] += tensor.bytes;
    totals.elements += elements;
    // rope_freqs, rope_factors_long and _short are computed by the converter.
    if (role.rfind("rope_", 0) != 0) totals.parameters += elements;
    totals.tensor_bytes += tensor.bytes;
    if (!tensor.bytes_known) ++totals.unknown_tensors;
  }
  for (auto& [role, total] : roles) {
    total.role = role;
    totals.roles.push_back(total);
  }
  return totals;
}

}  // namespace roofline::import
