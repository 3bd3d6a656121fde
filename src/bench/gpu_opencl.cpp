// OpenCL 1.2, the library found when the program runs: Mali, Adreno, Intel, AMD and NVIDIA devices through one interface.
#include "bench/gpu.hpp"

#if defined(ROOFLINE_HAS_OPENCL_HEADERS)
#define CL_TARGET_OPENCL_VERSION 120
#include <CL/cl.h>
#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <iterator>

#include "bench/buffer.hpp"
#include "bench/half.hpp"
#include "bench/sampling.hpp"

namespace roofline::bench {
namespace {

// Every function that is used, looked up by name.
struct Library {
  void* handle = nullptr;
#define CALLS(X)                                                                                                                            \
  X(clGetPlatformIDs) X(clGetDeviceIDs) X(clGetDeviceInfo) X(clCreateContext) X(clCreateCommandQueue) X(clCreateProgramWithSource)         \
  X(clBuildProgram) X(clCreateKernel) X(clSetKernelArg) X(clCreateBuffer) X(clEnqueueNDRangeKernel) X(clEnqueueReadBuffer)                  \
  X(clEnqueueWriteBuffer) X(clWaitForEvents) X(clGetEventProfilingInfo) X(clFinish) X(clReleaseEvent) X(clReleaseKernel)                    \
  X(clReleaseProgram) X(clReleaseMemObject) X(clReleaseCommandQueue) X(clReleaseContext)
#define DECLARE(name) decltype(&::name) name = nullptr;
  CALLS(DECLARE)
#undef DECLARE
  Library() {
    handle = dlopen("libOpenCL.so.1", RTLD_NOW | RTLD_LOCAL);
    if (handle == nullptr) return;
    bool all = true;
#define LOOK_UP(name)                                             \
  name = reinterpret_cast<decltype(name)>(dlsym(handle, #name));  \
  all = all && name != nullptr;
    CALLS(LOOK_UP)
#undef LOOK_UP
    if (!all) handle = nullptr;
  }
  [[nodiscard]] bool found() const { return handle != nullptr; }
};

// Eight accumulators to a work item, each a recurrence x = x / 2 + 1 / 2 that ends at 1 wherever it starts: the sum is known.
constexpr const char* source = R"(
#ifdef USE_FP16
#pragma OPENCL EXTENSION cl_khr_fp16 : enable
#endif
#ifdef USE_FP64
#pragma OPENCL EXTENSION cl_khr_fp64 : enable
#endif
#ifdef T
#if LANES == 2
#define SUM(v) ((float)v.s0 + (float)v.s1)
#elif LANES == 4
#define SUM(v) ((float)v.s0 + (float)v.s1 + (float)v.s2 + (float)v.s3)
#elif LANES == 8
#define HALF_SUM(v) ((float)v.s0 + (float)v.s1 + (float)v.s2 + (float)v.s3)
#define SUM(v) (HALF_SUM(v.lo) + HALF_SUM(v.hi))
#else
#define QUARTER_SUM(v) ((float)v.s0 + (float)v.s1 + (float)v.s2 + (float)v.s3)
#define SUM(v) (QUARTER_SUM(v.lo.lo) + QUARTER_SUM(v.lo.hi) + QUARTER_SUM(v.hi.lo) + QUARTER_SUM(v.hi.hi))
#endif
kernel void arithmetic(global float* out, const float half_of, const int loops) {
  const V a = (V)((T)half_of), b = (V)((T)half_of);
  const T start = (T)((get_global_id(0) & 15) + 2);
  V x0 = (V)(start), x1 = x0 + a, x2 = x0 + b, x3 = x1 + a, x4 = x2 + a, x5 = x3 + b, x6 = x4 + b, x7 = x5 + a;
  for (int i = 0; i < loops; ++i) {
#define STEP x0 = fma(x0, a, b); x1 = fma(x1, a, b); x2 = fma(x2, a, b); x3 = fma(x3, a, b); \
             x4 = fma(x4, a, b); x5 = fma(x5, a, b); x6 = fma(x6, a, b); x7 = fma(x7, a, b);
    STEP STEP STEP STEP
  }
  const V sum = x0 + x1 + x2 + x3 + x4 + x5 + x6 + x7;
  out[get_global_id(0)] = SUM(sum);
}
#endif
#ifdef DOT
// x = (1, -1, 1, -1) . (bytes of x): a small x stays what it is, which the compiler can not know.
kernel void dot_product(global float* out, const uint ones, const int loops) {
  int x0 = ones & 1, x1 = x0, x2 = x0, x3 = x0, x4 = x0, x5 = x0, x6 = x0, x7 = x0;
  for (int i = 0; i < loops; ++i) {
#define ONE(x) x = DOT(ones, as_uint(x), 0);
#define STEP ONE(x0) ONE(x1) ONE(x2) ONE(x3) ONE(x4) ONE(x5) ONE(x6) ONE(x7)
    STEP STEP STEP STEP
  }
  out[get_global_id(0)] = (float)(x0 + x1 + x2 + x3 + x4 + x5 + x6 + x7);
}
#endif
// Neighbouring items take neighbouring elements, as processors that run them side by side like it; or each item takes a block.
#ifdef BLOCKS
#define EACH const int each = count / (int)get_global_size(0), first = get_global_id(0) * each; \
  for (int i = first; i < first + each; ++i)
#else
#define EACH for (int i = get_global_id(0); i < count; i += (int)get_global_size(0))
#endif
kernel void read(global const float4* in, global float* out, const int count) {
  float4 sum = (float4)(0.0f);
  EACH sum += in[i];
  out[get_global_id(0)] = sum.x + sum.y + sum.z + sum.w;
}
kernel void write(global float4* to, const float value, const int count) {
  EACH to[i] = (float4)(value, value + 1.0f, value + 2.0f, value + 3.0f);
}
kernel void copy(global const float4* in, global float4* to, const int count) {
  EACH to[i] = in[i];
}
)";
constexpr int accumulators = 8, steps = 4;
constexpr int local_size = 64;

std::string text_of(const Library& library, cl_device_id id, cl_device_info what) {
  std::size_t size = 0;
  if (library.clGetDeviceInfo(id, what, 0, nullptr, &size) != CL_SUCCESS || size == 0) return {};
  std::string value(size, '\0');
  library.clGetDeviceInfo(id, what, size, value.data(), nullptr);
  return value.c_str();
}

class Device {
 public:
  Device(const Library& library, cl_device_id id) : cl_(library), id_(id) {
    cl_int error = CL_SUCCESS;
    context_ = cl_.clCreateContext(nullptr, 1, &id_, nullptr, nullptr, &error);
    if (context_ != nullptr) queue_ = cl_.clCreateCommandQueue(context_, id_, CL_QUEUE_PROFILING_ENABLE, &error);
    out_ = buffer(work_items() * sizeof(float));
  }
  ~Device() {
    for (const cl_mem memory : buffers_) cl_.clReleaseMemObject(memory);
    if (queue_ != nullptr) cl_.clReleaseCommandQueue(queue_);
    if (context_ != nullptr) cl_.clReleaseContext(context_);
  }
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

