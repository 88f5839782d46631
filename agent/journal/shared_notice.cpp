#include "agent/journal/shared_notice.h"

#include "proto/tagbook_fold.h"

namespace earful::agent {

std::string_view shared_notice(const Event& event) {
  if (is_about_tagbook(event)) return "tagbook";
  const bool people = std::holds_alternative<ListenerDefined>(event.payload) ||
                      std::holds_alternative<ListenerMerged>(event.payload);
  return people ? "listeners" : "";
}

}  // namespace earful::agent
