// How much of a call somebody has heard. Pure; any thread.
//
// Of a call that has ended: the part of the time in which anybody talks, by its measures; of one
// without measures, of its whole length. 1 once the end was reached: who heard how it ended need
// not go back for what was leapt over. Of a call that goes on: of its length so far.
#pragma once

#include <span>
#include <string>

#include "proto/event.h"

namespace earful::agent {

inline constexpr double kHeardShare = 0.8;                    // from here on a call counts as heard
inline constexpr Position kEndReached = kPositionsPerSecond;  // this near to the end

// measures: as the library keeps them, JSON or "". stretches: sorted, apart from each other.
double heard_share(std::span<const Interval> stretches, const std::string& measures,
                   Position length, bool live);

}  // namespace earful::agent
