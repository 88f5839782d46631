#include "recorder/frame/resampler.h"

#include <speex/speex_resampler.h>

#include <algorithm>

#include "base/check.h"

namespace earful::recorder {
namespace {

// Speech through Opus: 5 keeps images below -80 dB at half the cost of 10.
constexpr int kQuality = 5;
constexpr size_t kBlock = 4096;  // samples per channel and turn

}  // namespace

void CloseSpeexResampler::operator()(SpeexResamplerState_* state) const {
  speex_resampler_destroy(state);
}

Resampler::Resampler(int from_hz, int to_hz, int channels)
    : from_hz_(from_hz), to_hz_(to_hz), channels_(size_t(channels)) {
  int fault = RESAMPLER_ERR_SUCCESS;
  state_.reset(speex_resampler_init(spx_uint32_t(channels), spx_uint32_t(from_hz),
                                    spx_uint32_t(to_hz), kQuality, &fault));
  EARFUL_CHECK(state_ != nullptr && fault == RESAMPLER_ERR_SUCCESS);
  EARFUL_CHECK(speex_resampler_skip_zeros(state_.get()) == RESAMPLER_ERR_SUCCESS);
}

void Resampler::run(std::span<const int16_t> interleaved) {
  const size_t room = kBlock * size_t(to_hz_) / size_t(from_hz_) + 16;
  while (!interleaved.empty()) {
    auto in = spx_uint32_t(std::min(kBlock, interleaved.size() / channels_));
    auto out = spx_uint32_t(room);
    const size_t at = out_.size();
    out_.resize(at + room * channels_);
    EARFUL_CHECK(speex_resampler_process_interleaved_int(state_.get(), interleaved.data(), &in,
                                                         out_.data() + at,
                                                         &out) == RESAMPLER_ERR_SUCCESS);
    out_.resize(at + out * channels_);
    given_ += out;
    interleaved = interleaved.subspan(in * channels_);
    EARFUL_CHECK(in + out > 0);
  }
}

std::span<const int16_t> Resampler::push(std::span<const int16_t> interleaved) {
  out_.clear();
  taken_ += int64_t(interleaved.size() / channels_);
  run(interleaved);
  return out_;
}

std::span<const int16_t> Resampler::finish() {
  out_.clear();
  const int64_t due = (taken_ * to_hz_ + from_hz_ / 2) / from_hz_;
  const std::vector<int16_t> silence(64 * channels_);
  while (given_ < due) run(silence);
  const int64_t surplus = given_ - due;
  // What came too many is silence that only pushed the filter's tail out.
  const size_t drop = std::min(out_.size(), size_t(surplus) * channels_);
  out_.resize(out_.size() - drop);
  return out_;
}

}  // namespace earful::recorder
