// A resampler whose ratio may move while it runs, and which knows to a fraction of a sample where
// its next output stands in the input. No thread of its own; one owner. Over speexdsp.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "recorder/frame/speex_filter.h"

namespace earful::recorder {

class SteeredResampler {
 public:
  // Interleaved samples of so many rows. The ratio is exact until it is steered.
  SteeredResampler(int from_hz, int to_hz, int rows);

  // Input samples per output sample from the next one on, kept to 15 ppm.
  void steer(double step);
  double step() const { return filter_.step(); }

  // Valid until the next call. What comes out lags by the filter, some 40 input samples.
  std::span<const int16_t> push(std::span<const int16_t> interleaved);
  // The lagging rest, up to the last sample pushed.
  std::span<const int16_t> finish();

  int64_t taken() const { return taken_; }  // input samples, per row
  // Where the next output sample stands, in input samples from the first.
  double next() const { return next_; }

 private:
  SpeexFilter filter_;
  size_t rows_;
  int64_t taken_ = 0;
  double next_ = 0;
  std::vector<int16_t> out_;
};

}  // namespace earful::recorder
