#include "recorder/source/live_source.h"

#include <array>
#include <utility>

namespace earful::recorder {
namespace {

constexpr std::array<std::pair<GapCause, std::string_view>, 4> kNames = {{
    {GapCause::kOverflow, "overflow"},
    {GapCause::kDeviceLost, "device_lost"},
    {GapCause::kStalled, "stalled"},
    {GapCause::kSuspended, "suspended"},
}};

}  // namespace

std::string_view name_of(GapCause cause) {
  for (const auto& [known, name] : kNames) {
    if (known == cause) return name;
  }
  return {};
}

std::optional<GapCause> gap_cause_of(std::string_view name) {
  for (const auto& [cause, known] : kNames) {
    if (known == name) return cause;
  }
  return std::nullopt;
}

}  // namespace earful::recorder
