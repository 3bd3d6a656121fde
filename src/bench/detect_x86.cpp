// CPUID and XGETBV of the CPU this thread is on.
#include "roofline/bench/features.hpp"

#if defined(__x86_64__)
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cstring>

namespace roofline::bench {
namespace {

struct Registers {
  std::uint32_t a = 0, b = 0, c = 0, d = 0;
};

Registers cpuid(std::uint32_t leaf, std::uint32_t subleaf) {
  Registers r;
  __cpuid_count(leaf, subleaf, r.a, r.b, r.c, r.d);
  return r;
}

std::uint64_t xcr0() {
  std::uint32_t low = 0, high = 0;
  asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return std::uint64_t{high} << 32 | low;
}

std::string text_of(std::initializer_list<std::uint32_t> words) {
  std::string text;
  for (const std::uint32_t word : words) {
    std::array<char, 4> bytes{};
    std::memcpy(bytes.data(), &word, bytes.size());
    text.append(bytes.data(), bytes.size());
  }
  return text;
}

// Linux hands out the tile registers on request only (Documentation/arch/x86/xstate.rst).
bool tiles_permitted() {
  constexpr long request_permission = 0x1023;  // ARCH_REQ_XCOMP_PERM
  constexpr long tile_data = 18;               // XFEATURE_XTILE_DATA
  return syscall(SYS_arch_prctl, request_permission, tile_data) == 0;
}

}  // namespace

Processor detect_processor() {
  Processor p;
  p.architecture = "x86_64";
  const Registers base = cpuid(0, 0);
  p.core.vendor = text_of({base.b, base.d, base.c});
  const Registers one = cpuid(1, 0);
  p.core.stepping = static_cast<int>(one.a & 0xf);
  p.core.family = static_cast<int>(one.a >> 8 & 0xf);
  p.core.model = static_cast<int>(one.a >> 4 & 0xf);
  if (p.core.family == 0xf) p.core.family += static_cast<int>(one.a >> 20 & 0xff);
  if (p.core.family == 6 || p.core.family >= 0xf) p.core.model += static_cast<int>(one.a >> 16 & 0xf) << 4;

  CpuidWords words;
  words.leaf1_ecx = one.c;
  if (base.a >= 7) {
    const Registers seven = cpuid(7, 0);
    words.leaf7_ebx = seven.b;
    words.leaf7_ecx = seven.c;
    words.leaf7_edx = seven.d;
    if (seven.a >= 1) words.leaf7_1_eax = cpuid(7, 1).a;
  }
  constexpr std::uint32_t osxsave = 1u << 27;
  if ((one.c & osxsave) != 0) words.xcr0 = xcr0();
  constexpr std::uint64_t tiles = 0x60000;
  if ((words.xcr0 & tiles) == tiles && !tiles_permitted()) words.xcr0 &= ~tiles;
  p.features = features_from_cpuid(words);

  p.virtualised = (one.c >> 31) != 0;
  if (p.virtualised) {
    const Registers hypervisor = cpuid(0x40000000, 0);
    p.emulated = text_of({hypervisor.b, hypervisor.c, hypervisor.d}) == "TCGTCGTCGTCG";
  }
  return p;
}

}  // namespace roofline::bench
#endif
