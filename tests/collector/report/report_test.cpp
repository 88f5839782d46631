#include "collector/report/report.h"

#include <gmock/gmock.h>

#include "collector/report/iso_week.h"
#include "tests/collector/station.h"

namespace earful::collector {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

class ReportTest : public testing::Test {
 protected:
  // A tag this long before the end of the period.
  Event tag(std::string kind, std::chrono::milliseconds ago, CallSnapshot call = {}) {
    Event event = station_.tag_event(std::move(kind));
    event.id = EventId{make_uuid_v4()};
    event.time = kEnd - ago;
    event.call = std::move(call);
    return event;
  }
  EventId add(const Event& event) {
    fold_.add(event);
    return event.id;
  }
  void add_payload(Payload payload) { fold_.add(station_.event(std::move(payload))); }
  std::vector<ReportRow> rows(ReportBy by = ReportBy::kKind) {
    return fold_.make({kEnd - kReportPeriod, kEnd}, by).rows;
  }
  // "key:count" for each row.
  std::vector<std::string> counts(ReportBy by = ReportBy::kKind) {
    std::vector<std::string> found;
    for (const ReportRow& row : rows(by))
      found.push_back(row.key + ":" + std::to_string(row.count));
    return found;
  }

  const WallTime kEnd = *parse_rfc3339("2026-11-23T00:00:00Z");  // a Monday
  FakeStation station_;
  ReportFold fold_;
};

TEST_F(ReportTest, CountsTagsByKindMostFirst) {
  add(tag("fault", 1h));
  add(tag("long-wait", 1h));
  add(tag("long-wait", 2h));
  EXPECT_THAT(counts(), ElementsAre("long-wait:2", "fault:1"));
  EXPECT_EQ(rows()[0].label, "Long wait");
}

TEST_F(ReportTest, ComparesWithThePeriodBefore) {
  add(tag("fault", 1h));
  add(tag("fault", 28 * 24h));        // the first moment of the period
  add(tag("fault", 28 * 24h + 1ms));  // the last one of the period before
  add(tag("fault", 56 * 24h));
  add(tag("fault", 56 * 24h + 1ms));  // long ago
  add(tag("fault", 0ms));             // not yet
  EXPECT_EQ(rows()[0].count, 2u);
  EXPECT_EQ(rows()[0].previous, 2u);
}

TEST_F(ReportTest, ShowsAKindThatWentAway) {
  add(tag("fault", 30 * 24h));
  EXPECT_THAT(counts(), ElementsAre("fault:0"));
}

TEST_F(ReportTest, LeavesOutRetractedTagsWhateverTheOrder) {
  const EventId id = add(tag("fault", 1h));
  add_payload(TagRetracted{id});
  const Event late = tag("fault", 1h);
  add_payload(TagRetracted{late.id});
  add(late);
  add_payload(TagRevised{late.id, "idea", {}, {}, false});
  EXPECT_TRUE(counts().empty());
}

TEST_F(ReportTest, CountsARevisedTagAtItsLatestKind) {
  const EventId id = add(tag("fault", 1h));
  add_payload(TagRevised{id, "idea", {}, {}, false});
  add_payload(TagRevised{id, "wrong-charge", {}, {}, false});
  EXPECT_THAT(counts(), ElementsAre("wrong-charge:1"));
}

TEST_F(ReportTest, LeavesOutSamples) {
  add(tag("fault", 1h, {.sample = true}));
  EXPECT_TRUE(counts().empty());
}

TEST_F(ReportTest, CountsMergedKindsAtTheirRoot) {
  add(tag("a", 1h));
  add(tag("b", 1h));
  add_payload(TagKindMerged{"a", "b"});
  add_payload(TagKindMerged{"b", "fault"});
  EXPECT_THAT(counts(), ElementsAre("fault:2"));
}

TEST_F(ReportTest, LosesNothingByAMergeAndSaysWhatIsInIt) {
  add(tag("fault", 1h));
  add(tag("idea", 1h));
  add(tag("idea", 2h));
  const auto sum = [&] {
    uint64_t count = 0;
    for (const ReportRow& row : rows()) count += row.count;
    return count;
  };
  const uint64_t before = sum();
  add_payload(TagKindMerged{"idea", "fault"});
  EXPECT_EQ(sum(), before);
  const ReportRow row = rows()[0];
  EXPECT_EQ(row.key, "fault");
  ASSERT_EQ(row.merged.size(), 1u);
  EXPECT_EQ(row.merged[0].label, "An idea");
  EXPECT_EQ(row.merged[0].count, 2u);
}

TEST_F(ReportTest, ReadsAsItDidBeforeTheBookWasChanged) {
  add(tag("fault", 1h));
  add(tag("idea", 1h));
  const auto then = counts();
  fold_.keep_tagbook();
  add_payload(TagKindMerged{"idea", "fault"});
  add_payload(TagKindDefined{{.id = "fault", .labels = {{"en", "Broken"}}}});
  EXPECT_EQ(counts(), then);
  EXPECT_EQ(rows()[0].label, "Did not work");
}

TEST_F(ReportTest, SaysWhatAKindWasCalled) {
  add(tag("fault", 1h));
  add_payload(TagKindDefined{{.id = "fault", .labels = {{"en", "Broken\u202e"}}}});
  EXPECT_THAT(rows()[0].former_labels, ElementsAre("Did not work"));
  const std::string table = report_table(fold_.make({kEnd - kReportPeriod, kEnd}, ReportBy::kKind));
  EXPECT_THAT(table, testing::HasSubstr("Broken?"));
  EXPECT_THAT(table, testing::HasSubstr("was called Did not work"));
}

TEST_F(ReportTest, CountsAnErasedTag) {
  Event event = tag("fault", 1h);
  event.personal = {};
  event.erased = true;
  add(event);
  EXPECT_THAT(counts(), ElementsAre("fault:1"));
}

TEST_F(ReportTest, CountsCallsAndCustomersOnce) {
  Event first = tag("fault", 1h), second = tag("fault", 2h);
  second.subject = first.subject;
  first.personal.customer_key = second.personal.customer_key = "k1:a";
  add(first);
  add(second);
  add(tag("fault", 3h));
  EXPECT_EQ(rows()[0].calls, 2u);
  EXPECT_EQ(rows()[0].customers, 1u);
}

TEST_F(ReportTest, LearnsTheCustomerOfACallLater) {
  const Event event = tag("fault", 1h);
  add(event);
  Event updated = station_.event(CallUpdated{});
  updated.subject = event.subject;
  updated.personal.customer_key = "k1:a";
  add(updated);
  EXPECT_EQ(rows()[0].customers, 1u);
}

TEST_F(ReportTest, CountsByQueueAndTeam) {
  add(tag("fault", 1h, {.queue = "billing", .team = "north"}));
  add(tag("idea", 1h, {.queue = "billing"}));
  EXPECT_THAT(counts(ReportBy::kQueue), ElementsAre("billing:2"));
  EXPECT_THAT(counts(ReportBy::kTeam), ElementsAre(":1", "north:1"));
  EXPECT_EQ(rows(ReportBy::kTeam)[0].label, "(none)");
}

TEST_F(ReportTest, CountsByWeekAgainstTheWeekBefore) {
  add(tag("fault", 1h));
  add(tag("fault", 8 * 24h));
  add(tag("fault", 8 * 24h));
  const auto weeks = rows(ReportBy::kWeek);
  ASSERT_EQ(weeks.size(), 2u);
  EXPECT_EQ(weeks[0].key, "2026-W46");
  EXPECT_EQ(weeks[1].key, "2026-W47");
  EXPECT_EQ(weeks[1].previous, 2u);
}

TEST_F(ReportTest, PrintsTheJsonOthersRelyOn) {
  add(tag("fault", 1h));
  EXPECT_EQ(
      report_json(fold_.make({kEnd - kReportPeriod, kEnd}, ReportBy::kKind)),
      R"({"from":"2026-10-26T00:00:00.000Z","to":"2026-11-23T00:00:00.000Z","rows":)"
      R"([{"kind":"fault","count":1,"calls":1,"customers":0,"previous":0,"label":"Did not work"}]})");
}

TEST_F(ReportTest, PrintsATableWithBars) {
  add(tag("fault", 1h));
  add(tag("fault", 1h));
  add(tag("idea", 1h));
  const std::string table = report_table(fold_.make({kEnd - kReportPeriod, kEnd}, ReportBy::kKind));
  EXPECT_THAT(table, testing::HasSubstr("Did not work  ████████████████████████      2"));
  EXPECT_THAT(table, testing::HasSubstr("An idea       ████████████                  1"));
}

TEST_F(ReportTest, PrintsHostileNamesHarmlessly) {
  add(tag("fault", 1h, {.queue = "\x1b[2J\xff청구"}));
  const std::string table =
      report_table(fold_.make({kEnd - kReportPeriod, kEnd}, ReportBy::kQueue));
  EXPECT_THAT(table, testing::HasSubstr("?[2J?청구 "));
}

TEST(IsoWeek, FollowsTheThursday) {
  EXPECT_EQ(iso_week(*parse_rfc3339("2026-01-01T00:00:00Z")), "2026-W01");
  EXPECT_EQ(iso_week(*parse_rfc3339("2027-01-03T23:59:59Z")), "2026-W53");
  EXPECT_EQ(iso_week(*parse_rfc3339("2027-01-04T00:00:00Z")), "2027-W01");
  EXPECT_EQ(iso_week(*parse_rfc3339("2024-12-30T00:00:00Z")), "2025-W01");
}

}  // namespace
}  // namespace earful::collector
