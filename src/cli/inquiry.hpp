// Options as typed -> a question with everything looked up and checked; and the answers to it.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/commands.hpp"
#include "cli/model_file.hpp"

namespace roofline::cli {

struct InquiryOptions {
  Values hw, model, quant, imatrix, engine, unit, mode, set, reserve, disk;
  Values prompt, generate, context, batch, parallel, ubatch, kv_type, kv_type_k, kv_type_v, flash_attention;
  Values image_tokens;
  Values cached;
  bool no_mmap = false, no_repack = false, kv_unified = false, swa_full = false, desktop = false;
  Values measured_decode, measured_prefill, require;
};
// `gating`: also the options that judge figures and set the exit code.
void add_inquiry_options(CLI::App& app, InquiryOptions& options, bool gating);
void add_require_option(CLI::App& app, InquiryOptions& options);

// What was asked, resolved. Points into the catalog and into `point`.
struct Inquiry {
  const Device* device = nullptr;
  const ModelSpec* model = nullptr;
  std::unique_ptr<OperatingPoint> point;
  std::vector<Override> overrides;
  Bytes reserved;                // for other loads
  bool desktop = false;          // a desktop session runs beside it
  std::optional<Bytes> disk;
  std::vector<const Engine*> engines;
  std::optional<UnitKind> unit;
  std::string quantization;
  std::optional<bool> importance_matrix;  // --imatrix
  // Quantizations as --imatrix wants them; what estimates made from them point to.
  std::shared_ptr<std::map<std::string, Quantization>> adjusted = std::make_shared<std::map<std::string, Quantization>>();
  std::shared_ptr<const ModelFile> file;  // --model FILE: what `model` then points into
  Workload workload;
  std::vector<std::string> notes;
};
// `device`: asked about in place of what --hw names; must outlive the inquiry.
Inquiry inquire(Context& context, const InquiryOptions& options, const Device* device = nullptr);

// inquiry_workload.cpp: tokens, batch, KV types; checked against the model and against each other.
Workload read_workload(Context& context, const InquiryOptions& options, const ModelSpec& model, const std::vector<const Engine*>& engines,
                       std::vector<std::string>& notes);

// The device at another mode with the same figures set by hand.
std::unique_ptr<OperatingPoint> point_at(const Inquiry& inquiry, const PowerMode* mode);
Question question(Context& context, const Inquiry& inquiry, const OperatingPoint& point);
// The survey with its header, and what would fit where the leading estimate does not.
report::Answer answer(Context& context, const Inquiry& inquiry);

// measured.cpp: judges measured figures against the leading estimate.
std::vector<report::Judged> judge(Context& context, const Inquiry& inquiry, const report::Answer& answer, const InquiryOptions& options);

// gates.cpp: what --require demands, on the combination that meets most of it.
struct Demand {
  enum class Kind { decode, context, fits } kind = Kind::fits;
  double value = 0;
  std::string text;
};
std::vector<Demand> read_demands(const Values& values);
// `disk`: free space that `fits` has to find room for the file in.
std::vector<report::Gate> gates(const std::vector<Demand>& demands, const Survey& survey, std::optional<Bytes> disk);

}  // namespace roofline::cli
