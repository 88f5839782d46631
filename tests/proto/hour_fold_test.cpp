#include "proto/hour_fold.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proto/stretches.h"

namespace earful {
namespace {

using ::testing::ElementsAre;

CallId call(uint8_t last) {
  CallId id;
  id.bytes[15] = last;
  return id;
}

Position ms(int64_t value) { return value * kPositionsPerMs; }

Event act(Payload payload, std::optional<CallId> subject = std::nullopt, std::string note = "") {
  Event event;
  event.subject = subject;
  event.personal.note = std::move(note);
  event.payload = std::move(payload);
  return event;
}

HourPlanned plan() {
  return {.drawn_from = {{{"billing"}, 10, 2}},
          .calls = {{call(1), 0.2, 0, false, 100'000},
                    {call(2), 0.2, 0, false, 60'000},
                    {call(3), 1, 0, true, 60'000}}};
}

TEST(Stretches, JoinWhatTouchesAndDropWhatIsEmpty) {
  EXPECT_THAT(joined({{5, 9}, {0, 2}, {9, 9}, {2, 3}, {8, 12}}),
              ElementsAre(Interval{0, 3}, Interval{5, 12}));
  EXPECT_EQ(total(joined({{0, 3}, {5, 12}})), 10);
}

TEST(IsHeard, TakesFourFifthsOfTheLengthAndSilenceThatWasSkipped) {
  EXPECT_FALSE(is_heard({.heard = {{0, ms(79'999)}}}, 100'000));
  EXPECT_TRUE(is_heard({.heard = {{0, ms(80'000)}}}, 100'000));
  EXPECT_TRUE(is_heard({.heard = {{0, ms(50'000)}, {ms(70'000), ms(80'000)}},
                        .silences = {{ms(50'000), ms(70'000)}}},
                       100'000));
  EXPECT_FALSE(is_heard({.heard = {{0, ms(50'000)}, {0, ms(50'000)}}}, 100'000)) << "again";
  EXPECT_FALSE(is_heard({.heard = {{ms(99'000), ms(200'000)}}}, 100'000)) << "past its end";
  EXPECT_FALSE(is_heard({.heard = {{0, 5}}}, 0)) << "a length nobody knows";
}

TEST(HourOutcome, SaysWhatBecameOfEachCallInTheOrderOfThePlan) {
  HourActs acts;
  acts.add(act(HourCallSkipped{}, call(2)));
  acts.add(act(HourCallAdded{}, call(9)));
  acts.add(act(HourCallAdded{}, call(9)));
  acts.add(act(HourCallAdded{}, call(1)));  // it is in the plan already
  acts.add(act(HourWords{}, std::nullopt, "first"));
  acts.add(act(HourWords{}, std::nullopt, "last"));
  const auto calls = hour_outcome(
      plan(), acts,
      {{call(1), {.heard = {{0, ms(90'000)}}}}, {call(9), {.heard = {{0, ms(9'000)}}}}},
      {{call(9), 10'000}});
  ASSERT_EQ(calls.size(), 4u);
  EXPECT_TRUE(calls[0].heard && calls[0].random() && !calls[0].skipped);
  EXPECT_TRUE(!calls[1].heard && calls[1].skipped);
  EXPECT_FALSE(calls[2].random()) << "heard before";
  EXPECT_EQ(calls[3].call, call(9));
  EXPECT_TRUE(calls[3].heard);
  EXPECT_FALSE(calls[3].random()) << "added by hand";
  EXPECT_EQ(acts.words, "last");
}

TEST(HourOutcome, ASkippedCallThatWasHeardAfterAllIsHeard) {
  HourActs acts;
  acts.add(act(HourCallSkipped{}, call(1)));
  acts.add(act(HourCallSkipped{}, call(2)));
  acts.add(act(HourCallSkipped{.withdrawn = true}, call(2)));
  const auto calls = hour_outcome(plan(), acts, {{call(1), {.heard = {{0, ms(100'000)}}}}}, {});
  EXPECT_TRUE(calls[0].heard && !calls[0].skipped);
  EXPECT_FALSE(calls[1].skipped);
}

TEST(HourOutcome, ACallWhoseTagsWereOpenedEarlyIsNotRandom) {
  const auto calls = hour_outcome(
      plan(), {}, {{call(1), {.heard = {{0, ms(100'000)}}, .opened_early = true}}}, {});
  EXPECT_TRUE(calls[0].heard);
  EXPECT_FALSE(calls[0].random());
}

TEST(KindShares, WeighCallsByTheirProbability) {
  const std::vector<RandomCall> calls = {
      {0.5, {"fee", "wait"}}, {0.5, {"wait"}}, {0.25, {}}, {0.25, {"wait"}}};
  const auto shares = kind_shares(calls);
  ASSERT_EQ(shares.size(), 2u);
  EXPECT_EQ(shares[0].kind, "wait");
  EXPECT_EQ(shares[0].calls, 3u);
  EXPECT_DOUBLE_EQ(shares[0].share.estimate, 8.0 / 12);
  EXPECT_DOUBLE_EQ(shares[1].share.estimate, 2.0 / 12);
  EXPECT_LT(shares[0].share.low, shares[0].share.estimate);
  EXPECT_GT(shares[0].share.high, shares[0].share.estimate);
  EXPECT_TRUE(kind_shares({}).empty());
}

}  // namespace
}  // namespace earful
