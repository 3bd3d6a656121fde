#include "db/references.hpp"

#include <algorithm>

#include "db/words.hpp"
#include "roofline/core/device.hpp"
#include "roofline/db/catalog.hpp"

namespace roofline::db {

std::string References::fault(const Reference& reference) {
  if (!reference.device.empty()) return mode_fault(reference);
  if (reference.kind == Kind::runs) {
    return has_run(reference.name) ? "" : "no measured run " + in_quotes(reference.name) + " in runs/";
  }
  if (exists(reference.kind, reference.name)) return {};
  const std::string near = did_you_mean(reference.name, names(reference.kind));
  if (reference.kind == Kind::source) return "no source " + in_quotes(reference.name) + " in sources/" + near;
  return reference.by + " names the " + std::string(to_string(reference.kind)) + " " + in_quotes(reference.name) + ", which does not exist" + near;
}

bool References::exists(Kind kind, const std::string& name) {
  if (store_.resolve(kind, name)) return true;
  if (beyond_ == nullptr) return false;
  auto& known = names_beyond_[kind];
  if (known.empty()) {
    for (const Entry& entry : beyond_->entries(kind)) {
      known.push_back(folded(entry.id));
      for (const std::string& alias : entry.aliases) known.push_back(folded(alias));
    }
  }
  return std::find(known.begin(), known.end(), folded(name)) != known.end();
}

std::vector<std::string> References::names(Kind kind) {
  auto all = store_.names(kind);
  const auto& beyond = names_beyond_[kind];
  all.insert(all.end(), beyond.begin(), beyond.end());
  return all;
}

bool References::has_run(const std::string& id) {
  if (!runs_) {
    runs_.emplace();
    for (const Parsed* file : store_.files(Kind::runs)) {
      if (const auto* runs = std::get_if<std::vector<MeasuredRun>>(&file->content)) {
        for (const MeasuredRun& run : *runs) runs_->insert(run.id);
      }
    }
    std::vector<Diagnostic> ignored;  // of files that are not checked here
    if (beyond_ != nullptr) {
      for (const MeasuredRun& run : beyond_->runs(ignored)) runs_->insert(run.id);
    }
  }
  return runs_->contains(id);
}

// A device that does not exist, or does not load, is reported where it is named or defined.
std::string References::mode_fault(const Reference& reference) {
  bool known = false;
  const auto has_mode = [&](const Device& device, const std::string& firmware) {
    known = true;
    return find_mode(device, reference.name, firmware) != nullptr;
  };
  if (const auto name = store_.resolve(Kind::device, reference.device)) {
    const Parsed* home = store_.file_of(Kind::device, name->id);
    const auto* devices = home != nullptr ? std::get_if<DeviceFile>(&home->content) : nullptr;
    for (std::size_t i = 0; devices != nullptr && i < devices->devices.size(); ++i) {
      if (devices->devices[i].id == name->id && has_mode(devices->devices[i], name->firmware)) return {};
    }
  }
  if (beyond_ != nullptr) {
    const Lookup<Device> lookup = beyond_->device(reference.device);
    if (lookup.value != nullptr && has_mode(*lookup.value, lookup.firmware)) return {};
  }
  return known ? reference.by + ": device " + in_quotes(reference.device) + " has no power mode " + in_quotes(reference.name) : "";
}

}  // namespace roofline::db
