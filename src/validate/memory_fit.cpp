#include "roofline/validate/memory_fit.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <map>
#include <set>
#include <tuple>

namespace roofline::validate {
namespace {

constexpr const char* method =
    "per scope, memory - resident weights - KV cache = the engine's terms by non-negative least squares on relative residuals, one vote per "
    "(chip, model, quantization, sequences); error: each model left out in turn";

double quantile(std::vector<double> values, double q) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const double position = q * static_cast<double>(values.size() - 1);
  const auto low = static_cast<std::size_t>(position);
  const std::size_t high = std::min(low + 1, values.size() - 1);
  return values[low] + (position - static_cast<double>(low)) * (values[high] - values[low]);
}

double median(std::vector<double> values) { return quantile(std::move(values), 0.5); }

// FNV-1a over what the fit took from the runs, so that it names the data it came from.
std::string digest_of(const std::vector<const MemoryRow*>& rows) {
  std::uint64_t hash = 14695981039346656037ULL;
  for (const MemoryRow* row : rows) {
    char memory[40];
    std::snprintf(memory, sizeof memory, "%.9g", row->run.memory_mb.value_or(0));
    const std::string line = row->run.id + "|" + row->run.device + "|" + row->run.model + "|" + row->run.quantization + "|" + memory + "\n";
    for (const char c : line) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  }
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(hash));
  return text;
}

// One configuration: versions of it repeat each other.
struct MemoryVote {
  Eigen::VectorXd terms;
  double known = 0;
  double measured = 0;
};

double term_of(MemoryTerm term, const MemoryRow& row) {
  switch (term) {
    case MemoryTerm::weights: return row.resident.in(unit::B);
    case MemoryTerm::vocabulary: return row.vocabulary;
    case MemoryTerm::sequences: return row.sequences;
    case MemoryTerm::fixed: return 1.0;
    case MemoryTerm::kv_tokens: return row.sequences * row.kv_per_token.in(unit::B);
  }
  return 0;
}

std::vector<MemoryVote> votes_of(const MemoryFitRule& rule, const std::vector<const MemoryRow*>& rows) {
  std::map<std::tuple<std::string, std::string, std::string, double>, std::vector<const MemoryRow*>> piles;
  for (const MemoryRow* row : rows) piles[{row->run.device, row->run.model, row->run.quantization, row->sequences}].push_back(row);
  std::vector<MemoryVote> votes;
  for (const auto& [key, pile] : piles) {
    MemoryVote vote;
    std::vector<double> measured;
    std::vector<double> known;
    for (const MemoryRow* row : pile) {
      measured.push_back(row->measured.in(unit::B));
      known.push_back((row->resident + row->kv_cache).in(unit::B));
    }
    vote.measured = median(measured);
    vote.known = median(known);
    vote.terms.resize(static_cast<Eigen::Index>(rule.terms.size()));
    for (std::size_t i = 0; i < rule.terms.size(); ++i) vote.terms[static_cast<Eigen::Index>(i)] = term_of(rule.terms[i], *pile.front());
    votes.push_back(std::move(vote));
  }
  return votes;
}

// Few terms: every subset is solved, and the best whose coefficients are all positive wins.
Eigen::VectorXd non_negative(const Eigen::MatrixXd& a, const Eigen::VectorXd& b) {
  const Eigen::Index n = a.cols();
  Eigen::VectorXd best = Eigen::VectorXd::Zero(n);
  double least = b.squaredNorm();
  for (unsigned subset = 1; subset < (1U << static_cast<unsigned>(n)); ++subset) {
    std::vector<Eigen::Index> columns;
    for (Eigen::Index i = 0; i < n; ++i) {
      if ((subset >> static_cast<unsigned>(i) & 1U) != 0) columns.push_back(i);
    }
    Eigen::MatrixXd part(a.rows(), static_cast<Eigen::Index>(columns.size()));
    for (std::size_t i = 0; i < columns.size(); ++i) part.col(static_cast<Eigen::Index>(i)) = a.col(columns[i]);
    const auto solver = part.colPivHouseholderQr();
    if (solver.rank() < part.cols()) continue;
    const Eigen::VectorXd x = solver.solve(b);
    const double left = (part * x - b).squaredNorm();
    if ((x.array() < 0).any() || !(left < least * (1 - 1e-9))) continue;
    least = left;
    best.setZero();
    for (std::size_t i = 0; i < columns.size(); ++i) best[columns[i]] = x[static_cast<Eigen::Index>(i)];
  }
  return best;
}

void set_term(FittedMemory& fitted, MemoryTerm term, double value) {
  switch (term) {
    case MemoryTerm::weights: fitted.extra_per_weight_byte = value; break;
    case MemoryTerm::vocabulary: fitted.per_vocabulary_row = value * unit::B; break;
    case MemoryTerm::sequences: fitted.per_sequence = value * unit::B; break;
    case MemoryTerm::fixed: fitted.fixed = value * unit::B; break;
    case MemoryTerm::kv_tokens: fitted.kv_tokens = value; break;
  }
}

std::size_t model_count(const std::vector<const MemoryRow*>& rows) {
  std::set<std::string> models;
  for (const MemoryRow* row : rows) models.insert(row->run.model);
  return models.size();
}

std::vector<double> sizes(const std::vector<MemoryError>& errors) {
  std::vector<double> all;
  for (const MemoryError& e : errors) all.push_back(std::abs(e.error));
  return all;
}

