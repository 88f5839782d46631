// A click at every whole second, and where clicks are found again.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

namespace earful::recorder {

// The sample at that time in seconds. 1 ms wide, so that every rate keeps it.
inline int16_t click_at(double time) {
  const double away = std::remainder(time, 1.0);
  if (std::abs(away) > 0.003) return 0;
  return int16_t(24000 * std::exp(-away * away / (2 * 0.0005 * 0.0005)));
}

// Seconds at which clicks stand in one leg, fed in pieces. A coder makes a click ring: what comes
// within 10 ms is the same one.
class ClickFinder {
 public:
  explicit ClickFinder(int rate_hz) : rate_(rate_hz) {}

  void push(std::span<const int16_t> samples) {
    for (const int16_t sample : samples) {
      const double loud = std::abs(int(sample));
      if (loud > kThreshold) {
        weight_ += loud;
        moment_ += loud * double(at_);
        loud_at_ = at_;
      } else if (weight_ > 0 && at_ - loud_at_ > rate_ / 100) {
        clicks.push_back(moment_ / weight_ / rate_);
        weight_ = moment_ = 0;
      }
      ++at_;
    }
  }

  std::vector<double> clicks;

 private:
  static constexpr double kThreshold = 4000;
  int rate_;
  int64_t at_ = 0;
  int64_t loud_at_ = 0;
  double weight_ = 0, moment_ = 0;
};

}  // namespace earful::recorder
