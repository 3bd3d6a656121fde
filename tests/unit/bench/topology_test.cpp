// Trees of /proc and /sys as boards have them -> clusters. The trees are written by the test.
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>

#include "bench/sysfs.hpp"
#include "roofline/bench/topology.hpp"

using namespace roofline;
using namespace roofline::bench;
namespace fs = std::filesystem;

namespace {

struct Tree {
  fs::path root = fs::temp_directory_path() / ("roofline-topology-" + std::to_string(getpid()));
  Tree() { fs::remove_all(root); }
  ~Tree() { fs::remove_all(root); }
  void write(const std::string& path, const std::string& text) const {
    fs::create_directories((root / path).parent_path());
    std::ofstream(root / path) << text << '\n';
  }
  void cpu(int number, const char* midr, int capacity, int kilohertz, const char* governor) const {
    const std::string directory = "sys/devices/system/cpu/cpu" + std::to_string(number) + "/";
    write(directory + "regs/identification/midr_el1", midr);
    write(directory + "cpu_capacity", std::to_string(capacity));
    write(directory + "cpufreq/cpuinfo_max_freq", std::to_string(kilohertz));
    write(directory + "cpufreq/scaling_cur_freq", std::to_string(kilohertz / 2));
    write(directory + "cpufreq/scaling_governor", governor);
  }
};

Processor arm() {
  Processor p;
  p.architecture = "aarch64";
  p.features.add(Feature::fp16).add(Feature::dotprod);
  p.core = core_from_midr(0x412fd050);  // of the CPU this would have run on: an A55
  return p;
}

CpuCore core(const char* name, int part) {
  CpuCore c;
  c.id = c.name = name;
  CoreIdentity identity;
  identity.implementer = 0x41;
  identity.part = part;
  c.identities = {identity};
  return c;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(topology)

// As RK3588 boards report: four Cortex-A55 first, then four Cortex-A76 in two frequency policies.
BOOST_AUTO_TEST_CASE(big_little) {
  const Tree tree;
  for (int i = 0; i < 4; ++i) tree.cpu(i, "0x00000000412fd050", 530, 1800000, "ondemand");
  for (int i = 4; i < 8; ++i) tree.cpu(i, "0x00000000414fd0b0", 1024, 2400000, "ondemand");
  tree.write("proc/meminfo", "MemTotal:       16104576 kB");
  tree.write("proc/device-tree/model", "Radxa ROCK 5B");
  tree.write("sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never");
  const BenchTopology t = read_topology(arm(), {core("Cortex-A55", 0xd05), core("Cortex-A76", 0xd0b)}, {0, 1, 2, 3, 4, 5, 6, 7}, tree.root);
  BOOST_REQUIRE(t.clusters.size() == 2u);
  BOOST_TEST(t.clusters[0].id == "cpu0");  // the fastest first
  BOOST_TEST(t.clusters[0].core == "Cortex-A76");
  BOOST_TEST(t.clusters[0].identity == "0x41:0xd0b");
  BOOST_TEST((t.clusters[0].cpus == std::vector<int>{4, 5, 6, 7}));
  BOOST_TEST(t.clusters[0].cores == 4);
  BOOST_TEST(*t.clusters[0].nominal_clock == 2.4e9);
  BOOST_TEST(*t.clusters[0].current_clock == 1.2e9);
  BOOST_TEST(t.clusters[0].governor == "ondemand");
  BOOST_TEST(t.clusters[1].core == "Cortex-A55");
  BOOST_TEST((t.clusters[1].cpus == std::vector<int>{0, 1, 2, 3}));
  BOOST_TEST(t.memory.in(unit::KiB) == 16104576.0);
  BOOST_TEST(t.machine == "Radxa ROCK 5B");
  BOOST_TEST(t.huge_pages == "madvise");
}

// A cpuset that leaves one core of each kind.
BOOST_AUTO_TEST_CASE(only_what_is_allowed) {
  const Tree tree;
  for (int i = 0; i < 4; ++i) tree.cpu(i, "0x412fd050", 530, 1800000, "performance");
  for (int i = 4; i < 8; ++i) tree.cpu(i, "0x414fd0b0", 1024, 2400000, "performance");
  const BenchTopology t = read_topology(arm(), {}, {3, 5}, tree.root);
  BOOST_REQUIRE(t.clusters.size() == 2u);
  BOOST_TEST((t.clusters[0].cpus == std::vector<int>{5}));
  BOOST_TEST((t.clusters[1].cpus == std::vector<int>{3}));
  BOOST_TEST(t.clusters[0].core.empty());  // no theory: not known, not guessed
}

// A container that shows nothing: one cluster of the CPUs that are allowed, and no figure is made up.
BOOST_AUTO_TEST_CASE(nothing_to_read) {
  const Tree tree;
  fs::create_directories(tree.root);
  const BenchTopology t = read_topology(arm(), {}, {0, 1}, tree.root);
  BOOST_REQUIRE(t.clusters.size() == 1u);
  BOOST_TEST(t.clusters[0].id == "cpu");
  BOOST_TEST(t.clusters[0].cpus.size() == 2u);
  BOOST_TEST(t.clusters[0].caches.empty());
  BOOST_TEST(!t.clusters[0].nominal_clock.has_value());
  BOOST_TEST(t.memory.base() == 0.0);
  BOOST_TEST(!read_moment(tree.root).load.has_value());
  BOOST_TEST(!read_moment(tree.root).temperature.has_value());
  BOOST_TEST(!cpu_quota(tree.root).has_value());
}

BOOST_AUTO_TEST_CASE(limits_of_a_control_group) {
  const Tree tree;
  tree.write("proc/meminfo", "MemTotal:        8000000 kB");
  tree.write("sys/fs/cgroup/memory.max", "2147483648");
  tree.write("sys/fs/cgroup/cpu.max", "150000 100000");
  const BenchTopology t = read_topology(arm(), {}, {0}, tree.root);
  BOOST_TEST(t.memory_allowed.in(unit::GiB) == 2.0);
  BOOST_TEST(*cpu_quota(tree.root) == 1.5);
  tree.write("sys/fs/cgroup/memory.max", "max");
  tree.write("sys/fs/cgroup/cpu.max", "max 100000");
  BOOST_TEST(read_topology(arm(), {}, {0}, tree.root).memory_allowed.in(unit::KiB) == 8000000.0);
  BOOST_TEST(!cpu_quota(tree.root).has_value());
}

// user nice system idle iowait irq softirq steal: 10 of 100 busy ticks were stolen.
BOOST_AUTO_TEST_CASE(moments) {
  const Tree tree;
  tree.write("proc/stat", "cpu  50 0 30 1000 7 4 6 10 0 0");
  tree.write("proc/loadavg", "0.42 0.40 0.39 1/123 4567");
  tree.write("sys/class/thermal/thermal_zone0/temp", "41500");
  tree.write("sys/class/thermal/thermal_zone1/temp", "61000");
  tree.write("sys/class/thermal/thermal_zone2/temp", "-274000");  // a sensor that is off
  const Moment moment = read_moment(tree.root);
  BOOST_TEST(moment.busy_ticks == 100.0);
  BOOST_TEST(moment.steal_ticks == 10.0);
  BOOST_TEST(*moment.load == 0.42);
  BOOST_TEST(*moment.temperature == 61.0);
}

BOOST_AUTO_TEST_CASE(odd_files_are_not_known) {
  const Tree tree;
  tree.write("a", "12 kB");
  tree.write("b", "words");
  fs::create_directories(tree.root / "c");
  BOOST_TEST(*read_number(tree.root / "a") == 12.0);
  BOOST_TEST(!read_number(tree.root / "b").has_value());
  BOOST_TEST(!read_line(tree.root / "c").has_value());
  BOOST_TEST(!read_hexadecimal(tree.root / "b").has_value());
}

BOOST_AUTO_TEST_SUITE_END()
