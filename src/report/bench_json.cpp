#include "report/json_value.hpp"
#include "roofline/report/bench.hpp"

namespace roofline::report {
namespace {

Json value_or_null(const std::optional<double>& value) { return value ? number_or_null(*value) : Json(); }

Json threads_json(int threads) { return threads > 0 ? Json(threads) : Json(); }  // a GPU runs as many as it will

// What every list ends with: how far to trust the figure.
template <class Measured>
void add_quality(Json& j, const Measured& m) {
  const SampleSummary& s = m.rate;
  j["spread"] = number_or_null(s.spread);
  j["samples"] = {{"low", number_or_null(s.low)}, {"high", number_or_null(s.high)}, {"count", s.samples}, {"rejected", s.rejected}, {"outliers", s.outliers}};
  j["quality"] = to_string(m.quality);
  j["note"] = text_or_null(m.note);
}

Json flops_json(const BenchFlops& f) {
  Json j = Json::object();
  j["format"] = std::string(to_string(f.format));
  j["accumulate"] = f.accumulate == Accumulate::unspecified ? Json() : Json(std::string(to_string(f.accumulate)));
  j["instruction"] = f.instruction;
  j["form"] = text_or_null(f.form);
  j["unit"] = f.unit;
  j["threads"] = threads_json(f.threads);
  j["accumulators"] = f.accumulators > 0 ? Json(f.accumulators) : Json();
  const bool refused = f.quality == BenchQuality::refused;
  j["ops_per_second"] = refused ? Json() : number_or_null(f.rate.median);
  j["ops_per_cycle"] = value_or_null(f.ops_per_cycle);
  j["percent_of_theory"] = f.ops_per_cycle && f.theory_ops_per_cycle ? number_or_null(100 * *f.ops_per_cycle / *f.theory_ops_per_cycle) : Json();
  j["theory_ops_per_cycle"] = value_or_null(f.theory_ops_per_cycle);
  j["theory_source"] = text_or_null(f.theory_source);
  j["latency_cycles"] = value_or_null(f.latency_cycles);
  j["clock_hertz"] = value_or_null(f.clock);
  j["slowest_thread_clock_hertz"] = value_or_null(f.slowest_clock);
  j["fastest_thread_clock_hertz"] = value_or_null(f.fastest_clock);
  j["matrix_unit"] = f.matrix;
  j["lower_bound"] = f.lower_bound;
  add_quality(j, f);
  return j;
}

Json bandwidth_json(const BenchBandwidth& b) {
  Json j = Json::object();
  j["kernel"] = b.kernel;
  j["level"] = text_or_null(b.level);
  j["unit"] = b.unit;
  j["threads"] = threads_json(b.threads);
  j["bytes_per_second"] = number_or_null(b.rate.median);
  j["bus_bytes_per_second"] = number_or_null(b.ownership * b.rate.median);
  j["working_set_bytes"] = bytes_json(b.working_set);
  j["instruction"] = text_or_null(b.instruction);
  j["pattern"] = text_or_null(b.pattern);
  j["ladder"] = b.ladder;
  add_quality(j, b);
  return j;
}

Json gemv_json(const BenchGemv& g) {
  Json j = Json::object();
  j["format"] = g.format;
  j["level"] = g.level;
  j["unit"] = g.unit;
  j["threads"] = g.threads;
  j["bytes_per_second"] = number_or_null(g.rate.median);
  j["weights_per_second"] = number_or_null(g.rate.median * g.block_weights / g.block_bytes);
  j["weights_per_cycle"] = value_or_null(g.weights_per_cycle);
  j["working_set_bytes"] = bytes_json(g.working_set);
  j["kernel"] = g.instruction;
  add_quality(j, g);
  return j;
}

Json latency_json(const BenchLatency& l) {
  Json j = Json::object();
  j["working_set_bytes"] = bytes_json(l.working_set);
  j["level"] = text_or_null(l.level);
  j["unit"] = l.unit;
  j["seconds"] = number_or_null(1e-9 * l.nanoseconds.median);
  j["cycles"] = value_or_null(l.cycles);
  j["spread"] = number_or_null(l.nanoseconds.spread);
  return j;
}

Json cluster_json(const BenchCluster& c) {
  Json j = Json::object();
  j["id"] = c.id;
  j["core"] = text_or_null(c.core);
  j["identity"] = text_or_null(c.identity);
  j["cores"] = c.cores;
  j["cpus"] = c.cpus;
  Json caches = Json::array();
  for (const BenchCache& cache : c.caches) caches.push_back({{"level", cache.level}, {"size_bytes", bytes_json(cache.size)}, {"cpus", cache.cpus}});
  j["caches"] = caches;
  j["measured_clock_hertz"] = value_or_null(c.measured_clock);
  j["nominal_clock_hertz"] = value_or_null(c.nominal_clock);
  j["current_clock_hertz"] = value_or_null(c.current_clock);
  j["governor"] = text_or_null(c.governor);
  j["capacity"] = value_or_null(c.capacity);
  return j;
}

Json topology_json(const BenchTopology& t) {
  Json j = Json::object();
  j["architecture"] = t.architecture;
  j["processor"] = text_or_null(t.processor);
  j["machine"] = text_or_null(t.machine);
  j["features"] = t.features;
  Json clusters = Json::array();
  for (const BenchCluster& c : t.clusters) clusters.push_back(cluster_json(c));
  j["clusters"] = clusters;
  Json gpus = Json::array();
  for (const BenchGpu& g : t.gpus) {
    gpus.push_back({{"id", g.id}, {"name", g.name}, {"driver", g.driver}, {"compute_units", g.compute_units}, {"clock_hertz", value_or_null(g.clock)}, {"memory_bytes", bytes_json(g.memory)},
                    {"free_bytes", g.free > Bytes{} ? bytes_json(g.free) : Json()}, {"unified", g.unified}, {"is_cpu", g.is_cpu}, {"note", text_or_null(g.note)}});
  }
  j["gpus"] = gpus;
  j["cpus_allowed"] = t.cpus_allowed;
  j["cpus_online"] = t.cpus_online;
  j["smt"] = t.smt;
  j["numa_nodes"] = t.numa_nodes;
  j["memory_bytes"] = t.memory > Bytes{} ? bytes_json(t.memory) : Json();
  j["memory_allowed_bytes"] = t.memory_allowed > Bytes{} ? bytes_json(t.memory_allowed) : Json();
  j["page_bytes"] = bytes_json(t.page);
  j["huge_pages"] = text_or_null(t.huge_pages);
  j["sve_bytes"] = t.sve_bytes > 0 ? Json(t.sve_bytes) : Json();
  j["source"] = t.source;
  return j;
}

Json context_json(const BenchContext& c) {
  Json j = Json::object();
  j["date"] = c.date;
  j["program"] = c.program;
  j["compiler"] = c.compiler;
  j["kernel"] = text_or_null(c.kernel);
  j["duration_seconds"] = number_or_null(c.seconds);
  j["clock_hertz"] = value_or_null(c.clock);
  j["clock_low_hertz"] = value_or_null(c.clock_low);
  j["clock_high_hertz"] = value_or_null(c.clock_high);
  j["slowest_thread_clock_hertz"] = value_or_null(c.slowest_thread);
  j["fastest_thread_clock_hertz"] = value_or_null(c.fastest_thread);
  j["load_before"] = value_or_null(c.load_before);
  j["load_after"] = value_or_null(c.load_after);
  j["steal"] = value_or_null(c.steal);
  j["cpu_time_per_wall_time"] = number_or_null(c.cpu_per_wall);
  j["temperature_before_celsius"] = value_or_null(c.temperature_before);
  j["temperature_after_celsius"] = value_or_null(c.temperature_after);
  j["virtualised"] = c.virtualised;
  j["emulated"] = c.emulated;
  j["notes"] = c.notes;
  return j;
}

}  // namespace

std::string bench_json(const BenchResult& r) {
  Json j = Json::object();
  j["schema"] = json_schema;
  const auto list = [&](const char* key, const auto& all, auto make) {
    Json rows = Json::array();
    for (const auto& one : all) rows.push_back(make(one));
    j[key] = std::move(rows);
  };
  list("flops", r.flops, flops_json);
  list("bandwidth", r.bandwidth, bandwidth_json);
  list("gemv", r.gemv, gemv_json);
  list("latency", r.latency, latency_json);
  j["topology"] = topology_json(r.topology);
  j["context"] = context_json(r.context);
  return to_text(j);
}

}  // namespace roofline::report
