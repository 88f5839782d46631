#include "recorder/source/capture_ring.h"

#include <gtest/gtest.h>

#include <memory>
#include <thread>

namespace earful::recorder {
namespace {

struct CaptureRingTest : testing::Test {
  bool put(uint32_t number) {
    CaptureSlot* slot = ring->next_free();
    if (slot == nullptr) return false;
    slot->frames = number;
    slot->samples[0] = int16_t(number);
    slot->samples[kSlotSamples - 1] = int16_t(number);
    ring->fill();
    return true;
  }
  // -1: empty.
  int64_t take() {
    const CaptureSlot* slot = ring->next_filled();
    if (slot == nullptr) return -1;
    const bool whole = slot->samples[0] == int16_t(slot->frames) &&
                       slot->samples[kSlotSamples - 1] == int16_t(slot->frames);
    const int64_t number = whole ? int64_t(slot->frames) : -2;
    ring->take();
    return number;
  }

  std::unique_ptr<CaptureRing> ring = std::make_unique<CaptureRing>();
};

TEST_F(CaptureRingTest, GivesSlotsInTheOrderTheyCame) {
  EXPECT_EQ(take(), -1);
  put(1);
  put(2);
  EXPECT_EQ(take(), 1);
  EXPECT_EQ(take(), 2);
  EXPECT_EQ(take(), -1);
}

TEST_F(CaptureRingTest, HoldsExactlyItsSlots) {
  for (uint32_t i = 0; i < kCaptureSlots; ++i) EXPECT_TRUE(put(i));
  EXPECT_FALSE(put(0));
  EXPECT_EQ(take(), 0);
  EXPECT_TRUE(put(uint32_t(kCaptureSlots)));
  EXPECT_FALSE(put(0));
  for (int64_t i = 1; i <= int64_t(kCaptureSlots); ++i) EXPECT_EQ(take(), i);
}

TEST_F(CaptureRingTest, TwoThreadsLoseTearAndRepeatNothing) {
  constexpr uint32_t kCount = 200'000;
  std::thread writer([this] {
    for (uint32_t i = 0; i < kCount;) {
      if (put(i)) {
        ++i;
      } else {
        std::this_thread::yield();
      }
    }
  });
  int64_t wrong = 0;
  for (int64_t expected = 0; expected < kCount;) {
    const int64_t got = take();
    if (got == -1) {
      std::this_thread::yield();
      continue;
    }
    wrong += got != expected;
    ++expected;
  }
  writer.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(take(), -1);
}

}  // namespace
}  // namespace earful::recorder
