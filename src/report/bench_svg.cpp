#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "report/bench_ceilings.hpp"
#include "report/svg.hpp"
#include "roofline/report/bench.hpp"
#include "roofline/report/units.hpp"

namespace roofline::report {
namespace {

constexpr double width = 1000, height = 640;
constexpr double left = 90, right = 800, top = 70, bottom = 560;  // of the plot; labels of the roofs stand to its right
constexpr double label_height = 17;

struct Slope {
  std::string level;
  double bytes_per_second = 0;
};
struct Roof {
  std::string label;
  double ops_per_second = 0;
  double memory = 0;  // bytes per second of the memory below it; 0: not known
  double label_y = 0;
};

// Logarithmic axes: decades of op/B to the right, of op/s upwards.
struct Axes {
  double x_low = -2, x_high = 4, y_low = 8, y_high = 13;
  [[nodiscard]] double x(double value) const { return left + (std::log10(value) - x_low) / (x_high - x_low) * (right - left); }
  [[nodiscard]] double y(double value) const { return bottom - (std::log10(value) - y_low) / (y_high - y_low) * (bottom - top); }
};

// The memory first; of a card its own as well.
std::vector<Slope> slopes(const BenchResult& r) {
  std::vector<Slope> all;
  for (const char* level : {"DRAM", "L3", "L2", "L1"}) {
    if (const auto rate = level_rate(r, level, "")) all.push_back({level, rate->median});
  }
  for (const BenchGpu& gpu : described_gpus(r)) all.push_back({gpu.id + " memory", level_rate(r, "DRAM", gpu.id)->median});
  return all;
}

std::vector<Roof> roofs(const BenchResult& r) {
  std::vector<Roof> all;
  const auto add = [&](const std::string& where, const std::vector<MeasuredFormat>& formats, double memory) {
    for (const MeasuredFormat& f : formats) {
      const std::string name = where + std::string(to_string(f.format)) + (f.matrix ? " tiles" : "");
      // Of several kinds of sums the fastest.
      const bool faster = std::any_of(formats.begin(), formats.end(), [&](const MeasuredFormat& o) { return o.format == f.format && o.matrix == f.matrix && o.median > f.median; });
      if (!faster) all.push_back({name + " " + rate(OpsPerSecond::from_base(f.median), is_floating_point(f.format)), f.median, memory, 0});
    }
  };
  const auto rate_of = [&](const std::string& unit) {
    const auto rate = level_rate(r, "DRAM", unit);
    return rate ? rate->median : 0;
  };
  const std::vector<BenchGpu> gpus = described_gpus(r);
  for (const BenchCluster& cluster : r.topology.clusters) {
    const bool several = r.topology.clusters.size() + gpus.size() > 1;
    add(several ? cluster.id + " " : "", measured_formats(r, cluster), rate_of(r.topology.clusters.size() > 1 ? cluster.id : ""));
  }
  for (const BenchGpu& gpu : gpus) add(gpu.id + " ", measured_formats(r, gpu), rate_of(gpu.id));
  std::sort(all.begin(), all.end(), [](const Roof& a, const Roof& b) { return a.ops_per_second > b.ops_per_second; });
  return all;
}

Axes axes_for(const std::vector<Slope>& slopes, const std::vector<Roof>& roofs, const std::vector<RooflineMark>& marks) {
  Axes a;
  double highest = 1e9, least_roof = 1e30, slowest = 1e30, intensity = 1;
  for (const Roof& roof : roofs) {
    highest = std::max(highest, roof.ops_per_second);
    least_roof = std::min(least_roof, roof.ops_per_second);
  }
  for (const Slope& slope : slopes) slowest = std::min(slowest, slope.bytes_per_second);
  for (const RooflineMark& mark : marks) intensity = std::max(intensity, mark.ops_per_byte);
  a.y_high = std::log10(highest) + 0.25;
  a.x_low = -1;
  // Past the last ridge point and the last mark.
  a.x_high = std::ceil(std::log10(std::max(highest / slowest, intensity)) + 0.3);
  a.y_low = std::floor(std::min(std::log10(slowest) + a.x_low, std::log10(std::min(least_roof, highest))) + 0.2);
  for (const RooflineMark& mark : marks) {
    if (mark.expected > 0) a.y_low = std::min(a.y_low, std::floor(std::log10(mark.expected)));
  }
  return a;
}

std::string text(double x, double y, const std::string& content, const char* extra = "") { return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\"{}>{}</text>\n", x, y, extra, escaped(content)); }
std::string line(double x1, double y1, double x2, double y2, const char* style) {
  return fmt::format("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" class=\"{}\"/>\n", x1, y1, x2, y2, style);
}

std::string grid(const Axes& a) {
  std::string out;
  for (int d = static_cast<int>(std::ceil(a.x_low)); d <= static_cast<int>(a.x_high); ++d) {
    const double x = a.x(std::pow(10, d));
    out += line(x, top, x, bottom, "grid");
    out += text(x, bottom + 20, number(std::pow(10, d), 1), " text-anchor=\"middle\"");
  }
  for (int d = static_cast<int>(std::ceil(a.y_low)); d <= static_cast<int>(a.y_high); ++d) {
    const double y = a.y(std::pow(10, d));
    out += line(left, y, right, y, "grid");
    out += text(left - 8, y + 4, rate(OpsPerSecond::from_base(std::pow(10, d)), false), " text-anchor=\"end\"");
  }
  out += text((left + right) / 2, bottom + 45, "operations per byte moved (a multiply-add is two)", " text-anchor=\"middle\"");
  return out;
}

constexpr double degree = std::numbers::pi / 180;
constexpr double letter = 7.5;  // about as wide as one of font size 13 is

struct Named {
  double across = 0, begin = 0, end = 0;
};

std::string draw_slopes(const Axes& a, const std::vector<Slope>& slopes, double highest) {
  constexpr std::size_t colours = 6;  // classes slope0 to slope5
  std::string out;
  std::vector<Named> named;
  for (std::size_t i = 0; i < slopes.size(); ++i) {
    const double rate_here = slopes[i].bytes_per_second;
    // From the left or lower edge to the highest roof.
    const double begin = std::max(std::pow(10, a.x_low), std::pow(10, a.y_low) / rate_here);
    const double end = std::min(highest / rate_here, std::pow(10, a.x_high));
    const double x1 = a.x(begin), y1 = a.y(begin * rate_here), x2 = a.x(end), y2 = a.y(end * rate_here);
    out += fmt::format("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" class=\"slope{}\" stroke-width=\"{}\"/>\n", x1, y1, x2, y2, i % colours, i == 0 ? 3 : 1.5);
    const double angle = std::atan2(y2 - y1, x2 - x1) / degree;
    const std::string name = slopes[i].level + " " + rate(BytesPerSecond::from_base(rate_here));
    // Slopes are parallel: one that is close to another has its name further along. The first is named below itself, the others above.
    const double across = y1 * std::cos(angle * degree) - x1 * std::sin(angle * degree), length = letter * static_cast<double>(name.size());
    double along = i == 0 ? 30 : 12;
    const auto in_the_way = [&](const Named& other) { return std::abs(other.across - across) < label_height && along < other.end && other.begin < along + length; };
    while (i > 0 && std::any_of(named.begin(), named.end(), in_the_way)) along += length / 4;
    named.push_back({across, along, along + length});
    const double tx = x1 + along * std::cos(angle * degree), ty = y1 + along * std::sin(angle * degree);
    out += fmt::format("<text x=\"{0:.1f}\" y=\"{1:.1f}\" dy=\"{2}\" transform=\"rotate({3:.1f} {0:.1f} {1:.1f})\" class=\"name{4}\">{5}</text>\n", tx, ty, i == 0 ? 16 : -5, angle, i % colours, escaped(name));
  }
  return out;
}

struct Spot {
  double left = 0, top = 0, right = 0, bottom = 0;
};
bool overlap(const Spot& a, const Spot& b) { return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom; }
Spot around(double x, double y) {
  constexpr double radius = 5;
  return {x - radius, y - radius, x + radius, y + radius};
}

std::string draw_roofs(const Axes& a, std::vector<Roof> roofs, const std::vector<Slope>& slopes) {
  std::string out;
  double steepest = 0;
  for (const Slope& slope : slopes) steepest = std::max(steepest, slope.bytes_per_second);
  double last = -1e9;
  std::vector<Spot> spots;
  for (const Roof& roof : roofs) {
    if (roof.memory > 0) spots.push_back(around(a.x(roof.ops_per_second / roof.memory), a.y(roof.ops_per_second)));
  }
  for (Roof& roof : roofs) {
    const double y = a.y(roof.ops_per_second);
    const double from = steepest > 0 ? std::max(left, a.x(roof.ops_per_second / steepest)) : left;
    out += line(from, y, right, y, "roof");
    roof.label_y = std::max(y + 4, last + label_height);
    last = roof.label_y;
    if (roof.label_y > y + 5) out += line(right, y, right + 10, roof.label_y - 4, "lead");
    out += text(right + 12, roof.label_y, roof.label);
    // The memory's ridge point: below it the memory bounds, above it the arithmetic.
    if (roof.memory > 0) {
      const double ridge = roof.ops_per_second / roof.memory;
      out += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4\" class=\"ridge\"><title>{}</title></circle>\n", a.x(ridge), y,
                         escaped(fmt::format("ridge point {} op/B: {}", number(ridge), roof.label)));
      // Below and to the right is no slope of that memory; else above and to the left; where neither is free, the mouse tells.
      const std::string name = number(ridge) + " op/B";
      const double length = letter * 0.85 * static_cast<double>(name.size()), x = a.x(ridge);
      for (const bool right_of : {true, false}) {
        const Spot spot = right_of ? Spot{x + 8, y + 3, x + 8 + length, y + 15} : Spot{x - 8 - length, y - 15, x - 8, y - 3};
        if (std::any_of(spots.begin(), spots.end(), [&](const Spot& other) { return overlap(spot, other); })) continue;
        spots.push_back(spot);
        out += text(right_of ? spot.left : spot.right, spot.bottom - 2, name, right_of ? " class=\"small\"" : " class=\"small\" text-anchor=\"end\"");
        break;
      }
    }
  }
  return out;
}