  [[nodiscard]] bool usable() const { return queue_ != nullptr && out_ != nullptr; }
  [[nodiscard]] std::string text(cl_device_info what) const { return text_of(cl_, id_, what); }
  template <class T>
  [[nodiscard]] T number(cl_device_info what) const {
    T value{};
    cl_.clGetDeviceInfo(id_, what, sizeof value, &value, nullptr);
    return value;
  }

  // The best of several vector widths: what fills the units differs from device to device.
  void arithmetic(GpuDevice& device, NumberFormat format, const char* type, const char* define, double seconds) {
    constexpr std::array widths{2, 4, 8, 16};
    const float half = 0.5f;
    GpuFigure best;
    double most = 0;
    for (const int lanes : widths) {
      const std::string vector = type + std::to_string(lanes);
      GpuFigure figure = timed("-DT=" + std::string(type) + " -DV=" + vector + " -DLANES=" + std::to_string(lanes) + " " + define, "arithmetic", &half, lanes, lanes, seconds / widths.size());
      const double median = summarize(figure.samples, 0).median;
      if (median <= most) continue;
      most = median;
      best = std::move(figure);
      best.format = format;
      best.accumulate = format == NumberFormat::fp16 ? Accumulate::fp16 : format == NumberFormat::fp32 ? Accumulate::fp32 : Accumulate::unspecified;
      best.instruction = "fma " + vector;
    }
    if (most > 0) device.figures.push_back(std::move(best));
  }

