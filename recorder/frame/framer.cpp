#include "recorder/frame/framer.h"

#include <algorithm>

#include "base/check.h"

namespace earful::recorder {

Framer::Framer(int rate_hz, int channels, bool swapped, FrameTaker take)
    : channels_(size_t(channels)),
      swapped_(swapped && channels == 2),
      take_(std::move(take)),
      frame_samples_(size_t(rate_hz / kFramesPerSecond)),
      positions_per_sample_(kPositionsPerSecond / rate_hz) {
  EARFUL_CHECK(channels == 1 || channels == 2);
  EARFUL_CHECK(coded_rate_hz(rate_hz) == rate_hz);
  for (auto& leg : legs_) leg.resize(frame_samples_);
}

Result<void> Framer::push(std::span<const int16_t> interleaved) {
  EARFUL_CHECK(interleaved.size() % channels_ == 0);
  while (!interleaved.empty()) {
    const size_t count = std::min(frame_samples_ - filled_, interleaved.size() / channels_);
    int16_t* first = legs_[swapped_ ? 1 : 0].data() + filled_;
    if (channels_ == 1) {
      std::copy_n(interleaved.data(), count, first);
    } else {
      int16_t* second = legs_[swapped_ ? 0 : 1].data() + filled_;
      for (size_t i = 0; i < count; ++i) {
        first[i] = interleaved[2 * i];
        second[i] = interleaved[2 * i + 1];
      }
    }
    interleaved = interleaved.subspan(count * channels_);
    filled_ += count;
    if (filled_ == frame_samples_) EARFUL_TRY(give());
  }
  return {};
}

Result<void> Framer::finish() {
  if (filled_ == 0) return {};
  for (auto& leg : legs_) std::fill(leg.begin() + std::ptrdiff_t(filled_), leg.end(), int16_t(0));
  return give();
}

Result<void> Framer::give() {
  Frame frame;
  frame.position = duration();
  frame.legs = int(channels_);
  frame.kept = filled_;
  for (size_t leg = 0; leg < channels_; ++leg) frame.samples[leg] = legs_[leg];
  samples_ += int64_t(filled_);
  filled_ = 0;
  return take_(frame);
}

}  // namespace earful::recorder
