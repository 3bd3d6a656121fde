// NVIDIA devices through the CUDA runtime, with their tensor cores: built only with -DROOFLINE_CUDA=ON. Without a driver no device is found.
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime.h>
#include <mma.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "bench/gpu.hpp"

namespace roofline::bench {
namespace {

constexpr int accumulators = 8, steps = 16, threads = 256;

// x = x / 2 + 1 / 2 ends at 1 wherever it starts: the sum of the accumulators is known.
template <class T>
__global__ void vector_kernel(float* out, T half_of, int loops) {
  T x[accumulators];
#pragma unroll
  for (int k = 0; k < accumulators; ++k) x[k] = T(static_cast<float>(threadIdx.x % 16 + k + 2));
  for (int i = 0; i < loops; ++i) {
#pragma unroll
    for (int s = 0; s < steps; ++s) {
#pragma unroll
      for (int k = 0; k < accumulators; ++k) x[k] = x[k] * half_of + half_of;
    }
  }
  float sum = 0;
#pragma unroll
  for (int k = 0; k < accumulators; ++k) sum += static_cast<float>(x[k]);
  out[blockIdx.x * blockDim.x + threadIdx.x] = sum;
}
__global__ void half2_kernel(float* out, float half_value, int loops) {
  const __half2 h = __float2half2_rn(half_value);
  __half2 x[accumulators];
#pragma unroll
  for (int k = 0; k < accumulators; ++k) x[k] = __float2half2_rn(static_cast<float>(threadIdx.x % 16 + k + 2));
  for (int i = 0; i < loops; ++i) {
#pragma unroll
    for (int s = 0; s < steps; ++s) {
#pragma unroll
      for (int k = 0; k < accumulators; ++k) x[k] = __hfma2(x[k], h, h);
    }
  }
  float sum = 0;
#pragma unroll
  for (int k = 0; k < accumulators; ++k) sum += __low2float(x[k]);
  out[blockIdx.x * blockDim.x + threadIdx.x] = sum;
}

// Products of 16 x 16 tiles of ones: every element of an accumulator grows by 16 each time.
constexpr int tiles = 4, tile = 16, tile_steps = 4;
template <class In, class Sum>
__global__ void tensor_kernel(float* out, In one, int loops) {
  using namespace nvcuda;
  wmma::fragment<wmma::matrix_a, tile, tile, tile, In, wmma::row_major> a;
  wmma::fragment<wmma::matrix_b, tile, tile, tile, In, wmma::col_major> b;
  wmma::fragment<wmma::accumulator, tile, tile, tile, Sum> c[tiles];
  wmma::fill_fragment(a, one);
  wmma::fill_fragment(b, one);
#pragma unroll
  for (int k = 0; k < tiles; ++k) wmma::fill_fragment(c[k], Sum(0));
  for (int i = 0; i < loops; ++i) {
#pragma unroll
    for (int s = 0; s < tile_steps; ++s) {
#pragma unroll
      for (int k = 0; k < tiles; ++k) wmma::mma_sync(c[k], a, b, c[k]);
    }
  }
  float sum = 0;
#pragma unroll
  for (int k = 0; k < tiles; ++k) sum += static_cast<float>(c[k].x[0]);
  out[blockIdx.x * blockDim.x + threadIdx.x] = sum;
}

__global__ void read_kernel(const float4* in, float* out, std::size_t count) {
  float4 sum{0, 0, 0, 0};
  for (std::size_t i = blockIdx.x * std::size_t{blockDim.x} + threadIdx.x; i < count; i += std::size_t{gridDim.x} * blockDim.x) {
    const float4 v = in[i];
    sum.x += v.x;
    sum.y += v.y;
    sum.z += v.z;
    sum.w += v.w;
  }
  out[blockIdx.x * blockDim.x + threadIdx.x] = sum.x + sum.y + sum.z + sum.w;
}
__global__ void write_kernel(float4* to, float value, std::size_t count) {
  for (std::size_t i = blockIdx.x * std::size_t{blockDim.x} + threadIdx.x; i < count; i += std::size_t{gridDim.x} * blockDim.x) to[i] = {value, value + 1, value + 2, value + 3};
}
__global__ void copy_kernel(const float4* in, float4* to, std::size_t count) {
  for (std::size_t i = blockIdx.x * std::size_t{blockDim.x} + threadIdx.x; i < count; i += std::size_t{gridDim.x} * blockDim.x) to[i] = in[i];
}

double wall() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

class Runner {
 public:
  explicit Runner(const cudaDeviceProp& properties) : blocks_(properties.multiProcessorCount * 8) {
    cudaEventCreate(&begin_);
    cudaEventCreate(&end_);
    if (cudaMalloc(&out_, sizeof(float) * blocks_ * threads) != cudaSuccess) out_ = nullptr;
  }
  ~Runner() {
    cudaFree(out_);
    cudaEventDestroy(begin_);
    cudaEventDestroy(end_);
  }
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;
  int blocks() const { return blocks_; }
  float* out() const { return out_; }

