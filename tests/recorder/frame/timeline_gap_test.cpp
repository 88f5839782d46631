#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include "recorder/frame/timeline.h"
#include "tests/recorder/frame/scene.h"

namespace earful::recorder {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

TEST(Timeline, PutsAsMuchSilenceAsACountedLossTookExactly) {
  for (const int64_t lost : {1, 160, 964, 40'000}) {
    Scene scene(8000, {{.click = 0.5}});
    scene.play_until(10);
    scene.devices[0].skip(lost);
    scene.gap = {GapCause::kOverflow, lost};
    scene.play_until(30);
    scene.finish();
    ASSERT_THAT(scene.losses, SizeIs(1));
    EXPECT_EQ(scene.losses[0].start, 10 * 48000);
    EXPECT_EQ(scene.losses[0].end - scene.losses[0].start, lost * 6) << lost;
    EXPECT_EQ(scene.losses[0].lost_samples, lost);
    EXPECT_EQ(scene.losses[0].cause, GapCause::kOverflow);
    EXPECT_EQ(scene.losses[0].leg, 0);
    EXPECT_LT(scene.worst(0, 0.5), kAim);
  }
}

TEST(Timeline, GoesOnWithoutADeviceAndTakesItBackAtAnotherRate) {
  Scene scene(16000, {{.rate_hz = 16000, .jitter = 0.03, .click = 0.5},
                      {.rate_hz = 16000, .jitter = 0.03, .click = 0.5}});
  scene.play_until(10);
  scene.gone[1] = true;
  scene.play_until(25);
  EXPECT_GT(scene.timeline->position(), Position(24 * 48000));
  scene.gone[1] = false;
  scene.devices[1] =
      ScriptedDevice({.rate_hz = 44100, .ppm = 300, .begins = 25.2, .jitter = 0.03, .click = 0.5});
  // Agent's block comes first; the gap is said with the customer's.
  scene.play_until(25.2);
  LiveBlock back = scene.devices[1].next();
  scene.gap = {GapCause::kDeviceLost, -1};
  scene.push(1, back);
  scene.play_until(60);
  scene.finish();
  ASSERT_THAT(scene.losses, SizeIs(1));
  EXPECT_EQ(scene.losses[0].leg, 1);
  EXPECT_EQ(scene.losses[0].cause, GapCause::kDeviceLost);
  EXPECT_NEAR(position_ms(scene.losses[0].start), 10'000, 5);
  EXPECT_NEAR(position_ms(scene.losses[0].end), 25'200, 5);
  EXPECT_EQ(scene.losses[0].lost_samples, -1);
  EXPECT_EQ(scene.clicks(0), 60u);
  EXPECT_EQ(scene.clicks(1), 45u);
  EXPECT_LT(scene.worst(0, 0.5), kAim);
  EXPECT_LT(scene.worst(1, 0.5), kAim);
}

TEST(Timeline, WaitsHalfASecondForALegAndNoLonger) {
  Scene scene(8000, {{.click = 0.5}, {.begins = 3.0, .click = 0.5}});
  scene.gone[1] = true;
  scene.play_until(3.0);
  EXPECT_EQ(scene.timeline->position(), Position(2.5 * 48000));
  scene.gone[1] = false;
  scene.play_until(10);
  scene.finish();
  ASSERT_THAT(scene.losses, SizeIs(1));
  EXPECT_EQ(scene.losses[0].leg, 1);
  EXPECT_EQ(scene.losses[0].start, 0);
  EXPECT_EQ(scene.losses[0].end, 3 * 48000);
  EXPECT_FALSE(is_own_fault(scene.losses[0].cause));
  EXPECT_LT(scene.worst(1, 0.5), kAim);
}

TEST(Timeline, DropsAndCountsWhatComesTooLate) {
  Scene scene(8000, {{.click = 0.5}, {.click = 0.5}});
  scene.play_until(5);
  // Nobody reads the second device for two seconds, and then all of it.
  std::vector<std::pair<LiveBlock, std::vector<int16_t>>> held;
  while (scene.devices[1].due() <= 7) {
    LiveBlock block = scene.devices[1].next();
    held.emplace_back(block, std::vector<int16_t>(block.samples.begin(), block.samples.end()));
  }
  scene.play_until(7);
  for (auto& [block, samples] : held) {
    block.samples = samples;
    scene.push(1, block);
  }
  scene.play_until(12);
  scene.finish();
  ASSERT_THAT(scene.losses, SizeIs(1));
  const Loss& loss = scene.losses[0];
  EXPECT_EQ(loss.cause, GapCause::kStalled);
  EXPECT_NEAR(position_ms(loss.start), 5000, 10);
  EXPECT_NEAR(position_ms(loss.end), 6500, 20);
  EXPECT_NEAR(double(loss.lost_samples), double(loss.end - loss.start) / 6, 1);
  EXPECT_LT(scene.worst(1, 0.5), kAim);
}

// The call may be cut off before it is over.
TEST(Timeline, TellsAGapThatLastsWhileItLasts) {
  Scene scene(8000, {{.click = 0.5}, {.click = 0.5}});
  scene.play_until(5);
  scene.gone[1] = true;
  scene.play_until(5.9);
  EXPECT_THAT(scene.begun, IsEmpty()) << "it may be late, or begin and end a little apart";
  scene.play_until(30);
  EXPECT_THAT(scene.losses, IsEmpty());
  ASSERT_THAT(scene.begun, SizeIs(1));
  EXPECT_EQ(scene.begun[0].leg, 1);
  EXPECT_EQ(scene.begun[0].cause, GapCause::kDeviceLost);
  scene.gone[1] = false;
  scene.play_until(40);
  scene.finish();
  ASSERT_THAT(scene.losses, SizeIs(1));
  EXPECT_EQ(scene.begun[0].start, scene.losses[0].start);
}

TEST(Timeline, NotesEveryJumpLongerThanAFrame) {
  for (const double jump : {0.03, 0.06, 0.09, 0.11, 0.19, 0.6}) {
    Scene scene(8000, {{.jitter = 0.02, .click = 0.5}, {.jitter = 0.02, .click = 0.5}});
    scene.play_until(20);
    scene.devices[0].skip(int64_t(jump * 8000));
    scene.play_until(60);
    scene.finish();
    double lost = 0;
    for (const Loss& loss : scene.losses) {
      EXPECT_EQ(loss.leg, 0);
      EXPECT_EQ(loss.cause, GapCause::kStalled);
      lost += position_ms(loss.end - loss.start) / 1000;
    }
    EXPECT_GT(lost, jump - 0.02) << jump;
    EXPECT_NEAR(scene.heard[0].finder.clicks.back(), 59.5, kAim) << jump;
  }
}

TEST(Timeline, TakesAMachinesSleepForSilence) {
  Scene scene(8000, {{.click = 0.5}, {.click = 0.5}});
  scene.play_until(10);
  for (size_t track = 0; track < 2; ++track) {
    scene.devices[track].skip(600 * 8000);
    LiveBlock block = scene.devices[track].next();
    scene.gap = {GapCause::kSuspended, -1};
    scene.push(track, block);
  }
  scene.play_until(700);
  scene.finish();
  ASSERT_THAT(scene.losses, SizeIs(2));
  for (const Loss& loss : scene.losses) {
    EXPECT_EQ(loss.cause, GapCause::kSuspended);
    EXPECT_EQ(loss.start, 10 * 48000);
    EXPECT_EQ(loss.end, 610 * 48000);
  }
  EXPECT_EQ(scene.clicks(0), 100u);
  EXPECT_LT(scene.worst(0, 0.5), kAim);
}

TEST(Timeline, FindsABreakThatNobodySaid) {
  Scene scene(8000, {{.jitter = 0.02, .click = 0.5}});
  scene.play_until(20);
  scene.devices[0].skip(3 * 8000);
  scene.play_until(60);
  scene.finish();
  ASSERT_THAT(scene.losses, SizeIs(testing::Ge(1u)));
  for (const Loss& loss : scene.losses) EXPECT_EQ(loss.cause, GapCause::kStalled);
  const auto& clicks = scene.heard[0].finder.clicks;
  EXPECT_LT(std::abs(std::remainder(clicks.back() - 0.5, 1.0)), kAim);
  EXPECT_NEAR(clicks.back(), 59.5, kAim);
}

TEST(Timeline, KeepsItsBeginningThroughABreakSoonAfterIt) {
  Scene scene(8000, {{.block = 0.5, .click = 0.25}});
  scene.play_until(2);
  scene.devices[0].skip(8000);
  scene.gap = {GapCause::kStalled, -1};
  scene.play_until(10);
  scene.finish();
  EXPECT_EQ(scene.clicks(0), 9u);
  EXPECT_LT(scene.worst(0, 0.25), kAim);
}

// A machine that sleeps for a night wakes up to devices that come and go.
TEST(LongSleep, IsGivenFrameByFrameAndNeverHadAtOnce) {
  const auto peak_bytes = [] {
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    return int64_t(used.ru_maxrss) * 1024;
  };
  int64_t frames = 0;
  const auto take = [&](const Frame&) -> Result<void> {
    ++frames;
    return {};
  };
  Timeline timeline(8000, {{0, 1, false}}, {take, [](const Loss&) {}, [](Position, Position) {}});
  const std::vector<int16_t> samples(160);
  CaptureTime end{};
  std::optional<LiveBlock::Gap> gap;
  const auto say = [&](int blocks) {
    for (int i = 0; i < blocks; ++i) {
      end += std::chrono::milliseconds(20);
      LiveBlock block{.format = {8000, 1}, .samples = samples, .end = end};
      block.gap = std::exchange(gap, std::nullopt);
      ASSERT_TRUE(timeline.push(0, block).ok());
    }
  };
  const int64_t before = peak_bytes();
  say(50);
  end += std::chrono::hours(10);
  gap = {GapCause::kSuspended, -1};
  say(10);
  gap = {GapCause::kDeviceLost, -1};
  say(10);
  end += std::chrono::hours(10);
  gap = {GapCause::kSuspended, -1};
  say(10);
  ASSERT_TRUE(timeline.finish().ok());
  EXPECT_NEAR(double(frames), 20 * 3600 * 50 + 80, 2);
  EXPECT_LT(peak_bytes() - before, 300 << 20) << "ten hours at once are 576 MB";
}

}  // namespace
}  // namespace earful::recorder
