// The name a driver gives a GPU -> a device of the database with the same silicon.
#pragma once

#include <vector>

#include "roofline/core/bench_result.hpp"
#include "roofline/core/device.hpp"

namespace roofline {

// A device whose name has the words of the GPU's in the same order ("NVIDIA GeForce RTX 4060" and "... RTX 4060 8GB"; a Jetson's GPU is
// called "Orin"), with as many units if any of these has, and the nearest memory. Null where there is none, or chips or families differ.
const Device* known_gpu(const std::vector<const Device*>& devices, const BenchGpu& gpu);

}  // namespace roofline
