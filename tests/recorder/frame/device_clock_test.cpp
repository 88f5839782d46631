#include "recorder/frame/device_clock.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace earful::recorder {
namespace {

// Blocks of 20 ms at 8 kHz, their times up to `jitter` late.
class Blocks {
 public:
  explicit Blocks(double ppm, double jitter) : rate_(8000 * (1 + ppm * 1e-6)), late_(0, jitter) {}

  void play(DeviceClock& clock, double seconds, double shift = 0) {
    for (int i = 0; i < int(seconds * 50); ++i) {
      sample_ += 160;
      clock.push(160, truth() + shift + late_(random_));
      if (clock.samples() == 3200) clock.settle();
    }
  }
  double truth() const { return double(sample_) / rate_; }
  double error(const DeviceClock& clock) const { return clock.time_of(double(sample_)) - truth(); }

 private:
  double rate_;
  std::uniform_real_distribution<double> late_;
  std::mt19937 random_{7};
  int64_t sample_ = 0;
};

TEST(DeviceClock, DoesNotTakeLateBlocksForDrift) {
  DeviceClock clock(8000);
  Blocks blocks(0, 0.05);
  for (int second = 0; second < 300; ++second) {
    blocks.play(clock, 1);
    ASSERT_LT(std::abs(blocks.error(clock)), 0.012) << second;
    if (second > 30) {
      ASSERT_LT(std::abs(blocks.error(clock)), 0.003) << second;
    }
  }
  EXPECT_NEAR(clock.seconds_per_sample() * 8000, 1, 50e-6);
  EXPECT_FALSE(clock.jumped());
}

TEST(DeviceClock, LearnsTheDriftOfADevice) {
  for (const double ppm : {-500, -50, 200, 500}) {
    DeviceClock clock(8000);
    Blocks blocks(ppm, 0.02);
    blocks.play(clock, 120);
    EXPECT_NEAR(clock.seconds_per_sample() * 8000, 1 - ppm * 1e-6, 40e-6) << ppm;
    EXPECT_LT(std::abs(blocks.error(clock)), 0.003) << ppm;
  }
}

TEST(DeviceClock, LetsOneOddSecondMoveItLittle) {
  DeviceClock clock(8000);
  Blocks blocks(0, 0.01);
  blocks.play(clock, 60);
  blocks.play(clock, 1, -0.08);
  EXPECT_LT(std::abs(blocks.error(clock)), 0.004);
  EXPECT_FALSE(clock.jumped());
}

TEST(DeviceClock, SaysThatADeviceIsSomewhereElse) {
  DeviceClock clock(8000);
  Blocks blocks(0, 0.01);
  blocks.play(clock, 60);
  blocks.play(clock, 2, 0.3);
  EXPECT_TRUE(clock.jumped());
}

}  // namespace
}  // namespace earful::recorder
