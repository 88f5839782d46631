#include "recorder/frame/device_clock.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace earful::recorder {
namespace {

// What the loop takes of each second's offset for the time and for the drift: critically damped,
// with a memory of 20 s. Before it has that memory it takes what fits a line through all so far
// best; the first second is all time and no drift, and counts for several, lest drift should follow
// the lateness of a few blocks.
constexpr double kTimeGain = 0.1;
constexpr double kDriftGain = 0.005;
constexpr int kTrusted = 4;
// One odd second moves the clock by 2 ms and no further.
constexpr double kMaxOffset = 0.02;
// Twice what a sound card is allowed to be off.
constexpr double kMaxDrift = 1000e-6;
// No scheduler holds back every block of a whole second for so long.
constexpr double kJump = 0.1;
// Nor less than that, second after second: a frame or more is missing and was not told.
constexpr double kShortJump = 0.02;
constexpr int kShortJumpSeconds = 3;

constexpr double kNoBlock = std::numeric_limits<double>::infinity();

}  // namespace

void DeviceClock::push(int64_t samples, double end) {
  count_ += samples;
  if (!begun_) {
    begun_ = true;
    sample_ = double(count_);
    time_ = end;
    least_late_ = kNoBlock;
  }
  least_late_ = std::min(least_late_, end - time_of(double(count_)));
  if (settled_ && double(count_ - window_) >= rate_) follow();
}

std::optional<double> DeviceClock::first() const {
  if (!begun_) return std::nullopt;
  return time_of(0) + least_late_;
}

void DeviceClock::settle() {
  settled_ = true;
  if (begun_) time_ += least_late_;
  least_late_ = kNoBlock;
  window_ = count_;
}

void DeviceClock::follow() {
  const double seconds = double(count_ - window_) / rate_;
  late_seconds_ = least_late_ > kShortJump ? late_seconds_ + 1 : 0;
  jumped_ = jumped_ || std::abs(least_late_) > kJump || late_seconds_ >= kShortJumpSeconds;
  const double offset = std::clamp(least_late_, -kMaxOffset, kMaxOffset);
  const double line = double(steps_ + 1) * double(steps_ + 2);
  const double time_gain = steps_ == 0 ? 1 : std::max(kTimeGain, 2 * double(2 * steps_ + 1) / line);
  const double drift_gain = steps_ == 0 ? 0 : std::max(kDriftGain, 6 / line);
  steps_ = std::max(steps_ + 1, kTrusted);
  time_ = time_of(double(count_)) + time_gain * offset;
  sample_ = double(count_);
  drift_ = std::clamp(drift_ + drift_gain * offset / seconds, -kMaxDrift, kMaxDrift);
  least_late_ = kNoBlock;
  window_ = count_;
}

}  // namespace earful::recorder
