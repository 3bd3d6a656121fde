#include <algorithm>
#include <cctype>
#include <cstdint>
#include <memory>

#include "cli/command_line.hpp"
#include "cli/inquiry.hpp"
#include "cli/values.hpp"
#include "roofline/report/fit_report.hpp"

namespace roofline::cli {
namespace {

constexpr const char* examples =
    R"(  estimate fit --hw orin-nx --model qwen2.5-7b
  estimate fit --hw rtx-4090 --model llama-3.1-70b
  estimate fit --hw rk3588 --model qwen2.5-7b --require context=16384
  estimate fit --hw thor --model qwen2.5-32b --batch 8 --format json

Takes the options of `estimate`, and gives its verdict on memory. Then: the
largest context for each KV type, the layers a card holds, and what to change
where it does not fit.
)";

// What the changes try for keys and values: half the bytes of f16, the least lossy type most engines have.
constexpr const char* smaller_kv_type = "q8_0";

std::vector<WeightFormat> kv_types(Context& context, const Estimate& e) {
  std::vector<WeightFormat> types;
  std::vector<std::string> ids = e.engine->kv_types;
  for (const WeightFormat* asked : {&e.workload.kv_k, &e.workload.kv_v}) {
    if (std::find(ids.begin(), ids.end(), asked->id) == ids.end()) ids.push_back(asked->id);
  }
  for (const std::string& id : ids) {
    const auto lookup = context.catalog().format(id);
    if (!lookup.diagnostics.empty()) fail(lookup.diagnostics);
    if (lookup.value != nullptr && takes_kv_type(*e.engine, *e.model, e.workload, *lookup.value)) types.push_back(*lookup.value);
  }
  return types;
}

report::Capacity capacity_of(Context& context, const Estimate& e) {
  report::Capacity capacity;
  capacity.estimate = &e;
  for (const WeightFormat& type : kv_types(context, e)) {
    Workload w = e.workload;
    w.kv_k = w.kv_v = type;
    capacity.choices.push_back({type, memory_at(e, w)});
  }
  return capacity;
}

bool is_size(const std::string& word) {
  const bool digits = !word.empty() && std::all_of(word.begin(), word.end() - 1, [](unsigned char c) { return std::isdigit(c) != 0 || c == '.'; });
  return digits && word.size() > 1 && word.back() == 'b';
}

// "qwen2.5-7b" -> "qwen2.5": what the sizes of one release have in common.
std::string series(const std::string& id) {
  std::string out;
  for (std::size_t begin = 0; begin <= id.size();) {
    const std::size_t end = std::min(id.find('-', begin), id.size());
    const std::string word = id.substr(begin, end - begin);
    if (!is_size(word)) out += "-" + word;
    begin = end + 1;
  }
  return out;
}

// "qwen2.5-7b" -> "qwen": whose model it is.
std::string first_word(const std::string& id) {
  return id.substr(0, id.find_first_not_of("abcdefghijklmnopqrstuvwxyz"));
}

// Smaller models of the family by the same name: those of the same release first, each the largest first.
std::vector<const ModelSpec*> siblings(Context& context, const ModelSpec& model) {
  struct Sibling {
    const ModelSpec* model;
    bool same_series;
    double parameters;
  };
  const double parameters = parameter_count(model);
  std::vector<Sibling> found;
  for (const db::Entry& entry : context.catalog().entries(db::Kind::model)) {
    // Folders are named after families, so that most files need not be read.
    if (entry.path.find("/" + model.family + "/") == std::string::npos) continue;
    const auto lookup = context.catalog().model(entry.id);
    if (lookup.value == nullptr || lookup.value->family != model.family || first_word(entry.id) != first_word(model.id)) continue;
    const double size = parameter_count(*lookup.value);
    if (size < parameters) found.push_back({lookup.value, series(entry.id) == series(model.id), size});
  }
  std::stable_sort(found.begin(), found.end(), [](const Sibling& a, const Sibling& b) {
    return a.same_series != b.same_series ? a.same_series : a.parameters > b.parameters;
  });
  std::vector<const ModelSpec*> models;
  for (const Sibling& s : found) models.push_back(s.model);
  return models;
}

// The context the changes are to make room for: what is demanded, where that is more than was asked.
int target_context(const std::vector<Demand>& demands, const Inquiry& inquiry) {
  int target = inquiry.workload.context;
  for (const Demand& demand : demands) {
    if (demand.kind == Demand::Kind::context) target = std::max(target, static_cast<int>(demand.value));
  }
  const std::int64_t most = std::int64_t{inquiry.model->context} * inquiry.workload.batch;
  return most < target ? static_cast<int>(most) : target;
}

std::vector<Change> changes(Context& context, Inquiry& inquiry, int target) {
  inquiry.workload.context = target;
  const report::Answer at_target = answer(context, inquiry);
  AdviceQuestion advice;
  advice.question = question(context, inquiry, *inquiry.point);
  advice.answered = &at_target.survey;
  const auto kv = context.catalog().format(smaller_kv_type);
  if (kv.value != nullptr) advice.smaller_kv = *kv.value;
  advice.quantizations = at_target.would_fit;
  const Estimate* leading = report::leading(at_target.survey);
  if (leading != nullptr && !fits_as_asked(*leading)) advice.siblings = siblings(context, *inquiry.model);
  return changes_that_fit(advice);
}

int run_fit(Context& context, const InquiryOptions& options) {
  const Format format = context.format({Format::text, Format::json, Format::markdown});
  const auto demands = read_demands(options.require);
  Inquiry inquiry = inquire(context, options);
  if (inquiry.device->placement == Placement::unified) {
    inquiry.notes.emplace_back("one memory for everything: the units of this device, the system and other loads share it (--reserve, --desktop)");
  }
  report::FitAnswer fit;
  fit.answer = answer(context, inquiry);
  fit.answer.gates = gates(demands, fit.answer.survey, inquiry.disk);
  for (const Estimate& e : fit.answer.survey.estimates) {
    if (e.supported) fit.capacities.push_back(capacity_of(context, e));
  }
  fit.target = inquiry.workload;
  fit.target.context = target_context(demands, inquiry);
  fit.changes = changes(context, inquiry, fit.target.context);
  fit.answer.would_fit.clear();  // among the changes, with what they cost
  switch (format) {
    case Format::text: context.print(report::fit_text(fit, context.style())); break;
    case Format::json: context.print(report::fit_json(fit)); break;
    case Format::markdown: context.print(report::fit_markdown(fit)); break;
    case Format::csv: break;  // refused above
  }
  const bool met = std::all_of(fit.answer.gates.begin(), fit.answer.gates.end(), [](const report::Gate& gate) { return gate.met; });
  return met ? exit_done : exit_answer_is_no;
}

}  // namespace

void add_fit(CLI::App& app, Context& context) {
  CLI::App& sub = add_subcommand(app, context, "fit", "what fits: largest context, layers on the card, what to change", examples, "text|json|markdown");
  auto options = std::make_shared<InquiryOptions>();
  add_inquiry_options(sub, *options, false);
  add_require_option(sub, *options);
  context.add_command(&sub, [&context, options] { return run_fit(context, *options); });
}

}  // namespace roofline::cli
