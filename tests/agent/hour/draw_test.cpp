#include "agent/hour/draw.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <set>

#include "made_frame.h"

namespace earful::agent {
namespace {

Seed seed_of(uint64_t number) {
  Seed seed{};
  for (size_t i = 0; i < 8; ++i) seed[i] = uint8_t(number >> (8 * i));
  return seed;
}

std::set<size_t> calls_of(const HourDraw& draw) {
  std::set<size_t> calls;
  for (const DrawnCall& call : draw.calls) calls.insert(call.call);
  return calls;
}

// Two-sided, of a standard normal.
double p_value(double z) { return std::erfc(std::abs(z) / std::sqrt(2.0)); }

// Does every call come up as often as its probability says? Holm's correction over all calls.
void expect_frequencies_agree(const Frame& frame, size_t draws) {
  std::vector<size_t> count(frame.calls.size());
  std::vector<double> probability(frame.calls.size());
  for (size_t i = 0; i < draws; ++i) {
    for (const DrawnCall& call : draw_hour(frame, seed_of(i)).calls) {
      ++count[call.call];
      probability[call.call] = call.probability;
    }
  }
  std::vector<double> p;
  for (size_t i = 0; i < count.size(); ++i) {
    const double pi = probability[i];
    ASSERT_GT(pi, 0) << "call " << i << " never came up";
    ASSERT_LT(pi, 1);
    const double n = double(draws);
    p.push_back(p_value((double(count[i]) - n * pi) / std::sqrt(n * pi * (1 - pi))));
  }
  std::sort(p.begin(), p.end());
  for (size_t i = 0; i < p.size(); ++i) EXPECT_GT(p[i] * double(p.size() - i), 0.01);
}

TEST(DrawHour, DrawsEachCallAsOftenAsItSays) {
  Frame frame = made_frame(90, 1);
  expect_frequencies_agree(frame, 8'000);
  frame.rules.strata = {};
  expect_frequencies_agree(frame, 8'000);
  frame.rules.strata = {Stratum::kQueue, Stratum::kLanguage, Stratum::kLength};
  expect_frequencies_agree(frame, 8'000);
}

TEST(DrawHour, GivesEachStratumItsShareToTheNextCall) {
  const Frame frame = made_frame(211, 8);
  std::vector<double> mean;
  constexpr int kDraws = 2000;
  for (uint64_t i = 0; i < kDraws; ++i) {
    const HourDraw draw = draw_hour(frame, seed_of(i));
    mean.resize(draw.strata.size());
    for (size_t s = 0; s < draw.strata.size(); ++s) {
      const double share = double(draw.calls.size() * draw.strata[s].calls) / double(draw.unheard);
      EXPECT_LT(std::abs(double(draw.strata[s].drawn) - share), 1);
      mean[s] += (double(draw.strata[s].drawn) - share) / kDraws;
    }
  }
  for (const double off : mean) EXPECT_NEAR(off, 0, 4 * 0.5 / std::sqrt(double(kDraws)));
}

TEST(DrawHour, IsTheSameForTheSameSeedAndAnotherForAnother) {
  const Frame frame = made_frame(200, 2);
  const HourDraw first = draw_hour(frame, seed_of(1)), again = draw_hour(frame, seed_of(1));
  ASSERT_EQ(first.calls.size(), again.calls.size());
  for (size_t i = 0; i < first.calls.size(); ++i) {
    EXPECT_EQ(first.calls[i].call, again.calls[i].call);
  }
  EXPECT_NE(calls_of(first), calls_of(draw_hour(frame, seed_of(2))));
}

// Mean and standard deviation of the total, seen in many draws, beside what each draw says.
void expect_total_as_said(const Frame& frame) {
  double sum = 0, squares = 0;
  constexpr int kDraws = 4000;
  const HourDraw said = draw_hour(frame, seed_of(0));
  for (uint64_t i = 0; i < kDraws; ++i) {
    const HourDraw draw = draw_hour(frame, seed_of(i));
    ASSERT_EQ(draw.expected_ms, said.expected_ms);
    ASSERT_EQ(draw.deviation_ms, said.deviation_ms);
    double ms = 0;
    for (const DrawnCall& call : draw.calls) ms += double(frame.calls[call.call].duration_ms);
    sum += ms;
    squares += ms * ms;
  }
  const double mean = sum / kDraws;
  const double observed = std::sqrt(squares / kDraws - mean * mean);
  EXPECT_NEAR(mean, said.expected_ms, 4 * observed / std::sqrt(double(kDraws)));
  EXPECT_NEAR(observed / said.deviation_ms, 1, 0.06);
}

TEST(DrawHour, FillsTheHourOnAverageAndSaysHowFarItStrays) {
  const Frame frame = made_frame(300, 3);
  EXPECT_NEAR(draw_hour(frame, seed_of(1)).expected_ms, 3'600'000, 150'000);  // half a call
  expect_total_as_said(frame);
}

TEST(DrawHour, SaysHowFarItStraysWhereStrataAreSmall) {
  Frame frame = made_frame(10, 3);
  for (size_t i = 0; i < 10; ++i) {
    frame.calls[i].duration_ms = int64_t(i + 1) * 120'000;
    frame.calls[i].queue = std::to_string(i);
  }
  expect_total_as_said(frame);
  Frame more = made_frame(40, 5);
  for (size_t i = 0; i < 40; ++i) more.calls[i].queue = std::to_string(i % 13);
  expect_total_as_said(more);
}

TEST(DrawHour, NeverDrawsWhatIsTooShortOrTooLong) {
  Frame frame = made_frame(100, 4);
  for (size_t i = 0; i < 10; ++i) frame.calls[i].duration_ms = 19'999;
  for (size_t i = 10; i < 15; ++i) frame.calls[i].duration_ms = 1'800'001;
  for (uint64_t i = 0; i < 200; ++i) {
    const HourDraw draw = draw_hour(frame, seed_of(i));
    EXPECT_EQ(draw.too_short, 10u);
    EXPECT_EQ(draw.too_long, 5u);
    EXPECT_EQ(draw.unheard, 85u);
    EXPECT_GE(*calls_of(draw).begin(), 15u);
  }
}

TEST(DrawHour, DrawsUnheardCallsBeforeHeardOnes) {
  Frame frame = made_frame(100, 5);
  for (FrameCall& call : frame.calls) call.duration_ms = 300'000;
  for (size_t i = 0; i < 95; ++i) frame.calls[i].heard = true;
  const HourDraw draw = draw_hour(frame, seed_of(1));
  ASSERT_EQ(draw.calls.size(), 12u);
  for (size_t i = 0; i < draw.calls.size(); ++i) {
    EXPECT_EQ(frame.calls[draw.calls[i].call].heard, i >= 5);
    EXPECT_DOUBLE_EQ(draw.calls[i].probability, i < 5 ? 1.0 : 7.0 / 95);
  }
}

TEST(DrawHour, TakesWhatThereIs) {
  EXPECT_TRUE(draw_hour({}, seed_of(1)).calls.empty());
  Frame one = made_frame(1, 6);
  one.calls[0].duration_ms = 60'000;
  const HourDraw draw = draw_hour(one, seed_of(1));
  ASSERT_EQ(draw.calls.size(), 1u);
  EXPECT_EQ(draw.calls[0].probability, 1);
  one.calls[0].heard = true;
  ASSERT_EQ(draw_hour(one, seed_of(1)).calls.size(), 1u);
  one.calls[0].duration_ms = 3'600'001;
  EXPECT_TRUE(draw_hour(one, seed_of(1)).calls.empty());
  one.rules.longest_ms = 10'000'000;  // longer than the hour, where the site wants that
  EXPECT_EQ(draw_hour(one, seed_of(1)).calls.size(), 1u);
}

TEST(DrawHour, PutsTheCallsInRandomOrder) {
  const Frame frame = made_frame(12, 7);
  std::set<size_t> first;
  for (uint64_t i = 0; i < 300; ++i) first.insert(draw_hour(frame, seed_of(i)).calls[0].call);
  EXPECT_EQ(first.size(), 12u);
}

}  // namespace
}  // namespace earful::agent
