#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "proto/estimate.h"

namespace earful {
namespace {

using namespace std::chrono_literals;

constexpr int kDana = 1, kNoa = 2;

template <class AnyId>
AnyId id_of(int n) {
  AnyId id;
  id.bytes[15] = uint8_t(n);
  return id;
}

// Dana hears the calls 1 to 4 of a week's hour, all at random.
class EstimateFoldTest : public testing::Test {
 protected:
  EstimateFoldTest() {
    plan(kDana, "2026-11-22", {1, 2, 3, 4}, 0.5);
    for (int call = 1; call <= 4; ++call) hear(kDana, call);
  }
  Event& put(int listener, int call, Payload payload) {
    Event event;
    event.id = id_of<EventId>(int(fed_.size()) + 1);
    event.listener = id_of<ListenerId>(listener);
    event.time = *parse_rfc3339("2026-11-22T08:00:00Z");
    if (call) event.subject = id_of<CallId>(call);
    event.payload = std::move(payload);
    return fed_.emplace_back(std::move(event));
  }
  void plan(int listener, const std::string& week, std::vector<int> calls, double probability) {
    HourPlanned hour{.week = week, .hour_ms = 3'600'000};
    for (const int call : calls) {
      hour.calls.push_back(
          {.call = id_of<CallId>(call), .probability = probability, .duration_ms = 1000});
    }
    put(listener, 0, hour);
  }
  Listened whole() { return {.intervals = {{0, kPositionsPerSecond}}}; }
  void hear(int listener, int call) { put(listener, call, whole()); }
  EventId tag(int listener, int call, const std::string& kind = "fault") {
    return put(listener, call, Tagged{.kind = kind}).id;
  }
  Estimates made() {
    EstimateFold fold;
    for (const Event& one : fed_) fold.learn(one);
    for (const Event& one : fed_) fold.add(one);
    return fold.make("2026-01-01", "2026-12-31");
  }
  size_t faults() {
    const auto found = made().problems;
    return found.empty() ? 0 : found[0].calls;
  }

  std::vector<Event> fed_;
};

TEST_F(EstimateFoldTest, CountsCallsAndNotTags) {
  tag(kDana, 1);
  tag(kDana, 1);
  tag(kDana, 2);
  EXPECT_EQ(faults(), 2u);
  EXPECT_DOUBLE_EQ(made().problems[0].share.estimate, 0.5);
}

TEST_F(EstimateFoldTest, CountsOnlyTheListenersOwnTagsOfProblems) {
  tag(kNoa, 1);
  tag(kDana, 9);
  tag(kDana, 1, "went-beyond");
  tag(kDana, 1, "promise-made");
  put(kDana, 2, TagRetracted{tag(kDana, 2)});
  EXPECT_EQ(faults(), 0u);
}

TEST_F(EstimateFoldTest, MergedListenersAreOne) {
  tag(kNoa, 1);
  put(kDana, 0, ListenerMerged{id_of<ListenerId>(kNoa), id_of<ListenerId>(kDana)});
  EXPECT_EQ(faults(), 1u);
}

TEST_F(EstimateFoldTest, AnErasedTagCounts) {
  tag(kDana, 1);
  fed_.back().erased = true;
  EXPECT_EQ(faults(), 1u);
}

TEST_F(EstimateFoldTest, ARevisedKindIsTheOneThatCounts) {
  const EventId made_tag = tag(kDana, 1, "went-beyond");
  put(kDana, 1, TagRevised{.tag = made_tag, .kind = "fault"});
  EXPECT_EQ(faults(), 1u);
}

TEST_F(EstimateFoldTest, ACallOfTwoHoursCountsOnceWithTheFirst) {
  plan(kNoa, "2026-11-22", {4, 5}, 0.1);
  hear(kNoa, 4);
  hear(kNoa, 5);
  tag(kNoa, 4);
  const Estimates all = made();
  EXPECT_EQ(all.hours, 2u);
  EXPECT_EQ(all.calls, 5u);
  // Four of weight 2, of which one has it, and one of weight 10.
  EXPECT_DOUBLE_EQ(all.problems.at(0).share.estimate, 2. / 18);
}

TEST_F(EstimateFoldTest, SaysWhatWasSkippedAndLeavesItOut) {
  plan(kDana, "2026-11-15", {6, 7}, 0.5);
  put(kDana, 6, HourCallSkipped{fed_.back().id});
  tag(kDana, 6);
  EXPECT_EQ(made().skipped, 1u);
  EXPECT_EQ(made().drawn, 6u);
  EXPECT_EQ(made().calls, 4u);
  EXPECT_EQ(faults(), 0u);
}

TEST_F(EstimateFoldTest, ACallOpenedEarlyIsNotRandom) {
  tag(kDana, 1);
  put(kDana, 1, Listened{.opened_early = true});
  EXPECT_EQ(faults(), 0u);
  EXPECT_EQ(made().calls, 3u);
}

TEST_F(EstimateFoldTest, OrderAndRepeatsChangeNothing) {
  tag(kDana, 1);
  const std::vector<Event> once = fed_;
  fed_.insert(fed_.end(), once.begin(), once.end());
  std::reverse(fed_.begin(), fed_.end());
  EXPECT_EQ(faults(), 1u);
  EXPECT_EQ(made().calls, 4u);
}

}  // namespace
}  // namespace earful
