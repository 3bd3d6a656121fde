#include "cli/model_file.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>

#include "cli/values.hpp"
#include "roofline/core/tensors.hpp"
#include "roofline/import/hf_config.hpp"
#include "roofline/import/safetensors_model.hpp"
#include "roofline/report/units.hpp"

namespace roofline::cli {
namespace {

namespace fs = std::filesystem;

template <class T>
T take(import::Result<T> result, const std::string& what) {
  if (!result) throw UsageError(fmt::format("{}: {}: {}", what, printable(result.problem->where), printable(result.problem->message)));
  return std::move(*result.value);
}

std::string reason(const import::Problem& problem) { return problem.where + ": " + problem.message; }

std::vector<fs::path> files_in(const fs::path& folder, const std::string& ending) {
  std::vector<fs::path> found;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    if (lower(it->path().filename().string()).ends_with(ending)) found.push_back(it->path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

bool is_folder(const std::string& name) {
  std::error_code error;
  return fs::is_directory(name, error);
}

fs::path config_beside(const fs::path& path) {
  std::error_code error;
  fs::path config = path / "config.json";
  return fs::is_regular_file(config, error) ? config : fs::path();
}

class Reader {
 public:
  Reader(Context& context, std::string option, const std::string& path, const StatedFacts& stated)
      : context_(context), what_(fmt::format("{} {}", option, echo(path))), path_(path), stated_(stated) {
    file_.path = path;
  }

  ModelFile read() {
    const std::string name = lower(path_.filename().string());
    if (is_folder(path_.string())) {
      folder();
    } else if (name.ends_with(".gguf")) {
      gguf(path_);
    } else if (name.ends_with(".safetensors") || name.ends_with(".safetensors.index.json")) {
      checkpoint(path_, config_beside(path_.has_parent_path() ? path_.parent_path() : fs::path(".")));
    } else {
      configuration(path_);
    }
    return std::move(file_);
  }

 private:
  void folder() {
    const fs::path config = config_beside(path_);
    if (!files_in(path_, ".safetensors").empty()) return checkpoint(path_, config);
    if (!config.empty()) return configuration(config);
    const auto ggufs = files_in(path_, ".gguf");
    if (ggufs.empty()) throw UsageError(fmt::format("{}: neither config.json nor a .safetensors or .gguf file in this folder", what_));
    const bool parts = ggufs.front().string().find("-00001-of-") != std::string::npos;
    if (ggufs.size() > 1 && !parts) throw UsageError(fmt::format("{}: {} .gguf files in this folder; name one", what_, ggufs.size()));
    gguf(ggufs.front());
  }

  std::function<const WeightFormat*(const std::string&)> formats() {
    return [this](const std::string& id) { return context_.catalog().format(id).value; };
  }

  void gguf(const fs::path& path) {
    if (!stated_.keys.empty()) throw UsageError("--set states keys of a config.json; a GGUF file has none");
    file_.kind = "GGUF";
    const import::GgufHeader header = take(import::read_gguf_file(path), what_);
    file_.tensors = header.tensors.size();
    file_.header_bytes = header.header_bytes;
    file_.file_bytes = header.file_bytes;
    file_.totals = import::totals_of(header);
    file_.details = {{"version", std::to_string(header.version)}, {"byte_order", header.big_endian ? "big endian" : "little endian"}};
    if (header.split.count > 1) file_.details.emplace_back("parts", std::to_string(header.split.count));
    if (header.tokenizer_tokens > 0) file_.details.emplace_back("tokenizer_tokens", std::to_string(header.tokenizer_tokens));
    import::Result<import::ImportedModel> model = import::model_of(header, stated_.architecture);
    if (header.tensors.empty()) {
      file_.why_no_spec = "it holds no tensors: a vocabulary alone is no model";
    } else if (model) {
      file_.spec = std::move(model.value->spec);
      file_.notes = std::move(model.value->notes);
    } else {
      file_.why_no_spec = reason(*model.problem);
    }
    file_.quantization = import::file_type_id(header);
    if (file_.quantization.empty()) {
      file_.why_not_stored = "the file does not say its file type (general.file_type), so what engines make of it is not known";
      return;
    }
    import::Result<Quantization> stored = import::quantization_of(header, file_.quantization, formats());
    if (!stored) {
      file_.why_not_stored = reason(*stored.problem);
      return;
    }
    file_.stored = std::move(*stored.value);
    if (file_.spec) compare(file_.totals->tensor_bytes);
  }

  void compare(double in_file) {
    const Bytes described = total_bytes(stored_tensors(*file_.spec, *file_.stored));
    constexpr double rounding = 1e-9;
    if (in_file > 0 && std::abs(described.in(unit::B) / in_file - 1.0) > rounding) {
      file_.notes.push_back(fmt::format("the file holds {}, what is understood of it {}: the difference is not in the answer", report::binary_size(in_file * unit::B),
                                        report::binary_size(described)));
    }
  }

  import::Result<import::ImportedConfig> config_of(const fs::path& path) {
    std::error_code error;
    const std::string name = path.string();
    if (!fs::is_regular_file(path, error)) return import::Problem{name, fs::exists(path, error) ? "not a regular file" : "no such file"};
    constexpr std::uintmax_t most = std::uintmax_t{4} << 20U;
    const auto size = fs::file_size(path, error);
    if (error || size > most) return import::Problem{name, error ? error.message() : fmt::format("{} bytes; no config.json has more than {}", size, most)};
    std::ifstream in(path, std::ios::binary);
    std::string text(static_cast<std::size_t>(size), '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (!in) return import::Problem{name, "cannot be read"};
    // Files from the hub seldom name themselves; their folder does.
    const fs::path whole = fs::absolute(path).lexically_normal();
    const std::string named = path.filename() == "config.json" ? whole.parent_path().filename().string() : path.stem().string();
    return import::model_of_config(text, {stated_.architecture, stated_.keys, named});
  }

  void configuration(const fs::path& path) {
    file_.kind = "configuration";
    adopt(config_of(path), path);
    if (!file_.spec) return;
    file_.why_not_stored = "a configuration has no tensors";
    if (!file_.quantization.empty() && context_.catalog().quantization(file_.quantization).value == nullptr) {
      file_.notes.push_back(fmt::format("its weights are stored as {}, which is not described here; --quant chooses what to count", file_.quantization_text));
      file_.quantization.clear();
    }
  }

  void adopt(import::Result<import::ImportedConfig> config, const fs::path& path) {
    if (!config) {
      file_.why_no_spec = (path == path_ ? "" : path.string() + ": ") + reason(*config.problem);
      return;
    }
    import::ImportedConfig& c = *config.value;
    file_.spec = std::move(c.spec);
    file_.quantization = c.quantization.id;
    file_.quantization_text = c.quantization.text;
    if (file_.quantization_text.empty() && !c.dtype.empty()) file_.quantization_text = "not quantized (" + c.dtype + ")";
    file_.notes.insert(file_.notes.end(), c.notes.begin(), c.notes.end());
  }

  void checkpoint(const fs::path& path, const fs::path& config) {
    file_.kind = config.empty() ? "safetensors" : "configuration and safetensors";
    const import::SafetensorsHeader header = take(import::read_safetensors_path(path), what_);
    file_.tensors = header.tensors.size();
    file_.header_bytes = header.header_bytes;
    file_.file_bytes = header.file_bytes;
    file_.totals = import::totals_of(header);
    file_.notes = header.notes;
    if (header.files.size() > 1) file_.details.emplace_back("parts", std::to_string(header.files.size()));
    if (config.empty()) {
      file_.why_no_spec = "no config.json beside it: the tensors' sizes are known, not what they are for";
      return;
    }
    adopt(config_of(config), config);
    if (file_.spec) stored(header);
  }

  void stored(const import::SafetensorsHeader& header) {
    if (file_.quantization_text.empty() || file_.quantization_text.starts_with("not quantized")) {
      const std::string type = import::plain_type(header);
      if (!type.empty()) file_.quantization = type == "f32" ? "f32" : type + "-safetensors";
    }
    const Quantization* base = file_.quantization.empty() ? nullptr : context_.catalog().quantization(file_.quantization).value;
    if (base == nullptr) {
      const std::string name = file_.quantization_text.empty() ? "types that no configuration explains" : file_.quantization_text;
      file_.why_not_stored = fmt::format("its weights are stored as {}, which is not described here", name);
      file_.quantization.clear();
      return;
    }
    import::Result<import::CheckpointFit> fit = import::fit_checkpoint(header, *file_.spec, *base, formats());
    if (!fit) {
      file_.why_not_stored = reason(*fit.problem);
      return;
    }
    file_.stored = std::move(fit.value->stored);
    file_.notes.insert(file_.notes.end(), fit.value->notes.begin(), fit.value->notes.end());
  }

  Context& context_;
  std::string what_;
  fs::path path_;
  const StatedFacts& stated_;
  ModelFile file_;
};

}  // namespace

bool is_model_file(const std::string& name) {
  const std::string plain = lower(name);
  if (plain.ends_with(".gguf") || plain.ends_with(".safetensors") || plain.ends_with(".json")) return true;
  // An id is an id even where a folder of the same name lies about; a path is written as one.
  if (name.find('/') == std::string::npos && name != "." && name != "..") return false;
  return is_folder(name) && (!config_beside(name).empty() || !files_in(name, ".safetensors").empty() || !files_in(name, ".gguf").empty());
}

ModelFile read_model_file(Context& context, const std::string& option, const std::string& path, const StatedFacts& stated) {
  return Reader(context, option, path, stated).read();
}

}  // namespace roofline::cli
