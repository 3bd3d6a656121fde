// Names of files and models as ids of the database.
#pragma once

#include <string>

namespace roofline::import {

// Bounds that no real model comes near, the loader's own; they keep hostile files from exhausting memory or overflowing counts.
inline constexpr int most_layers = 2000;
inline constexpr int widest = 10'000'000;
inline constexpr int longest = 1'000'000'000;
inline constexpr int most_heads = 65536;
inline constexpr int most_words = 100'000'000;
inline constexpr long long most_rows = 100'000'000'000;
inline constexpr int most_norms = 100;

// Lower case, digits, '.', other characters as '-'; "model" where nothing is left.
std::string id_of(const std::string& name);

}  // namespace roofline::import
