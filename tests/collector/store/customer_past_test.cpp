#include "collector/store/customer_past.h"

#include <gmock/gmock.h>

#include <fstream>

#include "collector/store/customer_index.h"
#include "collector/store/store.h"
#include "tests/collector/station.h"
#include "tests/temporary_folder.h"

namespace earful::collector {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const CallId kFirst{make_uuid_v4()}, kSecond{make_uuid_v4()};
constexpr const char* kDana = "k1:dana";

class CustomerPastTest : public testing::Test {
 protected:
  CustomerPastTest() : store_(*Store::open(store_path())) {}

  std::filesystem::path store_path() const { return folder_.path() / "store.db"; }
  std::filesystem::path index_path() const { return folder_.path() / "customers.db"; }

  Event about(const CallId& call, Payload payload, const std::string& customer = kDana) {
    Event event = station_.event(std::move(payload));
    event.subject = call;
    event.call = CallSnapshot{.started_at = kNoon + std::chrono::hours(call == kSecond ? 2 : 1),
                              .queue = "billing"};
    event.personal.customer_key = customer;
    return event;
  }
  Event tag(const CallId& call, const std::string& kind, const std::string& customer = kDana) {
    const auto at = Position(station_.rows.size());
    return about(call, Tagged{.kind = kind, .start = at, .end = at}, customer);
  }
  EventId write_tag(const CallId& call, const std::string& kind) {
    return station_.write(tag(call, kind));
  }

  void deliver() {
    const JournalKey key{station_.id, station_.journal};
    for (uint64_t seq = store_.journal(key)->have_seq + 1; seq <= station_.rows.size(); ++seq) {
      ASSERT_TRUE(
          store_.append(std::vector<NewRow>{{key, seq, station_.rows[seq - 1]}}, kNoon).ok());
    }
  }
  void index() {
    const std::atomic<bool> go_on{false};
    auto opened = CustomerIndex::open(index_path(), store_path());
    ASSERT_TRUE(opened.ok());
    ASSERT_TRUE(opened->catch_up(go_on).ok());
  }
  Customer past(GetCustomer wanted = {kDana, std::nullopt, kMaxPastTags}) {
    deliver();
    index();
    auto found = CustomerPast::open(index_path(), store_path())->of(wanted, kNoon);
    EXPECT_TRUE(found.ok());
    return found.ok() ? *found : Customer{};
  }
  static std::vector<std::string> kinds(const std::vector<PastTag>& tags) {
    std::vector<std::string> ids;
    for (const PastTag& one : tags) ids.push_back(one.kind);
    return ids;
  }
  std::vector<std::string> problems(const std::string& customer = kDana) {
    return kinds(past({customer, std::nullopt, kMaxPastTags}).problems);
  }
  std::vector<std::string> promises() { return kinds(past().promises); }

