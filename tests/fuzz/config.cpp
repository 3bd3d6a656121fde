#include "fuzz/fuzz.hpp"
#include "roofline/import/hf_config.hpp"

using namespace roofline;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto config = import::model_of_config(std::string(reinterpret_cast<const char*>(data), size));
  if (fuzz::sound(config)) fuzz::use(config.value->spec);
  return 0;
}
