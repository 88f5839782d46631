#include "recorder/codec/peaks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace earful::recorder {
namespace {

using testing::ElementsAre;

TEST(Peaks, KeepTheLowestAndTheHighestRoundedAwayFromSilence) {
  Peaks peaks;
  peaks.legs = 2;
  peaks.add(std::vector<int16_t>{0, 1, -1});
  peaks.add(std::vector<int16_t>{32767, -32768, 0});
  EXPECT_THAT(peaks.values, ElementsAre(-1, 1, -128, 127));
  EXPECT_EQ(peaks.frames(), 1u);
  EXPECT_EQ(peaks.minimum(0, 1), -128);
  EXPECT_EQ(peaks.maximum(0, 0), 1);
}

TEST(Peaks, ComeBackFromTheirBytes) {
  Peaks peaks;
  peaks.legs = 2;
  peaks.values = {-1, 2, -3, 4, -5, 6, -7, 8};
  const auto again = decode_peaks(encode_peaks(peaks));
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->legs, 2);
  EXPECT_EQ(again->values, peaks.values);
  EXPECT_EQ(encode_peaks(peaks).substr(0, 12),
            std::string("EFPK\x01\x02\x14\x00\x02\x00\x00\x00", 12));
}

TEST(Peaks, RefuseDamage) {
  Peaks peaks;
  peaks.values = {0, 1};
  const std::string whole = encode_peaks(peaks);
  for (size_t length = 0; length < whole.size(); ++length) {
    EXPECT_EQ(decode_peaks(whole.substr(0, length)).error().code, "E_PEAKS");
  }
  for (const size_t at : {0u, 4u, 5u, 6u, 8u}) {
    std::string broken = whole;
    broken[at] = char(broken[at] ^ 0x40);
    EXPECT_EQ(decode_peaks(broken).error().code, "E_PEAKS") << at;
  }
  EXPECT_FALSE(decode_peaks(whole + "x").ok());
}

TEST(Peaks, SayWhenThereIsNoFile) {
  EXPECT_EQ(read_peaks("/no/such/file.peaks").error().code, "E_DISK");
}

}  // namespace
}  // namespace earful::recorder
