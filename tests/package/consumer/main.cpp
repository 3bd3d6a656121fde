// A program of somebody else's: finds the installed package, asks for a device, checks one figure.
#include <cmath>

#include "roofline/core/device.hpp"
#include "roofline/db/catalog.hpp"

int main() {
  roofline::db::Catalog catalog;
  const auto board = catalog.device("rock-5b");
  if (board.value == nullptr) return 1;
  const auto point = roofline::operating_point(*board.value, nullptr);
  const double bandwidth = point.memories.front().bandwidth.value.in(roofline::unit::GB / roofline::unit::s);
  return std::abs(bandwidth - 33.792) < 1e-9 ? 0 : 1;
}