  // Seconds by the device's clock; 0 if it could not run.
  template <class Launch>
  double time(const Launch& launch) {
    cudaEventRecord(begin_);
    launch();
    cudaEventRecord(end_);
    if (cudaEventSynchronize(end_) != cudaSuccess || cudaGetLastError() != cudaSuccess) return 0;
    float milliseconds = 0;
    cudaEventElapsedTime(&milliseconds, begin_, end_);
    return 1e-3 * milliseconds;
  }
  template <class Launch>
  void sample(GpuFigure& figure, double seconds, double work, const Launch& launch) {
    constexpr int least = 5, most = 500;
    const double until = wall() + seconds;
    for (int i = 0; i < most && (i < least || wall() < until); ++i) {
      const double taken = time(launch);
      if (!(taken > 0)) return;
      figure.samples.push_back(work / taken);
    }
  }
  // `wanted` for each thread, as a function of the loops that were run last.
  std::string wrong_result(double wanted) const {
    std::vector<float> results(static_cast<std::size_t>(blocks_) * threads);
    if (cudaMemcpy(results.data(), out_, results.size() * sizeof(float), cudaMemcpyDeviceToHost) != cudaSuccess) return "the device's results can not be read";
    for (const float value : results) {
      if (!(std::abs(value - wanted) <= 0.02 * wanted)) return "the device computes " + std::to_string(value) + " instead of " + std::to_string(wanted);
    }
    return {};
  }

