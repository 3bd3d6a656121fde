#include "roofline/bench/topology.hpp"

#include <unistd.h>

#include <algorithm>
#include <tuple>

#include "bench/hardware.hpp"
#include "bench/sysfs.hpp"

namespace roofline::bench {
namespace {

namespace fs = std::filesystem;

// CPUs with the same description make a cluster.
struct Description {
  CoreId id;
  std::optional<double> capacity, clock;
  int kind = 0;
  friend bool operator==(const Description&, const Description&) = default;
};

Description describe(const HardwareCpu& cpu, const Processor& processor, const fs::path& root) {
  const fs::path directory = root / "sys/devices/system/cpu" / ("cpu" + std::to_string(cpu.number));
  Description d;
  d.id = processor.core;
  if (const auto midr = read_hexadecimal(directory / "regs/identification/midr_el1")) d.id = core_from_midr(*midr);
  d.capacity = read_number(directory / "cpu_capacity");
  d.clock = read_number(directory / "cpufreq/cpuinfo_max_freq");
  if (d.clock) *d.clock *= 1e3;  // kHz
  d.kind = cpu.kind;
  return d;
}

BenchCluster cluster_of(const Description& d, const std::vector<HardwareCpu>& cpus, const Processor& processor, const std::vector<CpuCore>& cores,
                        const fs::path& root) {
  BenchCluster cluster;
  cluster.identity = to_string(d.id);
  if (const CpuCore* core = find_core(cores, sighting(d.id, processor.features))) cluster.core = core->name;
  for (const bool first : {true, false}) {
    for (const HardwareCpu& cpu : cpus) {
      if (cpu.first_of_core == first) cluster.cpus.push_back(cpu.number);
    }
  }
  cluster.cores = static_cast<int>(std::count_if(cpus.begin(), cpus.end(), [](const HardwareCpu& cpu) { return cpu.first_of_core; }));
  cluster.caches = cpus.front().caches;
  std::sort(cluster.caches.begin(), cluster.caches.end(), [](const BenchCache& a, const BenchCache& b) { return a.level < b.level; });
  const fs::path frequency = root / "sys/devices/system/cpu" / ("cpu" + std::to_string(cpus.front().number)) / "cpufreq";
  cluster.nominal_clock = d.clock;
  cluster.capacity = d.capacity;
  if (const auto current = read_number(frequency / "scaling_cur_freq")) cluster.current_clock = *current * 1e3;
  cluster.governor = read_line(frequency / "scaling_governor").value_or("");
  return cluster;
}

// "always [madvise] never"
std::string chosen_word(const std::string& line) {
  const auto begin = line.find('['), end = line.find(']');
  return begin != std::string::npos && end != std::string::npos && end > begin ? line.substr(begin + 1, end - begin - 1) : line;
}

void read_memory(BenchTopology& t, const fs::path& root) {
  const auto kilobytes = [&](const char* key) {
    const auto text = read_field(root / "proc/meminfo", key);
    return text ? std::strtod(text->c_str(), nullptr) * unit::KiB : Bytes{};
  };
  t.memory = kilobytes("MemTotal");
  t.memory_allowed = t.memory;
  for (const char* limit : {"sys/fs/cgroup/memory.max", "sys/fs/cgroup/memory/memory.limit_in_bytes"}) {
    if (const auto bytes = read_number(root / limit); bytes && *bytes > 0) {
      if (t.memory == Bytes{} || *bytes * unit::B < t.memory_allowed) t.memory_allowed = *bytes * unit::B;
    }
  }
  t.page = static_cast<double>(sysconf(_SC_PAGESIZE)) * unit::B;
  t.huge_pages = chosen_word(read_line(root / "sys/kernel/mm/transparent_hugepage/enabled").value_or(""));
}

std::string machine_name(const fs::path& root) {
  for (const char* file : {"proc/device-tree/model", "sys/devices/virtual/dmi/id/product_name"}) {
    if (const auto name = read_line(root / file)) return *name;
  }
  return {};
}

}  // namespace

CoreSighting sighting(const CoreId& id, FeatureSet features) {
  return {id.implementer, id.part, id.vendor, id.family, id.model, names(features)};
}

BenchTopology read_topology(const Processor& processor, const std::vector<CpuCore>& cores, const std::vector<int>& allowed, const fs::path& root) {
  BenchTopology t;
  t.architecture = processor.architecture;
  t.features = names(processor.features);
  t.sve_bytes = processor.sve_bytes;
  // Under emulation /proc tells about the machine below.
  if (!processor.emulated) {
    t.processor = read_field(root / "proc/cpuinfo", "model name").value_or("");
    t.machine = machine_name(root);
  }
  const Hardware hardware = read_hardware(allowed, root);
  t.source = hardware.source;
  t.numa_nodes = hardware.numa_nodes;
  t.cpus_allowed = static_cast<int>(allowed.size());
  t.cpus_online = root == "/" ? static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN)) : t.cpus_allowed;

  std::vector<std::pair<Description, std::vector<HardwareCpu>>> groups;
  for (const HardwareCpu& cpu : hardware.cpus) {
    t.smt = t.smt || !cpu.first_of_core;
    const Description d = describe(cpu, processor, root);
    const auto known = std::find_if(groups.begin(), groups.end(), [&](const auto& group) { return group.first == d; });
    if (known != groups.end()) {
      known->second.push_back(cpu);
    } else {
      groups.push_back({d, {cpu}});
    }
  }
  // The fastest cluster first.
  std::stable_sort(groups.begin(), groups.end(), [](const auto& a, const auto& b) {
    return std::tuple(a.first.capacity.value_or(0), a.first.clock.value_or(0)) > std::tuple(b.first.capacity.value_or(0), b.first.clock.value_or(0));
  });
  for (const auto& [description, cpus] : groups) {
    t.clusters.push_back(cluster_of(description, cpus, processor, cores, root));
    t.clusters.back().id = groups.size() == 1 ? "cpu" : "cpu" + std::to_string(t.clusters.size() - 1);
  }
  read_memory(t, root);
  return t;
}

}  // namespace roofline::bench
