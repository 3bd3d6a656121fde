// Fitted constants as data: what turns the physical times of a phase into an expected time, with the evidence behind it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "roofline/core/device.hpp"
#include "roofline/core/model_spec.hpp"
#include "roofline/core/quantity.hpp"
#include "roofline/core/workload.hpp"

namespace roofline {

// What the time of a phase is made of. [model.md#expectation]
enum class Charge {
  weights,           // decode: bytes of dense weights / bandwidth; prefill: all bytes moved / bandwidth
  experts,           // decode: bytes of routed experts / bandwidth
  kv_cache,          // decode: KV bytes / bandwidth
  state,             // decode: recurrent state bytes / bandwidth
  unpack,            // decode: weights of packed formats / vector rate: instructions that turn codes into operands
  attention,         // operations of attention / arithmetic rate
  products,          // operations of matrix products / arithmetic rate: prefill, and decode of several sequences
  expert_products,   // the same of routed experts
  activations,       // prefill: bytes that products take in and give out / bandwidth
  recurrence,        // prefill: operations of state updates / vector rate
  launches,          // matrix products x one launch, once per step or chunk: starting kernels, waiting for each other, draining
  norms,             // decode: normalisations in all layers x one launch: small kernels between the large ones
  expert_layers,     // layers with experts x one launch, on top
  recurrent_layers,  // layers that scan a state x one launch, on top
  steps,             // 1 ms, once per step or prompt: sampling, host work
  sequences          // decode: further sequences x 1 ms: sampling and scheduling of each
};
std::string_view to_string(Charge charge);

// One charge at its physical rate: bytes at the specified bandwidth, operations at the specified peak, counts at a unit of
// time: one launch is 1000 cycles of a GPU, 10,000 fp32 operations of an NPU's host core, 1 us of a CPU. Never an efficiency.
struct ChargeItem {
  Charge charge = Charge::weights;
  std::string format_family;  // of the weights; empty where none is meant
  std::string arithmetic;     // number format of operations; empty where none is meant
  Seconds physical;
  bool measured = false;  // on this very machine, or fitted before: stands for itself, no fit scales it
  bool assumed = false;   // at a rate nobody published: how far the unit is from it says little about others
  std::optional<double> shortfall;  // of decode's bytes: log(specified bandwidth / what a streaming test of such a unit reached); empty: none known
};

// Knobs of the fit. A charge is scaled by the product of its parameters: experts by `bandwidth` and `experts`, and so on.
enum class Parameter {
  bandwidth, experts, kv_cache, state, unpack, attention, arithmetic, expert_arithmetic, attention_arithmetic, recurrence, streaming, activation, launch, norm,
  expert_layer, recurrent_layer, step, sequence
};
std::string_view to_string(Parameter parameter);
std::optional<Parameter> parameter_from(std::string_view text);
std::vector<Parameter> parameters_of(Phase phase, Charge charge);

// Who asks: an effect applies where all the keys it states agree.
struct Scope {
  UnitKind unit = UnitKind::cpu;
  std::string_view engine, vendor, family, device;
};

// One fitted deviation. expected time = sum over items of physical x exp(sum of the log factors of all effects that apply).
struct Effect {
  Phase phase = Phase::decode;
  Parameter parameter = Parameter::bandwidth;
  UnitKind unit = UnitKind::cpu;
  std::string engine, vendor, family, device, format_family, arithmetic;  // empty: any
  bool of_assumed = false;  // only where the physical rate is assumed: a rate given instead needs no such correction
  // Not empty: the factor is log_factor x (shortfall - this), and only where a shortfall is known.
  std::optional<double> per_shortfall_from;
  double log_factor = 0.0;
  double uncertainty = 0.0;  // posterior standard deviation of log_factor
  double votes = 0.0;        // how many (device, model, quantization) it was seen in
};
// What an effect or level is multiplied with for an item; empty: it says nothing about this one.
std::optional<double> times_of(bool of_assumed, const std::optional<double>& per_shortfall_from, const ChargeItem& item);
// Do the weights stream at a bandwidth nobody published?
bool is_guessed(const std::vector<ChargeItem>& items);

// What the fit may move, as data in hardware_db/fit: one parameter of one phase, apart for every combination of the keys that occurs
// among the runs, drawn towards `mean` with standard deviation `sd` (both of log factors). [model.md#calibration]
enum class LevelKey { pool, engine, vendor, family, device, format_family, arithmetic };  // pool: engines that share constants
struct Level {
  Parameter parameter = Parameter::bandwidth;
  std::vector<UnitKind> units;  // empty: any
  std::vector<LevelKey> keys;
  bool of_assumed = false;  // only items whose physical rate is assumed
  std::optional<double> per_shortfall_from;  // as in Effect
  double mean = 0.0;
  double sd = 1.0;
  double degrees_of_freedom = 0.0;  // of a Student t: a few members may be far from the rest; 0: Gaussian
};
struct FitRules {
  std::string id;
  std::string title;  // what the form is, in words
  std::string on_top_of;  // id of another fit whose constants stand; empty: none
  Phase phase = Phase::decode;
  double degrees_of_freedom = 4.0;  // of the Student t noise
  double noise_a = 0.0, noise_b = 0.0;  // standard deviation of log time of runs of quality A and B
  double noise_b_mode_unknown = 0.0;    // of those of quality B that do not say which power mode they ran in; 0: noise_b
  std::vector<Level> levels;
};

// How near the measured runs are to a question, nearest first.
// `several`: not a distance, but whose interval holds where sequences are decoded together: it is never narrower than that of one.
enum class Rung { device_and_format, device, family, engine, other_engines, several };
std::string_view to_string(Rung rung);  // in words, as answers print it
std::string_view id_of(Rung rung);
std::optional<Rung> rung_from(std::string_view id);

// Quantiles of log(measured rate / predicted rate) when runs at this distance were left out of the fit and predicted.
struct Interval {
  Phase phase = Phase::decode;
  UnitKind unit = UnitKind::cpu;
  Rung rung = Rung::engine;
  bool of_assumed = false;  // for devices whose bandwidth is a guess, by misses of such devices as well; the others are held against known ones
  double low = 0.0;   // 10 %, <= 0
  double high = 0.0;  // 90 %, >= 0
  std::optional<double> error;  // median |predicted / measured - 1| of this engine's own left-out runs; empty: too few
  double votes = 0.0;           // of this engine's own left-out predictions behind it
  // Of several sequences only: the device that was measured so, empty for all others; how many sequences at most; the runs.
  std::string device;
  int sequences = 0;
  std::vector<std::string> run_ids;
};

// Runs of one kind on one device; of other engines, if the device is empty.
struct EvidenceCell {
  Phase phase = Phase::decode;
  UnitKind unit = UnitKind::cpu;
  std::string device, family, format_family, model_class;
  int models = 0;  // different ones among the runs
  std::vector<std::string> run_ids;
};

struct Calibration {
  std::string engine;
  std::string method;
  std::string runs_digest;
  std::vector<Effect> effects;
  std::vector<Interval> intervals;
  std::vector<EvidenceCell> evidence;
};

// What kind of kernels a model needs: `recurrent` if any layer keeps a state, `routed` if any has experts, else `dense`.
std::string_view model_class(const ModelSpec& model);

// Sum over the effects that apply; empty if none does.
std::optional<double> log_factor(const Calibration& calibration, Phase phase, const Scope& scope, const ChargeItem& item);

struct Found {
  Rung rung = Rung::engine;
  // Whose interval holds: one model alone has never been predicted from such runs, as none are left once it is left out, so its interval is
  // that of the next distance.
  Rung interval = Rung::engine;
  std::vector<std::string> run_ids;  // the runs at that distance
};
// The nearest runs of this engine on a unit of this kind; empty if there are none at all.
std::optional<Found> nearest_evidence(const std::vector<EvidenceCell>& evidence, Phase phase, UnitKind unit, std::string_view device, std::string_view family,
                                      std::string_view format_family, std::string_view model_class);
// Of a guessed bandwidth: its own where there is one.
const Interval* find_interval(const Calibration& calibration, Phase phase, UnitKind unit, Rung rung, bool of_assumed = false);
// Of several sequences: this device's own, else what holds for devices without any; null: no engine was measured so on such a unit.
const Interval* find_several(const Calibration& calibration, UnitKind unit, std::string_view device);

}  // namespace roofline
