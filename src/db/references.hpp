// Where references between files lead: what exists in a store and, for files checked on their own, in a catalog beyond it.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "db/store.hpp"

namespace roofline::db {

class References {
 public:
  // `beyond` may be null.
  References(Store& store, Catalog* beyond) : store_(store), beyond_(beyond) {}

  // What is wrong with a reference; empty if it leads somewhere.
  std::string fault(const Reference& reference);

 private:
  bool exists(Kind kind, const std::string& name);
  [[nodiscard]] std::vector<std::string> names(Kind kind);
  bool has_run(const std::string& id);
  std::string mode_fault(const Reference& reference);

  Store& store_;
  Catalog* beyond_;
  std::map<Kind, std::vector<std::string>> names_beyond_;
  std::optional<std::set<std::string>> runs_;
};

}  // namespace roofline::db
