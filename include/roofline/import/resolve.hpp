// Rows of names -> measured runs of the database's own ids. What is ambiguous or not known stays unresolved, with the
// reason; what had to be read into a name is said beside the run.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "roofline/core/device.hpp"
#include "roofline/core/engine.hpp"
#include "roofline/core/measured_run.hpp"
#include "roofline/core/model_spec.hpp"
#include "roofline/core/spelling.hpp"
#include "roofline/import/results.hpp"

namespace roofline::import {

struct NamedEntry {
  std::string id;
  std::vector<std::string> names;  // aliases and the printed name
  std::string group;               // the file that defines it: entries of one file are variants of one chip
};

// What the names may lead to. Look-ups by id; null where there is none.
struct Names {
  std::vector<NamedEntry> devices, engines, models, quantizations;
  std::vector<Spelling> spellings;
  std::function<const Device*(const std::string&)> device;
  std::function<const Engine*(const std::string&)> engine;
  std::function<const ModelSpec*(const std::string&)> model;
  std::function<std::string(const std::string&)> firmware;  // modes that a device's alias selects
};

// What the user states. It takes the place of what rows say; with `only_missing`, of what they do not say or say in words
// that can not be resolved.
struct Stated {
  std::string device, mode, unit, engine, engine_version, model, quantization, kv_type, quality, source, date;
  std::optional<int> prompt, generated, depth, batch;
  bool only_missing = false;
};

struct ResolvedRun {
  int line = 0;
  int column = 0;
  MeasuredRun run;                 // ids of the database; quality and source may be empty
  std::string reason;              // why unresolved; empty: resolved
  std::vector<std::string> notes;  // how names were read
  std::string firmware;            // modes the device's name selects
  std::string device_name;         // that name, where it selects some
  bool mode_stated = false;        // the power mode, or that clocks were at their maximum, is stated
  bool clocks_low = false;         // notes say that clocks were down
  bool phases_apart = false;
  bool prompt_cached = false;
};

class Resolver {
 public:
  explicit Resolver(Names names);
  ~Resolver();
  Resolver(Resolver&&) noexcept;
  Resolver& operator=(Resolver&&) noexcept;
  ResolvedRun resolve(const ResultRow& row, const Stated& stated = {}) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace roofline::import
