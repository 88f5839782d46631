#include "base/week.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

namespace earful {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

SiteCalendar site(const char* zone, const char* first_day = "monday") {
  return SiteCalendar::open(zone, first_day).value();
}
WallTime at(const char* text) { return parse_rfc3339(text).value(); }
int64_t hours_of(const Week& week) {
  return std::chrono::duration_cast<std::chrono::hours>(week.to - week.from).count();
}
std::string refusal(const char* zone, const char* first_day = "monday") {
  const auto opened = SiteCalendar::open(zone, first_day);
  return opened.ok() ? "" : opened.error().code + " " + opened.error().message;
}

TEST(Week, BeginsOnTheSitesFirstDayAtItsMidnight) {
  const Week week = site("Asia/Seoul", "sunday").week_of(at("2026-11-25T10:00:00Z"));
  EXPECT_EQ(week.first_day, "2026-11-22");
  EXPECT_EQ(week.last_day, "2026-11-28");
  EXPECT_EQ(week.iso, "2026-W48");
  EXPECT_EQ(week.from, at("2026-11-22T00:00:00+09:00"));
  EXPECT_EQ(week.to, at("2026-11-29T00:00:00+09:00"));
  EXPECT_EQ(site("Asia/Vientiane").week_of(at("2026-11-25T10:00:00Z")).from,
            at("2026-11-23T00:00:00+07:00"));
}

TEST(Week, TurnsAtTheZonesMidnightAndNotAtUtcs) {
  const SiteCalendar seoul = site("Asia/Seoul", "sunday");
  EXPECT_EQ(seoul.week_of(at("2026-11-21T14:59:59.999Z")).first_day, "2026-11-15");
  EXPECT_EQ(seoul.week_of(at("2026-11-21T15:00:00Z")).first_day, "2026-11-22");
}

TEST(Week, IsAnHourShorterOrLongerWhereTheClocksChange) {
  EXPECT_EQ(hours_of(*site("Asia/Jerusalem", "sunday").week_with("2026-03-27")), 167);
  EXPECT_EQ(hours_of(*site("Asia/Jerusalem", "sunday").week_with("2026-10-25")), 169);
  EXPECT_EQ(hours_of(*site("America/New_York").week_with("2026-03-08")), 167);
  EXPECT_EQ(hours_of(*site("America/New_York").week_with("2026-11-01")), 169);
  const Week half = *site("Australia/Lord_Howe").week_with("2026-04-05");
  EXPECT_EQ(half.to - half.from, 168h + 30min);
  EXPECT_EQ(hours_of(*site("Asia/Seoul").week_with("2026-03-27")), 168);
}

TEST(Week, HasNoHoleAndNoOverlapOverAYear) {
  for (const char* zone : {"Asia/Jerusalem", "Asia/Seoul", "Asia/Vientiane", "America/New_York",
                           "Australia/Lord_Howe", "America/Havana", "Africa/Cairo"}) {
    const SiteCalendar here = site(zone, "sunday");
    Week week = here.week_of(at("2025-12-30T12:00:00Z"));
    for (int i = 0; i < 60; ++i) {
      const Week next = here.after(week);
      EXPECT_EQ(week.to, next.from) << zone;
      EXPECT_EQ(here.before(next), week) << zone;
      EXPECT_EQ(here.week_of(week.from), week) << zone << " " << week.first_day;
      EXPECT_EQ(here.week_of(week.to - 1ms), week) << zone << " " << week.first_day;
      week = next;
    }
  }
}

TEST(Week, OfADayWithoutMidnightBeginsAtItsFirstMoment) {
  // The clocks went from 00:00 to 01:00 on that Friday in Cairo.
  EXPECT_EQ(site("Africa/Cairo", "friday").week_with("2024-04-26")->from,
            at("2024-04-25T22:00:00Z"));
  // And from 01:00 back to 00:00 on that Sunday in Havana: the first of two midnights.
  EXPECT_EQ(site("America/Havana", "sunday").week_with("2026-11-01")->from,
            at("2026-11-01T04:00:00Z"));
}

TEST(Week, BelongsToTheYearOfItsIsoWeek) {
  for (const char* first_day : {"monday", "sunday"}) {
    const SiteCalendar here = site("Asia/Jerusalem", first_day);
    for (const int year : {2020, 2026}) {
      const auto weeks = here.weeks_of_year(year);
      EXPECT_EQ(weeks.size(), 53u) << first_day;
      EXPECT_EQ(weeks.back().iso, std::to_string(year) + "-W53") << first_day;
      EXPECT_EQ(weeks.front().iso, std::to_string(year) + "-W01") << first_day;
      EXPECT_EQ(weeks.back().to, here.weeks_of_year(year + 1).front().from);
    }
    EXPECT_EQ(here.weeks_of_year(2025).size(), 52u);
  }
  EXPECT_EQ(site("UTC").weeks_of_year(2026).back().first_day, "2026-12-28");
  EXPECT_EQ(site("UTC", "sunday").weeks_of_year(2026).front().first_day, "2025-12-28");
}

TEST(Week, HasTheFourthDaysIsoWeekWhateverDayItBeginsWith) {
  for (const char* first_day :
       {"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}) {
    const SiteCalendar here = site("UTC", first_day);
    EXPECT_EQ(here.first_day(), first_day);
    for (const Week& week : here.weeks_of_year(2026)) {
      const std::string fourth = here.day_of(week.from + 3 * 24h);
      EXPECT_EQ(site("UTC").week_with(fourth)->iso, week.iso) << first_day << fourth;
    }
  }
}

TEST(Week, LastWeeksEndWithTheOneOfNow) {
  const auto weeks = site("Asia/Seoul", "sunday").last_weeks(52, at("2026-11-23T04:00:00Z"));
  ASSERT_EQ(weeks.size(), 52u);
  EXPECT_EQ(weeks.back().first_day, "2026-11-22");
  EXPECT_EQ(weeks.front().first_day, "2025-11-30");
}

TEST(Week, OfAnotherFirstDayIsTheOneWithMostOfItsDays) {
  EXPECT_EQ(site("UTC", "sunday").week_like("2026-11-23")->first_day, "2026-11-22");
  EXPECT_EQ(site("UTC", "monday").week_like("2026-11-22")->first_day, "2026-11-23");
  EXPECT_EQ(site("UTC", "monday").week_like("2026-11-23")->first_day, "2026-11-23");
}

TEST(Week, IsNothingForWhatIsNoDay) {
  for (const char* text : {"", "2026-11-31", "2026-W48", "22.11.2026", "2026-11-22T00:00:00Z"}) {
    EXPECT_FALSE(site("UTC").week_with(text)) << text;
    EXPECT_FALSE(site("UTC").week_like(text)) << text;
    EXPECT_FALSE(site("UTC").day_start(text)) << text;
  }
}

TEST(Week, TellsDaysOfTheZone) {
  EXPECT_EQ(site("Asia/Seoul").day_of(at("2026-11-21T15:00:00Z")), "2026-11-22");
  EXPECT_EQ(site("Asia/Seoul").day_start("2026-11-22"), at("2026-11-21T15:00:00Z"));
}

TEST(Week, HoldsForEveryTimeAnEventMayHave) {
  for (const char* text :
       {"0001-01-05T00:00:00Z", "1500-06-01T00:00:00Z", "9999-12-31T23:59:59Z"}) {
    EXPECT_TRUE(site("America/New_York").week_of(at(text)).has(at(text))) << text;
  }
}

TEST(Week, OfAnUnknownZoneNamesTheNearest) {
  EXPECT_EQ(refusal("Asia/Seul"),
            "E_ZONE there is no time zone \"Asia/Seul\"; did you mean \"Asia/Seoul\"?");
  EXPECT_THAT(refusal("seoul"), HasSubstr("\"Asia/Seoul\"?"));
  EXPECT_THAT(refusal("asia/jerusalem"), HasSubstr("\"Asia/Jerusalem\"?"));
  EXPECT_THAT(refusal("Nowhere at all"), HasSubstr("write it as"));
  EXPECT_THAT(refusal("GMT+9"), HasSubstr("E_ZONE"));
  EXPECT_THAT(refusal("\xff\xfe"), HasSubstr("E_ZONE"));
  EXPECT_THAT(refusal("IST"), HasSubstr("E_ZONE"));  // India, Israel or Ireland
  EXPECT_EQ(refusal("UTC"), "");
}

TEST(Week, OfAnUnknownDayNamesTheNearest) {
  EXPECT_EQ(refusal("UTC", "Sunday"), "E_DAY there is no day \"Sunday\"; did you mean \"sunday\"?");
  EXPECT_THAT(refusal("UTC", "0"), HasSubstr("E_DAY"));
}

class MachineZone : public testing::Test {
 protected:
  void SetUp() override {
    if (const char* tz = std::getenv("TZ")) before_ = tz;
  }
  void TearDown() override {
    if (before_) {
      ::setenv("TZ", before_->c_str(), 1);
    } else {
      ::unsetenv("TZ");
    }
  }
  std::optional<std::string> before_;
};

TEST_F(MachineZone, IsTheDefault) {
  ::setenv("TZ", "Asia/Vientiane", 1);
  EXPECT_EQ(site("").zone(), "Asia/Vientiane");
  ::setenv("TZ", ":Asia/Jerusalem", 1);
  EXPECT_EQ(site("").zone(), "Asia/Jerusalem");
  ::setenv("TZ", ":/usr/share/zoneinfo/Asia/Seoul", 1);
  EXPECT_EQ(site("").zone(), "Asia/Seoul");
  ::unsetenv("TZ");
  EXPECT_EQ(refusal(""), "");
}

TEST_F(MachineZone, ThatIsNoneIsSaid) {
  ::setenv("TZ", "Moon/Tranquility", 1);
  EXPECT_THAT(refusal(""), HasSubstr("Moon/Tranquility"));
}

}  // namespace
}  // namespace earful
