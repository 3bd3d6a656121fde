#include "bench/gpu.hpp"

#include "bench/session.hpp"

namespace roofline::bench {
namespace {

void add(BenchResult& result, const GpuDevice& device, const std::string& unit_id) {
  for (const GpuFigure& figure : device.figures) {
    const BenchQuality quality = figure.wrong.empty() ? BenchQuality::good : BenchQuality::refused;
    if (figure.arithmetic) {
      BenchFlops f;
      f.format = figure.format;
      f.instruction = figure.instruction;
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

}  // namespace

void add_gpu(Session& session) {
  const BenchOptions& o = *session.options;
  constexpr double share = 0.1;  // of the whole time, for each device
  const bool alone = !o.flops && !o.bandwidth && !o.gemv && !o.latency;
  const double seconds = alone ? o.seconds : share * o.seconds;
  if (o.progress) o.progress(1, "GPUs");
  std::vector<GpuDevice> devices = measure_cuda(seconds);
  for (GpuDevice& device : measure_opencl(seconds, alone)) devices.push_back(std::move(device));
  int number = 0;
  for (const GpuDevice& device : devices) {
    const std::string unit_id = "gpu" + std::to_string(number++);
    BenchGpu gpu{unit_id, device.name, device.driver, device.compute_units, {}, device.memory * unit::B};
    if (device.clock > 0) gpu.clock = device.clock;
    session.result.topology.gpus.push_back(std::move(gpu));
    add(session.result, device, unit_id);
  }
  if (o.progress) o.progress(1, "");
}

#if !defined(ROOFLINE_HAS_CUDA)
std::vector<GpuDevice> measure_cuda(double) { return {}; }
#endif

}  // namespace roofline::bench
