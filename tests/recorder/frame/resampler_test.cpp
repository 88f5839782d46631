#include "recorder/frame/resampler.h"

#include <gtest/gtest.h>

#include <cmath>

#include "recorder/frame/frame.h"

namespace earful::recorder {
namespace {

// One channel through the resampler in blocks of uneven length.
std::vector<int16_t> resampled(const std::vector<int16_t>& in, int from, int to) {
  Resampler resampler(from, to, 1);
  std::vector<int16_t> out;
  const auto keep = [&](std::span<const int16_t> part) {
    out.insert(out.end(), part.begin(), part.end());
  };
  for (size_t at = 0; at < in.size(); at += 997) {
    keep(resampler.push(std::span(in).subspan(at, std::min<size_t>(997, in.size() - at))));
  }
  keep(resampler.finish());
  return out;
}

std::vector<int16_t> sine(int rate, double seconds, double hz) {
  std::vector<int16_t> out(size_t(rate * seconds));
  for (size_t i = 0; i < out.size(); ++i) {
    out[i] = int16_t(std::lround(8000 * std::sin(2 * M_PI * hz * double(i) / rate)));
  }
  return out;
}

TEST(Resampler, KeepsTheLengthToTheSample) {
  for (const int from : {7350, 11025, 22050, 32000, 44100, 96000, 192000}) {
    for (const size_t count : {size_t(1), size_t(100), size_t(99'991)}) {
      const int to = coded_rate_hz(from);
      const auto due = size_t(std::llround(double(count) * to / from));
      EXPECT_EQ(resampled(std::vector<int16_t>(count), from, to).size(), due)
          << from << ' ' << count;
    }
  }
}

TEST(Resampler, ShiftsNothing) {
  const auto out = resampled(sine(44100, 1, 440), 44100, 48000);
  const auto due = sine(48000, 1, 440);
  ASSERT_EQ(out.size(), due.size());
  for (size_t i = 1000; i < 47000; ++i) ASSERT_NEAR(out[i], due[i], 80) << i;
}

TEST(Resampler, KeepsTwoLegsApart) {
  Resampler resampler(11025, 12000, 2);
  std::vector<int16_t> stereo;
  for (const int16_t sample : sine(11025, 0.5, 500)) stereo.insert(stereo.end(), {sample, 0});
  const auto out = resampler.push(stereo);
  for (size_t i = 1; i < out.size(); i += 2) ASSERT_EQ(out[i], 0);
}

}  // namespace
}  // namespace earful::recorder
