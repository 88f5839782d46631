// The ISO 8601 week of a moment in UTC: "2026-W47". Weeks sort as text. Any thread.
#pragma once

#include <string>

#include "base/clock.h"

namespace earful::collector {

std::string iso_week(WallTime time);

}  // namespace earful::collector
