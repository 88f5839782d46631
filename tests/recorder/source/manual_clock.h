// A clock that waits by moving on, so that a played hour takes no time.
#pragma once

#include "recorder/source/play_clock.h"

namespace earful::recorder {

class ManualClock : public PlayClock {
 public:
  CaptureTime now() const override { return now_; }
  bool wait_until(CaptureTime when, std::chrono::milliseconds wait) override {
    const bool comes = when <= now_ + wait;
    if (now_ < when) now_ = comes ? when : now_ + wait;
    return comes;
  }

 private:
  CaptureTime now_ = std::chrono::hours(5);
};

}  // namespace earful::recorder
