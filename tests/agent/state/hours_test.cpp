#include "agent/state/hours.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/state/state.h"
#include "tests/temporary_folder.h"

namespace earful::agent {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const StationId kHere{make_uuid_v8("0123456789abcdef")};
const StationId kElsewhere{make_uuid_v8("fedcba9876543210")};

template <class IdType>
IdType id(uint8_t last) {
  IdType made;
  made.bytes[6] = 0x70;
  made.bytes[15] = last;
  return made;
}

class HoursTest : public testing::Test {
 protected:
  Event event(Payload payload, ListenerId who, std::optional<CallId> subject = std::nullopt) {
    Event made;
    made.time = now;
    made.id = EventId{make_uuid_v7(now)};
    made.source = kHere;
    made.listener = who;
    made.subject = subject;
    if (subject) made.call = CallSnapshot{.queue = "billing", .team = "north"};
    made.payload = std::move(payload);
    return made;
  }
  EventId own(const Event& made) {
    EXPECT_TRUE(state.apply_own(made, encode_event(made), ++own_seq).ok());
    return made.id;
  }
  EventId fed(Event made, const StationId& station = kElsewhere) {
    Record record{.station_id = station};
    record.position.feed_seq = ++feed_seq;
    record.raw = encode_event(made);
    EXPECT_TRUE(state.begin().ok());
    EXPECT_TRUE(state.apply_record(record, kHere).ok());
    EXPECT_TRUE(state.commit().ok());
    return made.id;
  }
  HourPlanned plan(const std::string& week) {
    return {.week = week,
            .since = now,
            .until = now,
            .seed = std::string(32, 's'),
            .frame_sha256 = std::string(32, 'f'),
            .hour_ms = 60'000};
  }
  Listened heard(int64_t from_ms, int64_t to_ms, double rate = 1) {
    return {.listening = id<EventId>(9),
            .intervals = {{from_ms * kPositionsPerMs, to_ms * kPositionsPerMs}},
            .playback_rate = rate};
  }

  TemporaryFolder folder;
  State state = *State::open(folder.path() / "state.db", false);
  WallTime now = *parse_rfc3339("2026-11-22T10:00:00Z");
  const ListenerId noa = id<ListenerId>(1), dan = id<ListenerId>(2);
  const CallId call = id<CallId>(7);
  uint64_t own_seq = 0, feed_seq = 0;
};

TEST_F(HoursTest, TheFirstPlanOfAWeekInTheFeedCounts) {
  const EventId here = own(event(plan("2026-11-22"), noa));
  EXPECT_EQ((*state.hours().of_week(noa, "2026-11-22"))->id, here);
  const EventId there = fed(event(plan("2026-11-22"), noa));
  EXPECT_EQ((*state.hours().of_week(noa, "2026-11-22"))->id, there) << "ours is provisional";
  EXPECT_FALSE((*state.hours().of_week(noa, "2026-11-29")).has_value());
  EXPECT_FALSE((*state.hours().of_week(dan, "2026-11-22")).has_value());
  own(event(plan("2026-11-29"), noa));
  const auto mine = *state.hours().of_listener(noa);
  ASSERT_EQ(mine.size(), 2u);
  EXPECT_EQ(mine[0].plan.week, "2026-11-29");
  EXPECT_EQ(mine[1].id, there);
  EXPECT_EQ((*state.hours().find(here))->own, true) << "it can still be looked up";
  EXPECT_EQ((*state.hours().find(there))->own, false);
}

TEST_F(HoursTest, AHourBelongsToAPersonWhateverTheyWereCalled) {
  const EventId hour = own(event(plan("2026-11-22"), noa));
  own(event(heard(0, 1000), noa, call));
  fed(event(ListenerMerged{noa, dan}, dan));
  EXPECT_EQ((*state.hours().of_week(dan, "2026-11-22"))->id, hour);
  EXPECT_EQ((*state.hours().of_week(noa, "2026-11-22"))->id, hour);
  EXPECT_EQ((*state.hours().heard(dan, std::vector{call})).size(), 1u);
}

TEST_F(HoursTest, WhatWasHeardIsKeptByQuarterAndSentAgainChangesNothing) {
  const Event first = event(heard(0, 1000), noa, call);
  own(first);
  now += std::chrono::seconds(15);
  own(event(heard(1000, 2500), noa, call));
  fed(first, kHere);
  now += std::chrono::minutes(15);
  own(event(heard(2000, 3000), noa, call));
  own(event(heard(3000, 9000, 2.5), noa, call));
  const auto spans = *state.hours().heard(noa, std::vector{call});
  ASSERT_EQ(spans.size(), 2u);
  EXPECT_THAT(spans[0].heard, ElementsAre(Interval{0, 2500 * kPositionsPerMs}));
  EXPECT_EQ(spans[0].queue, "billing");
  EXPECT_THAT(spans[1].heard, ElementsAre(Interval{2000 * kPositionsPerMs, 3000 * kPositionsPerMs}))
      << "faster than twice is not heard";
}

TEST_F(HoursTest, SampleCallsCountForNothing) {
  Event made = event(heard(0, 1000), noa, call);
  made.call->sample = true;
  own(made);
  EXPECT_THAT(*state.hours().heard(noa, std::vector{call}), IsEmpty());
}

TEST_F(HoursTest, OnlyWhoHasAnHourIsALeader) {
  own(event(heard(0, 1000), noa, call));
  own(event(heard(0, 1000), dan, call));
  EXPECT_THAT(*state.hours().heard_by_leaders(now, now + std::chrono::hours(1)), IsEmpty());
  own(event(plan("2026-11-22"), dan));
  const auto spans = *state.hours().heard_by_leaders(now, now + std::chrono::hours(1));
  ASSERT_EQ(spans.size(), 1u);
  EXPECT_EQ(spans[0].listener, dan);
  EXPECT_THAT(*state.hours().heard_by_leaders(now + std::chrono::seconds(1), now), IsEmpty());
}

TEST_F(HoursTest, ActsComeInTheOrderInWhichTheyFold) {
  const EventId hour = id<EventId>(5);
  const EventId skipped = own(event(HourCallSkipped{hour, false}, noa, call));
  const EventId elsewhere = fed(event(HourCallSkipped{hour, true}, noa, call));
  own(event(WeekTakenOff{"2026-11-29", "2026-W49", false}, noa));
  const auto acts = *state.hours().acts(hour);
  ASSERT_EQ(acts.size(), 2u);
  EXPECT_EQ(acts[0].id, elsewhere);
  EXPECT_EQ(acts[1].id, skipped);
  EXPECT_EQ((*state.hours().weeks_off()).size(), 1u);
}

TEST_F(HoursTest, AFollowUpIsClosedOnceByWhoWasFirst) {
  const EventId tag = id<EventId>(6);
  EXPECT_FALSE((*state.hours().closing(tag)).has_value());
  const EventId first = fed(event(FollowUpClosed{tag, "note", "2026-11-22"}, dan));
  own(event(FollowUpClosed{tag, "call", "2026-11-23"}, noa));
  EXPECT_EQ((*state.hours().closing(tag))->id, first);
  EXPECT_TRUE(*state.is_closed(tag));
}

TEST_F(HoursTest, ErasedWordsAreGoneAndStayGone) {
  Event words = event(HourWords{id<EventId>(5)}, noa);
  words.personal.note = "about somebody";
  own(words);
  Event erased = event(Erased{{words.id}, "asked"}, noa);
  fed(erased);
  fed(words, kHere);  // its bytes before they were erased, on their way
  const auto acts = *state.hours().acts(id<EventId>(5));
  ASSERT_EQ(acts.size(), 1u);
  EXPECT_EQ(acts[0].personal.note, "");
}

TEST_F(HoursTest, KnowsWhereCallsWereServed) {
  Event started = event(CallStarted{}, noa, call);
  started.call->started_at = now;
  fed(started);
  fed(started);
  const auto places = *state.hours().served(now, now);
  ASSERT_EQ(places.size(), 1u);
  EXPECT_EQ(places[0].team, "north");
  EXPECT_THAT(*state.hours().served(now + std::chrono::days(2), now + std::chrono::days(3)),
              IsEmpty());
}

}  // namespace
}  // namespace earful::agent
