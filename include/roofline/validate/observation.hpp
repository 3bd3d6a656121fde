// A measured run + its physical estimate -> what the fit sees of one phase of it.
#pragma once

#include <string>
#include <vector>

#include "roofline/core/calibration.hpp"
#include "roofline/core/measured_run.hpp"

namespace roofline::validate {

struct Observation {
  std::string run_id;
  Phase phase = Phase::decode;
  UnitKind unit = UnitKind::cpu;
  std::string pool, engine, vendor, family, device;
  std::string model, quantization, format_family, model_class;
  std::string publication;    // who measured: id of the source
  bool best_quality = false;  // A
  bool mode_unknown = false;  // the device has power modes, and the run does not say which
  std::vector<ChargeItem> items;
  Seconds measured;  // of a decode step, or of the prompt
  Seconds ceiling;   // the same at the physical ceilings
  double tokens = 1;  // that take this time
  double depth = 0;   // tokens of one sequence in the cache before it
  std::string series;  // runs that differ in depth alone have this in common
  Bytes streamed;    // weights, cache and state of a decode step
};

}  // namespace roofline::validate
