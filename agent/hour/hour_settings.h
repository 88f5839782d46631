// How long an hour is and what it is drawn from: [hour] of the station's settings. Any thread.
#pragma once

#include <span>

#include "agent/hour/frame.h"
#include "base/config.h"
#include "base/result.h"

namespace earful::agent {

std::span<const ConfigKey> hour_keys();

// E_CONFIG, with file and line and the nearest stratum.
Result<HourRules> read_hour_rules(const Config& settings);

}  // namespace earful::agent
