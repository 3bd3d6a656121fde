// One estimate as JSON: the shape of `estimates[]`, `alternatives[]` and `would_fit[]` in docs/json.md.
#pragma once

#include "report/json_value.hpp"
#include "roofline/core/estimate.hpp"

namespace roofline::report {

Json memory_json(const Estimate& estimate);
Json estimate_json(const Estimate& estimate);
// Which estimate a record speaks of, in two keys.
Json unit_id_json(const Estimate* estimate);
Json engine_id_json(const Estimate* estimate);
// The quantization as people call it, and the id of the file.
Json quantization_json(const Estimate& estimate);
Json quantization_file_json(const Estimate& estimate);

}  // namespace roofline::report
