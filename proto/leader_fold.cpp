#include "proto/leader_fold.h"

#include <algorithm>

#include "proto/stretches.h"

namespace earful {
namespace {

// Weeks of all zones begin at a quarter of an hour, so none of these lies in two of them.
WallTime quarter_of(WallTime time) {
  return std::chrono::floor<std::chrono::duration<int64_t, std::ratio<900>>>(time);
}

void extend(std::vector<Interval>& to, const std::vector<Interval>& more) {
  to.insert(to.end(), more.begin(), more.end());
  to = joined(std::move(to));
}

}  // namespace

void LeaderFold::learn(const Event& event) {
  if (const auto* merged = std::get_if<ListenerMerged>(&event.payload)) {
    merge(merged->from, merged->into);
  } else if (const auto* defined = std::get_if<ListenerDefined>(&event.payload)) {
    name(defined->listener, event.personal.listener_name);
  } else if (const auto* plan = std::get_if<HourPlanned>(&event.payload)) {
    if (!event.listener) return;
    add_hour({event.id, *event.listener, event.time, *plan});
    name(*event.listener, event.personal.listener_name);
  } else if (const auto* skipped = std::get_if<HourCallSkipped>(&event.payload)) {
    if (event.subject) add_skip(skipped->hour, *event.subject, !skipped->withdrawn);
  }
}

void LeaderFold::add(const Event& event) {
  const auto* listened = std::get_if<Listened>(&event.payload);
  if (!listened || !event.subject || !event.listener || !leads(*event.listener)) return;
  if (event.call && event.call->sample) return;
  LeaderHeard heard{listened->listening, call_heard(*event.subject, event.time, *listened), "", ""};
  if (event.call) {
    heard.queue = event.call->queue;
    heard.team = event.call->team;
  }
  add_heard(*event.listener, heard);
}

void LeaderFold::add_hour(LeaderHour hour) {
  if (!hour_ids_.insert(hour.id).second) return;
  for (const HourCall& call : hour.plan.calls) planned_.insert(call.call);
  hours_.push_back(std::move(hour));
  leaders_known_ = false;
}

void LeaderFold::add_skip(const EventId& hour, const CallId& call, bool skipped) {
  if (skipped) {
    skipped_[hour].insert(call);
  } else {
    skipped_[hour].erase(call);
  }
}

void LeaderFold::add_heard(const ListenerId& listener, const LeaderHeard& heard) {
  auto& rows = heard_[{listener, heard.heard.call}];
  const auto [row, first] =
      rows.try_emplace({heard.listening, quarter_of(heard.heard.time)}, heard);
  CallHeard& kept = row->second.heard;
  if (first) {
    kept.heard = joined(std::move(kept.heard));
    kept.silences = joined(std::move(kept.silences));
    return;
  }
  kept.time = std::min(kept.time, heard.heard.time);
  extend(kept.heard, heard.heard.heard);
  extend(kept.silences, heard.heard.silences);
  kept.opened_early |= heard.heard.opened_early;
}

void LeaderFold::merge(const ListenerId& from, const ListenerId& into) {
  roots_.merge(from, into);
  leaders_known_ = false;
}

void LeaderFold::name(const ListenerId& listener, const std::string& name) {
  if (!name.empty()) names_[listener] = name;
}

bool LeaderFold::leads(const ListenerId& listener) const {
  if (!leaders_known_) {
    leaders_.clear();
    for (const LeaderHour& hour : hours_) leaders_.insert(root(hour.listener));
    leaders_known_ = true;
  }
  return leaders_.contains(root(listener));
}

std::string LeaderFold::name_of(const ListenerId& root) const {
  const auto found = names_.find(root);
  return found == names_.end() ? "" : found->second;
}

std::vector<const LeaderHour*> LeaderFold::hours() const {
  std::set<std::pair<ListenerId, std::string>> taken;
  std::vector<const LeaderHour*> first;
  for (const LeaderHour& hour : hours_) {
    if (taken.emplace(root(hour.listener), hour.plan.week).second) first.push_back(&hour);
  }
  return first;
}

std::vector<ListenerId> LeaderFold::persons_ids(const ListenerId& root) const {
  std::vector<ListenerId> ids = {root};
  for (const auto& [from, into] : roots_.merges()) {
    if (roots_.root(into) == root) ids.push_back(from);
  }
  return ids;
}

HourOutcome LeaderFold::outcome(const LeaderHour& hour) const {
  std::vector<CallHeard> heard;
  for (const ListenerId& id : persons_ids(root(hour.listener))) {
    for (const HourCall& call : hour.plan.calls) {
      const auto rows = heard_.find({id, call.call});
      if (rows == heard_.end()) continue;
      for (const auto& [stay, row] : rows->second) heard.push_back(row.heard);
    }
  }
  HourActs acts;
  if (const auto skipped = skipped_.find(hour.id); skipped != skipped_.end()) {
    acts.skipped = skipped->second;
  }
  return hour_outcome(hour.plan, hour.planned_at, heard, acts);
}

}  // namespace earful
