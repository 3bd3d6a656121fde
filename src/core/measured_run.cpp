#include "roofline/core/measured_run.hpp"

namespace roofline {

const RunRule* find_rule(const Exclusions& exclusions, const std::string& id) {
  for (const RunRule& rule : exclusions.rules) {
    if (rule.id == id) return &rule;
  }
  return nullptr;
}

}  // namespace roofline
