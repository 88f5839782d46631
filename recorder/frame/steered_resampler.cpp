#include "recorder/frame/steered_resampler.h"

#include <speex/speex_resampler.h>

#include <algorithm>
#include <cmath>

#include "base/check.h"

namespace earful::recorder {
namespace {

// A steered ratio is a whole number over this. speexdsp keeps the place between two samples as a
// count of the reduced denominator and rounds it down when that changes: over a prime it never
// does. It multiplies two of them in 32 bits, so this is the greatest that may be.
constexpr uint32_t kDenominator = 65521;
constexpr int kQuality = 5;            // as in resampler.cpp
constexpr size_t kBlock = 1024;        // samples per row and turn
constexpr uint32_t kNominalHz = 8000;  // speexdsp goes by the ratio

}  // namespace

SteeredResampler::SteeredResampler(int from_hz, int to_hz, int rows)
    : rows_(size_t(rows)), step_(double(from_hz) / to_hz) {
  int fault = RESAMPLER_ERR_SUCCESS;
  state_.reset(speex_resampler_init(spx_uint32_t(rows), spx_uint32_t(from_hz), spx_uint32_t(to_hz),
                                    kQuality, &fault));
  EARFUL_CHECK(state_ != nullptr && fault == RESAMPLER_ERR_SUCCESS);
  EARFUL_CHECK(speex_resampler_skip_zeros(state_.get()) == RESAMPLER_ERR_SUCCESS);
}

void SteeredResampler::steer(double step) {
  if (std::abs(step / step_ - 1) * kDenominator < 1) return;
  auto numerator = uint32_t(std::max(1L, std::lround(step * kDenominator)));
  if (numerator % kDenominator == 0) ++numerator;
  EARFUL_CHECK(speex_resampler_set_rate_frac(state_.get(), numerator, kDenominator, kNominalHz,
                                             kNominalHz) == RESAMPLER_ERR_SUCCESS);
  step_ = double(numerator) / kDenominator;
}

void SteeredResampler::run(std::span<const int16_t> interleaved) {
  const size_t room = size_t(double(kBlock) / step_) + 16;
  while (!interleaved.empty()) {
    auto in = spx_uint32_t(std::min(kBlock, interleaved.size() / rows_));
    auto out = spx_uint32_t(room);
    const size_t at = out_.size();
    out_.resize(at + room * rows_);
    EARFUL_CHECK(speex_resampler_process_interleaved_int(state_.get(), interleaved.data(), &in,
                                                         out_.data() + at,
                                                         &out) == RESAMPLER_ERR_SUCCESS);
    out_.resize(at + out * rows_);
    next_ += out * step_;
    interleaved = interleaved.subspan(in * rows_);
    EARFUL_CHECK(in + out > 0);
  }
}

std::span<const int16_t> SteeredResampler::push(std::span<const int16_t> interleaved) {
  out_.clear();
  taken_ += int64_t(interleaved.size() / rows_);
  run(interleaved);
  return out_;
}

std::span<const int16_t> SteeredResampler::finish() {
  out_.clear();
  const auto due = size_t(std::max(0.0, std::ceil((double(taken_) - next_) / step_ - 1e-6)));
  const std::vector<int16_t> silence(64 * rows_);
  while (out_.size() < due * rows_) run(silence);
  out_.resize(due * rows_);  // more is the silence that pushed it out
  return out_;
}

}  // namespace earful::recorder
