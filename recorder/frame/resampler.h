// From any rate to one Opus codes, keeping the length: n samples become n x to / from, rounded, and
// nothing is shifted (the filter's delay is taken off the front and flushed at the end).
// No thread of its own; one owner. Over speexdsp.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "recorder/frame/speex_filter.h"

namespace earful::recorder {

class Resampler {
 public:
  Resampler(int from_hz, int to_hz, int channels);

  // Interleaved in, interleaved out; valid until the next call.
  std::span<const int16_t> push(std::span<const int16_t> interleaved);
  std::span<const int16_t> finish();

 private:
  SpeexFilter filter_;
  int from_hz_;
  int to_hz_;
  size_t channels_;
  std::vector<int16_t> out_;
  int64_t taken_ = 0;  // samples in, per channel
  int64_t given_ = 0;  // samples out, per channel
};

}  // namespace earful::recorder
