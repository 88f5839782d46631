// Leaders, who are listeners with hours: what they planned, what they heard, who they are. What
// cadences and estimates are made from. Belongs to one thread.
//
// Two ways to feed it. A program that has all events tells each of them to learn() and then each
// again to add(): so what was heard is kept of leaders alone, however many others listen and
// wherever in the feed a plan stands. A program that has rows of its own tells those, in any order.
// Either way the same thing twice changes nothing. Of one leader it keeps a row for every stay at a
// call, and every quarter of an hour of it.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "proto/hour_fold.h"
#include "proto/merge_roots.h"

namespace earful {

struct LeaderHour {
  EventId id;
  ListenerId listener;
  WallTime planned_at{};
  HourPlanned plan;
};

struct LeaderHeard {
  EventId listening;  // one stay at a call
  CallHeard heard;
  std::string queue, team;  // of the call, as it was known then
};

class LeaderFold {
 public:
  void learn(const Event& event);
  void add(const Event& event);

  void add_hour(LeaderHour hour);
  void add_skip(const EventId& hour, const CallId& call, bool skipped);  // the last one wins
  void add_heard(const ListenerId& listener, const LeaderHeard& heard);
  void merge(const ListenerId& from, const ListenerId& into);
  void name(const ListenerId& listener, const std::string& name);

  // Merged ones are one person, their root.
  const ListenerId& root(const ListenerId& listener) const { return roots_.root(listener); }
  bool leads(const ListenerId& listener) const;
  std::string name_of(const ListenerId& root) const;  // "" where nobody told it

  // As they came; of the plans of one person for one week only the first.
  std::vector<const LeaderHour*> hours() const;
  bool is_planned(const CallId& call) const { return planned_.contains(call); }
  HourOutcome outcome(const LeaderHour& hour) const;
  // What everybody heard, by (listener, call) and then by stay and quarter of an hour; told of each
  // is when it began.
  using Heard =
      std::map<std::pair<ListenerId, CallId>, std::map<std::pair<EventId, WallTime>, LeaderHeard>>;
  const Heard& heard() const { return heard_; }

 private:
  std::vector<ListenerId> persons_ids(const ListenerId& root) const;

  std::vector<LeaderHour> hours_;
  std::set<EventId> hour_ids_;
  std::set<CallId> planned_;
  std::map<EventId, std::set<CallId>> skipped_;
  Heard heard_;
  MergeRoots<ListenerId> roots_;
  std::map<ListenerId, std::string> names_;
  mutable std::set<ListenerId> leaders_;  // roots; made when it is asked for
  mutable bool leaders_known_ = false;
};

}  // namespace earful
