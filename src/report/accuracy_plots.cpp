#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "report/svg.hpp"
#include "roofline/report/accuracy.hpp"

namespace roofline::report {
namespace {

using Points = std::vector<const AccuracyPoint*>;

// Engines with fewer runs share a panel.
constexpr std::size_t fewest_for_a_panel = 12;
constexpr std::array units{UnitKind::cpu, UnitKind::gpu, UnitKind::npu};

std::vector<std::pair<std::string, Points>> panels_of(const std::vector<AccuracyPoint>& points) {
  std::map<std::string, Points> pools;
  for (const AccuracyPoint& p : points) pools[p.pool].push_back(&p);
  std::vector<std::pair<std::string, Points>> panels;
  Points others;
  for (auto& [pool, own] : pools) {
    if (own.size() >= fewest_for_a_panel) panels.emplace_back(pool, std::move(own));
    else others.insert(others.end(), own.begin(), own.end());
  }
  std::stable_sort(panels.begin(), panels.end(), [](const auto& a, const auto& b) { return a.second.size() > b.second.size(); });
  if (!others.empty()) panels.emplace_back("other engines", std::move(others));
  return panels;
}

std::string legend(double x, double y) {
  std::string out;
  for (const UnitKind unit : units) {
    out += svg_dots({{x, y - 4}}, to_string(unit)) + svg_text(x + 7, y, to_string(unit));
    x += 50;
  }
  return out;
}

std::string tick(double value) {
  if (value >= 1e6) return fmt::format("{:g}M", value / 1e6);
  return value >= 1e3 ? fmt::format("{:g}k", value / 1e3) : fmt::format("{:g}", value);
}

// Measured against what was predicted with the device left out, one panel for each engine, all with the same axes.
std::string against(const PhaseAccuracy& a, const char* phase) {
  const auto panels = panels_of(a.points);
  double least = 1e300, most = 0;
  for (const AccuracyPoint& p : a.points) {
    least = std::min({least, p.unseen_device.measured, *p.unseen_device.expected});
    most = std::max({most, p.unseen_device.measured, *p.unseen_device.expected});
  }
  if (a.points.empty()) least = most = 1;
  const double from = std::pow(10, std::floor(std::log10(least))), to = std::pow(10, std::ceil(std::log10(most * 1.0001)));
  constexpr double side = 200, step_x = 248, step_y = 258, left = 46, top = 66;
  constexpr std::size_t across = 3;
  const std::size_t down = (panels.size() + across - 1) / across;
  const double width = left + across * step_x, height = top + static_cast<double>(down) * step_y;
  const std::string title = fmt::format("{}: predicted against measured, tok/s, device left out", phase);
  std::string out = svg_begin(width, height, title) + svg_text(left, 20, title, Anchor::start, "strong");
  out += svg_text(left, 38, "across: measured; up: predicted; line: equal; dashed: a factor of two", Anchor::start, "small") + legend(width - 160, 20);
  for (std::size_t k = 0; k < panels.size(); ++k) {
    const double x0 = left + static_cast<double>(k % across) * step_x, y0 = top + static_cast<double>(k / across) * step_y;
    const SvgAxis x{from, to, x0, x0 + side, true}, y{from, to, y0 + side, y0, true};
    out += svg_text(x0, y0 - 6, fmt::format("{}, {} runs", panels[k].first, panels[k].second.size()), Anchor::start, "strong");
    for (const double t : decades(x)) {
      out += svg_line(x.at(t), y0, x.at(t), y0 + side, "grid") + svg_line(x0, y.at(t), x0 + side, y.at(t), "grid");
      out += svg_text(x.at(t), y0 + side + 14, tick(t), Anchor::middle, "small") + svg_text(x0 - 5, y.at(t) + 3, tick(t), Anchor::end, "small");
    }
    out += svg_line(x0, y0 + side, x0 + side, y0, "ideal");
    out += svg_line(x.at(from), y.at(2 * from), x.at(to / 2), y.at(to), "factor") + svg_line(x.at(2 * from), y.at(from), x.at(to), y.at(to / 2), "factor");
    for (const UnitKind unit : units) {
      std::vector<std::pair<double, double>> dots;
      for (const AccuracyPoint* p : panels[k].second) {
        if (p->unit == unit) dots.emplace_back(x.at(p->unseen_device.measured), y.at(*p->unseen_device.expected));
      }
      out += svg_dots(dots, to_string(unit));
    }
  }
  return out + svg_end();
}

std::string residuals(const ValidationFacts& facts) {
  constexpr double left = 60, top = 60, side_x = 640, side_y = 190, step = 260, giga = 1e9, furthest = 4;
  const std::string title = "Measured / predicted against the bytes a decode step streams, device left out";
  std::string out = svg_begin(left + side_x + 20, top + 2 * step, title) + svg_text(left, 20, title, Anchor::start, "strong") + legend(left + side_x - 140, 38);
  double y0 = top;
  for (const PhaseAccuracy* a : {&facts.decode, &facts.prefill}) {
    const SvgAxis x{0.1, 100, left, left + side_x, true}, y{1 / furthest, furthest, y0 + side_y, y0, true};
    out += svg_text(left, y0 - 6, a->phase == Phase::decode ? "decode" : "prefill", Anchor::start, "strong");
    for (const double t : {0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0}) {
      out += svg_line(x.at(t), y0, x.at(t), y0 + side_y, "grid") + svg_text(x.at(t), y0 + side_y + 14, fmt::format("{:g} GB", t), Anchor::middle, "small");
    }
    for (const double t : {0.25, 0.5, 1.0, 2.0, 4.0}) {
      out += svg_line(left, y.at(t), left + side_x, y.at(t), t == 1.0 ? "ideal" : "grid") + svg_text(left - 5, y.at(t) + 3, fmt::format("{:g}x", t), Anchor::end, "small");
    }
    for (const UnitKind unit : units) {
      std::vector<std::pair<double, double>> dots;
      for (const AccuracyPoint& p : a->points) {
        if (p.unit == unit && p.streamed_bytes > 0) dots.emplace_back(x.at(p.streamed_bytes / giga), y.at(p.unseen_device.measured / *p.unseen_device.expected));
      }
      out += svg_dots(dots, to_string(unit));
    }
    y0 += step;
  }
  out += svg_text(left, top + 2 * step - 12, "Points beyond the axes lie on their edge. Below 1x: slower than predicted.", Anchor::start, "small");
  return out + svg_end();
}

std::string coverage(const ValidationFacts& facts) {
  constexpr double left = 250, row = 19, side = 380, top = 62, gap = 40, nominal = 80, apart = 3;
  double height = top;
  const auto shown = [](const GroupAccuracy& g) { return (g.by == "all" || g.by == "engine") && g.schemes[1].coverage.has_value(); };
  for (const PhaseAccuracy* a : {&facts.decode, &facts.prefill}) height += gap + row * static_cast<double>(std::count_if(a->groups.begin(), a->groups.end(), shown));
  const std::string title = "Share of runs inside their 80 % interval";
  std::string out = svg_begin(left + side + 30, height, title) + svg_text(20, 20, title, Anchor::start, "strong");
  out += svg_dots({{left, 36}}, "model") + svg_text(left + 9, 40, "model left out") + svg_dots({{left + 120, 36}}, "device") + svg_text(left + 129, 40, "device left out");
  double y = top;
  for (const PhaseAccuracy* a : {&facts.decode, &facts.prefill}) {
    const auto rows = static_cast<double>(std::count_if(a->groups.begin(), a->groups.end(), shown));
    out += svg_text(20, y + 4, a->phase == Phase::decode ? "decode" : "prefill", Anchor::start, "strong");
    const SvgAxis x{0, 100, left, left + side, false};
    for (const double t : {0.0, 20.0, 40.0, 60.0, 80.0, 100.0}) {
      out += svg_line(x.at(t), y + 8, x.at(t), y + 8 + row * rows, t == nominal ? "ideal" : "grid") + svg_text(x.at(t), y + 4, fmt::format("{:g} %", t), Anchor::middle, "small");
    }
    y += 8 + row / 2;
    for (const GroupAccuracy& g : a->groups) {
      if (!shown(g)) continue;
      out += svg_text(left - 10, y + 4, fmt::format("{} ({})", g.name, g.schemes[1].errors.runs), Anchor::end);
      if (g.schemes[2].coverage) out += svg_dots({{x.at(100 * *g.schemes[2].coverage), y + apart}}, "device");
      out += svg_dots({{x.at(100 * *g.schemes[1].coverage), y - apart}}, "model");
      y += row;
    }
    y += gap - 8 - row / 2;
  }
  return out + svg_end();
}

}  // namespace

std::vector<std::pair<std::string, std::string>> validation_plots(const ValidationFacts& facts) {
  return {{"decode.svg", against(facts.decode, "Decode")},
          {"prefill.svg", against(facts.prefill, "Prefill")},
          {"residuals.svg", residuals(facts)},
          {"coverage.svg", coverage(facts)}};
}

}  // namespace roofline::report
