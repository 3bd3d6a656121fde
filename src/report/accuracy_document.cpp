#include <fmt/core.h>

#include <cmath>

#include "report/layout.hpp"
#include "roofline/report/accuracy.hpp"
#include "roofline/report/sheet.hpp"
#include "roofline/report/units.hpp"

namespace roofline::report {
namespace {

// Further off than this is named: what a 90th percentile of the whole may be.
constexpr double far_device = 0.35;
constexpr double far_model = 0.20;
constexpr std::size_t most_groups = 12;

// What the fit should come to, by what it has not seen. Shares.
struct Aim {
  const char* group;
  Unseen unseen;
  double decode_median, decode_p90, prefill_median;
};
constexpr Aim aims[] = {{"all runs", Unseen::model, 0.05, 0.20, 0.15},
                        {"NVIDIA GPUs and Rockchip NPUs", Unseen::device, 0.08, 0.25, 0.25},
                        {"all runs", Unseen::device, 0.12, 0.35, 0.30}};
constexpr double coverage_low = 0.75, coverage_high = 0.85;
constexpr double engine_coverage_low = 0.70, engine_coverage_high = 0.90;
constexpr int engine_runs = 40;

Cell share_cell(const std::optional<double>& share) { return share ? text_cell(fmt::format("{:.1f} %", 100 * *share)) : Cell{}; }
Cell factor_cell(const std::optional<double>& value) { return value ? text_cell(fmt::format("{:.2f}", *value)) : Cell{}; }
Cell whole_cell(int value) { return text_cell(whole(value)); }
const char* name_of(const PhaseAccuracy& a) { return a.phase == Phase::decode ? "decode" : "prefill"; }
const SchemeAccuracy& at(const GroupAccuracy& group, Unseen unseen) { return group.schemes[static_cast<std::size_t>(unseen)]; }

const GroupAccuracy* find(const PhaseAccuracy& a, const std::string& name) {
  for (const GroupAccuracy& g : a.groups) {
    if (g.name == name) return &g;
  }
  return nullptr;
}

std::string aims_section(const ValidationFacts& facts) {
  Table table{"aims", "", {{"unseen", "not seen by the fit"}, {"figure", "figure"}, {"aim", "aim", true}, {"reached", "reached", true}, {"met", "met"}}, {}};
  int met = 0;
  for (const Aim& aim : aims) {
    const std::string who = fmt::format("{}: {}", aim.unseen == Unseen::model ? "model on a known device" : "whole device", aim.group);
    const auto add = [&](const char* figure, double limit, const std::optional<double>& reached) {
      const bool good = reached && *reached <= limit;
      met += good ? 1 : 0;
      table.rows.push_back({text_cell(who), text_cell(figure), text_cell(fmt::format("<= {:.0f} %", 100 * limit)), share_cell(reached), text_cell(good ? "yes" : "**no**")});
    };
    if (const GroupAccuracy* g = find(facts.decode, aim.group)) {
      add("decode, median error", aim.decode_median, at(*g, aim.unseen).errors.median);
      add("decode, 90th percentile", aim.decode_p90, at(*g, aim.unseen).errors.p90);
    }
    if (const GroupAccuracy* g = find(facts.prefill, aim.group)) add("prefill, median error", aim.prefill_median, at(*g, aim.unseen).errors.median);
  }
  for (const PhaseAccuracy* a : {&facts.decode, &facts.prefill}) {
    for (const GroupAccuracy& g : a->groups) {
      const bool engine = g.by == "engine" && g.schemes[0].errors.runs > engine_runs;
      if (g.by != "all" && !engine) continue;
      for (const Unseen unseen : {Unseen::model, Unseen::device}) {
        const auto& covered = at(g, unseen).coverage;
        const double low = engine ? engine_coverage_low : coverage_low, high = engine ? engine_coverage_high : coverage_high;
        const bool good = covered && *covered >= low && *covered <= high;
        met += good ? 1 : 0;
        table.rows.push_back({text_cell(fmt::format("{}: {}", unseen == Unseen::model ? "model on a known device" : "whole device", g.name)),
                              text_cell(fmt::format("{}, inside the 80 % interval", name_of(*a))), text_cell(fmt::format("{:.0f}-{:.0f} %", 100 * low, 100 * high)),
                              share_cell(covered), text_cell(good ? "yes" : "**no**")});
      }
    }
  }
  return fmt::format("## What was aimed at, and what is reached\n\n{} of {} are met.\n\n", met, table.rows.size()) + table_markdown(table);
}

std::string groups_section(const PhaseAccuracy& a) {
  Table table{"groups", "", {{"by", "by"}, {"group", "group"}, {"unseen", "prediction"}, {"runs", "runs", true}, {"median", "median error", true}, {"mean", "mean", true},
                             {"p90", "p90", true}, {"bias", "bias", true}, {"coverage", "inside 80 %", true}}, {}};
  const auto add = [&](const GroupAccuracy& g, const std::string& name, const ErrorStatistics& s, const std::optional<double>& covered) {
    table.rows.push_back({text_cell(g.by), text_cell(g.name), text_cell(name), whole_cell(s.runs), share_cell(s.median), share_cell(s.mean), share_cell(s.p90),
                          factor_cell(s.bias), share_cell(covered)});
  };
  for (const GroupAccuracy& g : a.groups) {
    for (const Unseen unseen : all_unseen) add(g, std::string(to_string(unseen)), at(g, unseen).errors, at(g, unseen).coverage);
    if (g.by == "all" || g.by == "aim") {
      add(g, "the ceiling itself", g.ceiling, std::nullopt);
      if (a.best_factor) add(g, fmt::format("ceiling x {:.2f}", *a.best_factor), g.constant_factor, std::nullopt);
    }
  }
  return fmt::format("\n## Errors: {}\n\n", name_of(a)) + table_markdown(table);
}

std::string forms_section(const ValidationFacts& facts) {
  Table table{"forms", "", {{"phase", "phase"}, {"id", "form"}, {"title", "what it may move"}, {"unknowns", "unknowns", true}, {"in", "in sample: median", true},
                            {"model", "model left out: median", true}, {"model_p90", "p90", true}, {"device", "device left out: median", true}, {"device_p90", "p90", true},
                            {"publication", "publication left out: median", true}, {"publication_p90", "p90", true}}, {}};
  const auto add = [&](const char* phase, const std::vector<FormAccuracy>& forms) {
    for (const FormAccuracy& f : forms) {
      table.rows.push_back({text_cell(phase), text_cell("`" + f.id + "`"), text_cell(f.title), whole_cell(f.unknowns), share_cell(f.errors[0].median),
                            share_cell(f.errors[1].median), share_cell(f.errors[1].p90), share_cell(f.errors[2].median), share_cell(f.errors[2].p90), share_cell(f.errors[3].median), share_cell(f.errors[3].p90)});
    }
  };
  add("decode", facts.decode_forms);
  add("prefill", facts.prefill_forms);
  return "\n## What the form of the model buys\n\nEach form is a file of `hardware_db/fit/`, fitted to the same runs with the same noise and left out in the same folds. Errors in sample "
         "fall with every unknown; what counts is whether they fall for what was left out. Rates that include the prompt have it taken off as the full form of prefill predicts it, for all forms.\n\n" + table_markdown(table);
}

std::string several_section(const ValidationFacts& facts) {
  std::string out = "\n## Several sequences at once\n\nTokens of all sequences per second. The fit of one sequence stands; what each further one adds (operations of products, a time of its own) is fitted on top, "
                    "from `hardware_db/fit/batch.toml`. A model left out is left out of that addition only: its runs of one sequence were seen.\n\n";
  Table table{"several", "", {{"of", "runs of"}, {"runs", "runs", true}, {"seen", "in sample: median", true}, {"median", "model left out: median", true}, {"p90", "p90", true}, {"bias", "bias", true},
                              {"coverage", "inside 80 %", true}}, {}};
  for (const SeveralAccuracy& s : facts.several) {
    table.rows.push_back({text_cell(s.name), whole_cell(s.unseen_model.errors.runs), share_cell(s.seen.errors.median), share_cell(s.unseen_model.errors.median),
                          share_cell(s.unseen_model.errors.p90), factor_cell(s.unseen_model.errors.bias), share_cell(s.unseen_model.coverage)});
  }
  return out + table_markdown(table);
}

std::string depth_section(const ValidationFacts& facts) {
  const DepthAccuracy& d = facts.depth;
  std::string out = "\n## Depth\n\nHow much slower decode gets behind a long context, against the shallowest run (1,024 tokens at most) of the same series of measurements, its model left out.\n\n";
  if (d.pairs == 0) return out + "No series reaches 8,192 tokens.\n";
  return out + fmt::format("{} runs at 8,192 to {} tokens in {} series: the fall is met within {:.1f} % in the median and {:.1f} % at the 90th percentile; the largest measured leaves {:.0f} % of the rate.\n",
                           d.pairs, whole(d.deepest), d.series, 100 * *d.median, 100 * *d.p90, 100 * *d.slowest);
}

std::string noise_section(const ValidationFacts& facts) {
  std::string out = "\n## What no prediction can be better than\n\nThe same model and quantization measured again on the same device and engine, at the same prompt and depth: how far "
                    "each run is from the median of its like. Reports of other people's machines, versions and cooling are among them.\n\n";
  Table table{"noise", "", {{"phase", "phase"}, {"configurations", "configurations", true}, {"runs", "runs", true}, {"median", "median", true}, {"p90", "p90", true}}, {}};
  for (const PhaseAccuracy* a : {&facts.decode, &facts.prefill}) {
    table.rows.push_back({text_cell(name_of(*a)), whole_cell(a->noise.configurations), whole_cell(a->noise.runs), share_cell(a->noise.median), share_cell(a->noise.p90)});
  }
  return out + table_markdown(table) + "\nA pair of runs is each half its difference from the median, so these figures are low rather than high.\n";
}

std::string direction(double bias) {
  constexpr double even = 1.1;
  if (bias > even) return fmt::format("predicted {:.2f} times too fast", bias);
  if (bias < 1 / even) return fmt::format("predicted {:.2f} times too slow", 1 / bias);
  return "both ways";
}

std::string misses_of(const PhaseAccuracy& a, Unseen unseen, double far) {
  const auto all = largest_misses(a.points, unseen, far, a.points.size());
  const auto list = largest_misses(a.points, unseen, far, most_groups);
  int misses = 0, named = 0;
  for (const Misses& m : all) misses += m.far;
  for (const Misses& m : list) named += m.far;
  const std::string head = fmt::format("\n### {}, {}\n\n", a.phase == Phase::decode ? "Decode" : "Prefill", to_string(unseen));
  if (misses == 0) return head + fmt::format("No run is further off than {:.0f} %.\n", 100 * far);
  std::string out = head + fmt::format("{} of {} runs ({:.1f} %) are further off than {:.0f} %. They fall into {} groups of one engine, device and class of model; the {} below hold {} of them.\n\n",
                                       misses, a.points.size(), 100.0 * misses / static_cast<double>(a.points.size()), 100 * far, all.size(), list.size(), named);
  Table table{"misses", "", {{"engine", "engine"}, {"device", "device"}, {"unit", "unit"}, {"class", "models"}, {"far", "far off", true}, {"runs", "of runs", true},
                             {"median", "median error", true}, {"bias", "which way"}}, {}};
  for (const Misses& m : list) {
    table.rows.push_back({text_cell(m.pool), text_cell(m.device), text_cell(std::string(to_string(m.unit))), text_cell(m.model_class), whole_cell(m.far), whole_cell(m.runs),
                          share_cell(m.median), text_cell(direction(m.bias))});
  }
  return out + table_markdown(table);
}

std::string worst_engines(const PhaseAccuracy& a) {
  std::vector<std::string> parts;
  for (const GroupAccuracy& g : a.groups) {
    const auto& median = at(g, Unseen::device).errors.median;
    if (g.by == "engine" && median && *median > far_model) parts.push_back(fmt::format("{} ({:.0f} % over {} runs)", g.name, 100 * *median, g.schemes[0].errors.runs));
  }
  if (parts.empty()) return "";
  return fmt::format("- {}: with the device left out the median error is above {:.0f} % for {}.\n", name_of(a), 100 * far_model, join(parts, ", "));
}

std::string weak_coverage(const PhaseAccuracy& a) {
  std::vector<std::string> parts;
  for (const GroupAccuracy& g : a.groups) {
    if (g.by != "engine") continue;
    for (const Unseen unseen : {Unseen::model, Unseen::device}) {
      const auto& covered = at(g, unseen).coverage;
      if (covered && *covered < engine_coverage_low) parts.push_back(fmt::format("{} ({}: {:.0f} % of {} runs)", g.name, to_string(unseen), 100 * *covered, g.schemes[0].errors.runs));
    }
  }
  if (parts.empty()) return "";
  return fmt::format("- {}: the 80 % intervals hold fewer than {:.0f} % of the runs of {}.\n", name_of(a), 100 * engine_coverage_low, join(parts, ", "));
}

std::string failures_section(const ValidationFacts& facts) {
  std::string out = "\n## Where it fails\n\n";
  for (const PhaseAccuracy* a : {&facts.decode, &facts.prefill}) out += worst_engines(*a) + weak_coverage(*a);
  for (const PhaseAccuracy* a : {&facts.decode, &facts.prefill}) {
    if (const GroupAccuracy* rest = find(*a, "the rest")) {
      const auto& s = at(*rest, Unseen::device).errors;
      if (s.median && s.p90) {
        out += fmt::format("- {}: outside NVIDIA GPUs and Rockchip NPUs (CPUs, Apple, AMD and others, {} runs) an unseen device is met with a median error of {:.1f} %, and one run in ten "
                           "is off by more than {:.0f} %.\n", name_of(*a), s.runs, 100 * *s.median, 100 * *s.p90);
      }
    }
  }
  out += "- An engine that was never measured on a kind of unit is predicted from other engines; nothing here shows how well.\n";
  for (const PhaseAccuracy* a : {&facts.decode, &facts.prefill}) out += misses_of(*a, Unseen::device, far_device) + misses_of(*a, Unseen::model, far_model);
  return out;
}

}  // namespace

std::string validation_document(const ValidationFacts& facts) {
  std::string out = "# How far the predictions can be trusted\n\n"
                    "Generated by `estimate report validation`; change the database or the fit, not this page, then run `script/regenerate`.\n\n";
  out += fmt::format("{} decode rates and {} prompt rates of one sequence are fitted: quality A and B, no speculation, no images, clocks not known to be down. Left aside by written rules are "
                     "those in `hardware_db/runs-excluded/`; runs marked `hold_out` are never fitted. An error is |predicted / measured - 1|, every run counting once; bias is the geometric "
                     "mean of predicted / measured. What a prediction had not seen:\n\n", facts.decode.points.size(), facts.prefill.points.size());
  out += "- *in sample*: nothing. These errors flatter; they are here to show by how much.\n"
         "- *model left out*: no run of this model on this device was in the fit, in any quantization.\n"
         "- *device left out*: no run of this device was. Others of its family, or the same chip on another board, may have been.\n"
         "- *publication left out*: nothing its source published was, in twelve folds. Others may have measured the device: what somebody new may expect of their own runs.\n\n"
         "The interval a run is held against is made of what the fit missed elsewhere: no run of its own device has a part in it. What the fit may move, its priors, its noise and how the intervals weigh devices "
         "were chosen with these runs, these tables and the held-out field reports in view, so runs nobody has looked at will be met somewhat worse.\n\n";
  out += aims_section(facts);
  out += "\n## Plots\n\n![Decode](validation/decode.svg)\n\n![Prefill](validation/prefill.svg)\n\n![Residuals](validation/residuals.svg)\n\n![Coverage](validation/coverage.svg)\n";
  out += noise_section(facts) + several_section(facts) + depth_section(facts) + failures_section(facts) + forms_section(facts) + groups_section(facts.decode) + groups_section(facts.prefill);
  return out;
}

}  // namespace roofline::report
