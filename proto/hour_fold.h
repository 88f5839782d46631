// What became of a listening hour, and what its calls say of all calls of its frame. The one fold,
// for stations and for the collector. Pure; any thread. docs/sampling.md says the rules.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/proportion.h"
#include "proto/event.h"

namespace earful {

// Of a call's length: what was heard of it, or leapt over because nobody spoke.
inline constexpr double kHeardOfHour = 0.8;

// What an hour's listener did with it. Feed it the events of one hour in feed order.
struct HourActs {
  std::set<CallId> skipped;
  std::vector<CallId> added;  // as they came
  std::string words;

  void add(const Event& event);
};

// What one listener heard of one call, at any time.
struct HeardOfCall {
  std::vector<Interval> heard;     // in any order; nothing played faster than twice
  std::vector<Interval> silences;  // skipped
  bool opened_early = false;       // others' tags, before it was heard
};

struct HourCallOutcome {
  CallId call;
  int64_t duration_ms = 0;          // 0: not known, of a call added by hand
  std::optional<HourCall> drawn;    // nothing of a call added by hand
  std::vector<Interval> stretches;  // heard; sorted and apart
  bool heard = false;               // enough of it
  bool skipped = false;             // and not heard after all
  bool opened_early = false;
  // Says something of all calls, once it is heard.
  bool random() const { return drawn && !drawn->heard_before && !opened_early; }
};

// Enough of a call was heard for it to count.
bool is_heard(const HeardOfCall& heard, int64_t duration_ms);

// The calls of the plan in its order, then those added by hand. durations: of the latter.
std::vector<HourCallOutcome> hour_outcome(const HourPlanned& plan, const HourActs& acts,
                                          const std::map<CallId, HeardOfCall>& heard,
                                          const std::map<CallId, int64_t>& durations);

// A call that was drawn at random and heard, and what its listener tagged in it.
struct RandomCall {
  double probability = 1;       // of being drawn
  std::set<std::string> kinds;  // roots
};

struct KindShare {
  std::string kind;
  size_t calls = 0;  // of the random ones that were heard
  Proportion share;  // of all calls of the frame; 95 %
};

// Of every kind that occurs, most frequent first.
std::vector<KindShare> kind_shares(std::span<const RandomCall> calls);

}  // namespace earful
