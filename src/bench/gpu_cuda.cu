// NVIDIA devices through the CUDA runtime, with their tensor cores: built only with -DROOFLINE_CUDA=ON. Without a driver no device is found.
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

// Products of tiles of ones: every element of an accumulator grows by the tile's depth each time.
constexpr int tiles = 4, tile_steps = 4;

// One kind of product for a warp of 32 threads: rows x columns x depth, four registers of a, two of b, and the accumulators'.
// `one` is a register full of ones in the format, `less` of minus ones where sums have to stay small, else of ones.
#define PRODUCT(name, shape, types, sum_type, sum_letter, sums, depth_, one_, less_)                                                       \
  struct name {                                                                                                                             \
    using Sum = sum_type;                                                                                                                   \
    static constexpr int depth = depth_;                                                                                                    \
    static constexpr unsigned one = one_, less = less_;                                                                                     \
    Sum c[4] = {};                                                                                                                          \
    __device__ void multiply(unsigned a, unsigned b) { PRODUCT_##sums(shape, types, sum_letter) }                                           \
    __device__ float first() const { return FIRST_##sums; }                                                                                 \
  };
#if __CUDA_ARCH__ >= 800
#define PRODUCT_4(shape, types, letter)                                                                                                     \
  asm volatile("mma.sync.aligned." shape ".row.col." types " {%0,%1,%2,%3}, {%4,%4,%4,%4}, {%5,%5}, {%0,%1,%2,%3};"                          \
               : "+" letter(c[0]), "+" letter(c[1]), "+" letter(c[2]), "+" letter(c[3])                                                     \
               : "r"(a), "r"(b));
#define PRODUCT_2(shape, types, letter)                                                                                                     \
  asm volatile("mma.sync.aligned." shape ".row.col." types " {%0,%1}, {%2,%2,%2,%2}, {%3,%3}, {%0,%1};" : "+" letter(c[0]), "+" letter(c[1]) : "r"(a), "r"(b));
#else
#define PRODUCT_4(shape, types, letter)
#define PRODUCT_2(shape, types, letter)
#endif
#define FIRST_4 static_cast<float>(c[0])
#define FIRST_2 __half2float(__ushort_as_half(static_cast<unsigned short>(c[0] & 0xffff)))
PRODUCT(HalfToFloat, "m16n8k16", "f32.f16.f16.f32", float, "f", 4, 16, 0x3c003c00, 0x3c003c00)
// Half-precision sums are whole numbers up to 2048 only: every second product takes away what the one before it added.
PRODUCT(HalfToHalf, "m16n8k16", "f16.f16.f16.f16", unsigned, "r", 2, 16, 0x3c003c00, 0xbc00bc00)
PRODUCT(Bfloat16, "m16n8k16", "f32.bf16.bf16.f32", float, "f", 4, 16, 0x3f803f80, 0x3f803f80)
PRODUCT(Tf32, "m16n8k8", "f32.tf32.tf32.f32", float, "f", 4, 8, 0x3f800000, 0x3f800000)
PRODUCT(Int8, "m16n8k32", "s32.s8.s8.s32", int, "r", 4, 32, 0x01010101, 0x01010101)
PRODUCT(Int4, "m16n8k64", "s32.s4.s4.s32", int, "r", 4, 64, 0x11111111, 0x11111111)

template <class Product>
__global__ void product_kernel(float* out, unsigned one, unsigned less, int loops) {
  Product c[tiles];
  for (int i = 0; i < loops; ++i) {
#pragma unroll
    for (int s = 0; s < tile_steps; ++s) {
#pragma unroll
      for (int k = 0; k < tiles; ++k) c[k].multiply(one, s % 2 == 0 ? one : less);
    }
  }
  // One more, so that what was taken away again leaves something to see.
  float sum = 0;
#pragma unroll
  for (int k = 0; k < tiles; ++k) {
    c[k].multiply(one, one);
    sum += c[k].first();
  }
  out[blockIdx.x * blockDim.x + threadIdx.x] = sum;
}

// Older tensor cores, through the compiler's own tiles.
constexpr int tile = 16;
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

// What a kernel computes and what it leaves in each thread.
struct Kind {
  NumberFormat format = NumberFormat::fp32;
  Accumulate accumulate = Accumulate::unspecified;
  const char* instruction = "";
  double ops_per_loop_and_thread = 0;
  double left = 0, left_per_loop = 0;
  bool matrix = false, lower_bound = false;
};

template <class Launch>
void arithmetic(GpuDevice& device, Runner& runner, const Kind& kind, double seconds, const Launch& launch) {
  GpuFigure figure;
  figure.format = kind.format;
  figure.accumulate = kind.accumulate;
  figure.instruction = kind.instruction;
  figure.matrix = kind.matrix;
  figure.lower_bound = kind.lower_bound;
  int loops = 16;
  // Sums of whole numbers stay exact in 32-bit floating point: where they grow, loops end there.
  const int most = kind.left_per_loop > 0 ? 1 << 14 : 1 << 20;
  while (loops < most && runner.time([&] { launch(loops); }) < 2e-3) loops *= 2;
  runner.sample(figure, seconds, kind.ops_per_loop_and_thread * loops * runner.blocks() * threads, [&] { launch(loops); });
  figure.wrong = runner.wrong_result(kind.left + kind.left_per_loop * loops);
  if (!figure.samples.empty()) device.figures.push_back(std::move(figure));
}

template <class Product>
void product(GpuDevice& device, Runner& runner, NumberFormat format, Accumulate accumulate, const char* instruction, bool lower_bound, double seconds) {
  constexpr double rows = 16, columns = 8, warp = 32;
  const bool grows = Product::one == Product::less;
  const Kind kind{format, accumulate, instruction, 2 * rows * columns * Product::depth * tiles * tile_steps / warp, double{tiles} * Product::depth,
                  grows ? double{tiles} * tile_steps * Product::depth : 0, true, lower_bound};
  arithmetic(device, runner, kind, seconds, [&](int loops) { product_kernel<Product><<<runner.blocks(), threads>>>(runner.out(), Product::one, Product::less, loops); });
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
  device.unified = properties.integrated != 0;
  std::size_t free = 0, total = 0;
  if (cudaMemGetInfo(&free, &total) == cudaSuccess) device.free = static_cast<double>(free);
  Runner runner(properties);
  if (runner.out() == nullptr) return device;
  const double share = seconds / 10;
  const double vector_ops = 2.0 * accumulators * steps;
  const int blocks = runner.blocks();
  float* out = runner.out();
  using F = NumberFormat;
  using A = Accumulate;
  arithmetic(device, runner, {F::fp32, A::fp32, "fma float", vector_ops, accumulators}, share, [=](int loops) { vector_kernel<float><<<blocks, threads>>>(out, 0.5f, loops); });
  arithmetic(device, runner, {F::fp64, A::unspecified, "fma double", vector_ops, accumulators}, share, [=](int loops) { vector_kernel<double><<<blocks, threads>>>(out, 0.5, loops); });
  arithmetic(device, runner, {F::fp16, A::fp16, "fma half2", 2 * vector_ops, accumulators}, share, [=](int loops) { half2_kernel<<<blocks, threads>>>(out, 0.5f, loops); });
  // Compute capability 9 to 11 multiplies larger tiles, out of shared memory, faster than what a warp can ask for.
  const bool larger_tiles = properties.major >= 9 && properties.major <= 11;
  if (larger_tiles) device.note = "this generation's largest tiles are not tried: its tensor cores can do more than was measured";
  if (properties.major >= 8) {
    product<HalfToFloat>(device, runner, F::fp16, A::fp32, "mma m16n8k16 f16, sums f32", larger_tiles, share);
    product<HalfToHalf>(device, runner, F::fp16, A::fp16, "mma m16n8k16 f16", larger_tiles, share);
    product<Bfloat16>(device, runner, F::bf16, A::fp32, "mma m16n8k16 bf16", larger_tiles, share);
    product<Tf32>(device, runner, F::tf32, A::fp32, "mma m16n8k8 tf32", larger_tiles, share);
    product<Int8>(device, runner, F::int8, A::int32, "mma m16n8k32 s8", larger_tiles, share);
    // Later ones take it apart into wider products.
    if (properties.major == 8) product<Int4>(device, runner, F::int4, A::int32, "mma m16n8k64 s4", false, share);
  } else if (properties.major == 7) {
    const double tile_ops = 2.0 * tile * tile * tile * tiles * tile_steps / 32, tile_sum = tile * tile_steps * tiles;
    arithmetic(device, runner, {F::fp16, A::fp32, "wmma 16x16x16 half, sums float", tile_ops, 0, tile_sum, true, true}, share,
               [=](int loops) { tensor_kernel<__half, float><<<blocks, threads>>>(out, __float2half(1.0f), loops); });
    if (properties.minor >= 2) {
      arithmetic(device, runner, {F::int8, A::int32, "wmma 16x16x16 int8", tile_ops, 0, tile_sum, true, true}, share,
                 [=](int loops) { tensor_kernel<signed char, int><<<blocks, threads>>>(out, 1, loops); });
    }
  }
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
