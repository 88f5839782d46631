// Cuts interleaved PCM of any block length into frames and puts the legs in order.
// No thread of its own; one owner. Errors: those of whoever takes the frames.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "base/result.h"
#include "recorder/frame/frame.h"

namespace earful::recorder {

using FrameTaker = std::function<Result<void>(const Frame&)>;

class Framer {
 public:
  // swapped: the first channel is the customer's. rate_hz is one of kCodedRatesHz.
  Framer(int rate_hz, int channels, bool swapped, FrameTaker take);

  Result<void> push(std::span<const int16_t> interleaved);
  // The last, partly filled frame, if there is one.
  Result<void> finish();

  int64_t samples() const { return samples_; }  // kept so far, per leg
  Position duration() const { return samples_ * positions_per_sample_; }

 private:
  Result<void> give();

  size_t channels_;
  bool swapped_;
  FrameTaker take_;
  size_t frame_samples_;
  Position positions_per_sample_;
  std::array<std::vector<int16_t>, kMaxLegs> legs_;
  size_t filled_ = 0;
  int64_t samples_ = 0;
};

}  // namespace earful::recorder
