// The recordings behind the paths of a command line: files as they are named, folders searched in
// the order of names. No thread of its own. Errors: E_PATH for a path that is not there.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace earful::agent {

// More than a site records in a year; past it a wrong folder was named.
inline constexpr size_t kMaxRecordings = 1'000'000;

struct FoundRecordings {
  struct File {
    std::filesystem::path path;
    int64_t bytes = 0;
  };
  std::vector<File> files;                     // each once
  std::vector<std::filesystem::path> skipped;  // in folders: no recordings by their names
  int64_t sidecars = 0;                        // NAME.json beside a recording
};

// Hidden files and folders are passed over, links to folders inside folders are not followed.
Result<FoundRecordings> find_recordings(std::span<const std::filesystem::path> paths);

}  // namespace earful::agent
