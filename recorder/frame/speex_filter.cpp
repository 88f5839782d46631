#include "recorder/frame/speex_filter.h"

#include <speex/speex_resampler.h>

#include <algorithm>

#include "base/check.h"

namespace earful::recorder {
namespace {

// Speech through Opus: 5 keeps images below -80 dB at half the cost of 10.
constexpr int kQuality = 5;
constexpr size_t kBlock = 4096;        // samples per channel and turn
constexpr uint32_t kNominalHz = 8000;  // beside a fraction, speexdsp goes by the fraction

}  // namespace

void SpeexFilter::Close::operator()(SpeexResamplerState_* state) const {
  speex_resampler_destroy(state);
}

SpeexFilter::SpeexFilter(int from_hz, int to_hz, size_t channels)
    : channels_(channels), step_(double(from_hz) / to_hz) {
  int fault = RESAMPLER_ERR_SUCCESS;
  state_.reset(speex_resampler_init(spx_uint32_t(channels), spx_uint32_t(from_hz),
                                    spx_uint32_t(to_hz), kQuality, &fault));
  EARFUL_CHECK(state_ != nullptr && fault == RESAMPLER_ERR_SUCCESS);
  EARFUL_CHECK(speex_resampler_skip_zeros(state_.get()) == RESAMPLER_ERR_SUCCESS);
}

void SpeexFilter::set_step(uint32_t numerator, uint32_t denominator) {
  EARFUL_CHECK(speex_resampler_set_rate_frac(state_.get(), numerator, denominator, kNominalHz,
                                             kNominalHz) == RESAMPLER_ERR_SUCCESS);
  step_ = double(numerator) / denominator;
}

size_t SpeexFilter::run(std::span<const int16_t> interleaved, std::vector<int16_t>& out) {
  size_t total = 0;
  while (!interleaved.empty()) {
    auto taken = spx_uint32_t(std::min(kBlock, interleaved.size() / channels_));
    auto given = spx_uint32_t(double(taken) / step_) + 16;
    const size_t at = out.size();
    out.resize(at + given * channels_);
    EARFUL_CHECK(speex_resampler_process_interleaved_int(state_.get(), interleaved.data(), &taken,
                                                         out.data() + at,
                                                         &given) == RESAMPLER_ERR_SUCCESS);
    out.resize(at + given * channels_);
    total += given;
    interleaved = interleaved.subspan(taken * channels_);
    EARFUL_CHECK(taken + given > 0);
  }
  return total;
}

}  // namespace earful::recorder
