#include <sys/utsname.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "bench/sysfs.hpp"
#include "roofline/bench/topology.hpp"

namespace roofline::bench {
namespace {

namespace fs = std::filesystem;

// Sensors of boards report in thousandths of a degree; what is outside this range is no temperature.
constexpr double coldest = -50, hottest = 200;

void warmest(std::optional<double>& most, const fs::path& file) {
  if (const auto value = read_number(file)) {
    const double degrees = *value / 1000;
    if (degrees > coldest && degrees < hottest && (!most || degrees > *most)) most = degrees;
  }
}

std::optional<double> temperature(const fs::path& root) {
  std::optional<double> most;
  std::error_code failed;
  for (fs::directory_iterator it(root / "sys/class/thermal", failed), end; !failed && it != end; it.increment(failed)) warmest(most, it->path() / "temp");
  failed.clear();
  for (fs::directory_iterator it(root / "sys/class/hwmon", failed), end; !failed && it != end; it.increment(failed)) warmest(most, it->path() / "temp1_input");
  return most;
}

}  // namespace

Moment read_moment(const fs::path& root) {
  Moment moment;
  moment.load = read_number(root / "proc/loadavg");
  moment.temperature = temperature(root);
  if (const auto line = read_line(root / "proc/stat"); line && line->starts_with("cpu ")) {
    std::istringstream words(line->substr(4));
    constexpr int idle = 3, iowait = 4, steal = 7;
    double ticks = 0;
    for (int i = 0; i <= steal && words >> ticks; ++i) {
      if (i != idle && i != iowait) moment.busy_ticks += ticks;
      if (i == steal) moment.steal_ticks = ticks;
    }
  }
  return moment;
}

std::optional<double> cpu_quota(const fs::path& root) {
  if (const auto line = read_line(root / "sys/fs/cgroup/cpu.max")) {  // "200000 100000" or "max 100000"
    std::istringstream words(*line);
    double quota = 0, period = 0;
    if (words >> quota >> period && quota > 0 && period > 0) return quota / period;
    return std::nullopt;
  }
  const auto quota = read_number(root / "sys/fs/cgroup/cpu/cpu.cfs_quota_us");
  const auto period = read_number(root / "sys/fs/cgroup/cpu/cpu.cfs_period_us");
  if (quota && period && *quota > 0 && *period > 0) return *quota / *period;
  return std::nullopt;
}

std::string kernel_release() {
  utsname name{};
  if (uname(&name) != 0) return {};
  return std::string(name.sysname) + " " + name.release;
}

}  // namespace roofline::bench
