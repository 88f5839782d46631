#include "recorder/source/tone_source.h"

#include <cmath>
#include <numbers>

#include "recorder/source/play_source.h"

namespace earful::recorder {

std::unique_ptr<LiveSource> make_tone_source(double pitch_hz, const PlayOptions& options,
                                             std::shared_ptr<PlayClock> clock) {
  const PcmFormat format = options.format;
  const int64_t samples = options.length.count() > 0 ? options.length.count() * format.rate_hz : -1;
  SampleMaker make = [format, pitch_hz](int64_t first, std::span<int16_t> out) -> Result<void> {
    const auto channels = size_t(format.channels);
    for (size_t i = 0; i < out.size(); ++i) {
      const double turns = pitch_hz * double(i % channels + 1) *
                           double(first + int64_t(i / channels)) / format.rate_hz;
      // Whole turns go first: an hour into a call the phase must still be exact.
      const double phase = 2 * std::numbers::pi * (turns - std::floor(turns));
      out[i] = int16_t(std::lrint(kToneAmplitude * std::sin(phase)));
    }
    return {};
  };
  return std::make_unique<PlaySource>(format, samples, std::move(make), options, std::move(clock));
}

}  // namespace earful::recorder