  TemporaryFolder folder_;
  Store store_;
  FakeStation station_;
};

TEST_F(CustomerPastTest, ShowsTheNewestCallFirstAndInACallTheLastTag) {
  write_tag(kSecond, "long-wait");
  write_tag(kSecond, "fault");
  write_tag(kFirst, "wrong-charge");
  EXPECT_THAT(problems(), ElementsAre("fault", "long-wait", "wrong-charge"));
}

TEST_F(CustomerPastTest, TellsWhenWhereAndWhat) {
  Event made = tag(kFirst, "fault");
  made.personal.note = "no tone";
  const EventId id = station_.write(made);
  const PastTag one = past().problems.at(0);
  EXPECT_EQ(one.tag, id);
  EXPECT_EQ(one.call, kFirst);
  EXPECT_EQ(one.time, kNoon);
  EXPECT_EQ(one.call_started_at, kNoon + std::chrono::hours(1));
  EXPECT_EQ(one.queue, "billing");
  EXPECT_EQ(one.note, "no tone");
}

TEST_F(CustomerPastTest, LeavesPraiseAndOtherCustomersOut) {
  write_tag(kFirst, "went-beyond");
  station_.write(tag(kSecond, "fault", "k1:noa"));
  EXPECT_THAT(problems(), IsEmpty());
}

TEST_F(CustomerPastTest, LeavesTheOpenCallOut) {
  write_tag(kFirst, "fault");
  write_tag(kSecond, "long-wait");
  EXPECT_THAT(kinds(past({kDana, kSecond, kMaxPastTags}).problems), ElementsAre("fault"));
}

TEST_F(CustomerPastTest, LeavesRetractedTagsAndSampleCallsOut) {
  station_.write(station_.event(TagRetracted{write_tag(kFirst, "fault")}));
  Event sample = tag(kSecond, "fault");
  sample.call->sample = true;
  station_.write(sample);
  EXPECT_THAT(problems(), IsEmpty());
}

TEST_F(CustomerPastTest, LeavesQuarantineOut) {
  Event foreign = tag(kFirst, "fault");
  foreign.source = StationId{make_uuid_v4()};
  station_.write(foreign);
  EXPECT_THAT(problems(), IsEmpty());
}

TEST_F(CustomerPastTest, FollowsEditsAndMergedKinds) {
  const EventId id = write_tag(kFirst, "fault");
  station_.write(station_.event(TagRevised{.tag = id, .kind = "repeat-contact"}));
  station_.write(station_.event(TagKindMerged{"repeat-contact", "passed-around"}));
  EXPECT_THAT(problems(), ElementsAre("passed-around"));
}

TEST_F(CustomerPastTest, ShowsAKindOfANewerProgram) {
  write_tag(kFirst, "parking");
  EXPECT_THAT(problems(), ElementsAre("parking"));
}

TEST_F(CustomerPastTest, FindsACallWhoseCustomerWasKnownLater) {
  station_.write(tag(kFirst, "fault", ""));
  EXPECT_THAT(problems(), IsEmpty());
  station_.write(about(kFirst, CallUpdated{}));
  EXPECT_THAT(problems(), ElementsAre("fault"));
}

TEST_F(CustomerPastTest, MovesACallWhoseCustomerWasMistaken) {
  station_.write(tag(kFirst, "fault", "k1:noa"));
  station_.write(about(kFirst, CallUpdated{}));
  EXPECT_THAT(problems("k1:noa"), IsEmpty());
  EXPECT_THAT(problems(), ElementsAre("fault"));
}

TEST_F(CustomerPastTest, ForgetsWhatWasErased) {
  const EventId tagged = write_tag(kFirst, "fault");
  EXPECT_THAT(problems(), ElementsAre("fault"));
  station_.write(station_.event(Erased{{tagged}, "asked"}));
  EXPECT_THAT(problems(), IsEmpty());
  Database db = *Database::open(index_path(), {.read_only = true});
  Statement count = *db.prepare("SELECT count(*) FROM calls");
  ASSERT_TRUE(*count.step());
  EXPECT_EQ(count.integer(0), 0);
}

TEST_F(CustomerPastTest, KeepsACallThatOtherEventsStillName) {
  const EventId erased = write_tag(kFirst, "fault");
  write_tag(kFirst, "long-wait");
  station_.write(station_.event(Erased{{erased}, "asked"}));
  EXPECT_THAT(problems(), ElementsAre("long-wait"));
}

TEST_F(CustomerPastTest, KeepsAPromiseOpenUntilItIsClosed) {
  const EventId promise = write_tag(kFirst, "promise-made");
  write_tag(kFirst, "callback-needed");
  EXPECT_THAT(promises(), ElementsAre("callback-needed", "promise-made"));
  station_.write(station_.event(FollowUpClosed{promise, "kept"}));
  EXPECT_THAT(promises(), ElementsAre("callback-needed"));
  EXPECT_THAT(problems(), IsEmpty());
}

TEST_F(CustomerPastTest, ClosesAPromiseWithTheFollowUpThatWasOpenedForIt) {
  const EventId follow_up{make_uuid_v4()};
  station_.write(
      station_.event(FollowUpOpened{follow_up, "promise", write_tag(kFirst, "promise-made")}));
  EXPECT_THAT(promises(), ElementsAre("promise-made"));
  station_.write(station_.event(FollowUpClosed{follow_up, "kept"}));
  EXPECT_THAT(promises(), IsEmpty());
}

TEST_F(CustomerPastTest, SaysThatThereIsMore) {
  write_tag(kFirst, "fault");
  EXPECT_FALSE(past().more);
  write_tag(kSecond, "long-wait");
  const Customer cut = past({kDana, std::nullopt, 1});
  EXPECT_THAT(kinds(cut.problems), ElementsAre("long-wait"));
  EXPECT_TRUE(cut.more);
}

TEST_F(CustomerPastTest, ReadsNoMoreThanAnAnswerMayCost) {
  for (size_t i = 0; i < kMaxPastRead + 1; ++i) write_tag(kFirst, "went-beyond");
  write_tag(kSecond, "fault");
  const Customer found = past();
  EXPECT_THAT(kinds(found.problems), ElementsAre("fault"));
  EXPECT_TRUE(found.more);
}

TEST_F(CustomerPastTest, CountsChangesIntoWhatAnAnswerMayCost) {
  const EventId often = write_tag(kFirst, "fault");
  for (size_t i = 0; i < kMaxPastRead - 2; ++i) {
    station_.write(station_.event(TagRevised{.tag = often, .kind = "long-wait"}));
  }
  write_tag(kSecond, "promise-made");
  EXPECT_THAT(problems(), ElementsAre("long-wait"));
  EXPECT_FALSE(past().more) << "as much as it may cost, and no more is there";

  station_.write(station_.event(TagRetracted{often}));
  const Customer found = past();
  EXPECT_THAT(kinds(found.promises), ElementsAre("promise-made"));
  EXPECT_THAT(kinds(found.problems), IsEmpty()) << "it might have been retracted, as it was";
  EXPECT_TRUE(found.more);
}

TEST_F(CustomerPastTest, SaysLaterWhileTheStoreIsBeingRead) {
  write_tag(kFirst, "fault");
  deliver();
  ASSERT_TRUE(CustomerIndex::open(index_path(), store_path()).ok());
  auto past = CustomerPast::open(index_path(), store_path());
  EXPECT_EQ(past->of({kDana, std::nullopt, 1}, kNoon).error().code, "E_LATER");
  index();
  EXPECT_EQ(past->of({kDana, std::nullopt, 1}, kNoon)->problems.size(), 1u);
}

TEST_F(CustomerPastTest, SaysLaterWhileTheIndexStandsStill) {
  write_tag(kFirst, "fault");
  EXPECT_THAT(problems(), ElementsAre("fault"));
  write_tag(kFirst, "long-wait");
  deliver();
  auto past = CustomerPast::open(index_path(), store_path());
  EXPECT_TRUE(past->of({kDana, std::nullopt, 1}, kNoon).ok());
  EXPECT_EQ(past->of({kDana, std::nullopt, 1}, kNoon + kMaxIndexLag).error().code, "E_LATER");
  index();
  EXPECT_TRUE(past->of({kDana, std::nullopt, 1}, kNoon + kMaxIndexLag).ok());
}

TEST_F(CustomerPastTest, BeginsAnewWhenTheStoreDoes) {
  write_tag(kFirst, "fault");
  EXPECT_THAT(problems(), ElementsAre("fault"));
  ASSERT_TRUE(store_.start_new_epoch().ok());
  ASSERT_TRUE(CustomerIndex::open(index_path(), store_path()).ok());
  auto past = CustomerPast::open(index_path(), store_path());
  EXPECT_EQ(past->of({kDana, std::nullopt, 1}, kNoon).error().code, "E_LATER");
  EXPECT_THAT(problems(), ElementsAre("fault"));
}

TEST_F(CustomerPastTest, BeginsAnewAfterAnotherFormat) {
  write_tag(kFirst, "fault");
  EXPECT_THAT(problems(), ElementsAre("fault"));
  ASSERT_TRUE(Database::open(index_path(), {})
                  ->execute("DELETE FROM calls; PRAGMA user_version = 99")
                  .ok());
  EXPECT_THAT(problems(), ElementsAre("fault"));
}

TEST_F(CustomerPastTest, BeginsAnewWhereTheIndexCannotBeRead) {
  write_tag(kFirst, "fault");
  EXPECT_THAT(problems(), ElementsAre("fault"));
  std::ofstream(index_path(), std::ios::trunc) << std::string(8192, 'x');
  EXPECT_THAT(problems(), ElementsAre("fault"));
  ASSERT_TRUE(Database::open(index_path(), {})->execute("DROP TABLE meta").ok());
  EXPECT_THAT(problems(), ElementsAre("fault"));
}

}  // namespace
}  // namespace earful::collector
