#include <algorithm>
#include <memory>

#include "cli/command_line.hpp"
#include "cli/inquiry.hpp"
#include "roofline/core/explain.hpp"

namespace roofline::cli {
namespace {

constexpr const char* examples =
    R"(  estimate explain --hw rk3588 --model qwen2.5-7b --quant int4
  estimate explain --hw orin-nx --model llama3.2:3b --engine llama.cpp --unit gpu

Takes the options of `estimate`. Of several combinations it explains the
fastest; --engine and --unit choose another.
)";

// Published calculations for the same question: explain says why they differ from ours. The answer does not rest on
// them, so run files that can not be read are left to `estimate check`.
std::vector<MeasuredRun> published(Context& context, const Estimate& e) {
  std::vector<db::Diagnostic> unread;
  std::vector<MeasuredRun> runs = context.catalog().runs(unread);
  std::erase_if(runs, [&](const MeasuredRun& run) {
    return run.kind != RunKind::estimate || run.device != e.point->device->id || run.model != e.model->id ||
           run.unit != e.unit->unit->kind ||
           (run.quantization != e.quantization->id && run.quantization != report::shown_id(*e.quantization));
  });
  return runs;
}

int run_explain(Context& context, const InquiryOptions& options) {
  const Format format = context.format({Format::text, Format::json});
  const Inquiry inquiry = inquire(context, options);
  const report::Answer result = answer(context, inquiry);
  const Estimate* estimate = report::leading(result.survey);
  if (estimate == nullptr) {
    // Nothing to explain but the refusals, which the main answer already words.
    context.print(format == Format::json ? report::survey_json(result) : report::survey_text(result, context.style()));
    return exit_done;
  }
  const auto steps = explain(*estimate, published(context, *estimate));
  context.print(format == Format::json ? report::explain_json(result, *estimate, steps)
                                       : report::explain_text(result, *estimate, steps, context.style()));
  return exit_done;
}

}  // namespace

void add_explain(CLI::App& app, Context& context) {
  CLI::App& sub = add_subcommand(app, context, "explain", "every step behind an answer, with operands and sources", examples, "text|json");
  auto options = std::make_shared<InquiryOptions>();
  add_inquiry_options(sub, *options, false);
  context.add_command(&sub, [&context, options] { return run_explain(context, *options); });
}

}  // namespace roofline::cli
