#include "collector/report/listening_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace earful::collector {
namespace {

using testing::HasSubstr;

TEST(ListeningText, ShareIsAPictureAPersonHas) {
  EXPECT_EQ(share_text(5. / 14), "1 in 3");
  EXPECT_EQ(share_text(0.128), "1 in 8");
  EXPECT_EQ(share_text(0.649), "2 in 3");
  EXPECT_EQ(share_text(0.5), "1 in 2");
  EXPECT_EQ(share_text(0.76), "3 in 4");
  EXPECT_EQ(share_text(0.99), "nearly all");
  EXPECT_EQ(share_text(1), "all");
  EXPECT_EQ(share_text(0), "none");
  EXPECT_EQ(share_text(1. / 1234), "1 in 1200");
  EXPECT_EQ(share_text(1. / 98765), "1 in 99000");
  EXPECT_EQ(share_text(1e-300), "1 in a million or fewer");
}

TEST(ListeningText, WeekIsItsDates) {
  const SiteCalendar site = SiteCalendar::open("Asia/Seoul", "sunday").value();
  EXPECT_EQ(week_text(*site.week_with("2026-05-03")), "3–9 May");
  EXPECT_EQ(week_text(*site.week_with("2026-03-29")), "29 Mar–4 Apr");
  EXPECT_EQ(week_text(*site.week_with("2026-12-31")), "27 Dec–2 Jan");
}

TEST(ListeningText, ANameSteersNoTerminal) {
  Cadence cadence;
  cadence.weeks = SiteCalendar().last_weeks(2, *parse_rfc3339("2026-11-22T00:00:00Z"));
  cadence.leaders.push_back({.name = "Dana\x1b[2J\n\xff",
                             .weeks = {LeaderWeek::kHeard, LeaderWeek::kOff},
                             .ms = {1, 0},
                             .heard = 1});
  const std::string text = cadence_text(cadence, {});
  EXPECT_THAT(text, HasSubstr("Dana?[2J?"));
  EXPECT_THAT(text, HasSubstr(": 1 of 1\n  █-\n"));
  const auto json = nlohmann::json::parse(cadence_json(cadence, wall_now()));
  EXPECT_EQ(json["leaders"][0]["weeks"][1], "off");
}

}  // namespace
}  // namespace earful::collector
