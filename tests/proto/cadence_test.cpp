#include "proto/cadence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace earful {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr auto kDana = 1, kNoa = 2;

template <class AnyId>
AnyId id_of(int n) {
  AnyId id;
  id.bytes[14] = uint8_t(n >> 8);
  id.bytes[15] = uint8_t(n);
  return id;
}
WallTime at(const std::string& text) { return parse_rfc3339(text).value(); }

class CadenceTest : public testing::Test {
 protected:
  CadenceTest() : calendar_(SiteCalendar::open("Asia/Jerusalem", "sunday").value()) {}

  Event event(int listener, WallTime time, Payload payload) {
    Event made;
    made.id = id_of<EventId>(++events_);
    made.listener = id_of<ListenerId>(listener);
    made.time = time;
    made.payload = std::move(payload);
    return made;
  }
  const Event& put(Event made) {
    fed_.push_back(std::move(made));
    return fed_.back();
  }
  // An hour of 60 minutes with one call of 10, drawn as its week begins.
  EventId plan(int listener, const std::string& week) {
    HourPlanned hour{.week = week, .hour_ms = 3'600'000};
    hour.calls.push_back(
        {.call = id_of<CallId>(events_), .probability = 0.1, .duration_ms = 600'000});
    return put(event(listener, calendar_.week_with(week)->from, hour)).id;
  }
  void hear(int listener, WallTime time, int minutes, int call = 7, CallSnapshot snapshot = {}) {
    Event made =
        event(listener, time, Listened{.intervals = {{0, minutes * 60 * kPositionsPerSecond}}});
    made.subject = id_of<CallId>(call);
    made.call = std::move(snapshot);
    put(made);
  }
  void off(int listener, const std::string& week, bool withdrawn = false) {
    put(event(listener, calendar_.week_with(week)->from, WeekTakenOff{week, "", withdrawn}));
  }
  Cadence cadence(std::span<const Week> weeks) {
    CadenceFold fold(calendar_);
    for (const Event& one : fed_) fold.learn(one);
    for (const Event& one : fed_) fold.add(one);
    return fold.make(weeks, now_);
  }
  // "heard missed open" of the only leader, in four weeks from 2026-03-15.
  std::string row() {
    std::vector<Week> weeks = {*calendar_.week_with("2026-03-15")};
    while (weeks.size() < 4) weeks.push_back(calendar_.after(weeks.back()));
    const Cadence made = cadence(weeks);
    EXPECT_EQ(made.leaders.size(), 1u);
    std::string text;
    for (const LeaderWeek week : made.leaders.at(0).weeks) {
      text += std::string(text.empty() ? "" : " ") + std::string(leader_week_text(week));
    }
    return text;
  }

  SiteCalendar calendar_;
  std::vector<Event> fed_;
  int events_ = 100;
  WallTime now_ = at("2026-04-01T12:00:00Z");
};

TEST_F(CadenceTest, AWeekIsHeardFromAThirdOfTheHourOn) {
  plan(kDana, "2026-03-15");
  hear(kDana, at("2026-03-18T10:00:00Z"), 20);
  hear(kDana, at("2026-03-24T10:00:00Z"), 19);
  EXPECT_EQ(row(), "heard missed open ahead");
}

TEST_F(CadenceTest, SeekingBackCountsOnceAWeek) {
  plan(kDana, "2026-03-15");
  for (int i = 0; i < 5; ++i) hear(kDana, at("2026-03-16T10:00:00Z") + i * 20h, 19);
  EXPECT_EQ(row(), "missed missed open ahead");
}

TEST_F(CadenceTest, AShortHourHeardToItsEndIsAWeekHeard) {
  plan(kDana, "2026-03-15");
  const CallId call = std::get<HourPlanned>(fed_.back().payload).calls[0].call;
  hear(kDana, at("2026-03-26T10:00:00Z"), 9);
  fed_.back().subject = call;
  EXPECT_EQ(row(), "heard missed open ahead");  // a week late, and heard nevertheless
}

TEST_F(CadenceTest, WeeksBeginWithTheFirstHour) {
  hear(kDana, at("2026-03-18T10:00:00Z"), 60);
  plan(kDana, "2026-03-22");
  EXPECT_EQ(row(), "before missed open ahead");
}

TEST_F(CadenceTest, AWeekOffIsNotMissedUntilThatIsWithdrawn) {
  plan(kDana, "2026-03-15");
  off(kDana, "2026-03-15");
  off(kDana, "2026-03-22");
  off(kDana, "2026-04-05");
  EXPECT_EQ(row(), "off off open off");
  off(kDana, "2026-03-22", true);
  EXPECT_EQ(row(), "off missed open off");
  hear(kDana, at("2026-03-18T10:00:00Z"), 30);
  EXPECT_EQ(row(), "heard missed open off");
}

TEST_F(CadenceTest, MergedListenersAreOnePerson) {
  plan(kDana, "2026-03-15");
  hear(kNoa, at("2026-03-18T10:00:00Z"), 15, 1);
  hear(kDana, at("2026-03-18T11:00:00Z"), 15, 2);
  EXPECT_EQ(row(), "missed missed open ahead");
  put(event(kDana, at("2026-04-01T10:00:00Z"),
            ListenerMerged{id_of<ListenerId>(kDana), id_of<ListenerId>(kNoa)}));
  EXPECT_EQ(row(), "heard missed open ahead");
}

TEST_F(CadenceTest, OfTwoPlansForAWeekTheFirstCounts) {
  plan(kDana, "2026-03-15");
  const CallId call = std::get<HourPlanned>(fed_.back().payload).calls[0].call;
  plan(kDana, "2026-03-15");  // at another station
  hear(kDana, at("2026-03-18T10:00:00Z"), 9);
  fed_.back().subject = call;
  EXPECT_EQ(row(), "heard missed open ahead");
}

TEST_F(CadenceTest, OrderAndRepeatsChangeNothing) {
  hear(kDana, at("2026-03-18T10:00:00Z"), 20);
  plan(kDana, "2026-03-15");
  off(kDana, "2026-03-22");
  const std::string before = row();
  const std::vector<Event> once = fed_;
  fed_.insert(fed_.end(), once.begin(), once.end());
  EXPECT_EQ(row(), before);
  EXPECT_EQ(before, "heard off open ahead");
}

TEST_F(CadenceTest, TheLastMomentOfAWeekIsStillInIt) {
  plan(kDana, "2026-03-15");
  // The clocks went forward on 27 March: the week from the 22nd ends an hour earlier in UTC.
  hear(kDana, at("2026-03-21T21:59:59.999Z"), 20);
  hear(kDana, at("2026-03-22T22:00:00Z"), 20);
  hear(kDana, at("2026-03-28T20:59:59.999Z"), 20, 8);
  EXPECT_EQ(row(), "heard heard open ahead");
  hear(kDana, at("2026-03-28T21:00:00Z"), 20, 9);
  EXPECT_EQ(row(), "heard heard heard ahead");
}

TEST_F(CadenceTest, AClockThatJumpedCountsWhereItSaid) {
  plan(kDana, "2026-03-15");
  hear(kDana, at("2026-03-18T10:00:00Z"), 10);
  hear(kDana, at("2026-03-18T09:00:00Z"), 20);  // set back in between
  hear(kDana, at("2099-01-01T00:00:00Z"), 60);
  EXPECT_EQ(row(), "heard missed open ahead");
}

TEST_F(CadenceTest, APlanOfAStationWithOtherWeeksIsOfTheWeekItSharesMostWith) {
  plan(kDana, "2026-03-15");
  std::get<HourPlanned>(fed_.back().payload).week = "2026-03-16";
  hear(kDana, at("2026-03-17T10:00:00Z"), 20);
  EXPECT_EQ(row(), "heard missed open ahead");
}

TEST_F(CadenceTest, SamplesNeverCount) {
  plan(kDana, "2026-03-15");
  hear(kDana, at("2026-03-18T10:00:00Z"), 60, 7, {.queue = "demo", .sample = true});
  const std::vector<Week> weeks = {*calendar_.week_with("2026-03-15")};
  EXPECT_EQ(row(), "missed missed open ahead");
  EXPECT_TRUE(cadence(weeks).places.empty());
  EXPECT_TRUE(cadence(weeks).unheard.empty());
}

TEST_F(CadenceTest, SaysWhereMinutesWereHeardAndWhereNobodyListened) {
  plan(kDana, "2026-03-15");
  hear(kDana, at("2026-03-18T10:00:00Z"), 20, 1, {.queue = "billing", .team = "north"});
  hear(kDana, at("2026-03-19T10:00:00Z"), 30, 2, {.queue = "care"});
  hear(kNoa, at("2026-03-19T10:00:00Z"), 30, 3, {.queue = "orders"});  // leads nothing
  hear(kNoa, at("2025-03-19T10:00:00Z"), 30, 3, {.queue = "closed since"});
  const std::vector<Week> weeks = {*calendar_.week_with("2026-03-15")};
  const Cadence made = cadence(weeks);
  ASSERT_EQ(made.places.size(), 2u);
  EXPECT_EQ(made.places[0].queue, "care");
  EXPECT_EQ(made.places[1].team, "north");
  EXPECT_EQ(made.places[1].ms, 20 * 60'000);
  ASSERT_EQ(made.unheard.size(), 1u);
  EXPECT_EQ(made.unheard[0].queue, "orders");
}

TEST_F(CadenceTest, CountsAYearWithAWeek53) {
  for (const char* first_day : {"sunday", "monday"}) {
    calendar_ = SiteCalendar::open("Asia/Jerusalem", first_day).value();
    fed_.clear();
    now_ = at("2027-02-01T00:00:00Z");
    const auto weeks = calendar_.weeks_of_year(2026);
    for (size_t i = 0; i < weeks.size(); ++i) {
      plan(kDana, weeks[i].first_day);
      if (i == 1 || i == 30 || i == 52) continue;
      hear(kDana, weeks[i].from + 50h, 25, int(i));
    }
    const Cadence made = cadence(weeks);
    EXPECT_EQ(made.leaders.at(0).heard, 50u) << first_day;
    EXPECT_EQ(made.leaders.at(0).missed, 3u) << first_day;
    EXPECT_EQ(made.leaders.at(0).weeks.back(), LeaderWeek::kMissed) << first_day;
  }
}

TEST_F(CadenceTest, KeepsNothingOfWhoLeadsNothing) {
  hear(kNoa, at("2026-03-18T10:00:00Z"), 20);
  hear(kDana, at("2026-03-18T10:00:00Z"), 20);
  plan(kDana, "2026-03-15");
  LeaderFold fold;
  for (const Event& one : fed_) fold.learn(one);
  for (const Event& one : fed_) fold.add(one);
  EXPECT_EQ(fold.heard().size(), 1u);
}

}  // namespace
}  // namespace earful