std::string draw_marks(const Axes& a, const std::vector<RooflineMark>& marks) {
  std::string out;
  double label_y = bottom - 12;
  for (const RooflineMark& mark : marks) {
    if (!(mark.ops_per_byte > 0) || !(mark.ops_per_second > 0)) continue;
    const double x = a.x(mark.ops_per_byte), y = a.y(mark.ops_per_second);
    out += line(x, y, x, bottom, "mark");
    out += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"6\" class=\"ceiling\"/>\n", x, y);
    if (mark.expected > 0) out += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"5\" class=\"expected\"/>\n", x, a.y(mark.expected));
    const bool at_right = x > (left + right) / 2;
    out += text(x + (at_right ? -8 : 8), label_y, mark.label, at_right ? " text-anchor=\"end\" class=\"label\"" : " class=\"label\"");
    label_y -= label_height;
  }
  if (!marks.empty()) {
    out += fmt::format("<circle cx=\"{0}\" cy=\"{2}\" r=\"6\" class=\"ceiling\"/><text x=\"{1}\" y=\"{3}\">at the ceiling</text>\n", right + 20, right + 32, bottom - 30, bottom - 26);
    out += fmt::format("<circle cx=\"{0}\" cy=\"{2}\" r=\"5\" class=\"expected\"/><text x=\"{1}\" y=\"{3}\">expected</text>\n", right + 20, right + 32, bottom - 10, bottom - 6);
  }
  return out;
}

}  // namespace

