#include "proto/hour_fold.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace earful {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

constexpr int64_t kMs = 100'000;  // how long every call here is

CallId call(int n) {
  CallId id;
  id.bytes[15] = uint8_t(n);
  return id;
}

class HourFold : public testing::Test {
 protected:
  HourFold() {
    for (int n = 1; n <= 3; ++n) {
      plan_.calls.push_back(
          {.call = call(n), .probability = 0.01, .heard_before = n == 3, .duration_ms = kMs});
    }
  }
  void hear(int n, int64_t from_ms, int64_t to_ms, std::chrono::milliseconds after = 1h) {
    heard_.push_back({call(n),
                      kPlanned + after,
                      {{from_ms * kPositionsPerMs, to_ms * kPositionsPerMs}},
                      {},
                      false});
  }
  HourOutcome outcome() { return hour_outcome(plan_, kPlanned, heard_, acts_); }
  HourCallState state(int n) {
    for (const HourCallState& one : outcome().calls) {
      if (one.planned.call == call(n)) return one;
    }
    return {};
  }

  const WallTime kPlanned = *parse_rfc3339("2026-11-22T08:00:00Z");
  HourPlanned plan_;
  std::vector<CallHeard> heard_;
  HourActs acts_;
};

TEST_F(HourFold, ACallIsHeardAtFourFifths) {
  hear(1, 0, 79'999);
  hear(2, 20'000, 100'000);
  EXPECT_FALSE(state(1).heard);
  EXPECT_TRUE(state(2).heard);
  EXPECT_EQ(outcome().heard_ms, 159'999);
}

TEST_F(HourFold, HearingAgainOrTwiceCountsOnce) {
  hear(1, 0, 50'000);
  hear(1, 10'000, 60'000, 2h);
  hear(1, 0, 50'000);
  EXPECT_EQ(outcome().heard_ms, 60'000);
  EXPECT_THAT(state(1).stretches, ElementsAre(Interval{0, 60'000 * kPositionsPerMs}));
}

TEST_F(HourFold, SkippedSilenceHelpsACallToItsEndButIsNoMinute) {
  hear(1, 0, 50'000);
  heard_.push_back({call(1), kPlanned + 1h, {}, {{50'000 * 48, 85'000 * 48}}, false});
  EXPECT_TRUE(state(1).heard);
  EXPECT_EQ(outcome().heard_ms, 50'000);
}

TEST_F(HourFold, WhatWasPlayedTooFastIsNotHeard) {
  Listened listened{.intervals = {{0, 48}}, .playback_rate = 2.0, .skipped_silence = {{48, 96}}};
  EXPECT_EQ(call_heard(call(1), kPlanned, listened).heard.size(), 1u);
  listened.playback_rate = 2.5;
  EXPECT_TRUE(call_heard(call(1), kPlanned, listened).heard.empty());
  EXPECT_EQ(call_heard(call(1), kPlanned, listened).silences.size(), 1u);
}

TEST_F(HourFold, ACallHeardBeforeIsHeardAgainOnlyAfterItsPlan) {
  hear(3, 0, kMs, -24h);
  hear(1, 0, kMs, -24h);
  EXPECT_FALSE(state(3).heard);
  EXPECT_TRUE(state(1).heard);  // at another station, which this one did not know of
  EXPECT_EQ(outcome().heard_ms, 0);
  hear(3, 0, kMs);
  EXPECT_TRUE(state(3).heard);
}

TEST_F(HourFold, OnlyDrawnCallsOpenedInTimeAreRandom) {
  acts_.added.push_back({.call = call(4), .duration_ms = kMs});
  acts_.added.push_back({.call = call(2), .duration_ms = kMs});  // drawn: it stays random
  heard_.push_back({call(1), kPlanned + 1h, {}, {}, true});
  for (int n = 1; n <= 4; ++n) hear(n, 0, kMs);
  EXPECT_FALSE(state(1).random);
  EXPECT_TRUE(state(1).opened_early);
  EXPECT_TRUE(state(2).random);
  EXPECT_FALSE(state(3).random);
  EXPECT_FALSE(state(4).random);
  EXPECT_TRUE(state(4).added);
  const HourOutcome all = outcome();
  EXPECT_EQ(all.drawn, 3u);
  EXPECT_EQ(all.heard, 4u);
  EXPECT_EQ(all.random_heard, 1u);
  EXPECT_TRUE(all.complete);
}

TEST_F(HourFold, ASkippedCallIsDrawnAndNotHeard) {
  acts_.skipped.insert(call(2));
  hear(1, 0, kMs);
  hear(3, 0, kMs);
  EXPECT_EQ(outcome().skipped, 1u);
  EXPECT_EQ(outcome().drawn, 3u);
  EXPECT_FALSE(outcome().complete);
}

TEST_F(HourFold, AnHourOfNoCallsIsNeverComplete) {
  plan_.calls.clear();
  EXPECT_FALSE(outcome().complete);
}

TEST_F(HourFold, SharesAreWeightedAndMostFirst) {
  const std::vector<RandomCall> calls = {{1, {"fault"}}, {1, {"fault", "wait"}}, {2, {}}};
  const auto shares = problem_shares(calls);
  ASSERT_EQ(shares.size(), 2u);
  EXPECT_EQ(shares[0].kind, "fault");
  EXPECT_EQ(shares[0].calls, 2u);
  EXPECT_EQ(shares[0].of, 3u);
  EXPECT_DOUBLE_EQ(shares[0].share.estimate, 0.5);
  EXPECT_DOUBLE_EQ(shares[1].share.estimate, 0.25);
  EXPECT_TRUE(problem_shares({}).empty());
}

TEST_F(HourFold, AShareIsThatOfClopperAndPearsonWithinAnHour) {
  std::vector<RandomCall> calls(14);
  for (size_t i = 0; i < 5; ++i) calls[i].kinds.insert("fault");
  for (RandomCall& one : calls) one.weight = 300;
  const auto shares = problem_shares(calls);
  EXPECT_NEAR(shares[0].share.low, 0.1276, 5e-5);  // as R's binom.test(5, 14) has it
  EXPECT_NEAR(shares[0].share.high, 0.6486, 5e-5);
}

}  // namespace
}  // namespace earful
