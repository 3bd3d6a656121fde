#include "bench/hardware.hpp"

#include <algorithm>
#include <cstdlib>
#include <set>

#if defined(ROOFLINE_HAS_HWLOC)
#include <hwloc.h>
#endif

namespace roofline::bench {
namespace {

#if defined(ROOFLINE_HAS_HWLOC)
class Topology {
 public:
  explicit Topology(const std::filesystem::path& root) {
    // What it can not find out is no error here, and it has no other way of being quiet.
    setenv("HWLOC_HIDE_ERRORS", "2", 0);
    // It takes another root from the environment only, and would ask this processor besides.
    if (root != "/") {
      setenv("HWLOC_FSROOT", root.c_str(), 1);
      setenv("HWLOC_THISSYSTEM", "0", 1);
      setenv("HWLOC_COMPONENTS", "-x86", 1);
    }
    loaded_ = hwloc_topology_init(&topology_) == 0;
    if (loaded_) {
      hwloc_topology_set_flags(topology_, HWLOC_TOPOLOGY_FLAG_INCLUDE_DISALLOWED);
      hwloc_topology_set_io_types_filter(topology_, HWLOC_TYPE_FILTER_KEEP_NONE);
      loaded_ = hwloc_topology_load(topology_) == 0;
    }
    if (root != "/") {
      unsetenv("HWLOC_FSROOT");
      unsetenv("HWLOC_THISSYSTEM");
      unsetenv("HWLOC_COMPONENTS");
    }
  }
  ~Topology() {
    if (topology_ != nullptr) hwloc_topology_destroy(topology_);
  }
  Topology(const Topology&) = delete;
  Topology& operator=(const Topology&) = delete;
  [[nodiscard]] bool loaded() const { return loaded_; }
  [[nodiscard]] hwloc_topology_t get() const { return topology_; }

 private:
  hwloc_topology_t topology_ = nullptr;
  bool loaded_ = false;
};

std::vector<BenchCache> caches_of(hwloc_obj_t pu) {
  std::vector<BenchCache> caches;
  for (hwloc_obj_t at = pu; at != nullptr; at = at->parent) {
    if (hwloc_obj_type_is_dcache(at->type) == 0 || at->attr->cache.size == 0) continue;
    caches.push_back({static_cast<int>(at->attr->cache.depth), static_cast<double>(at->attr->cache.size) * unit::B, hwloc_bitmap_weight(at->cpuset)});
  }
  return caches;
}

void read_with_hwloc(Hardware& hardware, const std::vector<int>& allowed, const std::filesystem::path& root) {
  const Topology topology(root);
  if (!topology.loaded()) return;
  std::set<unsigned> cores_seen;
  for (const int number : allowed) {
    const hwloc_obj_t pu = hwloc_get_pu_obj_by_os_index(topology.get(), static_cast<unsigned>(number));
    if (pu == nullptr) continue;
    HardwareCpu cpu;
    cpu.number = number;
    const hwloc_obj_t core = hwloc_get_ancestor_obj_by_type(topology.get(), HWLOC_OBJ_CORE, pu);
    cpu.first_of_core = core == nullptr || cores_seen.insert(core->logical_index).second;
    cpu.kind = std::max(0, hwloc_cpukinds_get_by_cpuset(topology.get(), pu->cpuset, 0));
    cpu.caches = caches_of(pu);
    hardware.cpus.push_back(std::move(cpu));
  }
  hardware.numa_nodes = std::max(1, hwloc_get_nbobjs_by_type(topology.get(), HWLOC_OBJ_NUMANODE));
  const unsigned version = hwloc_get_api_version();
  hardware.source = "hwloc " + std::to_string(version >> 16) + "." + std::to_string(version >> 8 & 0xff);
}
#else
void read_with_hwloc(Hardware&, const std::vector<int>&, const std::filesystem::path&) {}
#endif

}  // namespace

Hardware read_hardware(const std::vector<int>& allowed, const std::filesystem::path& root) {
  Hardware hardware;
  hardware.source = "the affinity mask alone";
  read_with_hwloc(hardware, allowed, root);
  // What the library does not know is a core of its own: nothing is claimed about its caches.
  for (const int number : allowed) {
    const bool known = std::any_of(hardware.cpus.begin(), hardware.cpus.end(), [&](const HardwareCpu& cpu) { return cpu.number == number; });
    if (!known) hardware.cpus.push_back({number, true, 0, {}});
  }
  std::sort(hardware.cpus.begin(), hardware.cpus.end(), [](const HardwareCpu& a, const HardwareCpu& b) { return a.number < b.number; });
  return hardware;
}

}  // namespace roofline::bench