std::string roofline_svg(const BenchResult& result, const std::vector<RooflineMark>& marks, const std::string& title) {
  const std::vector<Slope> all_slopes = slopes(result);
  const std::vector<Roof> all_roofs = roofs(result);
  double highest = 1e9;
  for (const Roof& roof : all_roofs) highest = std::max(highest, roof.ops_per_second);
  const Axes axes = axes_for(all_slopes, all_roofs, marks);
  std::string out = fmt::format("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" height=\"{1}\" font-family=\"sans-serif\" font-size=\"13\">\n", width, height);
  // Words stand on a rim of paper, so that lines that pass below them do not strike them out.
  out += "<style>.paper{fill:#fff}text{fill:#222;stroke:#fff;stroke-width:4px;stroke-linejoin:round;paint-order:stroke}.grid{stroke:#ddd}.roof{stroke:#444;stroke-width:1.5}"
         ".lead{stroke:#aaa}.small{font-size:11px}.mark{stroke:#6c3483;stroke-dasharray:4 3}.ridge,.expected{fill:#fff;stroke-width:2}.ridge{stroke:#c0392b}.expected{stroke:#6c3483}"
         ".ceiling,text.label{fill:#6c3483}.slope0{stroke:#c0392b}.slope1{stroke:#b9770e}.slope2{stroke:#1e8449}.slope3{stroke:#2471a3}.slope4{stroke:#884ea0}.slope5{stroke:#0e7490}"
         "text.name0{fill:#c0392b}text.name1{fill:#9c640c}text.name2{fill:#1e8449}text.name3{fill:#2471a3}text.name4{fill:#884ea0}text.name5{fill:#0e7490}\n"
         "@media(prefers-color-scheme:dark){.paper{fill:#0d1117}text{fill:#e6edf3;stroke:#0d1117}.grid{stroke:#262c36}.roof{stroke:#b1bac4}.lead{stroke:#6e7681}.mark,.expected{stroke:#d2a8ff}"
         ".ridge,.expected{fill:#0d1117}.ridge,.slope0{stroke:#ff7b72}.ceiling,text.label{fill:#d2a8ff}.slope1{stroke:#e3b341}.slope2{stroke:#56d364}.slope3{stroke:#79c0ff}.slope4{stroke:#d2a8ff}.slope5{stroke:#39c5cf}"
         "text.name0{fill:#ff7b72}text.name1{fill:#e3b341}text.name2{fill:#56d364}text.name3{fill:#79c0ff}text.name4{fill:#d2a8ff}text.name5{fill:#39c5cf}}</style>\n";
  out += "<rect width=\"100%\" height=\"100%\" class=\"paper\"/>\n";
  out += "<title>" + escaped(title) + "</title>\n" + text(left, 30, title, " font-size=\"17\"");
  out += text(left, 52, fmt::format("measured {} by estimate bench; medians, all threads; circles: ridge points of the memory", result.context.date));
  out += grid(axes) + draw_slopes(axes, all_slopes, highest) + draw_roofs(axes, all_roofs, all_slopes) + draw_marks(axes, marks);
  return out + "</svg>\n";
}

}  // namespace roofline::report
