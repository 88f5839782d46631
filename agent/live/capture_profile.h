// What may be recorded: the [[capture]] tables of the settings, each a name and where its sound
// comes from. No state. Errors: E_CONFIG with the file, the line and what to do.
#pragma once

#include <chrono>
#include <span>
#include <string>
#include <vector>

#include "agent/import/facts.h"
#include "base/config.h"
#include "base/result.h"

namespace earful::agent {

struct CaptureProfile {
  std::string name;             // also in addresses: letters, digits, - and _
  std::string source;           // both legs, a channel each; or
  std::string agent, customer;  // a source for each leg
  int rate_hz = 0;              // asked of a device; 0 is the device's own
  Facts defaults;  // what every call of it has unless the start says otherwise; legs too
  std::chrono::milliseconds pause_limit{120000};
};

// What may stand in the settings.
std::span<const ConfigKey> capture_keys();

Result<std::vector<CaptureProfile>> read_captures(const Config& settings);

// "there is no capture "x"; the nearest is "y"", or what to do where there is none.
std::string unknown_capture(const std::string& name, std::span<const CaptureProfile> known);

}  // namespace earful::agent
