#include "roofline/core/known_gpu.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "core/text.hpp"

namespace roofline {
namespace {

std::vector<std::string> words(const std::string& name) {
  std::vector<std::string> all(1);
  for (const char c : name) {
    const char small = text::lower(c);
    if ((small >= 'a' && small <= 'z') || (small >= '0' && small <= '9')) {
      all.back() += small;
    } else if (!all.back().empty()) {
      all.emplace_back();
    }
  }
  std::erase_if(all, [](const std::string& word) { return word.empty() || word == "gpu"; });
  return all;
}

bool in_order(const std::vector<std::string>& wanted, const std::vector<std::string>& all) {
  auto at = all.begin();
  for (const std::string& word : wanted) {
    at = std::find(at, all.end(), word);
    if (at == all.end()) return false;
    ++at;
  }
  return true;
}

bool has_as_many_units(const Device& device, int units) {
  return std::any_of(device.units.begin(), device.units.end(), [&](const ComputeUnit& unit) {
    return unit.kind == UnitKind::gpu && std::lround(unit.cores.value) == units;
  });
}

}  // namespace

const Device* known_gpu(const std::vector<const Device*>& devices, const BenchGpu& gpu) {
  const std::vector<std::string> wanted = words(gpu.name);
  if (wanted.empty()) return nullptr;
  std::vector<const Device*> alike;
  for (const Device* device : devices) {
    if (in_order(wanted, words(device->name))) alike.push_back(device);
  }
  const auto as_many = [&](const Device* device) { return has_as_many_units(*device, gpu.compute_units); };
  // An RTX 2080 is no RTX 2080 Ti: a longer name has to have as many units.
  std::erase_if(alike, [&](const Device* device) { return !as_many(device); });
  if (alike.empty()) return nullptr;
  const auto other = [&](const Device* device) { return device->chip != alike.front()->chip || device->family != alike.front()->family; };
  if (std::any_of(alike.begin(), alike.end(), other)) return nullptr;
  const auto distance = [&](const Device* device) { return std::abs((device->memories.front().capacity.value - gpu.memory).base()); };
  return *std::min_element(alike.begin(), alike.end(), [&](const Device* a, const Device* b) { return distance(a) < distance(b); });
}

}  // namespace roofline
