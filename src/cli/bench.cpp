// estimate bench: measures this machine; a table, JSON, a device file, a drawing.
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "cli/command_line.hpp"
#include "cli/inquiry.hpp"
#include "cli/output_file.hpp"
#include "cli/values.hpp"
#include "roofline/bench/bench.hpp"
#include "roofline/bench/topology.hpp"
#include "roofline/core/known_gpu.hpp"
#include "roofline/report/bench.hpp"
#include "roofline/report/units.hpp"

namespace roofline::cli {
namespace {

constexpr const char* examples =
    R"(What can this machine do? Arithmetic per number format and instruction, bytes
per second from every cache and the memory, products with quantized weights as
decoding does them, latency; each with the clock measured around it, so that it
can be told apart from a slow clock or a busy CPU.

  estimate bench                          a minute, thorough
  estimate bench --quick                  a few seconds
  estimate bench --save                   then: estimate --hw host --model M
  estimate bench --output my-board.toml   a device file to keep or to contribute
  estimate bench --svg roofline.svg --model llama3.2:3b
  estimate bench --self-test              only checks the kernels' arithmetic

How to read it: `per cycle` is of one thread and does not depend on the clock;
`of theory` compares it with what the core design can do (`-`: not known here).
Rates over theory are refused, rates of a shared CPU are marked noisy. `with
fetches` adds the lines that a store first reads. Close other programs first.
Exit code 0: done; 1: --self-test found a kernel that computes wrongly.
)";

constexpr double full_seconds = 60, quick_seconds = 5;
constexpr double least_seconds = 0.05, most_seconds = 3600;
constexpr const char* host = "host";

struct Options {
  bool quick = false, save = false, self_test = false;
  Values threads, seconds, only, output, svg;
  InquiryOptions inquiry;
};

void choose_parts(bench::BenchOptions& chosen, const Values& only) {
  if (only.empty()) return;
  const std::vector<std::string> parts{"flops", "bandwidth", "gemv", "latency", "gpu"};
  for (const std::string& part : only) {
    if (std::find(parts.begin(), parts.end(), part) == parts.end()) fail_choice("--only", part, parts);
  }
  const auto wanted = [&](const char* part) { return std::find(only.begin(), only.end(), part) != only.end(); };
  chosen.flops = wanted("flops");
  chosen.bandwidth = wanted("bandwidth");
  chosen.gemv = wanted("gemv");
  chosen.latency = wanted("latency");
  chosen.gpu = wanted("gpu");
}

// One line on the terminal that is rewritten; nothing where nobody watches.
void show_progress(double done, const std::string& what) {
  constexpr int bar = 30;
  const int filled = static_cast<int>(done * bar);
  const std::string line = what.empty() ? "" : fmt::format("[{}{}] {:3.0f} % {}", std::string(static_cast<std::size_t>(filled), '#'),
                                                           std::string(static_cast<std::size_t>(bar - filled), '.'), 100 * done, what.substr(0, 36));
  std::fprintf(stderr, "\r%-78s%s", line.c_str(), what.empty() ? "\r" : "");
  std::fflush(stderr);
}

std::string id_of(const std::string& path) {
  const std::filesystem::path name(path);
  const std::string id = name.stem().string();
  const bool plain = !id.empty() && std::all_of(id.begin(), id.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.'; });
  if (name.extension() != ".toml" || !plain) throw UsageError(fmt::format("--output: '{}' is no name for a device file: lower-case letters, digits and '-', then .toml", echo(path)));
  return id;
}

int run_self_test(Context& context) {
  const bench::SelfTest test = bench::self_test(bench::detect_processor());
  for (const std::string& wrong : test.failed) context.print(fmt::format("WRONG   {}\n", wrong));
  for (const std::string& skipped : test.skipped) context.print(fmt::format("skipped {}\n", skipped));
  for (const std::string& passed : test.passed) context.print(fmt::format("right   {}\n", passed));
  context.print(fmt::format("{} right, {} wrong, {} not for this processor\n", test.passed.size(), test.failed.size(), test.skipped.size()));
  return test.failed.empty() ? exit_done : exit_answer_is_no;
}

// One phase of the leading estimate, as a point under the measured roofs.
report::RooflineMark mark_of(const Estimate& e, const PhaseEstimate& phase, const std::optional<Expectation>& expected, const char* name) {
  report::RooflineMark mark;
  mark.ops_per_byte = phase.arithmetic_intensity().base();
  const double work = mark.ops_per_byte * phase.traffic.base();
  mark.ops_per_second = work / phase.time.base();
  if (expected) mark.expected = work / expected->phase.time.base();
  mark.label = fmt::format("{} of {} {}: at most {} tok/s{}", name, e.model->id, e.quantization->id, report::number(phase.per_sequence().base()),
                           expected ? ", expected " + report::number(expected->phase.per_sequence().base()) : "");
  return mark;
}

std::vector<report::RooflineMark> marks_of(Context& context, const InquiryOptions& options, const Device& device) {
  const Inquiry inquiry = inquire(context, options, &device);
  const report::Answer result = answer(context, inquiry);
  const Estimate* best = report::leading(result.survey);
  if (best == nullptr) return {};
  return {mark_of(*best, best->decode, best->expected_decode, "decode"), mark_of(*best, best->prefill, best->expected_prefill, "prefill")};
}

// A machine of which only the kind is known: the question about a model is checked on it before a minute is spent.
Device anything() {
  Device device;
  device.id = device.name = host;
  MemorySystem memory;
  memory.id = "any";
  memory.capacity.value = unit::GB;
  memory.bandwidth = Figure<BytesPerSecond>{unit::GB / unit::s, {}};
  device.memories = {memory};
  ComputeUnit cpu;
  cpu.id = cpu.memory = "any";
  cpu.cores.value = 1;
  cpu.clock.value = unit::GHz;
  device.units = {cpu};
  return device;
}

// The known device whose GPU is here; null where none is.
const Device* known_device(Context& context, const BenchResult& result) {
  const auto gpu = std::find_if(result.topology.gpus.begin(), result.topology.gpus.end(), [](const BenchGpu& g) { return !g.is_cpu; });
  if (gpu == result.topology.gpus.end()) return nullptr;
  std::vector<const Device*> devices;
  for (const db::Entry& entry : context.catalog().entries(db::Kind::device)) {
    const auto lookup = context.catalog().device(entry.id);
    if (lookup.value != nullptr && entry.id != host) devices.push_back(lookup.value);
  }
  return known_gpu(devices, *gpu);
}

int run_bench(Context& context, const Options& o) {
  const Format format = context.format({Format::text, Format::json});
  if (o.self_test) return run_self_test(context);
  bench::BenchOptions options;
  options.thorough = !o.quick;
  options.seconds = o.quick ? quick_seconds : full_seconds;
  if (const auto seconds = positive_number(o.seconds, "--seconds")) {
    if (*seconds < least_seconds || *seconds > most_seconds) throw UsageError(fmt::format("--seconds: from {} to {}", least_seconds, most_seconds));
    options.seconds = *seconds;
  }
  constexpr int most_threads = 4096;
  options.threads = whole_number(o.threads, "--threads", 1, most_threads).value_or(0);
  choose_parts(options, o.only);
  const auto output = single(o.output, "--output");
  const auto svg = single(o.svg, "--svg");
  if (output) {
    (void)id_of(*output);
    refuse_unwritable("--output", *output);
  }
  if (svg) refuse_unwritable("--svg", *svg);
  if (output || svg || o.save) {
    if (!options.flops || !(options.bandwidth || options.gemv)) {
      throw UsageError(fmt::format("{}: needs arithmetic and memory measured; --only leaves out {}", output ? "--output" : svg ? "--svg" : "--save", options.flops ? "bandwidth" : "flops"));
    }
  }
  if (!o.inquiry.quant.empty() && o.inquiry.model.empty()) throw UsageError("--quant says how the model of --model is stored; --model is missing");
  if (!o.inquiry.model.empty() && !svg) throw UsageError("--model says what --svg FILE draws into; --svg is missing");
  std::vector<db::Diagnostic> diagnostics;
  options.cores = context.catalog().cores(diagnostics);
  if (!diagnostics.empty()) fail(diagnostics);
  if (!o.inquiry.model.empty()) {
    const Device device = anything();
    (void)inquire(context, o.inquiry, &device);
  }
  const auto kept = o.save ? std::optional(host_file()) : std::nullopt;
  if (kept) refuse_unwritable("--save", *kept);
  if (isatty(STDERR_FILENO) != 0) options.progress = show_progress;

  BenchResult result = bench::run_bench(options);
  result.context.program = fmt::format("estimate {}", ROOFLINE_VERSION);
  if (output || o.save || svg) {
    if (const std::string why = report::bench_refusal(result); !why.empty()) throw UsageError(fmt::format("no device can be described: {}", why));
  }
  const Device* like = output || kept || svg ? known_device(context, result) : nullptr;
  if (output) write_file("--output", *output, report::bench_device_toml(result, id_of(*output), like));
  if (kept) write_file("--save", *kept, report::bench_device_toml(result, host, like));
  if (svg) {
    std::vector<report::RooflineMark> marks;
    const auto device = db::load_device(report::bench_device_toml(result, host, like), "the measurement");
    if (!device.value) fail(device.diagnostics);
    if (!o.inquiry.model.empty()) marks = marks_of(context, o.inquiry, device.value->devices.front());
    const std::string& name = result.topology.processor;
    write_file("--svg", *svg, report::roofline_svg(result, marks, "Roofline of " + (name.empty() ? result.topology.architecture : name)));
  }
  context.print(format == Format::json ? report::bench_json(result) : report::bench_text(result, context.style()));
  return exit_done;
}

}  // namespace

void add_bench(CLI::App& app, Context& context) {
  CLI::App& sub = add_subcommand(app, context, "bench", "measure this machine's own ceilings", examples, "text|json");
  auto o = std::make_shared<Options>();
  const std::string what = "What is measured";
  sub.add_flag("--quick", o->quick, "5 seconds, without sweeps")->group(what);
  add_values(sub, "--seconds", o->seconds, "S", "time to measure; default 60, with --quick 5", what);
  add_values(sub, "--threads", o->threads, "N", "at most so many; default: every CPU allowed", what);
  add_values(sub, "--only", o->only, "PART", "flops, bandwidth, gemv, latency or gpu;\nmay be repeated", what);
  sub.add_flag("--self-test", o->self_test, "check every kernel's arithmetic, time nothing")->group(what);
  const std::string where = "What is written";
  sub.add_flag("--save", o->save, "keep it: `--hw host` is then this machine")->group(where);
  add_values(sub, "--output", o->output, "FILE.toml", "a device file for `--hw FILE.toml`", where);
  add_values(sub, "--svg", o->svg, "FILE", "the measured roofline, drawn", where);
  add_values(sub, "--model", o->inquiry.model, "ID|FILE", "draw where this model lands", where);
  add_values(sub, "--quant", o->inquiry.quant, "ID", "its quantization; default int4", where);
  context.add_command(&sub, [&context, o] { return run_bench(context, *o); });
}

}  // namespace roofline::cli
