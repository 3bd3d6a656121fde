#include <algorithm>

#include "bench/session.hpp"
#include "roofline/bench/gemv.hpp"

namespace roofline::bench {
namespace {

constexpr std::size_t columns = 4096;

std::vector<float> activation_values() {
  std::vector<float> values(columns);
  for (std::size_t i = 0; i < columns; ++i) values[i] = (static_cast<float>(i * 37 % 201) - 100) / 100;
  return values;
}

// As many rows of the second level cache's half, or of a thread's part of the memory, as there are.
struct Matrix {
  std::size_t rows = 0, row_bytes = 0;
  [[nodiscard]] std::size_t bytes() const { return rows * row_bytes; }
};

Matrix matrix_for(const Session& session, GemvFormat format, const std::string& unit, const std::string& level, int threads) {
  const BlockShape shape = block_shape(format);
  Matrix m;
  m.row_bytes = columns / shape.weights * shape.bytes;
  double bytes = static_cast<double>(session.memory->size()) / threads;
  if (level == "L2") {
    const Bytes share = session.cache_share(unit, 2, threads);
    if (share == Bytes{}) return {};
    bytes = std::min(bytes, share.base() / 2);
  }
  m.rows = static_cast<std::size_t>(bytes) / m.row_bytes;
  return m;
}

BenchGemv measure(Session& session, const GemvKernel& kernel, const std::string& unit, const std::string& level, int threads, const Matrix& m, double seconds) {
  std::vector<int> cpus = session.cpus_of(unit);
  cpus.resize(static_cast<std::size_t>(threads));
  const auto make = [&](int thread) -> Work {
    // The memory holds valid blocks of every format: see fill_words.
    const std::byte* weights = session.memory->data() + static_cast<std::size_t>(thread) * (session.memory->size() / static_cast<std::size_t>(threads) / 4096 * 4096);
    const std::size_t step = std::min<std::size_t>(m.rows, 16);
    return [=, run = kernel.run, x = make_activations(activation_values()), y = std::vector<float>(16), at = std::size_t{0}](std::uint64_t repetitions) mutable {
      for (std::uint64_t i = 0; i < repetitions; ++i) {
        run(weights + at * m.row_bytes, step, x, y.data());
        at = at + 2 * step <= m.rows ? at + step : 0;
      }
      return static_cast<double>(repetitions * step * m.row_bytes);
    };
  };
  const Reading reading = session.read(cpus, make, seconds);
  const BlockShape shape = block_shape(kernel.format);
  BenchGemv g;
  g.format = to_string(kernel.format);
  g.level = level;
  g.instruction = kernel.instruction;
  g.unit = unit;
  g.threads = threads;
  g.working_set = static_cast<double>(m.bytes()) * threads * unit::B;
  g.block_weights = static_cast<double>(shape.weights);
  g.block_bytes = static_cast<double>(shape.bytes);
  g.rate = reading.rate;
  if (reading.per_cycle.samples > 0) g.weights_per_cycle = reading.per_cycle.median * g.block_weights / g.block_bytes;
  g.quality = reading.quality;
  g.note = reading.note;
  return g;
}

}  // namespace

void plan_gemv(Session& session) {
  for (const std::string& unit : session.units()) {
    const bool together = session.cluster_of(unit).id != unit;
    const int most = static_cast<int>(session.cpus_of(unit).size());
    for (const GemvFormat format : gemv_formats) {
      const GemvKernel* kernel = best_gemv(format, session.processor.features);
      for (const char* level : {"L2", "DRAM"}) {
        for (const int threads : most > 1 ? std::vector<int>{1, most} : std::vector<int>{1}) {
          if (together && (threads == 1 || level == std::string_view("L2"))) continue;
          const Matrix m = matrix_for(session, format, unit, level, threads);
          if (m.rows == 0) continue;
          const double weight = level == std::string_view("DRAM") ? 3 : 2;
          session.add(std::string("GEMV ") + std::string(to_string(format)) + " " + level + ", " + unit, weight, [&session, kernel, unit, level, threads, m](double seconds) {
            keep_better(session.result.gemv, measure(session, *kernel, unit, level, threads, m, seconds), [&](const BenchGemv& other) {
              return other.format == to_string(kernel->format) && other.level == level && other.unit == unit && other.threads == threads;
            });
          });
        }
      }
    }
  }
}

}  // namespace roofline::bench
