// The clock of sources that are played: time that may run faster than the world's, and what a
// script does to a source (gaps, drift). Sources with the same speed in one process share a clock.
// Any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

#include "recorder/source/live_source.h"

namespace earful::recorder {

class PlayClock {
 public:
  virtual ~PlayClock() = default;
  virtual CaptureTime now() const = 0;
  // Until then on this clock, at most `wait` of the world's time. Whether that time has come.
  virtual bool wait_until(CaptureTime when, std::chrono::milliseconds wait) = 0;
};

// Faster than this no machine encodes a call.
inline constexpr double kMaxPlaySpeed = 1000;

std::shared_ptr<PlayClock> play_clock(double speed);

struct ScriptedGap {
  std::chrono::milliseconds start{};  // in the source's own time, counting what is missing
  std::chrono::milliseconds end{};
  GapCause cause = GapCause::kOverflow;
};

struct PlayOptions {
  double speed = 1;
  double drift_ppm = 0;
  std::chrono::milliseconds block{20};
  std::vector<ScriptedGap> gaps;  // in order, apart
  PcmFormat format{16000, 1};     // of a tone
  std::chrono::seconds length{};  // of a tone; 0: no end
};

}  // namespace earful::recorder
