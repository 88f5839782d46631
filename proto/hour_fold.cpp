#include "proto/hour_fold.h"

#include <algorithm>

#include "proto/stretches.h"

namespace earful {
namespace {

constexpr double kConfidence = 0.95;

HourCallOutcome outcome_of(const CallId& call, int64_t duration_ms, const HourActs& acts,
                           const std::map<CallId, HeardOfCall>& heard) {
  HourCallOutcome out{.call = call, .duration_ms = duration_ms};
  if (const auto found = heard.find(call); found != heard.end()) {
    out.stretches = joined(found->second.heard);
    out.heard = is_heard(found->second, duration_ms);
    out.opened_early = found->second.opened_early;
  }
  out.skipped = !out.heard && acts.skipped.contains(call);
  return out;
}

}  // namespace

void HourActs::add(const Event& event) {
  if (!event.subject) {
    if (std::holds_alternative<HourWords>(event.payload)) words = event.personal.note;
    return;
  }
  if (const auto* skip = std::get_if<HourCallSkipped>(&event.payload)) {
    if (skip->withdrawn) {
      skipped.erase(*event.subject);
    } else {
      skipped.insert(*event.subject);
    }
  } else if (std::holds_alternative<HourCallAdded>(event.payload)) {
    if (std::find(added.begin(), added.end(), *event.subject) == added.end()) {
      added.push_back(*event.subject);
    }
  }
}

bool is_heard(const HeardOfCall& heard, int64_t duration_ms) {
  std::vector<Interval> passed = heard.heard;
  passed.insert(passed.end(), heard.silences.begin(), heard.silences.end());
  const Position end = duration_ms * kPositionsPerMs;
  for (Interval& one : passed) one.end = std::min(one.end, end);
  return end > 0 && double(total(joined(std::move(passed)))) >= kHeardOfHour * double(end);
}

std::vector<HourCallOutcome> hour_outcome(const HourPlanned& plan, const HourActs& acts,
                                          const std::map<CallId, HeardOfCall>& heard,
                                          const std::map<CallId, int64_t>& durations) {
  std::vector<HourCallOutcome> calls;
  std::set<CallId> planned;
  for (const HourCall& drawn : plan.calls) {
    if (!planned.insert(drawn.call).second) continue;
    calls.push_back(outcome_of(drawn.call, drawn.duration_ms, acts, heard));
    calls.back().drawn = drawn;
  }
  for (const CallId& call : acts.added) {
    if (planned.contains(call)) continue;
    const auto duration = durations.find(call);
    calls.push_back(
        outcome_of(call, duration == durations.end() ? 0 : duration->second, acts, heard));
  }
  return calls;
}

std::vector<KindShare> kind_shares(std::span<const RandomCall> calls) {
  std::map<std::string, size_t> counts;
  for (const RandomCall& call : calls) {
    for (const std::string& kind : call.kinds) ++counts[kind];
  }
  std::vector<KindShare> shares;
  for (const auto& [kind, count] : counts) {
    std::vector<Sampled> sample;
    for (const RandomCall& call : calls) {
      sample.push_back({1 / call.probability, call.kinds.contains(kind)});
    }
    shares.push_back({kind, count, estimate_proportion(sample, kConfidence)});
  }
  std::stable_sort(shares.begin(), shares.end(), [](const KindShare& a, const KindShare& b) {
    return std::pair(a.share.estimate, a.calls) > std::pair(b.share.estimate, b.calls);
  });
  return shares;
}

}  // namespace earful
