// A measured machine -> table, JSON, device file, drawing. Pure functions of the result.
#pragma once

#include <string>
#include <vector>

#include "roofline/core/bench_result.hpp"
#include "roofline/core/device.hpp"
#include "roofline/report/render.hpp"

namespace roofline::report {

std::string bench_text(const BenchResult& result, const TextStyle& style);
std::string bench_json(const BenchResult& result);

// A device file that `estimate --hw FILE` takes. Ceilings are the highest rates seen, what is sustained the medians. `like`: a known
// device with the GPU that is here; its chip and family are this one's. Precondition: bench_refusal is empty.
std::string bench_device_toml(const BenchResult& result, const std::string& id, const Device* like = nullptr);
// Why no device file can be made of it (emulated, nothing measured); empty if one can.
std::string bench_refusal(const BenchResult& result);

// Where one phase of a model lands: how many operations it does per byte, how many per second it is expected to do.
struct RooflineMark {
  std::string label;
  double ops_per_byte = 0;
  double ops_per_second = 0;   // at the ceiling
  double expected = 0;         // 0: not known
  bool floating_point = false;
};
// Measured ceilings on logarithmic axes: a slope for each level of memory, a roof for each format, their ridge points, the marks.
std::string roofline_svg(const BenchResult& result, const std::vector<RooflineMark>& marks, const std::string& title);

}  // namespace roofline::report
