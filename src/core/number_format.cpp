#include "roofline/core/number_format.hpp"

namespace roofline {

std::string_view to_string(NumberFormat format) {
  switch (format) {
    case NumberFormat::fp64: return "fp64";
    case NumberFormat::fp32: return "fp32";
    case NumberFormat::tf32: return "tf32";
    case NumberFormat::fp16: return "fp16";
    case NumberFormat::bf16: return "bf16";
    case NumberFormat::fp8: return "fp8";
    case NumberFormat::fp4: return "fp4";
    case NumberFormat::int16: return "int16";
    case NumberFormat::int8: return "int8";
    case NumberFormat::int4: return "int4";
  }
  return "?";
}

std::string_view to_string(Accumulate accumulate) {
  switch (accumulate) {
    case Accumulate::unspecified: return "";
    case Accumulate::fp16: return "fp16";
    case Accumulate::fp32: return "fp32";
    case Accumulate::int32: return "int32";
  }
  return "?";
}

std::optional<NumberFormat> number_format_from(std::string_view text) {
  for (const NumberFormat format : all_number_formats) {
    if (to_string(format) == text) return format;
  }
  return std::nullopt;
}

std::optional<Accumulate> accumulate_from(std::string_view text) {
  for (const Accumulate accumulate : {Accumulate::fp16, Accumulate::fp32, Accumulate::int32}) {
    if (to_string(accumulate) == text) return accumulate;
  }
  return std::nullopt;
}

bool is_floating_point(NumberFormat format) {
  return format != NumberFormat::int16 && format != NumberFormat::int8 && format != NumberFormat::int4;
}

}  // namespace roofline
