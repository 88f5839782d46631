#include "recorder/frame/framer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace earful::recorder {
namespace {

using testing::ElementsAre;

struct Kept {
  Position position;
  size_t kept;
  std::vector<int16_t> first, second;
};

class FramerTest : public testing::Test {
 protected:
  FrameTaker taker() {
    return [this](const Frame& frame) -> Result<void> {
      Kept kept{frame.position, frame.kept, {}, {}};
      kept.first.assign(frame.samples[0].begin(), frame.samples[0].end());
      if (frame.legs == 2) kept.second.assign(frame.samples[1].begin(), frame.samples[1].end());
      frames_.push_back(kept);
      return {};
    };
  }
  std::vector<Kept> frames_;
};

TEST_F(FramerTest, CutsBlocksOfAnyLengthInto20Ms) {
  Framer framer(8000, 1, false, taker());
  for (int i = 0; i < 33; ++i) ASSERT_TRUE(framer.push(std::vector<int16_t>(11, int16_t(i))).ok());
  ASSERT_TRUE(framer.finish().ok());
  ASSERT_EQ(frames_.size(), 3u);
  EXPECT_EQ(frames_[1].position, 960);
  EXPECT_EQ(frames_[2].position, 1920);
  EXPECT_EQ(frames_[2].kept, 33u * 11 - 320);
  EXPECT_EQ(frames_[0].first[11], 1);
  EXPECT_EQ(frames_[2].first.back(), 0) << "filled with silence";
  EXPECT_EQ(framer.samples(), 363);
  EXPECT_EQ(framer.duration(), 363 * 6);
}

TEST_F(FramerTest, PutsTheAgentFirst) {
  std::vector<int16_t> stereo;
  for (int i = 0; i < 960; ++i) stereo.insert(stereo.end(), {1, 2});
  Framer straight(48000, 2, false, taker());
  ASSERT_TRUE(straight.push(stereo).ok());
  Framer swapped(48000, 2, true, taker());
  ASSERT_TRUE(swapped.push(stereo).ok());
  EXPECT_EQ(frames_[0].first[5], 1);
  EXPECT_EQ(frames_[0].second[5], 2);
  EXPECT_EQ(frames_[1].first[5], 2);
  EXPECT_EQ(frames_[1].second[5], 1);
}

TEST_F(FramerTest, GivesNothingForNothing) {
  Framer framer(16000, 2, false, taker());
  ASSERT_TRUE(framer.finish().ok());
  EXPECT_TRUE(frames_.empty());
}

TEST_F(FramerTest, StopsWhenNobodyTakesTheFrame) {
  Framer framer(8000, 1, false, [](const Frame&) -> Result<void> {
    return Error{"E_DISK", "full"};
  });
  EXPECT_EQ(framer.push(std::vector<int16_t>(160)).error().code, "E_DISK");
}

TEST(CodedRate, IsTheNextThatLosesNothing) {
  std::vector<int> coded;
  for (const int rate : {7350, 8000, 11025, 12000, 16000, 22050, 44100, 48000, 96000}) {
    coded.push_back(coded_rate_hz(rate));
  }
  EXPECT_THAT(coded, ElementsAre(8000, 8000, 12000, 12000, 16000, 24000, 48000, 48000, 48000));
}

}  // namespace
}  // namespace earful::recorder
