#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "report/bench_ceilings.hpp"
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
  double label_y = 0;
};

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default:
        if (static_cast<unsigned char>(c) >= ' ') out += c;
    }
  }
  return out;
}

// Logarithmic axes: decades of op/B to the right, of op/s upwards.
struct Axes {
  double x_low = -2, x_high = 4, y_low = 8, y_high = 13;
  [[nodiscard]] double x(double value) const { return left + (std::log10(value) - x_low) / (x_high - x_low) * (right - left); }
  [[nodiscard]] double y(double value) const { return bottom - (std::log10(value) - y_low) / (y_high - y_low) * (bottom - top); }
};

std::vector<Slope> slopes(const BenchResult& r) {
  std::vector<Slope> all;
  for (const char* level : {"DRAM", "L3", "L2", "L1"}) {
    if (const auto rate = level_rate(r, level, "")) all.push_back({level, rate->median});
  }
  return all;
}

std::vector<Roof> roofs(const BenchResult& r) {
  std::vector<Roof> all;
  for (const BenchCluster& cluster : r.topology.clusters) {
    for (const MeasuredFormat& f : measured_formats(r, cluster)) {
      const std::string where = r.topology.clusters.size() > 1 ? cluster.id + " " : "";
      all.push_back({where + std::string(to_string(f.format)) + " " + rate(OpsPerSecond::from_base(f.median), is_floating_point(f.format)), f.median, 0});
    }
  }
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

std::string draw_slopes(const Axes& a, const std::vector<Slope>& slopes, double highest) {
  static constexpr std::array colours{"#c0392b", "#b9770e", "#1e8449", "#2471a3"};
  std::string out;
  for (std::size_t i = 0; i < slopes.size(); ++i) {
    const double rate_here = slopes[i].bytes_per_second;
    // From the left or lower edge to the highest roof.
    const double begin = std::max(std::pow(10, a.x_low), std::pow(10, a.y_low) / rate_here);
    const double end = std::min(highest / rate_here, std::pow(10, a.x_high));
    const double x1 = a.x(begin), y1 = a.y(begin * rate_here), x2 = a.x(end), y2 = a.y(end * rate_here);
    out += fmt::format("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" stroke=\"{}\" stroke-width=\"{}\"/>\n", x1, y1, x2, y2, colours[i % colours.size()], i == 0 ? 3 : 1.5);
    const double angle = std::atan2(y2 - y1, x2 - x1) * 180 / 3.14159265358979;
    // The lowest slope is labelled below, the others above, so that close ones stay readable.
    const double tx = x1 + (i == 0 ? 30 : 12), ty = y1 + (i == 0 ? -4 : -14);
    out += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" transform=\"rotate({:.1f} {:.1f} {:.1f})\" fill=\"{}\">{}</text>\n", tx, ty, angle, tx, ty, colours[i % colours.size()],
                       escaped(slopes[i].level + " " + rate(BytesPerSecond::from_base(rate_here))));
  }
  return out;
}

std::string draw_roofs(const Axes& a, std::vector<Roof> roofs, const std::vector<Slope>& slopes) {
  std::string out;
  double steepest = 0;
  for (const Slope& slope : slopes) steepest = std::max(steepest, slope.bytes_per_second);
  double last = -1e9;
  for (Roof& roof : roofs) {
    const double y = a.y(roof.ops_per_second);
    const double from = steepest > 0 ? std::max(left, a.x(roof.ops_per_second / steepest)) : left;
    out += line(from, y, right, y, "roof");
    roof.label_y = std::max(y + 4, last + label_height);
    last = roof.label_y;
    if (roof.label_y > y + 5) out += line(right, y, right + 10, roof.label_y - 4, "lead");
    out += text(right + 12, roof.label_y, roof.label);
    // The memory's ridge point: below it the memory bounds, above it the arithmetic.
    if (!slopes.empty()) {
      const double ridge = roof.ops_per_second / slopes.front().bytes_per_second;
      out += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4\" class=\"ridge\"><title>{}</title></circle>\n", a.x(ridge), y,
                         escaped(fmt::format("ridge point {} op/B: {}", number(ridge), roof.label)));
      out += text(a.x(ridge) + 6, y - 6, number(ridge) + " op/B", " class=\"small\"");
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
  std::string out = fmt::format("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" height=\"{1}\" font-family=\"sans-serif\" font-size=\"13\" fill=\"#222\">\n", width, height);
  out += "<style>.grid{stroke:#ddd}.roof{stroke:#444;stroke-width:1.5}.lead{stroke:#aaa}.ridge{fill:#fff;stroke:#c0392b;stroke-width:2}.small{font-size:11px}.mark{stroke:#6c3483;stroke-dasharray:4 3}"
         ".ceiling{fill:#6c3483}.expected{fill:#fff;stroke:#6c3483;stroke-width:2}.label{fill:#6c3483}</style>\n";
  out += "<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n";
  out += "<title>" + escaped(title) + "</title>\n" + text(left, 30, title, " font-size=\"17\"");
  out += text(left, 52, fmt::format("measured {} by estimate bench; medians, all threads; circles: ridge points of the memory", result.context.date));
  out += grid(axes) + draw_slopes(axes, all_slopes, highest) + draw_roofs(axes, all_roofs, all_slopes) + draw_marks(axes, marks);
  return out + "</svg>\n";
}

}  // namespace roofline::report
