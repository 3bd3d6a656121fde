// What the processor says it can do -> the set of instruction-set extensions that kernels are chosen by at run time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace roofline::bench {

enum class Feature {
  baseline,  // SSE2 on x86-64, Advanced SIMD on aarch64: part of the architecture
  avx2_fma, f16c, avx512, avx_vnni, avx512_vnni, avx512_bf16, avx512_fp16, amx_int8, amx_bf16,
  fp16, dotprod, i8mm, bf16, sve, sve2, sve_i8mm, sve_bf16, sme,
};
inline constexpr int feature_count = static_cast<int>(Feature::sme) + 1;
std::string_view to_string(Feature feature);

class FeatureSet {
 public:
  constexpr FeatureSet() = default;
  constexpr FeatureSet& add(Feature feature) {
    bits_ |= bit(feature);
    return *this;
  }
  [[nodiscard]] constexpr bool has(Feature feature) const { return (bits_ & bit(feature)) != 0; }
  friend constexpr bool operator==(FeatureSet, FeatureSet) = default;

 private:
  static constexpr std::uint32_t bit(Feature feature) { return std::uint32_t{1} << static_cast<int>(feature); }
  std::uint32_t bits_ = 1;  // the baseline is always there
};
std::vector<std::string> names(FeatureSet features);

// aarch64, as the Linux kernel passes it (AT_HWCAP, AT_HWCAP2). The two words number their bits independently: BF16 and I8MM are
// bits of the second one, and the same bits of the first mean JSCVT and FCMA.
FeatureSet features_from_hwcap(std::uint64_t hwcap, std::uint64_t hwcap2);

// x86-64: registers of the CPUID leaves that matter, and which register files the operating system saves (XCR0).
struct CpuidWords {
  std::uint32_t leaf1_ecx = 0;
  std::uint32_t leaf7_ebx = 0, leaf7_ecx = 0, leaf7_edx = 0;
  std::uint32_t leaf7_1_eax = 0;
  std::uint64_t xcr0 = 0;
};
FeatureSet features_from_cpuid(const CpuidWords& words);

// Which design a core is, by the words vendors identify it with.
struct CoreId {
  std::string vendor;  // x86: "AuthenticAMD", "GenuineIntel"
  int family = 0, model = 0, stepping = 0;
  int implementer = 0, part = 0, variant = 0, revision = 0;  // aarch64: fields of MIDR_EL1
  friend bool operator==(const CoreId&, const CoreId&) = default;
};
CoreId core_from_midr(std::uint64_t midr);
std::string to_string(const CoreId& id);  // "AuthenticAMD 25:17", "0x41:0xd0b"; empty if not known

struct Processor {
  std::string architecture;  // "x86_64", "aarch64"
  FeatureSet features;
  CoreId core;            // of the CPU this ran on
  int sve_bytes = 0;      // length of an SVE register; 0 without SVE
  bool virtualised = false;
  bool emulated = false;  // another architecture's machine runs this program
};
// Of the calling thread's CPU. Asks the operating system for the use of AMX tiles where there are any.
Processor detect_processor();

}  // namespace roofline::bench
