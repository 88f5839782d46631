#include "recorder/source/capture_callback.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <malloc.h>
#include <time.h>

#include <memory>
#include <numeric>
#include <vector>

namespace earful::recorder {
namespace {

using testing::Each;
using testing::ElementsAreArray;

struct Taken {
  CaptureSlot slot{};
  std::vector<int16_t> samples;
};

struct CaptureCallbackTest : testing::Test {
  CaptureCallbackTest() {
    callback.ring = ring.get();
    callback.pause_turns = &turns;
    callback.format = {8000, 1};
    std::iota(said.begin(), said.end(), int16_t(1));
  }

  void call(unsigned long frames = 80, PaStreamCallbackFlags flags = 0, double age = 0) {
    const PaStreamCallbackTimeInfo times{100 - age, 100, 0};
    EXPECT_EQ(
        on_capture(said.data(), nullptr, frames, age > 0 ? &times : nullptr, flags, &callback),
        paContinue);
  }
  Taken take() {
    const CaptureSlot* slot = ring->next_filled();
    EXPECT_NE(slot, nullptr);
    if (slot == nullptr) return {};
    const size_t count = slot->frames * size_t(callback.format.channels);
    Taken taken{*slot, {slot->samples, slot->samples + count}};
    ring->take();
    return taken;
  }
  std::vector<int16_t> said_part(size_t from, size_t count) const {
    return {said.begin() + long(from), said.begin() + long(from + count)};
  }
  static int64_t now_ns() {
    timespec now{};
    clock_gettime(CLOCK_BOOTTIME, &now);
    return int64_t(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
  }

  std::unique_ptr<CaptureRing> ring = std::make_unique<CaptureRing>();
  std::atomic<uint32_t> turns = 0;
  CaptureCallback callback;
  std::vector<int16_t> said = std::vector<int16_t>(3 * kSlotSamples);
};

TEST_F(CaptureCallbackTest, CopiesWhatCame) {
  call();
  const Taken taken = take();
  EXPECT_THAT(taken.samples, ElementsAreArray(said_part(0, 80)));
  EXPECT_EQ(taken.slot.flags, 0u);
  EXPECT_EQ(taken.slot.lost_before, 0u);
}

TEST_F(CaptureCallbackTest, ACallbackLargerThanASlotTakesSeveral) {
  callback.format = {48000, 2};
  call(kSlotSamples);  // twice as many samples as a slot holds
  const Taken first = take(), second = take();
  EXPECT_THAT(first.samples, ElementsAreArray(said_part(0, kSlotSamples)));
  EXPECT_THAT(second.samples, ElementsAreArray(said_part(kSlotSamples, kSlotSamples)));
  EXPECT_EQ(second.slot.end_ns - first.slot.end_ns, 1'000'000'000 / 48000 * 1024 + 341);
}

TEST_F(CaptureCallbackTest, TellsTheTimeOfTheLastSample) {
  const int64_t before = now_ns();
  call(80, 0, 0.050);  // its first sample is 50 ms old, its last 40
  const int64_t after = now_ns();
  const int64_t end = take().slot.end_ns;
  EXPECT_GE(end, before - 40'000'000);
  EXPECT_LE(end, after - 40'000'000 + 1000);
}

TEST_F(CaptureCallbackTest, UnderstandsAHostThatTellsTheAgeOfTheLastSample) {
  call(80, 0, 0.001);  // 10 ms long, so its first sample cannot be this young
  take();
  const int64_t before = now_ns();
  call(80, 0, 0.011);  // the same as much older
  const int64_t after = now_ns();
  const int64_t end = take().slot.end_ns;
  EXPECT_GE(end, before - 11'001'000);
  EXPECT_LE(end, after - 11'000'000 + 1000);
}

TEST_F(CaptureCallbackTest, CountsWhatFindsNoRoomAndSaysSoBeforeTheNext) {
  for (uint64_t i = 0; i < kCaptureSlots; ++i) call();
  call(80);
  call(40);
  take();
  call();
  for (uint64_t i = 1; i < kCaptureSlots; ++i) EXPECT_EQ(take().slot.lost_before, 0u);
  EXPECT_EQ(take().slot.lost_before, 120u);
  call();
  EXPECT_EQ(take().slot.lost_before, 0u);
}

TEST_F(CaptureCallbackTest, KeepsTheHostsOverflowFlagForTheNextSlotOnly) {
  call(80, paInputOverflow);
  EXPECT_EQ(take().slot.flags, kSlotOverflow);
  call();
  EXPECT_EQ(take().slot.flags, 0u);
}

TEST_F(CaptureCallbackTest, KeepsTheOverflowFlagWhileTheRingIsFull) {
  for (uint64_t i = 0; i < kCaptureSlots; ++i) call();
  call(80, paInputOverflow);
  take();
  call();
  for (uint64_t i = 1; i < kCaptureSlots; ++i) take();
  const CaptureSlot slot = take().slot;
  EXPECT_EQ(slot.flags, kSlotOverflow);
  EXPECT_EQ(slot.lost_before, 80u);
}

TEST_F(CaptureCallbackTest, CountsTimeForWhichTheHostHasNothing) {
  EXPECT_EQ(on_capture(nullptr, nullptr, 80, nullptr, 0, &callback), paContinue);
  EXPECT_EQ(ring->next_filled(), nullptr);
  call();
  EXPECT_EQ(take().slot.lost_before, 80u);
}

TEST_F(CaptureCallbackTest, APauseSilencesTheVeryNextCallback) {
  ++turns;
  call();
  const Taken taken = take();
  EXPECT_EQ(taken.slot.flags, kSlotPaused);
  EXPECT_EQ(taken.samples.size(), 80u);
  EXPECT_THAT(taken.samples, Each(0));
}

TEST_F(CaptureCallbackTest, StaysSilentAfterAPauseUntilTheHostsBuffersAreEmpty) {
  callback.latency_frames = 200;
  ++turns;
  call();
  take();
  ++turns;
  call();
  call();
  call();  // 200 = 80 + 80 + 40
  EXPECT_EQ(take().slot.flags, kSlotPaused);
  EXPECT_EQ(take().slot.flags, kSlotPaused);
  const Taken silent = take(), heard = take();
  EXPECT_EQ(silent.slot.flags, kSlotPaused);
  EXPECT_THAT(silent.samples, testing::AllOf(testing::SizeIs(40), Each(0)));
  EXPECT_EQ(heard.slot.flags, 0u);
  EXPECT_THAT(heard.samples, ElementsAreArray(said_part(40, 40)));
}

TEST_F(CaptureCallbackTest, StaysSilentAfterAPauseForSamplesThatAreOlderThanTheHostPromised) {
  ++turns;
  call();
  take();
  ++turns;
  call(80, 0, 0.100);  // 800 samples wait
  for (int i = 0; i < 11; ++i) call();
  uint32_t silent = 0;
  for (CaptureSlot slot = take().slot; slot.flags == kSlotPaused; slot = take().slot) {
    silent += slot.frames;
  }
  EXPECT_GE(silent, 800u);
  EXPECT_LE(silent, 801u);
}

TEST_F(CaptureCallbackTest, APauseWithinThatTimeIsOneOfItsOwn) {
  callback.latency_frames = 160;
  ++turns;
  call();
  ++turns;
  call();
  ++turns;
  call();
  ++turns;
  call();
  call();
  for (int i = 0; i < 5; ++i) EXPECT_EQ(take().slot.flags, kSlotPaused) << i;
  call();
  EXPECT_EQ(take().slot.flags, 0u);
}

TEST_F(CaptureCallbackTest, APauseBetweenTwoCallbacksSilencesWhatWasSaidInIt) {
  call();
  turns += 2;
  call();
  EXPECT_EQ(take().slot.flags, 0u);
  const Taken taken = take();
  EXPECT_EQ(taken.slot.flags, kSlotPaused);
  EXPECT_THAT(taken.samples, Each(0));
}

TEST_F(CaptureCallbackTest, AllocatesNothing) {
  const auto before = mallinfo2();
  for (int i = 0; i < 1000; ++i) {
    turns = uint32_t(i / 100);
    call(80, i % 7 == 0 ? paInputOverflow : 0, 0.02);
    if (i > 500) ring->take();
  }
  const auto after = mallinfo2();
  EXPECT_EQ(after.uordblks, before.uordblks);
  EXPECT_EQ(after.fordblks, before.fordblks);
}

}  // namespace
}  // namespace earful::recorder
