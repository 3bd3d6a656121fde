// Shapes of an SVG as text: one plot area with linear or logarithmic axes.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace roofline::report {

// Text as XML holds it, without control characters.
std::string escaped(std::string_view text);
// Opens a picture whose ink follows the reader's choice of light or dark; close with svg_end.
std::string svg_begin(double width, double height, std::string_view title);
std::string svg_end();

enum class Anchor { start, middle, end };
std::string svg_text(double x, double y, std::string_view text, Anchor anchor = Anchor::start, std::string_view style = "");
std::string svg_line(double x1, double y1, double x2, double y2, std::string_view style);
// Round dots as one path. `style` is a class of the picture: cpu, gpu, npu, model, device.
std::string svg_dots(const std::vector<std::pair<double, double>>& points, std::string_view style);

// Where values lie on paper: `from` at `start`, `to` at `stop`.
struct SvgAxis {
  double from = 0, to = 1, start = 0, stop = 1;
  bool logarithmic = false;
  [[nodiscard]] double at(double value) const;  // held inside the axis
};
// Powers of ten within the axis.
std::vector<double> decades(const SvgAxis& axis);

}  // namespace roofline::report
