#include "roofline/bench/gemv.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "bench/gemv_blocks.hpp"
#include "bench/half.hpp"

namespace roofline::bench {
namespace {

constexpr std::uint32_t next(std::uint32_t& state) {  // Marsaglia's xorshift
  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  return state;
}

void put(std::byte*& at, const auto& value) {
  std::memcpy(at, &value, sizeof value);
  at += sizeof value;
}

void quantize(const std::vector<float>& values, std::size_t block, std::vector<std::int8_t>& quants, std::vector<float>& scales) {
  quants.resize(values.size());
  for (std::size_t begin = 0; begin < values.size(); begin += block) {
    float most = 0;
    for (std::size_t i = begin; i < begin + block; ++i) most = std::max(most, std::abs(values[i]));
    const float scale = most / 127;
    scales.push_back(scale);
    for (std::size_t i = begin; i < begin + block; ++i) quants[i] = scale > 0 ? static_cast<std::int8_t>(std::lround(values[i] / scale)) : std::int8_t{0};
  }
}

// Any bits in the right places are a valid block; only the scales have to be ordinary numbers.
void random_block(GemvFormat format, std::byte*& at, std::uint32_t& state) {
  const auto scale = [&] { return half_from_float(0.001f * static_cast<float>(1 + next(state) % 64)); };
  switch (format) {
    case GemvFormat::f16:
      for (int i = 0; i < 32; ++i) put(at, half_from_float(static_cast<float>(static_cast<int>(next(state) % 2001) - 1000) / 1000));
      return;
    case GemvFormat::q8_0:
      put(at, scale());
      for (int i = 0; i < 32; ++i) put(at, static_cast<std::int8_t>(static_cast<int>(next(state) % 255) - 127));
      return;
    case GemvFormat::q4_0:
      put(at, scale());
      for (int i = 0; i < 16; ++i) put(at, static_cast<std::uint8_t>(next(state) >> 8));
      return;
    case GemvFormat::q4_k:
      put(at, scale());
      put(at, scale());
      for (int i = 0; i < 12 + 128; ++i) put(at, static_cast<std::uint8_t>(next(state) >> 8));
      return;
  }
}

float half_at(const std::byte* at) {
  std::uint16_t bits = 0;
  std::memcpy(&bits, at, sizeof bits);
  return float_from_half(bits);
}

// As the activations were rounded before the product.
double rounded_activation(GemvFormat format, const Activations& x, std::size_t i) {
  if (format == GemvFormat::f16) return x.values[i];
  if (format == GemvFormat::q4_k) return static_cast<double>(x.q256[i]) * x.scale256[i / 256];
  return static_cast<double>(x.q32[i]) * x.scale32[i / 32];
}

}  // namespace

std::string_view to_string(GemvFormat format) {
  switch (format) {
    case GemvFormat::f16: return "f16";
    case GemvFormat::q8_0: return "q8_0";
    case GemvFormat::q4_0: return "q4_0";
    case GemvFormat::q4_k: return "q4_k";
  }
  return "?";
}

BlockShape block_shape(GemvFormat format) {
  switch (format) {
    case GemvFormat::f16: return {32, 64};
    case GemvFormat::q8_0: return {32, 34};
    case GemvFormat::q4_0: return {32, 18};
    case GemvFormat::q4_k: return {256, 144};
  }
  return {};
}

Activations make_activations(const std::vector<float>& values) {
  Activations x;
  x.columns = values.size();
  x.values = values;
  quantize(values, 32, x.q32, x.scale32);
  quantize(values, 256, x.q256, x.scale256);
  for (std::size_t i = 0; i < values.size(); i += 4) x.sum4.push_back(x.q32[i] + x.q32[i + 1] + x.q32[i + 2] + x.q32[i + 3]);
  for (std::size_t i = 0; i < values.size(); i += 32) {
    int sum = 0;
    for (std::size_t k = i; k < i + 32; ++k) sum += x.q256[k];
    x.sum256.push_back(static_cast<float>(sum));
  }
  return x;
}

const GemvKernel* best_gemv(GemvFormat format, FeatureSet features) {
  const GemvKernel* best = nullptr;
  for (const GemvKernel& kernel : gemv_kernels()) {
    if (kernel.format == format && std::all_of(kernel.needs.begin(), kernel.needs.end(), [&](Feature f) { return features.has(f); })) best = &kernel;
  }
  return best;
}

std::vector<std::byte> random_weights(GemvFormat format, std::size_t rows, std::size_t columns, std::uint32_t seed) {
  const BlockShape shape = block_shape(format);
  const std::size_t blocks = rows * columns / shape.weights;
  std::vector<std::byte> weights(blocks * shape.bytes);
  std::uint32_t state = seed | 1u;
  std::byte* at = weights.data();
  for (std::size_t i = 0; i < blocks; ++i) random_block(format, at, state);
  return weights;
}

float weight_at(GemvFormat format, const std::byte* row, std::size_t column) {
  const BlockShape shape = block_shape(format);
  const std::byte* block = row + column / shape.weights * shape.bytes;
  const std::size_t i = column % shape.weights;
  const auto nibble = [](std::byte byte, bool high) { return std::to_integer<int>(high ? byte >> 4 : byte & std::byte{15}); };
  switch (format) {
    case GemvFormat::f16: return half_at(block + 2 * i);
    case GemvFormat::q8_0: return half_at(block) * static_cast<float>(static_cast<std::int8_t>(block[2 + i]));
    case GemvFormat::q4_0: return half_at(block) * static_cast<float>(nibble(block[2 + i % 16], i >= 16) - 8);
    case GemvFormat::q4_k: {
      const SuperScales scales = super_scales(block + 4);
      const std::size_t group = i / 32;
      const int quant = nibble(block[16 + i / 64 * 32 + i % 32], group % 2 == 1);
      return half_at(block) * static_cast<float>(scales.scale[group]) * static_cast<float>(quant) - half_at(block + 2) * static_cast<float>(scales.min[group]);
    }
  }
  return 0;
}

std::string check_gemv_kernel(const GemvKernel& kernel) {
  constexpr std::size_t rows = 5, columns = 1024;
  std::vector<float> values(columns);
  std::uint32_t state = 12345;
  for (float& value : values) value = static_cast<float>(static_cast<int>(next(state) % 4001) - 2000) / 1000;
  const Activations x = make_activations(values);
  const std::vector<std::byte> weights = random_weights(kernel.format, rows, columns, 99);
  std::vector<float> y(rows);
  kernel.run(weights.data(), rows, x, y.data());
  for (std::size_t r = 0; r < rows; ++r) {
    const std::byte* row = weights.data() + r * (weights.size() / rows);
    double sum = 0, size = 0;
    for (std::size_t i = 0; i < columns; ++i) {
      const double term = static_cast<double>(weight_at(kernel.format, row, i)) * rounded_activation(kernel.format, x, i);
      sum += term;
      size += std::abs(term);
    }
    // Single precision, in another order.
    constexpr double tolerance = 1e-5;
    if (std::abs(static_cast<double>(y[r]) - sum) > tolerance * size) {
      return std::string(to_string(kernel.format)) + " (" + std::string(kernel.instruction) + "): row " + std::to_string(r) + " gives " + std::to_string(y[r]) +
             " instead of " + std::to_string(sum);
    }
  }
  return {};
}

}  // namespace roofline::bench
