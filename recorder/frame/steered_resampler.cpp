#include "recorder/frame/steered_resampler.h"

#include <algorithm>
#include <cmath>

namespace earful::recorder {
namespace {

// A steered ratio is a whole number over this. speexdsp keeps the place between two samples as a
// count of the reduced denominator and rounds it down when that changes: over a prime it never
// does. It multiplies two of them in 32 bits, so this is the greatest that may be.
constexpr uint32_t kDenominator = 65521;

}  // namespace

SteeredResampler::SteeredResampler(int from_hz, int to_hz, int rows)
    : filter_(from_hz, to_hz, size_t(rows)), rows_(size_t(rows)) {}

void SteeredResampler::steer(double step) {
  if (std::abs(step / filter_.step() - 1) * kDenominator < 1) return;
  auto numerator = uint32_t(std::max(1L, std::lround(step * kDenominator)));
  if (numerator % kDenominator == 0) ++numerator;
  filter_.set_step(numerator, kDenominator);
}

std::span<const int16_t> SteeredResampler::push(std::span<const int16_t> interleaved) {
  out_.clear();
  taken_ += int64_t(interleaved.size() / rows_);
  next_ += double(filter_.run(interleaved, out_)) * step();
  return out_;
}

std::span<const int16_t> SteeredResampler::finish() {
  out_.clear();
  const auto due = size_t(std::max(0.0, std::ceil((double(taken_) - next_) / step() - 1e-6)));
  const std::vector<int16_t> silence(64 * rows_);
  while (out_.size() < due * rows_) next_ += double(filter_.run(silence, out_)) * step();
  out_.resize(due * rows_);  // more is the silence that pushed it out
  return out_;
}

}  // namespace earful::recorder
