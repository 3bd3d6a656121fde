#include <algorithm>
#include <numeric>

#include "db/words.hpp"
#include "roofline/db/catalog.hpp"

namespace roofline::db {
namespace {

// Longer texts are not typing mistakes, and the cost is quadratic.
constexpr std::size_t longest = 80;

// Insertions, deletions, replacements and swaps of neighbours.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), now(b.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    now[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replace = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      now[j] = std::min({last[j] + 1, now[j - 1] + 1, replace});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) now[j] = std::min(now[j], before[j - 2] + 1);
    }
    before.swap(last);
    last.swap(now);
  }
  return last[b.size()];
}

struct Candidate {
  double cost = 0;
  const std::string* name = nullptr;
};

// A name that contains the text (or the other way round) is near however much is missing: "orin-nx" of "jetson-orin-nx-16gb".
bool contains(const std::string& whole, const std::string& part) {
  constexpr std::size_t shortest = 3;
  return part.size() >= shortest && whole.find(part) != std::string::npos;
}

}  // namespace

std::vector<std::string> nearest_names(std::string_view text, const std::vector<std::string>& names, std::size_t most) {
  std::vector<Candidate> near;
  if (text.empty() || text.size() > longest) return {};
  const std::string typed = lower(text);
  for (const std::string& name : names) {
    if (name.empty() || name.size() > longest) continue;
    const std::string known = lower(name);
    const std::size_t distance = edit_distance(typed, known);
    const std::size_t allowed = std::max<std::size_t>(1, std::min(typed.size(), known.size()) / 3);
    if (distance <= allowed) {
      near.push_back({static_cast<double>(distance), &name});
    } else if (contains(known, typed) || contains(typed, known)) {
      near.push_back({2.0 + static_cast<double>(distance) / static_cast<double>(longest), &name});
    }
  }
  std::stable_sort(near.begin(), near.end(), [](const Candidate& a, const Candidate& b) { return a.cost < b.cost; });
  std::vector<std::string> best;
  for (const Candidate& candidate : near) {
    if (best.size() == most) break;
    if (std::find(best.begin(), best.end(), *candidate.name) == best.end()) best.push_back(*candidate.name);
  }
  return best;
}

std::string did_you_mean(std::string_view text, const std::vector<std::string>& known) {
  const auto near = nearest_names(text, known, 1);
  return near.empty() ? "" : "; did you mean " + in_quotes(near.front()) + "?";
}

}  // namespace roofline::db
