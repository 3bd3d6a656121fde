#include "cli/validation_report.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "cli/values.hpp"
#include "roofline/validate/accuracy.hpp"

namespace roofline::cli {
namespace {

std::vector<FormAccuracy> forms(Context& context, const validate::Fit& full, const std::string& full_id, Phase phase) {
  std::vector<FormAccuracy> list;
  for (const db::Entry& entry : context.catalog().entries(db::Kind::fit)) {
    const FitRules& rules = found(context.catalog().fit_rules(entry.id), "fit rules", entry.id, "");
    if (rules.phase != phase || !rules.on_top_of.empty()) continue;
    list.push_back(validate::form_accuracy(rules.id == full_id ? full : validate::fit(full.observations, rules), rules));
  }
  std::stable_sort(list.begin(), list.end(), [](const FormAccuracy& a, const FormAccuracy& b) { return a.unknowns < b.unknowns; });
  return list;
}

}  // namespace

report::ValidationFacts validation_facts(Context& context, const Fits& fits) {
  return {validate::accuracy(fits.decode), validate::accuracy(fits.prefill), forms(context, fits.decode, "decode", Phase::decode),
          forms(context, fits.prefill, "prefill", Phase::prefill), validate::several_accuracy(fits.batched), validate::depth_accuracy(fits.decode)};
}

std::string file_text(const std::string& option, const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) throw UsageError(fmt::format("{}: there is no file '{}'", option, echo(path)));
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace roofline::cli
