// The question part that every JSON answer begins with.
#pragma once

#include "report/json_value.hpp"
#include "roofline/report/render.hpp"

namespace roofline::report {

Json question_json(const Answer& answer);  // schema, device, model, request

}  // namespace roofline::report
