// The one place that chooses prefixes and digits for people.
#pragma once

#include <string>

#include "roofline/core/quantity.hpp"

namespace roofline::report {

// Digits: three significant ones unless asked otherwise; digits before the decimal point are never rounded away.
// A value that is not finite prints as "-".
std::string number(double value, int significant = 3);   // "7.67", "53.0", "4,565", "0.00123"
std::string whole(double value);                         // "32,768"
std::string percent(double ratio);                       // 0.062 -> "6.2 %"
std::string factor(double ratio);                        // "1.84x"
std::string count(double value);                         // parameters: "7.62 B", "494 M"
std::string binary_size(Bytes bytes);                    // "4.36 GiB", "512 B"
std::string decimal_size(Bytes bytes);                   // "4.37 GB"
std::string duration(Seconds time);                      // "129 ms", "1.62 s", "3 min 20 s", "1 h 05 min"
std::string rate(BytesPerSecond rate);                   // "33.8 GB/s"
std::string rate(OpsPerSecond rate, bool floating_point);  // "1.20 TFLOP/s", "602 GOP/s"
std::string clock(Hertz frequency);                      // "2.11 GHz", "918 MHz"

// In the preferred unit ("GB/s", "MT/s" ...) if that is known and of the right dimension; else in one that suits the value.
std::string any(AnyQuantity value, const std::string& preferred_unit);
// Name of the base unit of a dimension, the one JSON figures are in: "B/s", "op/B", "1".
std::string base_unit(Dimension dimension);

}  // namespace roofline::report
