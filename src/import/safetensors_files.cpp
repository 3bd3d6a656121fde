// Checkpoints of several files: the index names which file holds which tensor.
#include <algorithm>
#include <exception>
#include <fstream>
#include <map>
#include <set>

#include "import/gguf_cursor.hpp"
#include "import/json_text.hpp"
#include "roofline/import/safetensors.hpp"

namespace roofline::import {
namespace {

namespace fs = std::filesystem;
constexpr std::string_view index_ending = ".safetensors.index.json";
constexpr std::string_view file_ending = ".safetensors";

Result<SafetensorsHeader> read_one(const fs::path& path, const SafetensorsLimits& limits) {
  const std::string name = path.string();
  std::error_code error;
  if (!fs::is_regular_file(path, error)) return Problem{name, fs::exists(path, error) ? "not a regular file" : "no such file"};
  const std::uintmax_t size = fs::file_size(path, error);
  if (error) return Problem{name, error.message()};
  std::ifstream in(path, std::ios::binary);
  if (!in) return Problem{name, "cannot be opened"};
  Result<SafetensorsHeader> header = read_safetensors(in, size, limits);
  if (header.problem) header.problem->where = name + ": " + header.problem->where;
  if (header) header.value->files = {path.filename().string()};
  return header;
}

std::vector<std::string> files_ending_in(const fs::path& folder, std::string_view ending) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end && names.size() < 100'000; it.increment(error)) {
    std::string name = it->path().filename().string();
    if (name.size() > ending.size() && name.ends_with(ending)) names.push_back(std::move(name));
  }
  std::sort(names.begin(), names.end());
  return names;
}

// The file the loaders prefer, or the only one there is.
Result<fs::path> only_one(const fs::path& folder, std::string_view ending, const std::string& preferred) {
  const std::vector<std::string> names = files_ending_in(folder, ending);
  if (std::find(names.begin(), names.end(), preferred) != names.end()) return folder / preferred;
  if (names.size() == 1) return folder / names.front();
  if (names.empty()) return Problem{folder.string(), "no " + std::string(ending) + " file in it"};
  return Problem{folder.string(), std::to_string(names.size()) + " " + std::string(ending) + " files and none is called " + preferred + ": which belong together is not said"};
}

class Checkpoint {
 public:
  Checkpoint(fs::path index, const SafetensorsLimits& limits) : index_(std::move(index)), limits_(limits) {}

  Result<SafetensorsHeader> read() {
    JsonLimits json_limits;
    json_limits.bytes = limits_.header_bytes;
    json_limits.values = 2 * limits_.tensors + 1'000;
    json_limits.depth = 8;
    const Result<Json> json = read_json_file(index_, json_limits);
    if (!json) return *json.problem;
    const Json& root = *json.value;
    const auto map = root.is_object() ? root.find("weight_map") : root.end();
    if (!root.is_object() || map == root.end() || !map->is_object() || map->empty()) return problem("no index: it has no 'weight_map'");
    std::map<std::string, std::uint64_t> listed;  // file -> tensors
    for (const auto& [tensor, file] : map->items()) {
      if (!file.is_string()) return problem("weight_map: tensor '" + printable(tensor) + "' is in no file");
      const auto& name = file.get_ref<const std::string&>();
      if (!plain(name)) return problem("weight_map: '" + printable(name) + "' is no name of a .safetensors file in the same folder");
      ++listed[name];
    }
    if (listed.size() > limits_.files) return problem("names " + std::to_string(listed.size()) + " files; at most " + std::to_string(limits_.files) + " are read");
    if (auto failed = add_files(listed, *map)) return *failed;
    compare(root, *map);
    return std::move(whole_);
  }

 private:
  [[nodiscard]] Problem problem(std::string message) const { return {index_.string(), std::move(message)}; }

  // An index from elsewhere must not lead out of its folder.
  static bool plain(const std::string& name) {
    return name.size() > file_ending.size() && name.size() < 256 && name.ends_with(file_ending) && name.front() != '.' &&
           std::none_of(name.begin(), name.end(), [](char c) { return c == '/' || c == '\\' || static_cast<unsigned char>(c) < ' '; });
  }

