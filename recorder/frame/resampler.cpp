#include "recorder/frame/resampler.h"

#include <algorithm>

namespace earful::recorder {

Resampler::Resampler(int from_hz, int to_hz, int channels)
    : filter_(from_hz, to_hz, size_t(channels)),
      from_hz_(from_hz),
      to_hz_(to_hz),
      channels_(size_t(channels)) {}

std::span<const int16_t> Resampler::push(std::span<const int16_t> interleaved) {
  out_.clear();
  taken_ += int64_t(interleaved.size() / channels_);
  given_ += int64_t(filter_.run(interleaved, out_));
  return out_;
}

std::span<const int16_t> Resampler::finish() {
  out_.clear();
  const int64_t due = (taken_ * to_hz_ + from_hz_ / 2) / from_hz_;
  const std::vector<int16_t> silence(64 * channels_);
  while (given_ < due) given_ += int64_t(filter_.run(silence, out_));
  const int64_t surplus = given_ - due;
  // What came too many is silence that only pushed the filter's tail out.
  const size_t drop = std::min(out_.size(), size_t(surplus) * channels_);
  out_.resize(out_.size() - drop);
  return out_;
}

}  // namespace earful::recorder
