// What any kind of GPU backend hands back: figures with their samples, of devices it found itself.
#pragma once

#include <string>
#include <vector>

#include "roofline/core/number_format.hpp"

namespace roofline::bench {

struct GpuFigure {
  bool arithmetic = true;  // op/s; else bytes per second
  NumberFormat format = NumberFormat::fp32;
  Accumulate accumulate = Accumulate::unspecified;
  std::string instruction;  // "fma float4"; what moves the bytes
  std::string pattern;      // which work item has which bytes
  std::string kernel;       // read, write, copy
  double working_set = 0;   // bytes
  std::vector<double> samples;
  std::string wrong;  // not empty: the result was not what arithmetic says
  bool matrix = false;       // tensor cores and their like
  bool lower_bound = false;  // the device has faster ways in this format than were tried
};
struct GpuDevice {
  std::string name;
  std::string driver;  // "OpenCL 3.0 ..., driver ..."
  bool is_cpu = false;  // OpenCL runs on processors too
  int compute_units = 0;
  double clock = 0;   // Hz as the driver says; 0: unknown
  double memory = 0;  // bytes
  double free = 0;    // of it; 0: unknown
  bool unified = false;  // no memory of its own
  std::string note;      // what could not be measured
  std::vector<GpuFigure> figures;
};

// `seconds` for each device. Processors only where asked for; not those that another backend has measured. Empty where there is no
// library, no device, or the backend is not built.
std::vector<GpuDevice> measure_opencl(double seconds, bool processors_too, const std::vector<GpuDevice>& measured);
std::vector<GpuDevice> measure_cuda(double seconds);

}  // namespace roofline::bench
