// Calls that go on, as rows of the index.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "recorder/library/library.h"
#include "tests/temporary_folder.h"

namespace earful::recorder {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

const CallNote kGap{CallNote::Kind::kGap, 1, 57600, 63385, "overflow", true, 964};

class LiveRow : public testing::Test {
 protected:
  LiveRow() {
    call_.id.bytes[0] = 0xab;
    call_.snapshot.queue = "billing";
    call_.capture = "desk";
    call_.added_at = WallTime(std::chrono::seconds(1000));
  }
  Call found() { return library_.find(call_.id).value().value(); }
  void finish() {
    call_.duration = 480000;
    call_.notes = {kGap};
    call_.measures = R"({"version":1})";
    ASSERT_TRUE(library_.finish_live(call_).ok());
  }

  TemporaryFolder folder_;
  Library library_ = Library::open(folder_.path() / "library").value();
  Call call_;
};

TEST_F(LiveRow, IsFoundAndListedFromItsStart) {
  ASSERT_TRUE(library_.begin_live(call_).ok());
  EXPECT_TRUE(found().live);
  EXPECT_EQ(found().capture, "desk");
  EXPECT_TRUE(library_.list({.queue = "billing"}).value().calls.at(0).live);
  EXPECT_THAT(library_.live_calls(10).value(), SizeIs(1));
}

TEST_F(LiveRow, StandsFirstWhileItGoesOn) {
  Call later;
  later.id.bytes[0] = 0xcd;
  later.added_at = call_.added_at + std::chrono::hours(1);
  ASSERT_TRUE(library_.begin_live(call_).ok());
  ASSERT_TRUE(library_.add(later).value());
  const CallPage first = library_.list({.limit = 1}).value();
  EXPECT_EQ(first.calls.at(0).id, call_.id);
  EXPECT_EQ(library_.list({.limit = 1, .after = first.next}).value().calls.at(0).id, later.id);
  finish();
  EXPECT_EQ(library_.list({}).value().calls.at(0).id, later.id);
}

TEST_F(LiveRow, GetsWhatIsKnownAtItsEnd) {
  ASSERT_TRUE(library_.begin_live(call_).ok());
  finish();
  EXPECT_FALSE(found().live);
  EXPECT_EQ(found().duration, 480000);
  EXPECT_THAT(found().notes, testing::ElementsAre(kGap));
  EXPECT_EQ(found().measures, R"({"version":1})");
  EXPECT_EQ(library_.list({}).value().calls.at(0).measures, "");
  EXPECT_THAT(library_.live_calls(10).value(), IsEmpty());
}

TEST_F(LiveRow, RefusesAnIdThatIsTaken) {
  ASSERT_TRUE(library_.add(call_).value());
  EXPECT_EQ(library_.begin_live(call_).error().code, "E_CALL");
  EXPECT_FALSE(found().live);
}

TEST_F(LiveRow, ChangesNoCallThatHasEnded) {
  ASSERT_TRUE(library_.add(call_).value());
  finish();
  EXPECT_EQ(found().duration, 0);
  ASSERT_TRUE(library_.forget_live(call_.id).ok());
  EXPECT_EQ(library_.count().value(), 1);
}

TEST_F(LiveRow, IsForgottenWhenNothingWasKept) {
  ASSERT_TRUE(library_.begin_live(call_).ok());
  ASSERT_TRUE(library_.forget_live(call_.id).ok());
  EXPECT_EQ(library_.count().value(), 0);
}

TEST_F(LiveRow, IsDueAtItsStartAndAgainAtItsEnd) {
  ASSERT_TRUE(library_.begin_live(call_).ok());
  ASSERT_TRUE(library_.mark_announced(library_.unannounced(10).value()).ok());
  EXPECT_THAT(library_.unannounced(10).value(), IsEmpty());
  finish();
  const auto due = library_.unannounced(10).value();
  ASSERT_THAT(due, SizeIs(1));
  EXPECT_TRUE(due[0].announced);
  EXPECT_FALSE(due[0].ended_told);
  ASSERT_TRUE(library_.mark_announced(due).ok());
  EXPECT_TRUE(found().ended_told);
}

TEST_F(LiveRow, StaysDueWhenItEndsWhileItsStartIsTold) {
  ASSERT_TRUE(library_.begin_live(call_).ok());
  const auto due = library_.unannounced(10).value();
  finish();
  ASSERT_TRUE(library_.mark_announced(due).ok());
  EXPECT_THAT(library_.unannounced(10).value(), SizeIs(1));
}

// The index as the version before wrote it.
constexpr const char* kSchema1 = R"(
CREATE TABLE calls(
  n INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, external_id TEXT NOT NULL, started_at INTEGER,
  direction INTEGER NOT NULL, queue TEXT NOT NULL, team TEXT NOT NULL, agent_ref TEXT NOT NULL,
  language TEXT NOT NULL, customer_tier TEXT NOT NULL, labels TEXT NOT NULL,
  sample INTEGER NOT NULL, agent_name TEXT NOT NULL, customer_id TEXT NOT NULL,
  customer_key TEXT NOT NULL, duration INTEGER NOT NULL, legs INTEGER NOT NULL,
  sample_rate_hz INTEGER NOT NULL, warnings TEXT NOT NULL, added_at INTEGER NOT NULL,
  announced INTEGER NOT NULL DEFAULT 0, sort_at INTEGER NOT NULL, folded TEXT NOT NULL);
CREATE INDEX calls_by_time ON calls(sort_at, id);
CREATE INDEX calls_by_external_id ON calls(external_id) WHERE external_id <> '';
CREATE INDEX calls_due ON calls(n) WHERE announced <> 1;
CREATE INDEX calls_without_key ON calls(n) WHERE customer_id <> '' AND customer_key = '';
CREATE INDEX calls_real ON calls(n) WHERE sample = 0;
INSERT INTO calls VALUES(1, x'ab000000000000000000000000000001', 'x-1', 1000, 1, 'billing', '', 'a1',
  'en', '', '{"city":"Haifa"}', 0, 'Dana', '', '', 480000, 2, 8000, '', 2000, 1, 1000, 'billing x-1');
INSERT INTO calls VALUES(2, x'ab000000000000000000000000000002', 'x-2', NULL, 1, 'billing', '', 'a1',
  'en', '', '{}', 0, 'Dana', '', '', 96000, 1, 16000, 'guessed', 3000, 0, 3000, 'billing x-2');
PRAGMA user_version = 1;
)";

TEST(LibrarySchema, TakesTheCallsOfTheVersionBefore) {
  const TemporaryFolder folder;
  {
    Database old = Database::open(folder.path() / "library.db", {}).value();
    ASSERT_TRUE(old.execute(kSchema1).ok());
  }
  for (int opened = 0; opened < 2; ++opened) {
    Library library = Library::open(folder.path()).value();
    const auto calls = library.list({}).value().calls;
    ASSERT_THAT(calls, SizeIs(2));
    const Call told = library.find(calls[1].id).value().value();
    EXPECT_EQ(told.snapshot.external_id, "x-1");
    EXPECT_EQ(told.snapshot.labels.at("city"), "Haifa");
    EXPECT_EQ(told.duration, 480000);
    EXPECT_TRUE(told.announced && told.ended_told);
    EXPECT_FALSE(told.live || told.cut);
    EXPECT_EQ(told.measures, "");
    EXPECT_THAT(told.notes, IsEmpty());
    const auto due = library.unannounced(10).value();
    ASSERT_THAT(due, SizeIs(1));
    EXPECT_EQ(due[0].snapshot.external_id, "x-2");
    EXPECT_FALSE(due[0].ended_told);
  }
}

}  // namespace
}  // namespace earful::recorder
