// --model FILE.gguf: the model and its bytes from the header of a file people already have; tensor data is never read.
#include <fmt/core.h>

#include <cmath>

#include "cli/inquiry.hpp"
#include "cli/values.hpp"
#include "roofline/core/tensors.hpp"
#include "roofline/import/gguf_model.hpp"
#include "roofline/report/units.hpp"

namespace roofline::cli {
namespace {

[[noreturn]] void refuse(const std::string& path, const import::Problem& problem) {
  throw UsageError(fmt::format("--model {}: {}: {}", echo(path), problem.where, problem.message));
}

template <class T>
T take(import::Result<T> result, const std::string& path) {
  if (!result) refuse(path, *result.problem);
  return std::move(*result.value);
}

}  // namespace

bool is_gguf(const std::string& name) { return lower(name).ends_with(".gguf"); }

std::shared_ptr<const GgufModel> read_gguf_model(Context& context, const std::string& path) {
  const import::GgufHeader header = take(import::read_gguf_file(path), path);
  import::ImportedModel imported = take(import::model_of(header), path);
  const std::string type = import::file_type_id(header);
  if (type.empty()) throw UsageError(fmt::format("--model {}: the file does not say its file type (general.file_type), so what engines make of it is not known", echo(path)));
  auto model = std::make_shared<GgufModel>();
  model->stored = take(import::quantization_of(header, type, [&](const std::string& id) { return context.catalog().format(id).value; }), path);
  model->spec = std::move(imported.spec);
  model->notes = std::move(imported.notes);

  const Bytes described = total_bytes(stored_tensors(model->spec, model->stored));
  const Bytes in_file = imported.totals.tensor_bytes * unit::B;
  model->notes.push_back(fmt::format("{}: {} tensors, {} stored as {}", echo(path), header.tensors.size(), report::binary_size(in_file), type));
  constexpr double rounding = 1e-9;
  if (std::abs(described / in_file - 1.0) > rounding) {
    model->notes.push_back(fmt::format("the file holds {}, what is understood of it {}: the difference is not in the answer",
                                       report::binary_size(in_file), report::binary_size(described)));
  }
  return model;
}

}  // namespace roofline::cli
