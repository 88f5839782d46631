// Time. Wall time stamps, steady time measures; they never mix.
// Text is RFC 3339 in UTC with milliseconds ("2026-11-17T14:05:00.250Z").
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace earful {

using WallTime = std::chrono::sys_time<std::chrono::milliseconds>;
using SteadyTime = std::chrono::steady_clock::time_point;

WallTime wall_now();

// Years outside 0001-9999 are clamped, so any stored value can be printed.
std::string format_rfc3339(WallTime time);

// Accepts any UTC offset and any number of fraction digits; nothing for anything else.
std::optional<WallTime> parse_rfc3339(std::string_view text);

}  // namespace earful
