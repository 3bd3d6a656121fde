#include "roofline/core/accuracy.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

namespace roofline {

std::string_view to_string(Unseen unseen) {
  switch (unseen) {
    case Unseen::nothing: return "in sample";
    case Unseen::model: return "model left out";
    case Unseen::device: return "device left out";
    case Unseen::publication: return "publication left out";
  }
  return "?";
}

std::vector<Misses> largest_misses(const std::vector<AccuracyPoint>& points, Unseen unseen, double far, std::size_t most) {
  struct Group {
    Misses misses;
    std::vector<double> predicted, measured;
  };
  std::map<std::tuple<std::string, UnitKind, std::string, std::string>, Group> groups;
  for (const AccuracyPoint& point : points) {
    const Prediction& p = unseen == Unseen::device ? point.unseen_device : point.unseen_model;
    if (!p.expected) continue;
    Group& group = groups[{point.pool, point.unit, point.device, point.model_class}];
    group.misses.pool = point.pool;
    group.misses.unit = point.unit;
    group.misses.device = point.device;
    group.misses.model_class = point.model_class;
    group.predicted.push_back(*p.expected);
    group.measured.push_back(p.measured);
    if (std::abs(*p.expected / p.measured - 1) > far) ++group.misses.far;
  }
  std::vector<Misses> list;
  for (auto& [key, group] : groups) {
    if (group.misses.far == 0) continue;
    const ErrorStatistics s = error_statistics(group.predicted, group.measured);
    group.misses.runs = s.runs;
    group.misses.median = s.median.value_or(0);
    group.misses.bias = s.bias.value_or(1);
    list.push_back(std::move(group.misses));
  }
  std::stable_sort(list.begin(), list.end(), [](const Misses& a, const Misses& b) { return a.far > b.far; });
  if (list.size() > most) list.resize(most);
  return list;
}

}  // namespace roofline
