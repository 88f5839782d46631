// Is this row of a journal a usable event, and what does the store need to know about it? A pure
// function. Whatever the answer, the row is kept: `reason` is what it is quarantined for.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"

namespace earful::collector {

inline constexpr std::string_view kReasonIdReused = "E_ID_REUSED";  // same id, other content
inline constexpr std::string_view kReasonSource = "E_SOURCE";       // says it is another station's
inline constexpr std::string_view kReasonNewer = "E_NEWER";         // wait for an upgrade

struct Judgement {
  std::string reason;  // empty: a usable event
  std::optional<EventId> event_id;
  std::vector<EventId> erases;  // what an Erased names
};

Judgement judge(std::string_view raw, const StationId& station);

}  // namespace earful::collector
