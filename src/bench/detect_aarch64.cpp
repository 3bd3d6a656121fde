// Hardware capability words and identification registers of the CPU this thread is on.
#include "roofline/bench/features.hpp"

#if defined(__aarch64__)
#include <sys/auxv.h>

#include <fstream>
#include <string>

namespace roofline::bench {
namespace {

#ifndef AT_HWCAP2
constexpr unsigned long AT_HWCAP2 = 26;
#endif

std::uint64_t midr() {
  std::uint64_t value = 0;
  asm volatile("mrs %0, midr_el1" : "=r"(value));  // emulated by the kernel for user space
  return value;
}

int sve_register_bytes() {
  std::uint64_t bytes = 0;
  asm volatile(".arch_extension sve\n\trdvl %0, #1" : "=r"(bytes));
  return static_cast<int>(bytes);
}

// Under user-mode emulation /proc is that of the machine below, whose processor is of another make.
bool foreign_cpuinfo() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (line.rfind("vendor_id", 0) == 0) return true;
    if (line.rfind("CPU implementer", 0) == 0) return false;
  }
  return false;
}

bool hypervisor_named() {
  std::ifstream file("/sys/hypervisor/type");
  return file.good();
}

}  // namespace

Processor detect_processor() {
  Processor p;
  p.architecture = "aarch64";
  const std::uint64_t hwcap = getauxval(AT_HWCAP);
  p.features = features_from_hwcap(hwcap, getauxval(AT_HWCAP2));
  constexpr std::uint64_t cpuid_readable = 1u << 11;
  if ((hwcap & cpuid_readable) != 0) p.core = core_from_midr(midr());
  if (p.features.has(Feature::sve)) p.sve_bytes = sve_register_bytes();
  p.emulated = foreign_cpuinfo();
  p.virtualised = p.emulated || hypervisor_named();
  return p;
}

}  // namespace roofline::bench
#endif
