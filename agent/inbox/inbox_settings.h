// Which folders recordings are taken from: the [[inbox]] tables of the settings. Facts about calls
// come as they do for an import (agent/import/import.h). No state. Errors: E_CONFIG with the file,
// the line and what to do.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "base/config.h"
#include "base/result.h"

namespace earful::agent {

// Each holds a watch and is looked at in turn; past it the folders belong under one.
inline constexpr size_t kMaxInboxes = 16;

struct InboxOptions {
  std::filesystem::path path;      // absolute
  std::string name_pattern;        // "" for none
  std::filesystem::path manifest;  // "" for none
  int complexity = 5;              // of Opus, 0 to 10
  int bitrate_bps = 0;             // per leg; 0: by the recording's rate
  std::chrono::milliseconds sidecar_wait{2000};
};

// What may stand in the settings.
std::span<const ConfigKey> inbox_keys();

// The folders need not be there yet.
Result<std::vector<InboxOptions>> read_inboxes(const Config& settings);

}  // namespace earful::agent
