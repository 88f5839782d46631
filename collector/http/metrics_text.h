// The collector's counters as Prometheus text. Any thread.
#pragma once

#include <string>

#include "collector/setup/counters.h"

namespace earful::collector {

std::string metrics_text(const Counters& counters);

}  // namespace earful::collector
