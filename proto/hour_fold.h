// What became of a planned hour: which of its calls were heard, skipped, added, and which of them
// tell something about all calls; and how often a problem is, judged by those. Pure; any thread.
//
// A call is heard when what was played of it, at up to twice its speed, together with the silence
// that was skipped, is at least 80 % of it. It is random unless it was heard before, added by hand,
// or others' tags of it were opened early. Only calls both random and heard make estimates.
#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/proportion.h"
#include "proto/event.h"

namespace earful {

// A faster voice is not heard.
inline constexpr double kFastestHeard = 2.0;
inline constexpr double kShareConfidence = 0.95;

// What the hour's listener heard of one call, at one time; any number of these for a call, and the
// same ones again change nothing. Of sample calls there are none.
struct CallHeard {
  CallId call;
  WallTime time{};
  std::vector<Interval> heard;  // played at up to kFastestHeard
  std::vector<Interval> silences;
  bool opened_early = false;
};

// What a Listened says of a call.
CallHeard call_heard(const CallId& call, WallTime time, const Listened& listened);

// Whether that was enough of a call: what was played of it and the silences that were skipped.
bool heard_enough(std::vector<Interval> passed, int64_t duration_ms);

struct HourActs {
  std::set<CallId> skipped;
  std::vector<HourCall> added;  // with a duration where it is known, and no probability
};

struct HourCallState {
  HourCall planned;
  bool added = false;
  bool skipped = false;  // and not heard after all
  bool opened_early = false;
  bool random = false;
  bool heard = false;
  std::vector<Interval> stretches;  // heard since it was planned, sorted and apart
};

struct HourOutcome {
  std::vector<HourCallState> calls;  // the drawn ones in their order, then the added ones
  int64_t heard_ms = 0;              // of these calls, since the hour was planned
  size_t drawn = 0, heard = 0, skipped = 0, random_heard = 0;
  bool complete = false;  // every drawn call was heard
};

HourOutcome hour_outcome(const HourPlanned& plan, WallTime planned_at,
                         std::span<const CallHeard> heard, const HourActs& acts);

// A call both random and heard, and the roots of the kinds its listener gave it.
struct RandomCall {
  double weight = 1;  // one over its probability
  std::set<std::string> kinds;
};

struct ProblemShare {
  std::string kind;
  size_t calls = 0;  // that have it, of `of` that were heard
  size_t of = 0;
  Proportion share;  // of all calls that could be drawn, at kShareConfidence
};

// Of every kind that was given at least once; most calls first, then by kind.
std::vector<ProblemShare> problem_shares(std::span<const RandomCall> calls);

}  // namespace earful
