#include <sstream>

#include "fuzz/fuzz.hpp"
#include "roofline/import/safetensors_model.hpp"

using namespace roofline;

namespace {

ModelSpec small_model() {
  ModelSpec m;
  m.id = m.name = m.family = "small";
  m.hidden = 64;
  m.vocabulary = m.embedding_rows = 100;
  m.context = 512;
  GroupedQueryAttention a;
  a.heads = a.kv_heads = 4;
  a.head_dim_k = a.head_dim_v = 16;
  m.layers.assign(2, Layer{a, DenseFeedForward{128, true, false}});
  return m;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::istringstream in(std::string(reinterpret_cast<const char*>(data), size));
  import::SafetensorsLimits limits;
  limits.data_present = false;
  const auto header = import::read_safetensors(in, size, limits);
  if (!fuzz::sound(header)) return 0;
  (void)import::totals_of(*header.value);
  (void)import::plain_type(*header.value);
  WeightFormat any;
  any.id = "any";
  any.block_bytes = 2;
  Quantization base;
  base.id = "base";
  base.container = "safetensors";
  base.default_format = base.vector_format = base.router_format = any.id;
  base.formats = {any};
  ModelSpec model = small_model();
  const auto fit = import::fit_checkpoint(*header.value, model, base, [&](const std::string& id) {
    static WeightFormat found;
    found = any;
    found.id = id;
    return &found;
  });
  if (fuzz::sound(fit)) {
    fuzz::demand(total_bytes(stored_tensors(model, fit.value->stored)) >= Bytes{}, "fewer than no bytes");
    fuzz::use(model);
  }
  return 0;
}
