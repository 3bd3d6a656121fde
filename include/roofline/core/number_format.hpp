// Arithmetic number formats: what a unit multiplies in, as opposed to how weights are stored (weight_format.hpp).
#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace roofline {

enum class NumberFormat { fp64, fp32, tf32, fp16, bf16, fp8, fp4, int16, int8, int4 };
enum class Accumulate { unspecified, fp16, fp32, int32 };

inline constexpr std::array all_number_formats{NumberFormat::fp64,  NumberFormat::fp32, NumberFormat::tf32, NumberFormat::fp16,
                                               NumberFormat::bf16,  NumberFormat::fp8,  NumberFormat::fp4,  NumberFormat::int16,
                                               NumberFormat::int8,  NumberFormat::int4};

std::string_view to_string(NumberFormat format);
std::string_view to_string(Accumulate accumulate);
std::optional<NumberFormat> number_format_from(std::string_view text);
std::optional<Accumulate> accumulate_from(std::string_view text);
// "TFLOP/s" for floating point, "TOP/s" for integers: same dimension, different label.
bool is_floating_point(NumberFormat format);

}  // namespace roofline
