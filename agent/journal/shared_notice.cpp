#include "agent/journal/shared_notice.h"

#include "proto/tagbook_fold.h"

namespace earful::agent {

std::string_view shared_notice(const Event& event) {
  if (is_about_tagbook(event)) return "tagbook";
  if (std::holds_alternative<FollowUpClosed>(event.payload)) return "thanks";
  if (std::holds_alternative<HourPlanned>(event.payload) ||
      std::holds_alternative<HourCallSkipped>(event.payload) ||
      std::holds_alternative<HourCallAdded>(event.payload) ||
      std::holds_alternative<HourWords>(event.payload) ||
      std::holds_alternative<WeekTakenOff>(event.payload)) {
    return "hour";
  }
  const bool people = std::holds_alternative<ListenerDefined>(event.payload) ||
                      std::holds_alternative<ListenerMerged>(event.payload);
  return people ? "listeners" : "";
}

}  // namespace earful::agent
