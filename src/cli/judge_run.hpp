// One resolved run -> its prediction at the run's own configuration, and the comparison with what was measured.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "cli/commands.hpp"
#include "roofline/import/resolve.hpp"
#include "roofline/report/validation.hpp"

namespace roofline::cli {

// Keeps what it computed: many runs ask about the same configuration.
class RunJudge {
 public:
  explicit RunJudge(Context& context);
  ~RunJudge();
  report::JudgedRun judge(const import::ResolvedRun& run);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace roofline::cli
