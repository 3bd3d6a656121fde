#include "import/ids.hpp"

namespace roofline::import {

std::string id_of(const std::string& name) {
  std::string id;
  for (const char c : name) {
    const bool upper = c >= 'A' && c <= 'Z';
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (upper || plain) id += upper ? static_cast<char>(c - 'A' + 'a') : c;
    else if (c == '.' && !id.empty()) id += c;
    else if (!id.empty() && id.back() != '-') id += '-';
  }
  id = id.substr(0, 100);
  while (!id.empty() && (id.back() == '-' || id.back() == '.')) id.pop_back();
  return id.empty() ? "model" : id;
}

}  // namespace roofline::import
