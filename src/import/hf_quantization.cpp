#include "import/hf_quantization.hpp"

#include <algorithm>

#include "import/gguf_cursor.hpp"

namespace roofline::import {
namespace {

std::string word(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_string()) return {};
  std::string text = printable(found->get_ref<const std::string&>());
  std::transform(text.begin(), text.end(), text.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return text;
}

long number(const Json& object, const char* key, long otherwise = 0) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number_integer()) return otherwise;
  const auto n = found->get<std::int64_t>();
  return n >= -1 && n <= 65536 ? static_cast<long>(n) : otherwise;
}

// Bits that need not be whole, as names have them: "4.0", "2.25"; empty where there are none.
std::string decimal(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number() || !(found->get<double>() > 0) || found->get<double>() > 32) return {};
  std::string text = std::to_string(found->get<double>());
  while (text.size() > 3 && text.back() == '0' && text[text.size() - 2] != '.') text.pop_back();
  return text;
}

bool flag(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_boolean() && found->get<bool>();
}

std::string groups_text(long size) { return size > 0 ? ", groups of " + std::to_string(size) : ""; }

// llm-compressor: the scheme of the first group of layers. (compressed-tensors, QuantizationArgs)
ConfigQuantization compressed(const Json& q) {
  ConfigQuantization out{"compressed-tensors", ""};
  const auto groups = q.find("config_groups");
  if (groups == q.end() || !groups->is_object() || groups->empty() || !groups->begin()->is_object()) return out;
  const auto weights = groups->begin()->find("weights");
  if (weights == groups->begin()->end() || !weights->is_object()) return out;
  const long bits = number(*weights, "num_bits");
  const long group = number(*weights, "group_size");
  const std::string type = word(*weights, "type");
  const std::string strategy = word(*weights, "strategy");
  out.text += ", " + std::to_string(bits) + " bits (" + type + ", " + strategy + ")" + groups_text(group);
  if (type == "float" && bits == 8 && strategy == "block") out.id = "fp8-block128";
  else if (type == "float" && bits == 8) out.id = "fp8";
  else if (type == "float" && bits == 4 && group == 16) out.id = "nvfp4";
  else if (type == "int" && bits == 8 && strategy == "channel") out.id = "int8-channel";
  return out;
}

bool blocks_of_128(const Json& q) {
  const auto size = q.find("weight_block_size");
  return size != q.end() && size->is_array() && size->size() == 2 && (*size)[0] == 128 && (*size)[1] == 128;
}

ConfigQuantization modelopt(const Json& q) {
  const auto inner = q.find("quantization");
  const std::string algorithm = inner != q.end() && inner->is_object() ? word(*inner, "quant_algo") : word(q, "quant_algo");
  ConfigQuantization out{"modelopt, " + algorithm, ""};
  if (algorithm == "fp8") out.id = "fp8";
  if (algorithm == "nvfp4") out.id = "nvfp4";
  return out;
}

ConfigQuantization hqq(const Json& q) {
  const auto inner = q.find("quant_config");
  const auto weights = inner != q.end() && inner->is_object() ? inner->find("weight_quant_params") : q.end();
  if (inner == q.end() || !inner->is_object() || weights == inner->end() || !weights->is_object()) return {"hqq", ""};
  const std::string bits = std::to_string(number(*weights, "nbits"));
  const long group = number(*weights, "group_size");
  return {"hqq, " + bits + " bits" + groups_text(group), "hqq-int" + bits + "-g" + std::to_string(group)};
}

ConfigQuantization of_method(const Json& q, const std::string& method) {
  const long bits = number(q, "bits", number(q, "w_bit"));
  const long group = number(q, "group_size", number(q, "q_group_size"));
  const std::string text = method + (bits > 0 ? ", " + std::to_string(bits) + " bits" : "") + groups_text(group);
  if (method == "awq" || method == "gptq") {
    if (bits == 8) return {text, "int8-channel"};
    return {text, method + "-int" + std::to_string(bits) + "-g" + std::to_string(group)};
  }
  if (method == "fp8") return {blocks_of_128(q) ? "fp8, blocks of 128 x 128" : "fp8", blocks_of_128(q) ? "fp8-block128" : "fp8"};
  if (method == "fbgemm_fp8") return {method, "fp8"};
  if (method == "mxfp4") return {method, "mxfp4"};
  if (method == "modelopt" || method == "modelopt_fp4") return modelopt(q);
  if (method == "compressed-tensors") return compressed(q);
  if (method == "bitsandbytes") {
    if (flag(q, "load_in_8bit") || flag(q, "_load_in_8bit")) return {"bitsandbytes, 8 bits", "bnb-int8"};
    const std::string type = word(q, "bnb_4bit_quant_type");
    const bool twice = flag(q, "bnb_4bit_use_double_quant");
    return {"bitsandbytes, 4 bits (" + type + (twice ? ", scales quantized too)" : ")"), "bnb-" + (type.empty() ? "nf4" : type) + (twice ? "-dq" : "")};
  }
  if (method == "exl2" || method == "exl3") {
    const std::string rate = decimal(q, "bits");
    if (!rate.empty()) return {method + ", " + rate + " bits per weight", method + "-" + rate + "bpw"};
  }
  if (method == "hqq") return hqq(q);
  return {text, ""};
}

}  // namespace

ConfigQuantization quantization_of_config(const Json& root) {
  for (const char* key : {"quantization_config", "compression_config"}) {
    const auto q = root.find(key);
    if (q == root.end() || !q->is_object()) continue;
    const std::string method = word(*q, "quant_method");
    return of_method(*q, method.empty() ? "unnamed" : method);
  }
  // MLX writes { "group_size": 64, "bits": 4 } under a key of its own.
  const auto mlx = root.find("quantization");
  if (mlx != root.end() && mlx->is_object() && number(*mlx, "bits") > 0) {
    const long bits = number(*mlx, "bits");
    const long group = number(*mlx, "group_size", 64);
    return {"mlx, " + std::to_string(bits) + " bits" + groups_text(group), "mlx-" + std::to_string(bits) + "bit" + (group == 64 ? "" : "-gs" + std::to_string(group))};
  }
  return {};
}

}  // namespace roofline::import
