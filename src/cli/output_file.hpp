// Text -> a file that is there whole or not at all.
#pragma once

#include <filesystem>
#include <string>

namespace roofline::cli {

// Written beside and renamed, so that a full disk never leaves half a file. UsageError with the option's name where it can not be.
void write_file(const std::string& option, const std::filesystem::path& path, const std::string& text);
// What write_file would say of the place, without writing: for what takes long to compute.
void refuse_unwritable(const std::string& option, const std::filesystem::path& path);

}  // namespace roofline::cli
