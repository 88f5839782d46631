// Draws a listening hour from its frame: how many calls, which, in which order, and with which
// probability each could have been drawn. The same seed and frame give the same draw on every
// machine; docs/sampling.md says the procedure so that others can write it again. Pure; any thread.
//
// The number of calls follows from the frame alone, never from what was drawn, and every call that
// was not heard yet has the same probability: strata only keep the calls from bunching. That is why
// an hour is 60 minutes only on average.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "agent/hour/frame.h"
#include "base/hash.h"

namespace earful::agent {

// Of unheard calls, and of heard ones that fill the hour.
inline constexpr size_t kMostCallsDrawn = 400;

using Seed = std::array<uint8_t, 32>;

struct DrawnCall {
  size_t call = 0;         // index in Frame::calls
  size_t stratum = 0;      // index in HourDraw::strata; of a call heard before none
  double probability = 0;  // of being drawn
};

struct StratumDraw {
  std::vector<std::string> values;  // in the order of HourRules::strata; lengths are "1" to "3"
  size_t calls = 0;
  size_t drawn = 0;  // its share, rounded up or down by chance
};

struct HourDraw {
  size_t too_short = 0, too_long = 0;
  size_t unheard = 0, heard = 0;  // that can be drawn
  std::vector<StratumDraw> strata;
  std::vector<DrawnCall> calls;  // in the order in which they are to be heard
  double expected_ms = 0;        // over all draws
  double deviation_ms = 0;       // standard deviation of the total over all draws
};

// No calls where none can be drawn. Frame::calls must be sorted by id.
HourDraw draw_hour(const Frame& frame, const Seed& seed);

}  // namespace earful::agent
