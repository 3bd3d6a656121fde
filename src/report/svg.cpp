#include "report/svg.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace roofline::report {
namespace {

const char* name_of(Anchor anchor) {
  switch (anchor) {
    case Anchor::start: return "start";
    case Anchor::middle: return "middle";
    case Anchor::end: return "end";
  }
  return "start";
}

}  // namespace

std::string escaped(std::string_view text) {
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

std::string svg_begin(double width, double height, std::string_view title) {
  // Colours of one lightness that differ for the colour-blind too; paper is part of the picture, so that dark pages do not swallow the ink.
  constexpr const char* style =
      ".paper{fill:#fff}text{fill:#24292f;font:11px sans-serif}.small{font-size:9.5px}.strong{font-weight:bold}.axis{stroke:#8c959f;stroke-width:1}"
      ".grid{stroke:#d8dee4;stroke-width:1}.ideal{stroke:#57606a;stroke-width:1.2}.factor{stroke:#8c959f;stroke-width:1;stroke-dasharray:3 3}"
      ".dots{fill:none;stroke-linecap:round;stroke-width:4;stroke-opacity:.65}.cpu{stroke:#c2571a}.gpu{stroke:#1f6feb}.npu{stroke:#1a8f5a}"
      ".model{stroke:#1f6feb;stroke-width:8;stroke-opacity:1}.device{stroke:#c2571a;stroke-width:8;stroke-opacity:1}"
      "@media(prefers-color-scheme:dark){.paper{fill:#0d1117}text{fill:#e6edf3}.grid{stroke:#262c36}.axis{stroke:#6e7681}.ideal{stroke:#b1bac4}"
      ".factor{stroke:#6e7681}.cpu,.device{stroke:#f0883e}.gpu,.model{stroke:#58a6ff}.npu{stroke:#3fb950}}";
  return fmt::format("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:.0f} {1:.0f}\" width=\"{0:.0f}\" height=\"{1:.0f}\" role=\"img\">\n<title>{2}</title>\n"
                     "<style>{3}</style>\n<rect class=\"paper\" width=\"{0:.0f}\" height=\"{1:.0f}\"/>\n", width, height, escaped(title), style);
}

std::string svg_end() { return "</svg>\n"; }

std::string svg_text(double x, double y, std::string_view text, Anchor anchor, std::string_view style) {
  const std::string of_class = style.empty() ? "" : fmt::format(" class=\"{}\"", style);
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\"{}>{}</text>\n", x, y, name_of(anchor), of_class, escaped(text));
}

std::string svg_line(double x1, double y1, double x2, double y2, std::string_view style) {
  return fmt::format("<path class=\"{}\" d=\"M{:.1f} {:.1f}L{:.1f} {:.1f}\"/>\n", style, x1, y1, x2, y2);
}

std::string svg_dots(const std::vector<std::pair<double, double>>& points, std::string_view style) {
  if (points.empty()) return "";
  std::string path;
  for (const auto& [x, y] : points) path += fmt::format("M{:.1f} {:.1f}h0", x, y);
  return fmt::format("<path class=\"dots {}\" d=\"{}\"/>\n", style, path);
}

double SvgAxis::at(double value) const {
  const double low = std::min(from, to), high = std::max(from, to);
  value = std::clamp(value, low, high);
  const double share = logarithmic ? std::log(value / from) / std::log(to / from) : (value - from) / (to - from);
  return start + share * (stop - start);
}

std::vector<double> decades(const SvgAxis& axis) {
  std::vector<double> ticks;
  constexpr double rounding = 1e-9;
  const int first = static_cast<int>(std::ceil(std::log10(axis.from) - rounding)), last = static_cast<int>(std::floor(std::log10(axis.to) + rounding));
  for (int power = first; power <= last; ++power) ticks.push_back(std::pow(10.0, power));
  return ticks;
}

}  // namespace roofline::report
