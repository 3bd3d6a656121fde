// Feature words as processors were seen to report them -> what may run.
#include <boost/test/unit_test.hpp>

#include "roofline/bench/features.hpp"

using namespace roofline::bench;

namespace {

FeatureSet with(std::initializer_list<Feature> features) {
  FeatureSet set;
  for (const Feature feature : features) set.add(feature);
  return set;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(features)

// AT_HWCAP and AT_HWCAP2 of qemu 7.2's models, read with getauxval.
BOOST_AUTO_TEST_CASE(aarch64_models) {
  using F = Feature;
  BOOST_TEST((features_from_hwcap(0x8fb, 0) == FeatureSet{}));                                          // Cortex-A53, Cortex-A72
  BOOST_TEST((features_from_hwcap(0x119ffb, 0) == with({F::fp16, F::dotprod})));                        // Cortex-A76, Neoverse N1
  BOOST_TEST((features_from_hwcap(0x415ffb, 0) == with({F::fp16, F::sve})));                            // A64FX: bits 13 and 14 are JSCVT and FCMA
  const FeatureSet most = features_from_hwcap(0xecfffffb, 0x7f877fff);
  for (const F feature : {F::fp16, F::dotprod, F::i8mm, F::bf16, F::sve, F::sve2, F::sve_i8mm, F::sve_bf16, F::sme}) BOOST_TEST(most.has(feature), to_string(feature));
}

// Bits 13 and 14 of the first word are not those of the second.
BOOST_AUTO_TEST_CASE(bf16_and_i8mm_are_bits_of_the_second_word) {
  const FeatureSet first = features_from_hwcap(1u << 13 | 1u << 14, 0);
  BOOST_TEST(!first.has(Feature::i8mm));
  BOOST_TEST(!first.has(Feature::bf16));
  const FeatureSet second = features_from_hwcap(0, 1u << 13 | 1u << 14);
  BOOST_TEST(second.has(Feature::i8mm));
  BOOST_TEST(second.has(Feature::bf16));
}

BOOST_AUTO_TEST_CASE(x86_needs_the_operating_system) {
  CpuidWords words;
  words.leaf1_ecx = 1u << 12 | 1u << 27 | 1u << 28 | 1u << 29;  // FMA, OSXSAVE, AVX, F16C
  words.leaf7_ebx = 1u << 5 | 1u << 16 | 1u << 30 | 1u << 31;   // AVX2, AVX512F, BW, VL
  words.leaf7_ecx = 1u << 11;                                   // AVX512_VNNI
  words.leaf7_edx = 1u << 22 | 1u << 23 | 1u << 24 | 1u << 25;  // AMX-BF16, AVX512_FP16, AMX-TILE, AMX-INT8
  words.leaf7_1_eax = 1u << 4 | 1u << 5;                        // AVX-VNNI, AVX512_BF16
  using F = Feature;
  words.xcr0 = 0x3;  // x87 and SSE state only
  BOOST_TEST((features_from_cpuid(words) == FeatureSet{}));
  words.xcr0 = 0x7;  // and AVX
  BOOST_TEST((features_from_cpuid(words) == with({F::avx2_fma, F::f16c, F::avx_vnni})));
  words.xcr0 = 0xe7;  // and AVX-512
  const FeatureSet avx512 = with({F::avx2_fma, F::f16c, F::avx_vnni, F::avx512, F::avx512_vnni, F::avx512_bf16, F::avx512_fp16});
  BOOST_TEST((features_from_cpuid(words) == avx512));
  words.xcr0 = 0x600e7;  // and tiles
  BOOST_TEST((features_from_cpuid(words) == FeatureSet(avx512).add(F::amx_int8).add(F::amx_bf16)));
  words.leaf1_ecx &= ~(1u << 27);  // no OSXSAVE: XCR0 says nothing
  BOOST_TEST((features_from_cpuid(words) == FeatureSet{}));
}

BOOST_AUTO_TEST_CASE(midr_fields) {
  const CoreId a76 = core_from_midr(0x414fd0b1);
  BOOST_TEST(a76.implementer == 0x41);
  BOOST_TEST(a76.part == 0xd0b);
  BOOST_TEST(a76.variant == 4);
  BOOST_TEST(a76.revision == 1);
  BOOST_TEST(to_string(a76) == "0x41:0xd0b");
  CoreId zen4;
  zen4.vendor = "AuthenticAMD";
  zen4.family = 25;
  zen4.model = 17;
  BOOST_TEST(to_string(zen4) == "AuthenticAMD 25:17");
  BOOST_TEST(to_string(CoreId{}).empty());
}

BOOST_AUTO_TEST_SUITE_END()
