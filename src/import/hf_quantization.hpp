// quantization_config of a configuration -> how its weights are stored.
#pragma once

#include "import/json_text.hpp"
#include "roofline/import/hf_config.hpp"

namespace roofline::import {

ConfigQuantization quantization_of_config(const Json& root);

}  // namespace roofline::import
