// A place in a call, counted in audio and never in clock time: 1/48,000 s from the first kept
// sample, whatever the coded rate. HTTP speaks decimal milliseconds.
#pragma once

#include <cmath>
#include <cstdint>

namespace earful {

using Position = int64_t;

inline constexpr Position kPositionsPerSecond = 48000;
inline constexpr Position kPositionsPerMs = 48;

inline double position_ms(Position position) { return double(position) / double(kPositionsPerMs); }
inline Position position_of_ms(double ms) {
  return Position(std::llround(ms * double(kPositionsPerMs)));
}

}  // namespace earful