  void dot_products(GpuDevice& device, double seconds) {
    constexpr std::uint32_t ones = 0xff01ff01;  // 1, -1, 1, -1
    constexpr int products = 4;
    GpuFigure figure = timed("-DDOT=dot_acc_sat_4x8packed_ss_int", "dot_product", &ones, products, 1, seconds);
    figure.format = NumberFormat::int8;
    figure.accumulate = Accumulate::int32;
    figure.instruction = "dot_acc_sat_4x8packed";
    if (!figure.samples.empty()) device.figures.push_back(std::move(figure));
  }

  void bandwidth(GpuDevice& device, double seconds) {
    // Several times what stays in a cache, and an equal part for every work item.
    const std::size_t wanted = std::clamp<std::size_t>(4 * number<cl_ulong>(CL_DEVICE_GLOBAL_MEM_CACHE_SIZE), 256u << 20, 512u << 20);
    const std::size_t most = std::min<std::size_t>({wanted, number<cl_ulong>(CL_DEVICE_MAX_MEM_ALLOC_SIZE), number<cl_ulong>(CL_DEVICE_GLOBAL_MEM_SIZE) / 8});
    const std::size_t bytes = most / (16 * work_items()) * (16 * work_items());
    if (bytes == 0) return;
    const cl_mem a = buffer(bytes), b = buffer(bytes);
    if (a == nullptr || b == nullptr) return;
    std::vector<std::byte> data(bytes);
    fill_words(data.data(), bytes, 1);
    cl_.clEnqueueWriteBuffer(queue_, a, CL_TRUE, 0, bytes, data.data(), 0, nullptr, nullptr);
    const int count = static_cast<int>(bytes / 16);
    const float value = 1.5f;
    struct Way {
      const char* name;
      int arrays;
    };
    for (const Way way : {Way{"read", 1}, Way{"write", 1}, Way{"copy", 2}}) {
      GpuFigure best;
      double fastest = 0;
      for (const bool blocks : {false, true}) {
        const cl_kernel kernel = build(blocks ? "-DBLOCKS" : "", way.name);
        if (kernel == nullptr) continue;
        const bool copies = way.arrays == 2, writes = std::strcmp(way.name, "write") == 0;
        const cl_mem first = writes ? b : a;
        cl_.clSetKernelArg(kernel, 0, sizeof first, &first);
        if (writes) cl_.clSetKernelArg(kernel, 1, sizeof value, &value);
        if (!writes) cl_.clSetKernelArg(kernel, 1, sizeof(cl_mem), copies ? &b : &out_);
        cl_.clSetKernelArg(kernel, 2, sizeof count, &count);
        GpuFigure figure;
        figure.arithmetic = false;
        figure.kernel = way.name;
        figure.instruction = "float4";
        figure.pattern = blocks ? "a block each" : "neighbours";
        figure.working_set = static_cast<double>(bytes) * way.arrays;
        run(kernel);
        sample(figure, seconds / 6, figure.working_set, [&] { return run(kernel); });
        if (copies) figure.wrong = differs(b, data);
        release(kernel);
        const double median = summarize(figure.samples, 0).median;
        if (median <= fastest) continue;
        fastest = median;
        best = std::move(figure);
      }
      if (fastest > 0) device.figures.push_back(std::move(best));
    }
  }

 private:
  // One kernel that does so many multiply-adds with each accumulator in each step, and ends with a one in each of its lanes.
  GpuFigure timed(const std::string& options, const char* name, const void* operand, int multiply_adds, int lanes, double seconds) {
    GpuFigure figure;
    const cl_kernel kernel = build(options, name);
    if (kernel == nullptr) return figure;
    int loops = 16;
    cl_.clSetKernelArg(kernel, 0, sizeof out_, &out_);
    cl_.clSetKernelArg(kernel, 1, 4, operand);
    const auto time = [&] {
      cl_.clSetKernelArg(kernel, 2, sizeof loops, &loops);
      return run(kernel);
    };
    // Long enough that starting it does not count.
    while (time() < 2e-3 && loops < 1 << 20) loops *= 2;
    sample(figure, seconds, 2.0 * multiply_adds * accumulators * steps * loops * static_cast<double>(work_items()), time);
    figure.wrong = wrong_result(accumulators * lanes);
    release(kernel);
    return figure;
  }

