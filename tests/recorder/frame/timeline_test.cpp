#include "recorder/frame/timeline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/recorder/frame/scene.h"

namespace earful::recorder {
namespace {

using testing::Each;
using testing::IsEmpty;
using testing::SizeIs;

TEST(Timeline, KeepsClicksInPlaceForAnHourOfDriftAndJitter) {
  Scene scene(8000,
              {{.ppm = 500, .jitter = 0.05, .click = 0.5},
               {.ppm = -200, .begins = 0.13, .jitter = 0.03, .click = 0.5}},
              false);
  scene.play_until(3600);
  scene.finish();
  EXPECT_EQ(scene.clicks(0), 3600u);
  EXPECT_EQ(scene.clicks(1), 3600u);
  EXPECT_LT(scene.worst(0, 0.5), kAim);
  EXPECT_LT(scene.worst(1, 0.5), kAim);
  EXPECT_THAT(scene.losses, IsEmpty());
}

TEST(Timeline, ResamplesBothLegsOfOneDeviceInStep) {
  Scene scene(48000,
              {{.rate_hz = 44100, .ppm = -500, .jitter = 0.02, .click = 0.5, .channels = 2}});
  scene.play_until(120);
  scene.finish();
  EXPECT_EQ(scene.clicks(1), 120u);
  EXPECT_LT(scene.worst(0, 0.5), kAim);
  EXPECT_LT(scene.worst(1, 0.75), kAim);
}

TEST(Timeline, KeepsEverySampleOfAnExactDevice) {
  Scene scene(8000, {{.click = 0.5}});
  scene.play_until(10);
  scene.finish();
  EXPECT_EQ(scene.samples(0).size(), size_t(scene.devices[0].samples()));
}

TEST(Timeline, KeepsTheLengthOfAPause) {
  Scene scene(8000, {{.ppm = 200, .jitter = 0.02, .click = 0.5},
                     {.ppm = -200, .begins = 0.01, .jitter = 0.02, .click = 0.5}});
  scene.play_until(10);
  scene.pausing = true;
  scene.play_until(15);
  scene.pausing = false;
  scene.play_until(30);
  scene.finish();
  ASSERT_THAT(scene.pauses, SizeIs(1));
  EXPECT_THAT(scene.pauses_begun, testing::ElementsAre(scene.pauses[0].first));
  EXPECT_NEAR(position_ms(scene.pauses[0].first), 10'000, 25);
  EXPECT_NEAR(position_ms(scene.pauses[0].second), 15'000, 25);
  EXPECT_THAT(scene.losses, IsEmpty());
  EXPECT_EQ(scene.clicks(0), 25u);
  EXPECT_LT(scene.worst(0, 0.5), kAim);
  EXPECT_LT(scene.worst(1, 0.5), kAim);
  // 10 ms in, the resampler rings no more.
  const auto& samples = scene.samples(0);
  EXPECT_THAT(std::vector<int16_t>(samples.begin() + 80'320, samples.begin() + 119'680), Each(0));
  const auto paused = std::count_if(scene.frames.begin(), scene.frames.end(),
                                    [](const Frame& frame) { return frame.paused; });
  EXPECT_NEAR(double(paused), 250, 3);
}

TEST(Timeline, NamesTheLegThatAOneChannelDeviceLeavesEmpty) {
  Scene scene(8000, {{.click = 0.5, .channels = 2}});
  scene.play_until(5);
  scene.devices[0] = ScriptedDevice({.begins = 5, .click = 0.5});
  scene.gap = {GapCause::kDeviceLost, -1};
  scene.play_until(10);
  scene.finish();
  ASSERT_THAT(scene.losses, SizeIs(2));
  EXPECT_EQ(scene.losses[1].leg, 1);
  EXPECT_EQ(scene.losses[1].start, 5 * 48000);
  EXPECT_EQ(scene.clicks(0), 10u);
  EXPECT_EQ(scene.clicks(1), 5u);
}

TEST(Timeline, EndsWithTheLongerOfTwoFiles) {
  Scene scene(8000, {{.click = 0.5}, {.click = 0.5}});
  scene.play_until(3);
  LiveBlock end = scene.devices[0].next();
  end.ended = true;
  scene.push(0, end);
  scene.gone[0] = true;
  scene.play_until(5);
  scene.finish();
  EXPECT_EQ(scene.samples(0).size(), 40'000u);
  EXPECT_EQ(scene.samples(1).size(), 40'000u);
  EXPECT_THAT(scene.losses, IsEmpty());
}

TEST(Timeline, GivesNothingForACallThatNeverGaveASample) {
  Scene scene(8000, {{}, {}});
  scene.advance(10);
  scene.finish();
  EXPECT_THAT(scene.frames, IsEmpty());
  EXPECT_THAT(scene.losses, IsEmpty());
}

TEST(Timeline, HandsOnWhatTheTakerOfFramesSays) {
  Timeline timeline(8000, {{0, 1, false}},
                    {[](const Frame&) -> Result<void> {
                       return Error{"E_DISK", "full"};
                     },
                     [](const Loss&) {}, [](Position, Position) {}});
  ScriptedDevice device({.block = 1.0});
  EXPECT_EQ(timeline.push(0, device.next()).error().code, "E_DISK");
}

}  // namespace
}  // namespace earful::recorder