// Four digits are far finer than any fit, and stable against the last bits of another machine's arithmetic.
double rounded(double value) {
  if (!(value > 0)) return 0;
  const double scale = std::pow(10.0, 3 - std::floor(std::log10(value)));
  return std::round(value * scale) / scale;
}

}  // namespace

std::optional<MemoryRow> memory_row(const MeasuredRun& run, std::string_view chip, const Engine& engine, const ModelSpec& model,
                                    const Quantization& quantization, const WeightFormat& kv) {
  if (!run.memory_mb || run.kind == RunKind::speculative || run.kind == RunKind::image || run.kind == RunKind::estimate) return std::nullopt;
  const MemoryFitRule* rule = memory_fit_rule(engine, run.unit, chip);
  if (rule == nullptr) return std::nullopt;
  MemoryRow row;
  row.run = run;
  row.scope = rule->scope;
  row.of_rule = std::find(rule->versions.begin(), rule->versions.end(), run.engine_version) != rule->versions.end();
  row.measured = *run.memory_mb * rule->reported_mb.value;
  row.resident = resident_weights(stored_tensors(model, quantization));
  row.kv_per_token = kv_bytes_per_token(model, kv, kv);
  row.vocabulary = vocabulary_rows(model);
  row.sequences = run.batch.value_or(1);
  const bool kv_is_fitted = std::find(rule->terms.begin(), rule->terms.end(), MemoryTerm::kv_tokens) != rule->terms.end();
  const int tokens = run.depth.value_or(0) + run.prompt.value_or(0) + run.generated.value_or(0);
  if (!kv_is_fitted && tokens > 0) {
    Workload w;
    w.context = tokens;
    w.batch = run.batch.value_or(1);
    w.kv_k = w.kv_v = kv;
    row.kv_cache = kv_cache_bytes(model, w, engine.memory);
  }
  return row;
}

FittedMemory fit_memory(const MemoryFitRule& rule, const std::vector<const MemoryRow*>& rows) {
  const auto votes = votes_of(rule, rows);
  const auto n = static_cast<Eigen::Index>(votes.size());
  Eigen::MatrixXd a(n, static_cast<Eigen::Index>(rule.terms.size()));
  Eigen::VectorXd b(n);
  for (Eigen::Index i = 0; i < n; ++i) {
    const MemoryVote& vote = votes[static_cast<std::size_t>(i)];
    a.row(i) = vote.terms.transpose() / vote.measured;
    b[i] = (vote.measured - vote.known) / vote.measured;
  }
  // Terms differ by ten orders of magnitude: scaled, so that none is lost to rounding.
  Eigen::VectorXd scale = a.colwise().norm();
  for (double& s : scale) s = s > 0 ? s : 1;
  const Eigen::VectorXd x = non_negative(a * scale.cwiseInverse().asDiagonal(), b).cwiseQuotient(scale);
  FittedMemory fitted;
  fitted.scope = rule.scope;
  for (std::size_t i = 0; i < rule.terms.size(); ++i) set_term(fitted, rule.terms[i], rounded(x[static_cast<Eigen::Index>(i)]));
  fitted.runs = static_cast<int>(rows.size());
  fitted.models = static_cast<int>(model_count(rows));
  for (const MemoryRow* row : rows) fitted.run_ids.push_back(row->run.id);
  std::sort(fitted.run_ids.begin(), fitted.run_ids.end());
  return fitted;
}

Bytes reported_memory(const FittedMemory& f, const MemoryRow& row) {
  return row.resident + row.kv_cache + f.extra_per_weight_byte * row.resident + row.vocabulary * f.per_vocabulary_row +
         row.sequences * (f.per_sequence + f.kv_tokens * row.kv_per_token) + f.fixed;
}

std::vector<MemoryError> leave_models_out(const MemoryFitRule& rule, const std::vector<const MemoryRow*>& rows) {
  std::vector<MemoryError> errors;
  std::set<std::string> models;
  for (const MemoryRow* row : rows) models.insert(row->run.model);
  if (models.size() < 2) return errors;
  for (const std::string& model : models) {
    std::vector<const MemoryRow*> others;
    std::copy_if(rows.begin(), rows.end(), std::back_inserter(others), [&](const MemoryRow* row) { return row->run.model != model; });
    const FittedMemory fitted = fit_memory(rule, others);
    for (const MemoryRow* row : rows) {
      if (row->run.model == model) errors.push_back({row, reported_memory(fitted, *row) / row->measured - 1.0});
    }
  }
  return errors;
}

double median_error(const std::vector<MemoryError>& errors) { return median(sizes(errors)); }

MemoryFit derive_memory(const Engine& engine, const std::vector<MemoryRow>& rows) {
  MemoryFit fit;
  fit.engine = engine.id;
  fit.method = method;
  std::vector<const MemoryRow*> used;
  for (const MemoryFitRule& rule : engine.memory.fit_rules) {
    std::vector<const MemoryRow*> own;
    for (const MemoryRow& row : rows) {
      if (row.scope == rule.scope && row.of_rule) own.push_back(&row);
    }
    if (own.empty()) continue;
    FittedMemory fitted = fit_memory(rule, own);
    if (const auto errors = leave_models_out(rule, own); !errors.empty()) {
      fitted.error = rounded(median_error(errors));
      fitted.error_p90 = rounded(quantile(sizes(errors), 0.9));
    }
    used.insert(used.end(), own.begin(), own.end());
    fit.constants.push_back(std::move(fitted));
  }
  std::sort(used.begin(), used.end(), [](const MemoryRow* a, const MemoryRow* b) { return a->run.id < b->run.id; });
  fit.runs_digest = digest_of(used);
  return fit;
}

}  // namespace roofline::validate
