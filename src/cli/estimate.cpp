#include <algorithm>
#include <memory>

#include "cli/command_line.hpp"
#include "cli/inquiry.hpp"
#include "cli/values.hpp"

namespace roofline::cli {
namespace {

constexpr const char* examples =
    R"(Will a model fit on this board, how fast can it be, how fast will it be?

  estimate --hw rk3588 --model qwen2.5-7b --quant int4
  estimate --hw orin-nx --mode 15w --model llama3.2:3b --context 8192
  estimate --hw rtx-4090 --model qwen2.5-32b --require decode=30 --require fits
  estimate --hw agx-orin --model llama3.2:3b --measured-decode 44.8
  estimate explain --hw rk3588 --model qwen2.5-7b --quant int4 --unit cpu

Numbers: a ceiling is physics (no valid run is faster), expected is what
measured runs suggest, with an 80 % interval. Exit code 0: done; 1: a
--require is not met; 2: wrong usage or input.
)";

int run_estimate(Context& context, const InquiryOptions& options) {
  const Format format = context.format({Format::text, Format::json});
  const auto demands = read_demands(options.require);
  // Refused before anything is looked up, so that a typo does not wait behind a long answer.
  (void)positive_number(options.measured_decode, "--measured-decode");
  (void)positive_number(options.measured_prefill, "--measured-prefill");
  const Inquiry inquiry = inquire(context, options);
  report::Answer result = answer(context, inquiry);
  result.judged = judge(context, inquiry, result, options);
  const auto supported =
      std::count_if(result.survey.estimates.begin(), result.survey.estimates.end(), [](const Estimate& e) { return e.supported; });
  if (!result.judged.empty() && supported > 1) {
    result.notes.emplace_back("measured figures are compared with the fastest combination; --engine and --unit choose another");
  }
  result.gates = gates(demands, result.survey, inquiry.disk);
  context.print(format == Format::json ? report::survey_json(result) : report::survey_text(result, context.style()));
  const bool met = std::all_of(result.gates.begin(), result.gates.end(), [](const report::Gate& gate) { return gate.met; });
  return met ? exit_done : exit_answer_is_no;
}

}  // namespace

void add_estimate(CLI::App& app, Context& context) {
  app.description(examples);
  auto options = std::make_shared<InquiryOptions>();
  add_inquiry_options(app, *options, true);
  add_common_options(app, context, "text|json");
  app.set_version_flag("--version", ROOFLINE_VERSION, "print the version")->group("General");
  context.add_command(&app, [&context, options] { return run_estimate(context, *options); });
}

}  // namespace roofline::cli
