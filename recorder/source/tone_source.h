// A tone as a live source, for trying everything behind a LiveSource without a device or a file. A
// channel N sounds at (N + 1) times the pitch, so that legs can be told apart.
// Owned by whoever reads it. No errors.
#pragma once

#include <memory>

#include "recorder/source/live_source.h"
#include "recorder/source/play_clock.h"

namespace earful::recorder {

// A quarter of full scale (-12 dBFS): loud as speech, far from clipping.
inline constexpr double kToneAmplitude = 8192;

std::unique_ptr<LiveSource> make_tone_source(double pitch_hz, const PlayOptions& options,
                                             std::shared_ptr<PlayClock> clock);

}  // namespace earful::recorder