  // Enough for any device to be full of them.
  [[nodiscard]] std::size_t work_items() const { return static_cast<std::size_t>(std::max<cl_uint>(1, number<cl_uint>(CL_DEVICE_MAX_COMPUTE_UNITS))) * local_size * 32; }

  cl_mem buffer(std::size_t bytes) {
    if (context_ == nullptr) return nullptr;
    cl_int error = CL_SUCCESS;
    const cl_mem memory = cl_.clCreateBuffer(context_, CL_MEM_READ_WRITE, bytes, nullptr, &error);
    if (memory != nullptr) buffers_.push_back(memory);
    return memory;
  }

  cl_kernel build(const std::string& options, const char* name) {
    cl_int error = CL_SUCCESS;
    const char* text = source;
    program_ = cl_.clCreateProgramWithSource(context_, 1, &text, nullptr, &error);
    if (program_ == nullptr) return nullptr;
    cl_kernel kernel = nullptr;
    if (cl_.clBuildProgram(program_, 1, &id_, options.c_str(), nullptr, nullptr) == CL_SUCCESS) kernel = cl_.clCreateKernel(program_, name, &error);
    if (kernel == nullptr) cl_.clReleaseProgram(program_);
    return kernel;
  }
  void release(cl_kernel kernel) {
    cl_.clReleaseKernel(kernel);
    cl_.clReleaseProgram(program_);
  }

  // Seconds by the device's own clock; 0 if it could not run.
  double run(cl_kernel kernel) {
    cl_event event = nullptr;
    const std::size_t global = work_items(), local = local_size;
    if (cl_.clEnqueueNDRangeKernel(queue_, kernel, 1, nullptr, &global, &local, 0, nullptr, &event) != CL_SUCCESS) return 0;
    double seconds = 0;
    if (cl_.clWaitForEvents(1, &event) == CL_SUCCESS) {
      cl_ulong begin = 0, end = 0;
      cl_.clGetEventProfilingInfo(event, CL_PROFILING_COMMAND_START, sizeof begin, &begin, nullptr);
      cl_.clGetEventProfilingInfo(event, CL_PROFILING_COMMAND_END, sizeof end, &end, nullptr);
      if (end > begin) seconds = 1e-9 * static_cast<double>(end - begin);
    }
    cl_.clReleaseEvent(event);
    return seconds;
  }

  template <class Time>
  void sample(GpuFigure& figure, double seconds, double work, const Time& time) {
    constexpr int least = 5, most = 500;
    constexpr double patience = 3;  // a pattern that does not suit the device: fewer samples tell that
    const double begin = wall_seconds();
    for (int i = 0; i < most; ++i) {
      const double gone = wall_seconds() - begin;
      if (gone > seconds && (i >= least || gone > patience * seconds)) return;
      const double taken = time();
      if (!(taken > 0)) return;
      figure.samples.push_back(work / taken);
    }
  }

  std::string wrong_result(double wanted) {
    std::vector<float> results(work_items());
    cl_.clEnqueueReadBuffer(queue_, out_, CL_TRUE, 0, results.size() * sizeof(float), results.data(), 0, nullptr, nullptr);
    for (const float value : results) {
      constexpr double tolerance = 0.02;  // half precision, sixteen terms
      if (!(std::abs(value - wanted) <= tolerance * wanted)) return "the device computes " + std::to_string(value) + " instead of " + std::to_string(wanted);
    }
    return {};
  }
  std::string differs(cl_mem memory, const std::vector<std::byte>& wanted) {
    std::vector<std::byte> found(std::min<std::size_t>(wanted.size(), 1u << 20));
    cl_.clEnqueueReadBuffer(queue_, memory, CL_TRUE, 0, found.size(), found.data(), 0, nullptr, nullptr);
    return std::equal(found.begin(), found.end(), wanted.begin()) ? "" : "the copy is not what was copied";
  }

