// Listening hours, as their events add up: what was planned and what became of it, which weeks were
// taken off, when what was heard, and which follow-ups are done. Part of State: its database, its
// thread.
//
// A listener is meant with everybody who was merged into the same person.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "base/sqlite.h"
#include "proto/event.h"

namespace earful::agent {

// Where an event stands: 0 for no place in the feed or in the open journal.
struct EventPlace {
  uint64_t feed_seq = 0;
  uint64_t own_seq = 0;
  bool own = false;  // of this station
};

struct PlannedHour {
  EventId id;
  ListenerId listener;
  WallTime planned_at{};
  bool own = false;
  HourPlanned plan;
};

// What one listener heard of a call in one stay at it, within a quarter of an hour of the clock.
// Sample calls are not in it.
struct HeardSpan {
  ListenerId listener;
  CallId call;
  WallTime since{};                // the first that was told of it
  std::vector<Interval> heard;     // sorted and apart; nothing played faster than twice
  std::vector<Interval> silences;  // the same, skipped
  bool opened_early = false;
  std::string queue, team;  // of the call, as it was known then
  EventId listening;
};

struct ServedPlace {
  std::string queue, team;
};

class HourTable {
 public:
  explicit HourTable(Database& db) : db_(db) {}

  static const char* schema();
  static const char* drop();

  // Events about something else change nothing.
  Result<void> apply(const Event& event, std::string_view raw, const EventPlace& place);
  Result<void> erase(const EventId& event);  // its personal data
  Result<void> forget_own_seqs();
  Result<void> start_feed_over();

  // Of one week the first plan counts; the others are in no list.
  Result<std::optional<PlannedHour>> of_week(const ListenerId& listener, const std::string& week);
  Result<std::optional<PlannedHour>> find(const EventId& hour);
  Result<std::vector<PlannedHour>> of_listener(const ListenerId& listener);  // newest week first
  Result<std::vector<PlannedHour>> all();                                    // as they fold
  // HourCallSkipped, HourCallAdded and HourWords of an hour; WeekTakenOff of everybody. As they
  // fold.
  Result<std::vector<Event>> acts(const EventId& hour);
  Result<std::vector<Event>> weeks_off();

  // What one listener heard of these calls, and of all; what all who have hours heard in a time.
  Result<std::vector<HeardSpan>> heard(const ListenerId& listener, std::span<const CallId> calls);
  Result<std::vector<HeardSpan>> heard_by(const ListenerId& listener);
  Result<std::vector<HeardSpan>> heard_by_leaders(WallTime since, WallTime until);
  // When that call was heard last, by anybody; the epoch where nobody did.
  Result<WallTime> last_heard(const CallId& call);
  // Where calls were served in these days (UTC).
  Result<std::vector<ServedPlace>> served(WallTime since, WallTime until);

  // How a follow-up was closed first; nothing while it is open.
  Result<std::optional<Event>> closing(const EventId& follow_up);

 private:
  Result<void> keep(const char* table, const EventId& about, const Event& event,
                    std::string_view raw, const EventPlace& place);
  Result<void> add_heard(const Event& event, const Listened& listened);

  Database& db_;
};

}  // namespace earful::agent
