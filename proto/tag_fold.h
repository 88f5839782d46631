// What the events about one tag add up to. The one fold, for stations and for reports. Any thread.
//
// Feed the events of a tag in feed order (own events not yet in the feed last). The latest revision
// wins, field by field, also over a Tagged that comes after it; a retraction is sticky whatever the
// order. Merged kinds are the reader's business: a tag keeps the kind it was given.
#pragma once

#include <optional>
#include <string>

#include "proto/event.h"

namespace earful {

struct FoldedTag {
  bool tagged = false;  // the Tagged itself was seen; until then the rest is provisional
  bool retracted = false;
  bool erased = false;
  EventId id;
  std::optional<CallId> call;
  std::optional<CallSnapshot> snapshot;
  std::string customer_key;
  std::optional<ListenerId> listener;
  std::string listener_name;
  WallTime time{};
  Position pressed = 0;
  std::string kind;
  Position start = 0;
  Position end = 0;
  std::string note;
  bool closed_by_leaving = false;  // and nobody has said since where it ends
  int revisions = 0;

  void add(const Event& event);

 private:
  std::optional<std::string> revised_kind_;
  std::optional<Position> revised_start_;
  std::optional<Position> revised_end_;
  std::optional<std::string> revised_note_;
};

// The tag an event is about; nothing for events about something else.
std::optional<EventId> tag_of(const Event& event);

}  // namespace earful
