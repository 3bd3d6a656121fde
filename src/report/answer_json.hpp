// The parts that JSON answers share.
#pragma once

#include "report/json_value.hpp"
#include "roofline/report/render.hpp"

namespace roofline::report {

Json question_json(const Answer& answer);  // schema, device, model, request
Json disk_json(const Answer& answer);
Json gates_json(const std::vector<Gate>& gates);
std::vector<std::string> all_sources(const Answer& answer);

}  // namespace roofline::report