  const Library& cl_;
  cl_device_id id_;
  cl_context context_ = nullptr;
  cl_command_queue queue_ = nullptr;
  cl_program program_ = nullptr;
  cl_mem out_ = nullptr;
  std::vector<cl_mem> buffers_;
};

GpuDevice measure(const Library& library, cl_device_id id, double seconds) {
  GpuDevice result;
  Device device(library, id);
  if (!device.usable()) return result;
  result.name = device.text(CL_DEVICE_NAME);
  result.driver = device.text(CL_DEVICE_VERSION) + ", driver " + device.text(CL_DRIVER_VERSION);
  result.is_cpu = (device.number<cl_device_type>(CL_DEVICE_TYPE) & CL_DEVICE_TYPE_CPU) != 0;
  result.compute_units = static_cast<int>(device.number<cl_uint>(CL_DEVICE_MAX_COMPUTE_UNITS));
  result.clock = 1e6 * device.number<cl_uint>(CL_DEVICE_MAX_CLOCK_FREQUENCY);
  result.memory = static_cast<double>(device.number<cl_ulong>(CL_DEVICE_GLOBAL_MEM_SIZE));
  const std::string extensions = device.text(CL_DEVICE_EXTENSIONS);
  const auto has = [&](const char* name) { return extensions.find(name) != std::string::npos; };
  result.unified = result.is_cpu || device.number<cl_bool>(CL_DEVICE_HOST_UNIFIED_MEMORY) == CL_TRUE;
  const bool fp16 = has("cl_khr_fp16"), fp64 = has("cl_khr_fp64"), int8 = has("cl_khr_integer_dot_product");
  const double share = seconds / 5;
  device.arithmetic(result, NumberFormat::fp32, "float", "", share);
  if (fp16) device.arithmetic(result, NumberFormat::fp16, "half", "-DUSE_FP16", share);
  if (fp64) device.arithmetic(result, NumberFormat::fp64, "double", "-DUSE_FP64", share);
  if (int8) device.dot_products(result, share);
  device.bandwidth(result, share);
  // Matrix units can not be used from here: where there may be some, ordinary instructions show no ceiling of their formats.
  constexpr cl_uint makers_of_matrix_units[] = {0x10de, 0x1002, 0x8086};  // PCI: NVIDIA, AMD, Intel, whatever driver speaks for them
  const cl_uint maker = device.number<cl_uint>(CL_DEVICE_VENDOR_ID);
  const bool may_have_some = std::find(std::begin(makers_of_matrix_units), std::end(makers_of_matrix_units), maker) != std::end(makers_of_matrix_units);
  if (has("matrix") || has("cl_nv_") || has("cl_amd_") || (may_have_some && !result.is_cpu)) {
    for (GpuFigure& figure : result.figures) figure.lower_bound = figure.format == NumberFormat::fp16 || figure.format == NumberFormat::int8;
    result.note = "matrix units, if it has any, are not reached through OpenCL";
  }
  return result;
}

}  // namespace

std::vector<GpuDevice> measure_opencl(double seconds, bool processors_too, const std::vector<GpuDevice>& measured) {
  static const Library library;
  std::vector<GpuDevice> all;
  if (!library.found()) return all;
  cl_uint count = 0;
  if (library.clGetPlatformIDs(0, nullptr, &count) != CL_SUCCESS || count == 0) return all;
  std::vector<cl_platform_id> platforms(count);
  library.clGetPlatformIDs(count, platforms.data(), nullptr);
  const cl_device_type types = processors_too ? CL_DEVICE_TYPE_ALL : CL_DEVICE_TYPE_GPU | CL_DEVICE_TYPE_ACCELERATOR;
  for (const cl_platform_id platform : platforms) {
    cl_uint devices = 0;
    if (library.clGetDeviceIDs(platform, types, 0, nullptr, &devices) != CL_SUCCESS || devices == 0) continue;
    std::vector<cl_device_id> ids(devices);
    library.clGetDeviceIDs(platform, types, devices, ids.data(), nullptr);
    for (const cl_device_id id : ids) {
      const std::string name = text_of(library, id, CL_DEVICE_NAME);
      if (std::any_of(measured.begin(), measured.end(), [&](const GpuDevice& known) { return known.name == name; })) continue;
      GpuDevice device = measure(library, id, seconds);
      if (!device.figures.empty()) all.push_back(std::move(device));
    }
  }
  return all;
}

}  // namespace roofline::bench
#else
namespace roofline::bench {
std::vector<GpuDevice> measure_opencl(double, bool, const std::vector<GpuDevice>&) { return {}; }
}  // namespace roofline::bench
#endif
