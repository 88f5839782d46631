#include "recorder/library/library.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

namespace earful::recorder {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class LibraryTest : public testing::Test {
 protected:
  LibraryTest() {
    std::string pattern = testing::TempDir() + "libraryXXXXXX";
    EARFUL_CHECK(mkdtemp(pattern.data()) != nullptr);
    dir_ = pattern;
    library_ = Library::open(dir_ / "library").value();
  }
  ~LibraryTest() override { std::filesystem::remove_all(dir_); }

  static Call call(uint8_t number) {
    Call made;
    made.id.bytes[0] = 0xab;
    made.id.bytes[15] = number;
    made.snapshot.started_at = WallTime(std::chrono::seconds(1000 + number));
    made.snapshot.queue = "billing";
    made.duration = number * kPositionsPerSecond;
    return made;
  }
  void add(uint8_t number) { ASSERT_TRUE(library_.add(call(number)).value()); }
  std::vector<int> listed(const CallQuery& query) {
    std::vector<int> numbers;
    const CallPage page = library_.list(query).value();
    for (const Call& found : page.calls) numbers.push_back(found.id.bytes[15]);
    return numbers;
  }

  std::filesystem::path dir_;
  Library library_;
};

TEST_F(LibraryTest, GivesBackWhatWasAdded) {
  Call made = call(1);
  made.snapshot.external_id = "x-1";
  made.snapshot.direction = Direction::kOutbound;
  made.snapshot.team = "north";
  made.snapshot.agent_ref = "a17";
  made.snapshot.language = "he";
  made.snapshot.customer_tier = "gold";
  made.snapshot.labels = {{"city", "בני ברק"}};
  made.agent_name = "Dana";
  made.customer_id = "+972 3 1234567";
  made.legs = 1;
  made.sample_rate_hz = 16000;
  made.warnings = "queue guessed";
  made.added_at = WallTime(std::chrono::seconds(5));
  ASSERT_TRUE(library_.add(made).value());

  const Call found = library_.find(made.id).value().value();
  EXPECT_EQ(found.snapshot, made.snapshot);
  EXPECT_EQ(found.agent_name, "Dana");
  EXPECT_EQ(found.customer_id, made.customer_id);
  EXPECT_EQ(found.duration, made.duration);
  EXPECT_EQ(found.legs, 1);
  EXPECT_EQ(found.sample_rate_hz, 16000);
  EXPECT_EQ(found.warnings, made.warnings);
  EXPECT_EQ(found.added_at, made.added_at);
}

TEST_F(LibraryTest, AddsACallOnce) {
  add(1);
  EXPECT_FALSE(library_.add(call(1)).value());
  EXPECT_EQ(library_.count().value(), 1);
}

TEST_F(LibraryTest, FindsNothingForAnUnknownId) {
  EXPECT_FALSE(library_.find(call(9).id).value().has_value());
}

TEST_F(LibraryTest, PagesNewestFirstWithoutRepeatsOrHoles) {
  for (uint8_t n = 1; n <= 5; ++n) add(n);
  CallQuery query;
  query.limit = 2;
  EXPECT_THAT(listed(query), ElementsAre(5, 4));
  query.after = library_.list(query).value().next;
  EXPECT_THAT(listed(query), ElementsAre(3, 2));
  query.after = library_.list(query).value().next;
  EXPECT_THAT(listed(query), ElementsAre(1));
  EXPECT_EQ(library_.list(query).value().next, "");
}

TEST_F(LibraryTest, RefusesACursorThatIsNotOurs) {
  for (const char* bad : {"5", "x:y", "5:", ":00000000-0000-0000-0000-000000000000"}) {
    CallQuery query;
    query.after = bad;
    EXPECT_EQ(library_.list(query).error().code, "E_AFTER") << bad;
  }
}

TEST_F(LibraryTest, FiltersByExactFieldsAndTime) {
  for (uint8_t n = 1; n <= 3; ++n) {
    Call made = call(n);
    made.snapshot.team = n == 2 ? "north" : "south";
    made.snapshot.external_id = "x-" + std::to_string(n);
    ASSERT_TRUE(library_.add(made).value());
  }
  CallQuery query;
  query.team = "south";
  EXPECT_THAT(listed(query), ElementsAre(3, 1));
  query.since = WallTime(std::chrono::seconds(1002));
  EXPECT_THAT(listed(query), ElementsAre(3));
  query = {};
  query.until = WallTime(std::chrono::seconds(1002));
  EXPECT_THAT(listed(query), ElementsAre(1));
  query = {};
  query.external_id = "x-2";
  EXPECT_THAT(listed(query), ElementsAre(2));
}

TEST_F(LibraryTest, SearchesEveryWordInAnyField) {
  Call made = call(1);
  made.agent_name = "José Ågren";
  made.snapshot.labels = {{"reason", "refund % late"}};
  ASSERT_TRUE(library_.add(made).value());
  add(2);
  CallQuery query;
  query.text = "jose BILL";
  EXPECT_THAT(listed(query), ElementsAre(1));
  query.text = "refund %";
  EXPECT_THAT(listed(query), ElementsAre(1));
  query.text = "jose absent";
  EXPECT_THAT(listed(query), IsEmpty());
}

TEST_F(LibraryTest, KnowsRealCallsFromSamples) {
  Call sample = call(1);
  sample.snapshot.sample = true;
  ASSERT_TRUE(library_.add(sample).value());
  EXPECT_FALSE(library_.has_real_calls().value());
  add(2);
  EXPECT_TRUE(library_.has_real_calls().value());
  CallQuery query;
  query.sample = false;
  EXPECT_THAT(listed(query), ElementsAre(2));
}

TEST_F(LibraryTest, KeepsAnOutboxOfCallsToAnnounce) {
  add(3);
  add(1);
  const auto due = library_.unannounced(10).value();
  ASSERT_THAT(due, SizeIs(2));
  EXPECT_EQ(due[0].id.bytes[15], 3);
  EXPECT_FALSE(due[0].announced);
  ASSERT_TRUE(library_.mark_announced(due).ok());
  EXPECT_THAT(library_.unannounced(10).value(), IsEmpty());
}

TEST_F(LibraryTest, ANewCustomerKeyMakesACallDueAgain) {
  Call made = call(1);
  made.customer_id = "+1 555 0100";
  ASSERT_TRUE(library_.add(made).value());
  add(2);
  ASSERT_TRUE(library_.mark_announced(std::vector{made, call(2)}).ok());
  ASSERT_THAT(library_.without_customer_key(10).value(), SizeIs(1));
  ASSERT_TRUE(library_.set_customer_key(made.id, "k1:abc").ok());
  EXPECT_THAT(library_.without_customer_key(10).value(), IsEmpty());
  const auto due = library_.unannounced(10).value();
  ASSERT_THAT(due, SizeIs(1));
  EXPECT_EQ(due[0].customer_key, "k1:abc");
  EXPECT_TRUE(due[0].announced);
}

TEST_F(LibraryTest, SeesWhatAnotherConnectionAdds) {
  Library other = Library::open(dir_ / "library").value();
  const int64_t before = other.data_version().value();
  add(1);
  EXPECT_NE(other.data_version().value(), before);
  EXPECT_EQ(other.count().value(), 1);
}

TEST_F(LibraryTest, IsReadableByItsOwnerOnly) {
  struct stat info {};
  ASSERT_EQ(stat((dir_ / "library" / "library.db").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  ASSERT_EQ(stat((dir_ / "library").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700u);
}

TEST_F(LibraryTest, RefusesAnIndexFromALaterVersion) {
  Database db = Database::open(dir_ / "library" / "library.db", {}).value();
  ASSERT_TRUE(db.execute("PRAGMA user_version = 99").ok());
  EXPECT_EQ(Library::open(dir_ / "library").error().code, "E_NEWER");
}

TEST_F(LibraryTest, PutsFilesUnderTheFirstTwoDigits) {
  EXPECT_EQ(library_.audio_path(call(1).id),
            dir_ / "library/calls/ab/ab000000-0000-0000-0000-000000000001.opus");
  EXPECT_EQ(library_.peaks_path(call(1).id).extension(), ".peaks");
}

}  // namespace
}  // namespace earful::recorder
