#include <algorithm>

#include "roofline/bench/bench.hpp"
#include "roofline/bench/compute_kernels.hpp"
#include "roofline/bench/gemv.hpp"
#include "roofline/bench/memory_kernels.hpp"

namespace roofline::bench {
namespace {

void judge(SelfTest& test, std::string name, const std::string& wrong) {
  if (wrong.empty()) {
    test.passed.push_back(std::move(name));
  } else {
    test.failed.push_back(wrong);
  }
}

}  // namespace

SelfTest self_test(const Processor& processor) {
  SelfTest test;
  for (const ComputeKernel& kernel : compute_kernels()) {
    const std::string name = std::string(kernel.instruction) + ", " + std::string(kernel.form);
    if (!processor.features.has(kernel.needs)) {
      test.skipped.push_back(name + " needs " + std::string(to_string(kernel.needs)));
      continue;
    }
    for (const ComputeVariant& variant : kernel.variants) {
      judge(test, name + ", " + std::to_string(variant.accumulators), check_compute_kernel(kernel, variant, processor.sve_bytes));
    }
  }
  for (const MemoryKernel& kernel : memory_kernels()) {
    const std::string name = std::string(to_string(kernel.op)) + ", " + std::string(kernel.instruction) + ", " + std::string(kernel.pattern);
    if (!processor.features.has(kernel.needs)) {
      test.skipped.push_back(name + " needs " + std::string(to_string(kernel.needs)));
    } else {
      judge(test, name, check_memory_kernel(kernel));
    }
  }
  for (const GemvKernel& kernel : gemv_kernels()) {
    const std::string name = "GEMV " + std::string(to_string(kernel.format)) + ", " + std::string(kernel.instruction);
    const auto missing = std::find_if(kernel.needs.begin(), kernel.needs.end(), [&](Feature f) { return !processor.features.has(f); });
    if (missing != kernel.needs.end()) {
      test.skipped.push_back(name + " needs " + std::string(to_string(*missing)));
    } else {
      judge(test, name, check_gemv_kernel(kernel));
    }
  }
  return test;
}

}  // namespace roofline::bench
