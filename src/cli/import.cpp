// estimate import: files people already have -> files of the database.
#include "cli/import.hpp"

#include <fmt/core.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>

#include "cli/command_line.hpp"
#include "cli/output_file.hpp"
#include "cli/values.hpp"

namespace roofline::cli {
namespace {

namespace fs = std::filesystem;

// Results first: their test is the narrower one (llama-bench writes a "model_type" too).
constexpr ImportKind kinds[] = {
    {"results (llama-bench, Ollama, vLLM, RKLLM, tables)", is_results_input, import_results},
    {"a model (GGUF, safetensors, config.json, or a folder of them)", is_model_input, import_model},
};

constexpr const char* examples =
    R"(  estimate import model.gguf                       what is in it, by type and role
  estimate import Qwen3-8B/ --output qwen.toml     a model of the database
  estimate import config.json --architecture llama --set intermediate_size=8192
  estimate --hw rk3588 --model model.gguf          asked about directly
  estimate import bench.json --hw rtx-4080 --quality A --source my-bench \
           --output hardware_db/runs/my-bench.toml results as measured runs

Tensor data is never read. --output - prints the TOML.
)";

ImportInput look_at(const std::string& path) {
  ImportInput input;
  input.path = path;
  std::error_code error;
  fs::path plain = path;
  if (!plain.has_filename()) plain = plain.parent_path();
  input.lower_name = lower(plain.filename().string());
  input.is_folder = fs::is_directory(path, error);
  if (!fs::exists(path, error)) throw UsageError(fmt::format("import: no such file or folder: '{}'", echo(path)));
  if (input.is_folder) return input;
  if (!fs::is_regular_file(path, error)) throw UsageError(fmt::format("import: '{}' is not a regular file", echo(path)));
  std::ifstream in(path, std::ios::binary);
  if (!in) throw UsageError(fmt::format("import: '{}' can not be opened", echo(path)));
  input.head.resize(4096);
  in.read(input.head.data(), static_cast<std::streamsize>(input.head.size()));
  input.head.resize(static_cast<std::size_t>(in.gcount()));
  return input;
}

int run_import(Context& context, const ImportOptions& options) {
  if (options.paths.empty()) throw UsageError("import: which file or folder? (--help has examples)");
  if (options.paths.size() > 1) throw UsageError(fmt::format("import: '{}' is one argument too many", echo(options.paths[1])));
  const std::string& path = options.paths.front();
  if (path.empty()) throw UsageError("import: the path is empty");
  const ImportInput input = look_at(path);
  std::string known;
  for (const ImportKind& kind : kinds) {
    if (kind.is_it(input)) return kind.run(context, options, path);
    known += (known.empty() ? "" : "; ") + std::string(kind.name);
  }
  throw UsageError(fmt::format("import: can not tell what '{}' is; read are: {}", echo(path), known));
}

}  // namespace

void write_new_file(const std::string& path, const std::string& text, bool force) {
  std::error_code failed;
  if (fs::exists(path, failed) && !force) throw UsageError(fmt::format("--output: '{}' exists already; --force replaces it", echo(path)));
  write_file("--output", path, text);
}

void add_import(CLI::App& app, Context& context) {
  CLI::App& sub = add_subcommand(app, context, "import", "read a model file people have, write a database file", examples, "text|json");
  auto options = std::make_shared<ImportOptions>();
  sub.add_option("FILE", options->paths, "a file or folder");
  const std::string group = "Import";
  add_values(sub, "--output", options->output, "FILE.toml", "write a file of the database; - prints it", group);
  add_values(sub, "--id", options->id, "ID", "its id; default: the name of --output", group);
  add_values(sub, "--name", options->name, "NAME", "its name; default: what the file says", group);
  add_values(sub, "--architecture", options->architecture, "TYPE", "read it as this known architecture", group);
  add_values(sub, "--set", options->set, "KEY=VALUE", "state a key config.json lacks; may be repeated", group);
  sub.add_flag("--force", options->force, "replace an existing --output")->group(group);
  const std::string missing = "Results: what the file leaves out";
  StatedOptions& stated = options->stated;
  add_values(sub, "--hw", stated.device, "ID", "device", missing);
  add_values(sub, "--mode", stated.mode, "MODE", "power mode", missing);
  add_values(sub, "--unit", stated.unit, "cpu|gpu|npu", "compute unit", missing);
  add_values(sub, "--engine", stated.engine, "ID", "engine", missing);
  add_values(sub, "--engine-version", stated.engine_version, "TEXT", "its version", missing);
  add_values(sub, "--model", stated.model, "ID", "model", missing);
  add_values(sub, "--quant", stated.quantization, "ID", "quantization", missing);
  add_values(sub, "--kv-type", stated.kv_type, "TYPE", "KV type", missing);
  add_values(sub, "--prompt", stated.prompt, "N", "prompt tokens", missing);
  add_values(sub, "--generate", stated.generate, "N", "generated tokens", missing);
  add_values(sub, "--depth", stated.depth, "N", "tokens in the cache before decode", missing);
  add_values(sub, "--batch", stated.batch, "N", "sequences decoded together", missing);
  add_values(sub, "--quality", stated.quality, "A|B|C", "how well the runs are documented", missing);
  add_values(sub, "--source", stated.source, "ID", "entry of sources/ they come from", missing);
  add_values(sub, "--date", stated.date, "DATE", "when they were taken", missing);
  context.add_command(&sub, [&context, options] { return run_import(context, *options); });
}

}  // namespace roofline::cli
