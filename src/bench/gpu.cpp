#include "bench/gpu.hpp"

#include <cstdlib>
#include <filesystem>

#include "bench/session.hpp"

namespace roofline::bench {
namespace {

void add(BenchResult& result, const GpuDevice& device, const std::string& unit_id) {
  for (const GpuFigure& figure : device.figures) {
    const BenchQuality quality = figure.wrong.empty() ? BenchQuality::good : BenchQuality::refused;
    if (figure.arithmetic) {
      BenchFlops f;
      f.format = figure.format;
      f.accumulate = figure.accumulate;
      f.instruction = figure.instruction;
      f.matrix = figure.matrix;
      f.lower_bound = figure.lower_bound;
      f.unit = unit_id;
      f.threads = 0;  // as many as the device runs
      f.rate = summarize(figure.samples, 0);
      f.quality = quality;
      f.note = figure.wrong;
      result.flops.push_back(std::move(f));
    } else {
      BenchBandwidth b;
      b.kernel = figure.kernel;
      b.level = "DRAM";
      b.instruction = figure.instruction;
      b.pattern = figure.pattern;
      b.unit = unit_id;
      b.threads = 0;
      b.working_set = figure.working_set * unit::B;
      b.rate = summarize(figure.samples, 0);
      b.quality = quality;
      b.note = figure.wrong;
      result.bandwidth.push_back(std::move(b));
    }
  }
}

// A driver may write caches of its own as soon as it is loaded: none is, unless there is a device for it or it was asked for.
bool device_node_exists() {
  namespace fs = std::filesystem;
  std::error_code failed;
  for (const char* directory : {"/dev", "/dev/dri"}) {
    for (fs::directory_iterator it(directory, failed), end; !failed && it != end; it.increment(failed)) {
      const std::string name = it->path().filename().string();
      for (const char* start : {"renderD", "mali", "nvidia0", "nvhost-gpu", "nvgpu", "kgsl", "kfd"}) {
        if (name.starts_with(start)) return true;
      }
    }
    failed.clear();
  }
  return false;
}

// What is compiled for a few runs is not worth keeping.
void switch_caches_off() {
  setenv("POCL_KERNEL_CACHE", "0", 0);
  setenv("CUDA_CACHE_DISABLE", "1", 0);
  setenv("MESA_SHADER_CACHE_DISABLE", "true", 0);
  setenv("NEO_CACHE_PERSISTENT", "0", 0);
}

}  // namespace

void add_gpu(Session& session) {
  const BenchOptions& o = *session.options;
  constexpr double share = 0.1;  // of the whole time, for each device
  const bool alone = !o.flops && !o.bandwidth && !o.gemv && !o.latency;
  const double seconds = alone ? o.seconds : share * o.seconds;
  if (!alone && !device_node_exists()) return;
  switch_caches_off();
  if (o.progress) o.progress(1, "GPUs");
  std::vector<GpuDevice> devices = measure_cuda(seconds);
  for (GpuDevice& device : measure_opencl(seconds, alone, devices)) devices.push_back(std::move(device));
  int number = 0;
  for (const GpuDevice& device : devices) {
    const std::string unit_id = "gpu" + std::to_string(number++);
    BenchGpu gpu;
    gpu.id = unit_id;
    gpu.name = device.name;
    gpu.driver = device.driver;
    gpu.compute_units = device.compute_units;
    if (device.clock > 0) gpu.clock = device.clock;
    gpu.memory = device.memory * unit::B;
    gpu.free = device.free * unit::B;
    gpu.unified = device.unified;
    gpu.is_cpu = device.is_cpu;
    gpu.note = device.note;
    session.result.topology.gpus.push_back(std::move(gpu));
    add(session.result, device, unit_id);
  }
  if (o.progress) o.progress(1, "");
}

#if !defined(ROOFLINE_HAS_CUDA)
std::vector<GpuDevice> measure_cuda(double) { return {}; }
#endif

}  // namespace roofline::bench
