// 20 ms of a call: one row of samples per leg, the agent's first, and where it stands.
// No thread of its own.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "proto/position.h"

namespace earful::recorder {

inline constexpr int kFramesPerSecond = 50;
inline constexpr int kMaxLegs = 2;
inline constexpr Position kFramePositions = kPositionsPerSecond / kFramesPerSecond;

// The rates Opus codes without a resampler.
inline constexpr std::array<int, 5> kCodedRatesHz = {8000, 12000, 16000, 24000, 48000};

// The lowest of these that loses nothing; 48 kHz for anything above.
int coded_rate_hz(int rate_hz);

struct Frame {
  Position position = 0;  // of the first sample
  int legs = 1;
  size_t kept = 0;  // samples of the call in each leg; what follows is silence to fill the frame
  std::array<std::span<const int16_t>, kMaxLegs> samples;
  bool paused = false;  // some of it is silence put in place of what was said
};

}  // namespace earful::recorder
