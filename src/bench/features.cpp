#include "roofline/bench/features.hpp"

#include <array>

namespace roofline::bench {
namespace {

constexpr std::array<std::string_view, feature_count> feature_names{
    "baseline", "avx2+fma", "f16c", "avx512", "avx-vnni", "avx512-vnni", "avx512-bf16", "avx512-fp16", "amx-int8", "amx-bf16",
    "fp16",     "dotprod",  "i8mm", "bf16",   "sve",      "sve2",        "sve-i8mm",    "sve-bf16",    "sme"};

constexpr bool bit(std::uint64_t word, int index) { return (word >> index & 1) != 0; }

std::string hexadecimal(int value) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (unsigned rest = static_cast<unsigned>(value); rest != 0 || text.empty(); rest /= 16) text.insert(text.begin(), digits[rest % 16]);
  return "0x" + text;
}

}  // namespace

std::string_view to_string(Feature feature) { return feature_names[static_cast<std::size_t>(feature)]; }

std::vector<std::string> names(FeatureSet features) {
  std::vector<std::string> all;
  for (int i = 1; i < feature_count; ++i) {
    const auto feature = static_cast<Feature>(i);
    if (features.has(feature)) all.emplace_back(to_string(feature));
  }
  return all;
}

// Bit numbers of arch/arm64/include/uapi/asm/hwcap.h.
FeatureSet features_from_hwcap(std::uint64_t hwcap, std::uint64_t hwcap2) {
  FeatureSet set;
  const auto add = [&](bool there, Feature feature) {
    if (there) set.add(feature);
  };
  add(bit(hwcap, 9) && bit(hwcap, 10), Feature::fp16);  // FPHP and ASIMDHP
  add(bit(hwcap, 20), Feature::dotprod);                // ASIMDDP
  add(bit(hwcap, 22), Feature::sve);
  add(bit(hwcap2, 1), Feature::sve2);
  add(bit(hwcap2, 9), Feature::sve_i8mm);
  add(bit(hwcap2, 12), Feature::sve_bf16);
  add(bit(hwcap2, 13), Feature::i8mm);
  add(bit(hwcap2, 14), Feature::bf16);
  add(bit(hwcap2, 23), Feature::sme);
  return set;
}

// Intel SDM volume 2A, CPUID; a register file counts only if XCR0 says that the operating system saves it.
FeatureSet features_from_cpuid(const CpuidWords& w) {
  FeatureSet set;
  constexpr std::uint64_t ymm = 0x6, zmm = 0xe6, tiles = 0x60000;
  const bool os_saves = bit(w.leaf1_ecx, 27);  // OSXSAVE
  const auto saved = [&](std::uint64_t state) { return os_saves && (w.xcr0 & state) == state; };
  const auto add = [&](bool there, Feature feature) {
    if (there) set.add(feature);
  };
  const bool avx = saved(ymm) && bit(w.leaf1_ecx, 28);
  add(avx && bit(w.leaf7_ebx, 5) && bit(w.leaf1_ecx, 12), Feature::avx2_fma);
  add(avx && bit(w.leaf1_ecx, 29), Feature::f16c);
  add(avx && bit(w.leaf7_1_eax, 4), Feature::avx_vnni);
  // F, BW and VL together: what every processor with AVX-512 outside one family of accelerators has.
  const bool avx512 = avx && saved(zmm) && bit(w.leaf7_ebx, 16) && bit(w.leaf7_ebx, 30) && bit(w.leaf7_ebx, 31);
  add(avx512, Feature::avx512);
  add(avx512 && bit(w.leaf7_ecx, 11), Feature::avx512_vnni);
  add(avx512 && bit(w.leaf7_1_eax, 5), Feature::avx512_bf16);
  add(avx512 && bit(w.leaf7_edx, 23), Feature::avx512_fp16);
  const bool amx = avx512 && saved(tiles) && bit(w.leaf7_edx, 24);
  add(amx && bit(w.leaf7_edx, 25), Feature::amx_int8);
  add(amx && bit(w.leaf7_edx, 22), Feature::amx_bf16);
  return set;
}

CoreId core_from_midr(std::uint64_t midr) {
  CoreId id;
  id.implementer = static_cast<int>(midr >> 24 & 0xff);
  id.variant = static_cast<int>(midr >> 20 & 0xf);
  id.part = static_cast<int>(midr >> 4 & 0xfff);
  id.revision = static_cast<int>(midr & 0xf);
  return id;
}

std::string to_string(const CoreId& id) {
  if (id.implementer != 0) return hexadecimal(id.implementer) + ":" + hexadecimal(id.part);
  if (id.vendor.empty()) return {};
  return id.vendor + " " + std::to_string(id.family) + ":" + std::to_string(id.model);
}

}  // namespace roofline::bench