 private:
  int blocks_;
  float* out_ = nullptr;
  cudaEvent_t begin_{}, end_{};
};

template <class Launch>
void arithmetic(GpuDevice& device, Runner& runner, NumberFormat format, const char* instruction, double ops_per_loop_and_thread, double wanted_fixed, double wanted_per_loop, double seconds,
                const Launch& launch) {
  GpuFigure figure;
  figure.format = format;
  figure.instruction = instruction;
  int loops = 16;
  // Sums of whole numbers stay exact in 32-bit floating point: tensor loops end there.
  const int most = wanted_per_loop > 0 ? 1 << 14 : 1 << 22;
  while (loops < most && runner.time([&] { launch(loops); }) < 2e-3) loops *= 2;
  runner.sample(figure, seconds, ops_per_loop_and_thread * loops * runner.blocks() * threads, [&] { launch(loops); });
  figure.wrong = runner.wrong_result(wanted_fixed + wanted_per_loop * loops);
  if (!figure.samples.empty()) device.figures.push_back(std::move(figure));
}

void bandwidth(GpuDevice& device, Runner& runner, const cudaDeviceProp& properties, double seconds) {
  const std::size_t bytes = std::min<std::size_t>(std::size_t{1} << 30, properties.totalGlobalMem / 8) / 16 * 16;
  float4 *a = nullptr, *b = nullptr;
  if (cudaMalloc(&a, bytes) != cudaSuccess || cudaMalloc(&b, bytes) != cudaSuccess) {
    cudaFree(a);
    cudaGetLastError();
    return;
  }
  const std::size_t count = bytes / sizeof(float4);
  write_kernel<<<runner.blocks(), threads>>>(a, 1.25f, count);
  const auto add = [&](const char* name, int arrays, const auto& launch) {
    GpuFigure figure;
    figure.arithmetic = false;
    figure.kernel = name;
    figure.instruction = "float4";
    figure.working_set = static_cast<double>(bytes) * arrays;
    runner.time(launch);
    runner.sample(figure, seconds / 3, figure.working_set, launch);
    if (!figure.samples.empty()) device.figures.push_back(std::move(figure));
  };
  add("read", 1, [&] { read_kernel<<<runner.blocks(), threads>>>(a, runner.out(), count); });
  add("write", 1, [&] { write_kernel<<<runner.blocks(), threads>>>(b, 1.5f, count); });
  add("copy", 2, [&] { copy_kernel<<<runner.blocks(), threads>>>(a, b, count); });
  cudaFree(a);
  cudaFree(b);
}

GpuDevice measure(int number, double seconds) {
  GpuDevice device;
  cudaDeviceProp properties{};
  if (cudaSetDevice(number) != cudaSuccess || cudaGetDeviceProperties(&properties, number) != cudaSuccess) return device;
  int runtime = 0, clock = 0;
  cudaRuntimeGetVersion(&runtime);
  cudaDeviceGetAttribute(&clock, cudaDevAttrClockRate, number);
  device.name = properties.name;
  device.driver = "CUDA " + std::to_string(runtime / 1000) + "." + std::to_string(runtime % 1000 / 10) + ", compute capability " + std::to_string(properties.major) + "." +
                  std::to_string(properties.minor);
  device.compute_units = properties.multiProcessorCount;
  device.clock = 1e3 * clock;
  device.memory = static_cast<double>(properties.totalGlobalMem);
  Runner runner(properties);
  if (runner.out() == nullptr) return device;
  const double share = seconds / 7;
  const double vector_ops = 2.0 * accumulators * steps;
  // A warp of 32 threads multiplies a tile together.
  const double tile_ops = 2.0 * tile * tile * tile * tiles * tile_steps / 32, tile_sum = tile * tile_steps * tiles;
  const int blocks = runner.blocks();
  float* out = runner.out();
  arithmetic(device, runner, NumberFormat::fp32, "fma float", vector_ops, accumulators, 0, share, [=](int loops) { vector_kernel<float><<<blocks, threads>>>(out, 0.5f, loops); });
  arithmetic(device, runner, NumberFormat::fp64, "fma double", vector_ops, accumulators, 0, share, [=](int loops) { vector_kernel<double><<<blocks, threads>>>(out, 0.5, loops); });
  arithmetic(device, runner, NumberFormat::fp16, "fma half2", 2 * vector_ops, accumulators, 0, share, [=](int loops) { half2_kernel<<<blocks, threads>>>(out, 0.5f, loops); });
  arithmetic(device, runner, NumberFormat::fp16, "mma 16x16x16 half", tile_ops, 0, tile_sum, share, [=](int loops) { tensor_kernel<__half, float><<<blocks, threads>>>(out, __float2half(1.0f), loops); });
  if (properties.major >= 8) {
    arithmetic(device, runner, NumberFormat::bf16, "mma 16x16x16 bfloat16", tile_ops, 0, tile_sum, share,
               [=](int loops) { tensor_kernel<__nv_bfloat16, float><<<blocks, threads>>>(out, __float2bfloat16(1.0f), loops); });
  }
  arithmetic(device, runner, NumberFormat::int8, "mma 16x16x16 int8", tile_ops, 0, tile_sum, share, [=](int loops) { tensor_kernel<signed char, int><<<blocks, threads>>>(out, 1, loops); });
  bandwidth(device, runner, properties, share);
  return device;
}

}  // namespace

std::vector<GpuDevice> measure_cuda(double seconds) {
  std::vector<GpuDevice> all;
  int count = 0;
  if (cudaGetDeviceCount(&count) != cudaSuccess) return all;
  for (int i = 0; i < count; ++i) {
    GpuDevice device = measure(i, seconds);
    if (!device.figures.empty()) all.push_back(std::move(device));
  }
  return all;
}

}  // namespace roofline::bench
