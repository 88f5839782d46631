// A frame of made-up calls, the same one for the same numbers.
#pragma once

#include <algorithm>
#include <random>
#include <string>

#include "agent/hour/frame.h"

namespace earful::agent {

inline Frame made_frame(size_t calls, uint64_t number) {
  std::mt19937_64 random(number);
  // Lengths as calls have them: most a few minutes, some long.
  std::lognormal_distribution<double> length(5.2, 0.7);
  Frame frame;
  for (size_t i = 0; i < calls; ++i) {
    FrameCall call;
    for (uint8_t& byte : call.id.bytes) byte = uint8_t(random());
    call.duration_ms = int64_t(1000 * length(random));
    const uint64_t queue = random() % 10;
    call.queue = queue < 6 ? "billing" : queue < 9 ? "delivery" : "complaints";
    call.language = random() % 4 ? "ko" : "en";
    frame.calls.push_back(call);
  }
  std::sort(frame.calls.begin(), frame.calls.end(),
            [](const FrameCall& a, const FrameCall& b) { return a.id < b.id; });
  return frame;
}

}  // namespace earful::agent
