#include "proto/hour_fold.h"

#include <algorithm>
#include <map>

#include "proto/stretches.h"

namespace earful {
namespace {

// Of 5: what is missing is mostly a greeting or a farewell.
constexpr int64_t kHeardParts = 4, kParts = 5;

void append(std::vector<Interval>& to, const std::vector<Interval>& more) {
  to.insert(to.end(), more.begin(), more.end());
}

HourCallState state_of(const HourCall& call, WallTime planned_at,
                       std::span<const CallHeard* const> heard) {
  HourCallState state{.planned = call};
  std::vector<Interval> covered, since;
  for (const CallHeard* one : heard) {
    state.opened_early |= one->opened_early;
    const bool before = one->time < planned_at;
    if (!before) append(since, one->heard);
    // A call that was heard before only fills the hour when it is heard again.
    if (before && call.heard_before) continue;
    append(covered, one->heard);
    append(covered, one->silences);
  }
  state.stretches = joined(std::move(since));
  state.heard = heard_enough(std::move(covered), call.duration_ms);
  return state;
}

}  // namespace

bool heard_enough(std::vector<Interval> passed, int64_t duration_ms) {
  const Position duration = duration_ms * kPositionsPerMs;
  for (Interval& one : passed) one.end = std::min(one.end, duration);
  return duration > 0 && total(joined(std::move(passed))) * kParts >= duration * kHeardParts;
}

CallHeard call_heard(const CallId& call, WallTime time, const Listened& listened) {
  CallHeard heard{call, time, {}, listened.skipped_silence, listened.opened_early};
  if (listened.playback_rate <= kFastestHeard) heard.heard = listened.intervals;
  return heard;
}

HourOutcome hour_outcome(const HourPlanned& plan, WallTime planned_at,
                         std::span<const CallHeard> heard, const HourActs& acts) {
  std::map<CallId, std::vector<const CallHeard*>> by_call;
  for (const CallHeard& one : heard) by_call[one.call].push_back(&one);
  HourOutcome out;
  std::set<CallId> seen;
  Position sum = 0;
  const auto take = [&](const HourCall& call, bool added) {
    if (!seen.insert(call.call).second) return;
    HourCallState state = state_of(call, planned_at, by_call[call.call]);
    state.added = added;
    state.skipped = !state.heard && acts.skipped.contains(call.call);
    state.random = !added && !call.heard_before && !state.opened_early && call.probability > 0;
    sum += total(state.stretches);
    out.heard += state.heard;
    out.skipped += state.skipped;
    out.random_heard += state.random && state.heard;
    out.calls.push_back(std::move(state));
  };
  for (const HourCall& call : plan.calls) take(call, false);
  out.drawn = out.calls.size();
  out.complete = out.drawn > 0 && out.heard == out.drawn;
  for (const HourCall& call : acts.added) take(call, true);
  out.heard_ms = sum / kPositionsPerMs;
  return out;
}

std::vector<ProblemShare> problem_shares(std::span<const RandomCall> calls) {
  std::set<std::string> kinds;
  for (const RandomCall& call : calls) kinds.insert(call.kinds.begin(), call.kinds.end());
  std::vector<ProblemShare> shares;
  std::vector<Sampled> sample(calls.size());
  for (const std::string& kind : kinds) {
    ProblemShare share{kind, 0, calls.size(), {}};
    for (size_t i = 0; i < calls.size(); ++i) {
      sample[i] = {calls[i].weight, calls[i].kinds.contains(kind)};
      share.calls += sample[i].has;
    }
    share.share = estimate_proportion(sample, kShareConfidence);
    shares.push_back(std::move(share));
  }
  std::stable_sort(shares.begin(), shares.end(),
                   [](const ProblemShare& a, const ProblemShare& b) { return a.calls > b.calls; });
  return shares;
}

}  // namespace earful
