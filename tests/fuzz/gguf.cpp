#include <sstream>

#include "fuzz/fuzz.hpp"
#include "roofline/import/gguf_model.hpp"

using namespace roofline;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::istringstream in(std::string(reinterpret_cast<const char*>(data), size));
  import::GgufLimits limits;
  limits.data_present = false;  // headers are what is looked at; no input is as long as its tensors
  limits.memory_bytes = 16U << 20U;
  const auto header = import::read_gguf(in, size, limits);
  if (!fuzz::sound(header)) return 0;
  (void)import::totals_of(*header.value);
  WeightFormat any;
  any.id = "any";
  (void)import::quantization_of(*header.value, import::file_type_id(*header.value), [&](const std::string&) { return &any; });
  const auto model = import::model_of(*header.value);
  if (fuzz::sound(model)) fuzz::use(model.value->spec);
  return 0;
}