  std::optional<Problem> add_files(const std::map<std::string, std::uint64_t>& listed, const Json& map) {
    for (const auto& [name, count] : listed) {
      Result<SafetensorsHeader> part = read_one(index_.parent_path() / name, limits_);
      if (!part) return part.problem;
      if (whole_.tensors.size() + part.value->tensors.size() > limits_.tensors) return problem("more than " + std::to_string(limits_.tensors) + " tensors in all");
      const auto number = static_cast<std::uint32_t>(whole_.files.size());
      for (SafeTensor& tensor : part.value->tensors) {
        if (!names_.insert(tensor.name).second) return Problem{name, "tensor '" + printable(tensor.name) + "' stands in another file as well"};
        if (const auto at = map.find(tensor.name); at == map.end()) ++unlisted_;
        else if (at->get_ref<const std::string&>() != name) return Problem{name, "holds tensor '" + printable(tensor.name) + "', which the index has in another file"};
        tensor.part = number;
        whole_.tensors.push_back(std::move(tensor));
      }
      if (whole_.files.empty()) whole_.metadata = std::move(part.value->metadata);
      whole_.files.push_back(name);
      whole_.header_bytes += part.value->header_bytes;
      whole_.file_bytes += part.value->file_bytes;
      whole_.tensor_bytes += part.value->tensor_bytes;
    }
    for (const auto& [tensor, file] : map.items()) {
      if (!names_.contains(tensor)) return problem("tensor '" + printable(tensor) + "' is not in " + printable(file.get<std::string>()) + ", where the index has it");
    }
    return std::nullopt;
  }

  void compare(const Json& root, const Json& map) {
    if (unlisted_ > 0) whole_.notes.push_back(std::to_string(unlisted_) + " tensors are in the files and not in the index of " + std::to_string(map.size()) + "; they are counted");
    const auto metadata = root.find("metadata");
    if (metadata == root.end() || !metadata->is_object()) return;
    const auto total = metadata->find("total_size");
    if (total == metadata->end() || !total->is_number_unsigned() || total->get<std::uint64_t>() == whole_.tensor_bytes) return;
    whole_.notes.push_back("the index says " + std::to_string(total->get<std::uint64_t>()) + " bytes in all, the files hold " + std::to_string(whole_.tensor_bytes));
  }

  fs::path index_;
  SafetensorsLimits limits_;
  SafetensorsHeader whole_;
  std::set<std::string> names_;
  std::uint64_t unlisted_ = 0;
};

Result<SafetensorsHeader> read_path(const fs::path& path, const SafetensorsLimits& limits) {
  std::error_code error;
  if (fs::is_directory(path, error)) {
    Result<fs::path> index = only_one(path, index_ending, "model.safetensors.index.json");
    if (index) return Checkpoint(*index.value, limits).read();
    Result<fs::path> file = only_one(path, file_ending, "model.safetensors");
    if (!file) return *file.problem;
    return read_one(*file.value, limits);
  }
  if (path.filename().string().ends_with(index_ending)) return Checkpoint(path, limits).read();
  // A part of a checkpoint stands for all of it: model-00002-of-00004.safetensors belongs to model.safetensors.index.json.
  const std::string name = path.filename().string();
  const std::size_t of = name.rfind("-of-");
  const std::size_t dash = of == std::string::npos ? std::string::npos : name.rfind('-', of - 1);
  if (of != std::string::npos && of > 0 && dash != std::string::npos) {
    const fs::path index = path.parent_path() / (name.substr(0, dash) + std::string(index_ending));
    if (fs::exists(index, error)) return Checkpoint(index, limits).read();
    return Problem{path.string(), "is one part of several, and " + index.filename().string() + ", which names the others, is not there"};
  }
  return read_one(path, limits);
}

}  // namespace

Result<SafetensorsHeader> read_safetensors_path(const fs::path& path, const SafetensorsLimits& limits) {
  try {
    return read_path(path, limits);
  } catch (const std::exception& error) {
    return Problem{path.string(), error.what()};
  }
}

}  // namespace roofline::import
