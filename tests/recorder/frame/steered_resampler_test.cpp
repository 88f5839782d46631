#include "recorder/frame/steered_resampler.h"

#include <gtest/gtest.h>

#include <cmath>

namespace earful::recorder {
namespace {

int16_t sine_at(double seconds) {
  return int16_t(std::lround(8000 * std::sin(2 * M_PI * 300 * seconds)));
}

TEST(SteeredResampler, KnowsWhereItsOutputStandsHoweverItIsSteered) {
  for (const int from : {8000, 16000, 44100, 48000}) {
    constexpr int kTo = 16000;
    SteeredResampler resampler(from, kTo, 1);
    int64_t fed = 0;
    for (int turn = 0; turn < 200; ++turn) {
      const double bend = 1 + 1000e-6 * std::sin(turn / 7.0);
      if (turn > 10) resampler.steer(double(from) / kTo * bend);
      std::vector<int16_t> in;
      for (int i = 0; i < from / 20; ++i) in.push_back(sine_at(double(fed++) / from));
      const double first = resampler.next();
      const auto out = resampler.push(in);
      if (turn == 0) continue;  // nothing came before it
      for (size_t i = 0; i < out.size(); ++i) {
        const double at = (first + double(i) * resampler.step()) / from;
        ASSERT_NEAR(out[i], sine_at(at), 30) << from << ' ' << turn << ' ' << i;
      }
    }
  }
}

TEST(SteeredResampler, GivesEverySampleAtTheEnd) {
  SteeredResampler resampler(8000, 8000, 2);
  const std::vector<int16_t> in(2 * 1001, 5000);
  const size_t before = resampler.push(in).size();
  EXPECT_EQ(before + resampler.finish().size(), in.size());
}

}  // namespace
}  // namespace earful::recorder
