// Figures of one device file that contradict each other: no other file is needed to see it.
#pragma once

#include <string>
#include <vector>

#include "roofline/db/load.hpp"

namespace roofline::db {

std::vector<std::string> contradictions(const DeviceFile& file);

}  // namespace roofline::db
